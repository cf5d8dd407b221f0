"""Container: one container, what it uses and how it was started."""

from types import ModuleType
from typing import ClassVar

from textual.reactive import var

from screens.commands.table import bindings_for
from screens.container import panes
from screens.container.panes.processes import ProcessesPane
from screens.fleet.rows import matching
from screens.on_container import OnContainer
from workbench.measure.units import duration
from workbench.model.containers import Container, ContainerDetail
from workbench.model.reading import Fresh, Missing, Reading
from workbench.model.verdicts import Verdict

WINDOWS = (60.0, 300.0, 900.0, 3600.0)
"""Seconds that the charts may show."""
_SETUP = "-setup"


class ContainerScreen(OnContainer):
    """The container that was opened, or the first one."""

    MODE: ClassVar[str] = "container"
    PANES: ClassVar[ModuleType] = panes
    AUTO_FOCUS: ClassVar[str | None] = "#processes"
    VERTICAL_BREAKPOINTS = [(0, "-short"), (36, "-tall")]  # noqa: RUF012  Textual declares it
    BINDINGS = bindings_for("container")  # type: ignore[assignment]

    container: var[Container | None] = var(None)
    """As the fleet lists it, with what it uses now; `None` when it is gone."""
    detail: var[Reading[ContainerDetail] | None] = var(None)
    """Its configuration; `None` while it is being fetched."""
    verdicts: var[tuple[Verdict, ...] | None] = var(None)
    """Why it is as it is, the most telling first; `None` without a container."""
    window: var[float] = var(300.0)
    """Seconds that the charts show."""

    def on_mount(self) -> None:
        """Follow the choice and the fleet."""
        super().on_mount()
        self._inspected = ("", "")
        self._looked_at: str | None = None
        self.watch(self.workbench, "container_id", self._find)
        self.watch(self.workbench, "fleet", self._find, init=False)
        self.watch(self.workbench, "past_judge", self._judge, init=False)

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
        self._judge()
        self._look()
        if wanted != self._inspected[0]:
            self.detail = None
        if wanted and found and (wanted, found.state) != self._inspected:
            self._inspected = (wanted, found.state)
            self.workbench.session.inspect_container(wanted, lambda reading: self._inspect_done(wanted, reading))

    def _judge(self) -> None:
        """Ask why it is as it is."""
        judge = self.workbench.judge
        if self.container is None:
            self.verdicts = None
        else:
            self.verdicts = judge.verdicts(self.container.id) if judge else ()

    def _look(self) -> None:
        """Have the processes read of what is on screen, and of nothing while it is not."""
        here = self.container.id if self.container and self.workbench.current_mode == self.MODE else None
        if here != self._looked_at:
            self._looked_at = here
            self.workbench.session.look_at(here)

    def on_screen_resume(self) -> None:
        """On screen again."""
        self._look()

    def on_screen_suspend(self) -> None:
        """Another mode is on screen, or a log over this one, which goes on being followed."""
        if self.workbench.current_mode != self.MODE:
            self._looked_at = None
            self.workbench.session.look_at(None)

    def _inspect_done(self, wanted: str, reading: Reading[ContainerDetail]) -> None:
        def show() -> None:
            if wanted == self.workbench.container_id:
                self.detail = reading

        self.workbench.deliver(show)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There are no rows to filter here."""
        return False if action == "filter" else super().check_action(action, parameters)

    def process_concerned(self) -> int | None:
        """The process under the cursor of the process tree, unless it is the first: that is the whole container."""
        pane = self.query_one(ProcessesPane)
        return pane.inner_pid() if self.focused is not None and self.focused.id == "processes" else None

    def action_step(self, steps: int) -> None:
        """Go to another container in the engine's order."""
        ids = [container.id for container in self._all()]
        if ids:
            here = ids.index(self.workbench.container_id) if self.workbench.container_id in ids else -1
            self.detail = None
            self.workbench.container_id = ids[(here + steps) % len(ids)]

    def action_setup(self) -> None:
        """Show how it was started in place of its processes, or the processes again."""
        self.toggle_class(_SETUP)
        self.set_focus(self.query_one("#setup" if self.has_class(_SETUP) else "#processes"))

    def action_sort(self) -> None:
        """Sort the processes by the next figure."""
        self.query_one(ProcessesPane).sort_next()

    def action_window(self) -> None:
        """Have the charts show the next longer time, or the shortest again."""
        self.window = WINDOWS[(WINDOWS.index(self.window) + 1) % len(WINDOWS)]
        self.workbench.say(f"charts show the last {duration(self.window)}")

    def action_image(self) -> None:
        """Show the image that this container was started from."""
        if self.container:
            self.workbench.open_image(self.container.image_id)

    def action_copy(self) -> None:
        """Copy the container's name."""
        self.copy(self.container.name if self.container else None)
