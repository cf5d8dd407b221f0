"""Every container in a live table."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.reactive import var

from screens.fleet.rows import (
    GROUP,
    LARGEST_FIRST,
    SORTABLE,
    TREND_CELLS,
    TREND_SECONDS,
    Beside,
    columns,
    gpu_use,
    no_trend,
    rows,
)
from screens.pane import Pane
from screens.time_axis import chart_columns
from screens.trouble import Trouble
from screens.widgets.braille import sparkline
from screens.widgets.line import Part, Rule
from screens.widgets.live_table import Cell, LiveTable
from workbench.measure.units import counted
from workbench.model.containers import Container, FleetSnapshot
from workbench.model.gpu import GpuSnapshot
from workbench.model.reading import Fresh, Missing, Reading


class ContainersPane(Pane):
    """The table, or what is missing."""

    ORDER: ClassVar[int] = 10

    sort: var[str] = var("name")
    descending: var[bool] = var(False)
    words: var[str] = var("")
    """The filter."""
    stopped: var[bool] = var(True)
    """Whether containers that do not run are shown."""
    grouped: var[bool] = var(False)
    """Whether they are grouped by compose project."""

    def __init__(self) -> None:
        super().__init__()
        self._last: Fresh[FleetSnapshot] | None = None
        self._go_to: str | None = None
        """The container that the cursor is to be put on."""
        self._trends: dict[str, tuple[int, str]] = {}
        """By container id: up to which column of dots it is drawn, and the drawing."""
        self._drawn: dict[str, tuple[tuple[object, ...], tuple[Cell, ...]]] = {}

    def compose(self) -> ComposeResult:
        """A title, the table, and the place for trouble."""
        yield Rule(id="title")
        yield LiveTable(columns(gpu=False), empty="asking the engine", id="containers")
        yield Trouble()

    def on_mount(self) -> None:
        """Follow the fleet."""
        self.query_one(Trouble).display = False
        self.watch(self.workbench, "fleet", self._news)
        self.watch(self.workbench, "container_id", self._choose)
        self.watch(self.workbench, "past_judge", self._draw, init=False)
        self.watch(self.workbench, "gpu", self._gpu_came, init=False)
        for choice in ("sort", "descending", "words", "stopped", "grouped"):
            self.watch(self, choice, self._draw, init=False)
        self.watch(self.workbench, "beat", self._grow_old, init=False)

    def _choose(self, container_id: str | None) -> None:
        """The container that the container mode shows, or that a bundle is about, is under the cursor here too."""
        self._go_to = container_id
        if container_id and self._last is not None:
            self._draw()

    def _news(self, fleet: Reading[FleetSnapshot] | None) -> None:
        trouble, table = self.query_one(Trouble), self.query_one(LiveTable)
        if isinstance(fleet, Missing):
            trouble.explain(
                fleet,
                "The workbench tries again by itself, you need not restart it.",
                "D plays the demo: everything works there without an engine.",
                "workbench doctor  tells what else is missing on this machine.",
            )
        trouble.display = isinstance(fleet, Missing)
        table.display = not trouble.display
        self._last = fleet if isinstance(fleet, Fresh) else None
        self._draw()

    def on_resize(self) -> None:
        """Other columns fit."""
        self._draw()

    def _grow_old(self) -> None:
        if self._last and self.workbench.is_old(self._last):
            self._draw()

    def _draw(self) -> None:
        table, title = self.query_one(LiveTable), self.query_one("#title", Rule)
        if self._last is None:
            if isinstance(self.workbench.fleet, Missing):
                title.title("No engine")
            else:
                title.title("Containers")
                table.say_empty("asking the engine")
                table.show([])
            return
        fleet = self._last.value
        beside = self._beside(fleet)
        table.use_columns(columns(gpu=beside.gpus is not None, width=self.size.width))
        shown = rows(
            fleet,
            self.workbench.session.settings.thresholds,
            sort=self.sort,
            descending=self.descending,
            words=self.words,
            stopped=self.stopped,
            grouped=self.grouped,
            beside=beside,
        )
        table.say_empty(self._why_empty(fleet))
        table.mark_sorted(self.sort, self.descending)
        table.show(shown, stale=self.workbench.is_old(self._last))
        if self._go_to and shown:
            table.go_to(self._go_to)
            self._go_to = None
        running = sum(container.state == "running" for container in fleet.containers)
        notes = [Part(f"sort {self.sort} {'▾' if self.descending else '▴'}", "dim", "screen.sort")]
        notes.append(Part(f"filter {self.words or '–'}", "accent" if self.words else "dim", "screen.filter"))
        if not self.stopped:
            notes.append(Part("running only", "accent", "screen.toggle_stopped"))
        if self.grouped:
            notes.append(Part("by project", "accent", "screen.group"))
        count = counted(len(fleet.containers), "container")
        listed = sum(not row.key.startswith(GROUP) for row in shown)
        if listed != len(fleet.containers):
            count = f"{listed} of {count}"
        title.title(f"{count}, {running} running", *notes)

    def _gpu_came(self, gpu: Reading[GpuSnapshot] | None) -> None:
        """The figures of GPUs are drawn with those of the fleet; only where there is one all at once, or none."""
        there = isinstance(gpu, Fresh) and bool(gpu.value.devices)
        if there != any(column.key == "gpu" for column in self.query_one(LiveTable).columns):
            self._draw()

    def _beside(self, fleet: FleetSnapshot) -> Beside:
        gpu, judge, table = self.workbench.gpu, self.workbench.judge, self.query_one(LiveTable)
        if len(self._trends) > 2 * len(fleet.containers):
            self._trends.clear()  # most are of containers that are gone
        if len(self._drawn) > 2 * len(fleet.containers):
            self._drawn.clear()
        return Beside(
            judge.top() if judge else {},
            (lambda container: self._trend(container, fleet.engine.cpus)) if table.has_room_for("trend") else no_trend,
            gpu_use(gpu.value) if isinstance(gpu, Fresh) and gpu.value.devices else None,
            self.workbench.old_after,
            self._drawn,
        )

    def _trend(self, container: Container, cpus: int) -> str:
        """CPU of the last minutes, drawn; it changes when a column of dots is complete."""
        until = self.workbench.moment_shown
        column, drawn = self._trends.get(container.id, (-1, ""))
        if column == int(until / TREND_SECONDS):
            return drawn
        dots = 2 * TREND_CELLS
        series = self.workbench.session.history.series(
            container.id, "cpu_cores", until - (dots + 2) * TREND_SECONDS, until
        )
        top = container.cpu_limit_cores or cpus or 1.0
        drawn = sparkline(chart_columns([series], until, TREND_SECONDS, dots), TREND_CELLS, top)
        self._trends[container.id] = (int(until / TREND_SECONDS), drawn)
        return drawn

    def _why_empty(self, fleet: FleetSnapshot) -> str:
        if not fleet.containers:
            return "This engine has no containers yet: docker run … starts one"
        if self.words:
            return "Nothing contains these words: Esc clears the filter"
        return "Nothing is running: a shows the stopped ones"

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

    def current(self) -> Container | None:
        """The container under the cursor."""
        key = next((table.current for table in self.query(LiveTable)), None)
        if self._last is None:
            return None
        return next((container for container in self._last.value.containers if container.id == key), None)


PANE = ContainersPane
