"""The processes on the GPUs, with their containers."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.reactive import var

from screens.gpu.rows import (
    LARGEST_FIRST,
    PROCESS_COLUMNS,
    SORTABLE,
    Place,
    User,
    chosen_users,
    process_rows,
    users,
)
from screens.pane import Pane
from screens.widgets.line import Part, Rule
from screens.widgets.live_table import LiveTable
from workbench.measure.units import NOT_MEASURED
from workbench.model.reading import Fresh

if TYPE_CHECKING:
    from screens.gpu.screen import GpuScreen


class GpuProcessesPane(Pane):
    """One row for each process and GPU."""

    ORDER: ClassVar[int] = 30

    sort: var[str] = var("memory")
    descending: var[bool] = var(True)
    words: var[str] = var("")
    """The filter."""
    only: var[Place | None] = var(None)
    """The GPU or slice whose processes are shown; `None` for all."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: dict[str, User] = {}

    def compose(self) -> ComposeResult:
        """A title and the table."""
        yield Rule(id="title")
        yield LiveTable(PROCESS_COLUMNS, id="processes")

    def on_mount(self) -> None:
        """Follow the GPUs, and the names of the engine's containers."""
        self.watch(self.workbench, "gpu", self._draw)
        self.watch(self.workbench, "fleet", self._draw, init=False)
        self.watch(self.screen, "old", self._draw, init=False)
        for choice in ("sort", "descending", "words", "only"):
            self.watch(self, choice, self._draw, init=False)

    def _draw(self) -> None:
        gpu, fleet = self.workbench.gpu, self.workbench.fleet
        table = self.query_one(LiveTable)
        if not isinstance(gpu, Fresh):
            self._shown = {}
            table.show([])
            return
        containers = fleet.value.containers if isinstance(fleet, Fresh) else ()
        everyone = users(gpu.value.devices, {container.id: container.name for container in containers})
        chosen = chosen_users(everyone, self.words, self.only)
        self._shown = {user.key: user for user in chosen}
        table.say_empty(self._why_empty(everyone))
        table.mark_sorted(self.sort, self.descending)
        rows = process_rows(chosen, sort=self.sort, descending=self.descending)
        table.show(rows, stale=cast("GpuScreen", self.screen).old)
        self._title(len(chosen), len(everyone))

    def _title(self, shown: int, all_of_them: int) -> None:
        notes = [
            Part(f"sort {self.sort} {'▾' if self.descending else '▴'}", "dim", "screen.sort"),
            Part(f"filter {self.words or NOT_MEASURED}", "accent" if self.words else "dim", "screen.filter"),
        ]
        if self.only is not None:
            notes.append(Part(f"GPU {self.only.text} only", "accent"))
        noun = "process" if all_of_them == 1 else "processes"
        count = f"{all_of_them} {noun}" if shown == all_of_them else f"{shown} of {all_of_them} {noun}"
        self.query_one("#title", Rule).title(count, *notes)

    def _why_empty(self, everyone: list[User]) -> str:
        if self.words:
            return "Nothing contains these words: Esc clears the filter"
        if self.only is not None and everyone:
            return "Nothing runs here: Esc shows the processes of every GPU"
        return "No process uses a GPU"

    def current(self) -> User | None:
        """The process under the cursor."""
        key = self.query_one(LiveTable).current
        return self._shown.get(key) if key is not None else None

    def sort_by(self, column: str) -> None:
        """Sort by a column; by the same one again, turn the order round."""
        if column == self.sort:
            self.descending = not self.descending
        elif column in SORTABLE:
            self.descending = column in LARGEST_FIRST
            self.sort = column

    def sort_next(self) -> None:
        """Sort by the next column that can be sorted by."""
        self.sort_by(SORTABLE[(SORTABLE.index(self.sort) + 1) % len(SORTABLE)])


PANE = GpuProcessesPane
