"""Container: one container, what it uses and how it was started."""

from types import ModuleType
from typing import ClassVar

from textual.containers import VerticalScroll
from textual.reactive import var
from textual.widget import Widget

from screens.commands import bindings_for
from screens.container import panes
from screens.fleet.rows import matching
from screens.live import LiveScreen
from workbench.model.containers import Container, ContainerDetail
from workbench.model.reading import Fresh, Missing, Reading


class ContainerScreen(LiveScreen):
    """The container that was opened, or the first one."""

    MODE: ClassVar[str] = "container"
    PANES: ClassVar[ModuleType] = panes
    AUTO_FOCUS: ClassVar[str | None] = "#panes"
    FRAME: ClassVar[type[Widget]] = VerticalScroll
    BINDINGS = bindings_for("container")  # type: ignore[assignment]

    container: var[Container | None] = var(None)
    """As the fleet lists it, with what it uses now; `None` when it is gone."""
    detail: var[Reading[ContainerDetail] | None] = var(None)
    """Its configuration; `None` while it is being fetched."""

    def on_mount(self) -> None:
        """Follow the choice and the fleet."""
        super().on_mount()
        self._inspected = ("", "")
        self.watch(self.workbench, "container_id", self._find)
        self.watch(self.workbench, "fleet", self._find, init=False)

    def _all(self) -> list[Container]:
        fleet = self.workbench.fleet
        return matching(fleet.value.containers, "") if isinstance(fleet, Fresh) else []

    def _find(self) -> None:
        everyone = self._all()
        wanted = self.workbench.container_id
        if wanted is None and everyone:
            self.workbench.container_id = wanted = everyone[0].id
        found = next((container for container in everyone if container.id == wanted), None)
        if isinstance(self.workbench.fleet, Missing):
            self._inspected = ("", "")
            return
        self.container = found
        if wanted != self._inspected[0]:
            self.detail = None
        if wanted and found and (wanted, found.state) != self._inspected:
            self._inspected = (wanted, found.state)
            self.workbench.session.inspect_container(wanted, lambda reading: self._inspect_done(wanted, reading))

    def _inspect_done(self, wanted: str, reading: Reading[ContainerDetail]) -> None:
        def show() -> None:
            if wanted == self.workbench.container_id:
                self.detail = reading

        self.workbench.deliver(show)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There are no rows to filter here."""
        return False if action == "filter" else super().check_action(action, parameters)

    def action_step(self, steps: int) -> None:
        """Go to another container in the engine's order."""
        ids = [container.id for container in self._all()]
        if ids:
            here = ids.index(self.workbench.container_id) if self.workbench.container_id in ids else -1
            self.detail = None
            self.workbench.container_id = ids[(here + steps) % len(ids)]

    def action_image(self) -> None:
        """Show the image that this container was started from."""
        if self.container:
            self.workbench.open_image(self.container.image_id)

    def action_copy(self) -> None:
        """Copy the container's name."""
        self.copy(self.container.name if self.container else None)
