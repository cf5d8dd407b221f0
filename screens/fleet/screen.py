"""Fleet: every container of the engine."""

from types import ModuleType
from typing import ClassVar

from textual import on

from screens.commands.table import bindings_for
from screens.fleet import panes
from screens.fleet.panes.containers import ContainersPane
from screens.on_container import OnContainer
from screens.widgets.live_table import LiveTable
from workbench.model.containers import Container
from workbench.model.reading import Missing

_ON_ROWS = frozenset(
    {
        *("open", "image", "logs", "shell", "why", "actions", "profile"),
        *("sort", "reverse", "toggle_stopped", "group", "filter", "copy"),
    }
)


class FleetScreen(OnContainer):
    """What is running, and what it uses."""

    MODE: ClassVar[str] = "fleet"
    PANES: ClassVar[ModuleType] = panes
    BINDINGS = bindings_for("fleet")  # type: ignore[assignment]

    @property
    def containers(self) -> ContainersPane:
        """The pane with the table."""
        return self.query_one(ContainersPane)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without an engine there is nothing to open, sort or filter."""
        if action in _ON_ROWS and isinstance(self.workbench.fleet, Missing):
            return False
        return super().check_action(action, parameters)

    def concerned(self) -> Container | None:
        """The container under the cursor."""
        return self.containers.current()

    def apply_filter(self, words: str) -> None:
        """Show only containers that contain these words."""
        self.containers.words = words

    @on(LiveTable.Opened)
    def action_open(self) -> None:
        """Show the container under the cursor."""
        if container := self.containers.current():
            self.workbench.open_container(container.id)

    def action_image(self) -> None:
        """Show the image of the container under the cursor."""
        if container := self.containers.current():
            self.workbench.open_image(container.image_id)

    @on(LiveTable.HeadingClicked)
    def _heading(self, event: LiveTable.HeadingClicked) -> None:
        self.containers.sort_by({"docker_cpu": "cpu", "limit": "memory"}.get(event.column, event.column))

    def action_sort(self) -> None:
        """Sort by the next column."""
        self.containers.sort_next()

    def action_reverse(self) -> None:
        """Turn the order round."""
        self.containers.sort_by(self.containers.sort)

    def action_toggle_stopped(self) -> None:
        """Show stopped containers, or hide them."""
        self.containers.stopped = not self.containers.stopped

    def action_group(self) -> None:
        """Group by compose project, or not."""
        self.containers.grouped = not self.containers.grouped

    def action_copy(self) -> None:
        """Copy the container's name."""
        container = self.containers.current()
        self.copy(container.name if container else None)
