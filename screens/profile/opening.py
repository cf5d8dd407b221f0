"""A profile on the screen: one that was just recorded, or one that is kept."""

from functools import partial
from typing import TYPE_CHECKING

from workbench.model.reading import Missing, Reading

if TYPE_CHECKING:
    from screens.app import WorkbenchApp
    from workbench.model.probe import TargetFacts
    from workbench.profiling import Outcome

NOTE_SECONDS = 8.0


def show_outcome(app: "WorkbenchApp", outcome: "Outcome", container_id: str, name: str) -> None:
    """Show what a profiler gave, and say whether it is kept.

    Args:
        app: The app.
        outcome: A recording, or one that was kept.
        container_id: Whose it is: where the source is read.
        name: How that is called.
    """
    session = app.session
    if outcome.recorded.profiler == "dump":
        from screens.profile.stacks import StacksScreen

        dump = next(file.content for file in outcome.recorded.files if file.kind == "dump")
        app.push_screen(StacksScreen(f"All stacks of {name}", dump, outcome.recorded.warnings))
    else:
        from screens.profile.screen import ProfileScreen

        app.push_screen(ProfileScreen(outcome.profile, lambda file: session.source_of(container_id, file)))
    if outcome.run is not None:
        app.say(f"kept as run {outcome.run}", NOTE_SECONDS)
    elif outcome.not_kept:
        app.say(f"not kept among the runs: {outcome.not_kept}", NOTE_SECONDS)


def open_kept(app: "WorkbenchApp", run: int) -> None:
    """Show a profile that is kept."""
    app.doing = f"reading run {run}"

    def done(reading: "Reading[tuple[Outcome, TargetFacts]]") -> None:
        app.doing = ""
        if isinstance(reading, Missing):
            app.say(" · ".join(text for text in (reading.reason, reading.hint) if text), NOTE_SECONDS)
        else:
            outcome, facts = reading.value
            show_outcome(app, outcome, facts.id, facts.name)

    app.session.profiles.open_kept(run, lambda reading: app.deliver(partial(done, reading)))
