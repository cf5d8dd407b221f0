"""A part of the screen of a build: what its panes have in common."""

from typing import TYPE_CHECKING, ClassVar, cast

from screens.pane import Pane

if TYPE_CHECKING:
    from screens.build_view.screen import BuildViewScreen


class BuildPane(Pane):
    """Watches `shown` of its screen, the build at one moment, and `chosen`, the step under the cursor.

    A module in `panes/` that sets another `VIEW` is a view of its own, which `v` comes to; nothing else need be told.
    """

    VIEW: ClassVar[str] = "steps"
    """The view that it is part of; empty for all."""
    MAIN: ClassVar[str] = ""
    """Selects the widget that has the focus when its view is shown; empty for none."""

    @property
    def view(self) -> "BuildViewScreen":
        """The screen."""
        return cast("BuildViewScreen", self.screen)

    def to_read(self) -> tuple[str, str] | None:
        """Title and text of what its cursor is on, to be read in full; `None` for nothing."""
        return None

    def to_copy(self) -> tuple[str, str]:
        """What its cursor is on, as one copies it, and what that is; empty for nothing."""
        return "", ""
