"""A build on the screen: one that is to run, one that is kept, or one that was just made."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from screens.build_view.screen import BuildViewScreen
from workbench.model.opened_build import OpenedBuild
from workbench.model.reading import Missing, Reading

if TYPE_CHECKING:
    from screens.app import WorkbenchApp


def show_kept_build(app: "WorkbenchApp", run: int, mode: str, otherwise: Callable[[Missing], object]) -> None:
    """Show a build that is kept, unless what is on screen now has been left by the time that it is read.

    Args:
        app: Where.
        run: The number of its run.
        mode: The mode that it is opened from.
        otherwise: Called when it cannot be read.
    """
    app.doing = doing = f"reading run {run}"
    asking = app.screen

    def read(reading: Reading[OpenedBuild]) -> None:
        if app.doing == doing:
            app.doing = ""
        if not asking.is_active:
            return
        if isinstance(reading, Missing):
            otherwise(reading)
        else:
            app.push_screen(BuildViewScreen(reading.value, mode))

    app.session.builds.open_kept(run, lambda reading: app.deliver(lambda: read(reading)))
