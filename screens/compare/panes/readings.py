"""What was measured of the figure under the cursor: before and after side by side, on one scale."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from screens.pane import Pane
from screens.widgets.braille_chart import BrailleChart
from screens.widgets.line import Line, Part, Rule
from workbench.measure.compare.behind import WORDS, behind
from workbench.measure.compare.words import change, told
from workbench.model.comparison import ComparedRow
from workbench.model.reading import Fresh

if TYPE_CHECKING:
    from screens.compare.screen import CompareScreen


class SidePart(Vertical):
    """One side: its name, its chart."""

    DEFAULT_CSS = """
    SidePart { width: 1fr; height: 1fr; padding: 0 1; }
    SidePart BrailleChart { height: 1fr; }
    """

    def compose(self) -> ComposeResult:
        """From the top."""
        yield Line(classes="side")
        yield BrailleChart()


class ReadingsPane(Pane):
    """Two charts on the scale of the larger one, so that a half looks like a half."""

    ORDER: ClassVar[int] = 20

    def compose(self) -> ComposeResult:
        """A title, the two sides, and the verdict in full."""
        yield Rule(id="readings-title")
        with Horizontal():
            yield SidePart(id="side-before")
            yield SidePart(id="side-after")
        yield Line(id="told")

    def on_mount(self) -> None:
        """Follow the cursor."""
        self.watch(self.screen, "chosen", self._draw)
        for chart in self.query(BrailleChart):
            self.watch(chart, "columns", self._draw, init=False)

    def _draw(self) -> None:
        row = cast("CompareScreen", self.screen).chosen
        if not self.query("#side-after .side"):  # asked before everything is there
            return
        title, words = self.query_one("#readings-title", Rule), self.query_one("#told", Line)
        if row is None:
            title.title("")
            words.show([])
        else:
            title.title(row.title, Part("both on one scale, from 0", "dim"))
            told_of = [Part(f"  {change(row)}  ", "strong"), Part(row.words), Part(f"   {row.cause}", "dim")]
            words.show(told_of, [Part(f"Enter: {self._behind(row)} ", "dim", "screen.open")])
        for place, side in enumerate(("before", "after")):
            self._side(row, place, side)

    def _behind(self, row: ComparedRow) -> str:
        """What opening the row shows."""
        reading = cast("CompareScreen", self.screen).comparison
        kind = behind(row.metric, reading.value) if isinstance(reading, Fresh) else None
        return WORDS[kind] if kind else "details"

    def _side(self, row: ComparedRow | None, place: int, side: str) -> None:
        part = self.query_one(f"#side-{side}", SidePart)
        line, chart = part.query_one(".side", Line), part.query_one(BrailleChart)
        if row is None:
            line.show([])
            chart.show([], 1.0)
            return
        values, middle = row.readings[place], (row.before, row.after)[place]
        line.show([Part(f" {side} ", "dim"), Part(told(middle, row.unit), "strong"), *_range(row, place)])
        top = max((value for each in row.readings for value in each), default=0.0)
        chart.show(_fitted(values, chart.columns), top)


def _range(row: ComparedRow, place: int) -> list[Part]:
    values = row.readings[place]
    if len(values) < 2:
        return []
    return [Part(f"   {told(min(values), row.unit)} … {told(max(values), row.unit)}, {len(values)} readings", "dim")]


def _fitted(values: tuple[float, ...], columns: int) -> list[float]:
    """As many figures as there are columns: each stands for several columns, or the largest of several for one."""
    count = len(values)
    if not count or columns < 1:
        return []
    if count >= columns:
        return [max(values[at * count // columns : (at + 1) * count // columns]) for at in range(columns)]
    return [values[at * count // columns] for at in range(columns)]


PANE = ReadingsPane
