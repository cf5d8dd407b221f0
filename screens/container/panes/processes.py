"""The processes of the container, as a tree or sorted."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.reactive import var

from screens.container.processes import SORTS, columns, rows
from screens.pane import Pane
from screens.widgets.line import Part, Rule
from screens.widgets.live_table import LiveTable
from workbench.measure.units import quantity
from workbench.model.processes import Process
from workbench.model.reading import Fresh, Missing

if TYPE_CHECKING:
    from screens.container.screen import ContainerScreen


class ProcessesPane(Pane):
    """A row for each process, its children below it."""

    ORDER: ClassVar[int] = 30

    sort: var[str] = var("tree")

    def compose(self) -> ComposeResult:
        """A title and the table."""
        yield Rule(id="title")
        yield LiveTable(columns(gpu=False), empty="reading the processes", id="processes")

    def on_mount(self) -> None:
        """Follow the processes."""
        self.watch(self.screen, "container", self._show, init=False)
        self.watch(self.workbench, "focus", self._show, init=False)
        self.watch(self.workbench, "gpu", self._show, init=False)
        self.watch(self, "sort", self._show)

    def current(self) -> Process | None:
        """The process under the cursor."""
        key = self.query_one(LiveTable).current
        return next((process for process in self._processes() if str(process.pid) == key), None)

    def inner_pid(self) -> int | None:
        """The id in the container of the process under the cursor; `None` for the first, and where it is not known."""
        process, everyone = self.current(), self._processes()
        return process.inner_pid if process is not None and process != everyone[0] else None

    def _processes(self) -> tuple[Process, ...]:
        reading = self.workbench.focus
        container = cast("ContainerScreen", self.screen).container
        if isinstance(reading, Fresh) and container is not None and reading.value.container_id == container.id:
            return reading.value.processes
        return ()

    def _show(self) -> None:
        table, title = self.query_one(LiveTable), self.query_one("#title", Rule)
        reading = self.workbench.focus
        container = cast("ContainerScreen", self.screen).container
        processes = self._processes()
        table.say_empty(self._why_empty())
        table.mark_sorted(self.sort, descending=True)
        gpu_memory = self._gpu_memory()
        table.use_columns(columns(gpu=gpu_memory is not None))
        table.show(rows(processes, gpu_memory, self.sort))
        notes = [Part(f"sort {self.sort}", "dim", "screen.sort")]
        count = "Processes"
        if isinstance(reading, Fresh) and container is not None and reading.value.container_id == container.id:
            focus = reading.value
            count = "1 process" if len(processes) == 1 else f"{len(processes)} processes"
            if focus.shm_size_bytes:
                used = focus.shm_used_bytes or 0
                full = used >= 0.9 * focus.shm_size_bytes
                notes.insert(
                    0,
                    Part(f"shm {quantity(used)} of {quantity(focus.shm_size_bytes)}", "act" if full else "dim"),
                )
            if focus.left_out:
                notes.insert(0, Part(f"{focus.left_out} more not read", "watch"))
        title.title(count, *notes)

    def _why_empty(self) -> str:
        container, reading = cast("ContainerScreen", self.screen).container, self.workbench.focus
        if container is not None and container.state not in ("running", "paused"):
            return f"It does not run: {container.status or container.state}"
        if isinstance(reading, Missing):
            return reading.in_one_line
        if self.workbench.moment is not None:
            return "Its processes were not read then: nobody was looking at it"
        return "reading the processes"

    def _gpu_memory(self) -> dict[int, int] | None:
        gpu = self.workbench.gpu
        if not isinstance(gpu, Fresh) or not gpu.value.devices:
            return None
        found: dict[int, int] = {}
        for device in gpu.value.devices:
            for process in device.processes:
                found[process.pid] = found.get(process.pid, 0) + (process.memory_bytes or 0)
        return found

    @on(LiveTable.HeadingClicked)
    def _heading(self, event: LiveTable.HeadingClicked) -> None:
        if event.column in SORTS:
            self.sort = event.column

    def sort_next(self) -> None:
        """Sort by the next figure, the tree among them."""
        names = list(SORTS)
        self.sort = names[(names.index(self.sort) + 1) % len(names)]


PANE = ProcessesPane
