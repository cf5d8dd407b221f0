"""A profile on the screen: one that was just recorded, one that is kept, or one of a file."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from screens.profile.screen import ProfileScreen
from screens.profile.stacks import StacksScreen
from screens.profile_diff.screen import ProfileDiffScreen
from workbench.measure.units import counted
from workbench.model.reading import Missing, Reading
from workbench.source_text import local_source

if TYPE_CHECKING:
    from screens.app import WorkbenchApp
    from workbench.profiling import Opened

NOTE_SECONDS = 8.0


def show_profile(app: "WorkbenchApp", opened: "Opened") -> None:
    """Show a profile and say what there is to say about it first."""
    session, container_id, profile = app.session, opened.container_id, opened.profile
    if opened.compared is not None:
        app.push_screen(ProfileDiffScreen(*opened.compared))
    elif opened.dump:
        app.push_screen(StacksScreen(f"All stacks of {profile.target}", opened.dump, profile.warnings))
    elif container_id:
        app.push_screen(ProfileScreen(profile, lambda file: session.source_of(container_id, file)))
    else:
        app.push_screen(ProfileScreen(profile, local_source))
    if opened.note:
        app.say(opened.note, NOTE_SECONDS)


def open_kept(app: "WorkbenchApp", run: int) -> None:
    """Show a profile that is kept."""
    app.doing = f"reading run {run}"
    app.session.profiles.open_kept(run, lambda reading: app.deliver(partial(_read, app, reading)))


def compare_kept(app: "WorkbenchApp", before: Sequence[int], after: Sequence[int]) -> None:
    """Show what changed from one kept profile to another, or from several runs to several others."""
    old, new = ([f"run:{number}" for number in side] for side in (before, after))
    app.doing = f"reading {counted(len(before) + len(after), 'profile')}"
    app.session.profiles.open_compared(old, new, lambda reading: app.deliver(partial(_read, app, reading)))


def _read(app: "WorkbenchApp", reading: "Reading[Opened]") -> None:
    app.doing = ""
    if isinstance(reading, Missing):
        app.say(reading.in_one_line, NOTE_SECONDS)
    else:
        show_profile(app, reading.value)
