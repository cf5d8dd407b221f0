"""Two lines over each other, before dotted and after solid, with both axes named."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.segment import Segment
from textual.strip import Strip

from screens.widgets.braille import braille_curves
from screens.widgets.looks import Looks
from workbench.measure.percentile_axis import Axes, Tick, levels

MARGIN = 9
"""Cells at the left for the words of times, the axis included."""
_LOOKS = {0: "rule", 1: "watch", 2: "accent", 3: "strong"}
"""Of a cell with nothing, with before, with after, with both."""

Curve = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A row of cells."""

    words: str
    """At the left."""
    cells: Sequence[tuple[str, int]]


class CurveChart(Looks):
    """Percentile curves, as high and wide as the widget."""

    DEFAULT_CSS = """
    CurveChart { height: 1fr; width: 1fr; }
    """
    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._axes: Axes | None = None
        self._curves: tuple[Curve, ...] = ()
        self._rows: list[_Drawn] = []
        self._below = ""

    def show(self, axes: Axes | None, curves: Sequence[Curve]) -> None:
        """Show these from now on.

        Args:
            axes: What they are drawn on; `None` for nothing.
            curves: Share and milliseconds, ascending: before, then after.
        """
        self._axes, self._curves = axes, tuple(curves)
        self._draw()

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._draw()

    def notify_style_update(self) -> None:
        """Repaint under a new theme."""
        super().notify_style_update()
        self.refresh()

    @property
    def text(self) -> str:
        """What is on screen, its rows one below the other."""
        rows = [f"{row.words}{''.join(cell for cell, _ in row.cells)}" for row in self._rows]
        return "\n".join([*rows, self._below])

    def _draw(self) -> None:
        width, height = self.size.width - MARGIN, self.size.height - 1
        self._rows, self._below = [], ""
        if self._axes is not None and width > 0 and height > 0:
            drawn = [levels(curve, self._axes, 2 * width) for curve in self._curves]
            words = _left(self._axes.times(), height)
            self._rows = [
                _Drawn(f"{words.get(row, ''):>{MARGIN - 2}} {'┤' if row in words else '│'}", cells)
                for row, cells in enumerate(braille_curves(drawn, height))
            ]
            self._below = _below(self._axes.shares(), width)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw one row: words of an axis, and cells in runs of one look."""
        width = self.size.width
        if y >= len(self._rows):
            text = self._below if y == len(self._rows) else ""
            return Strip([Segment(text.ljust(width)[:width], self.look("dim"))], width)
        row = self._rows[y]
        segments = [Segment(row.words, self.look("dim"))]
        run, owner = "", 0
        for cell, owned in row.cells:
            if run and owned != owner:
                segments.append(Segment(run, self.look(_LOOKS[owner])))
                run = ""
            run, owner = run + cell, owned
        segments.append(Segment(run, self.look(_LOOKS[owner])))
        return Strip(segments, width).adjust_cell_length(width)


def _left(ticks: Sequence[Tick], height: int) -> dict[int, str]:
    """The words of times by their row, the top one being 0; of two on one row or side by side the first stays."""
    found: dict[int, str] = {}
    for tick in ticks:
        row = height - 1 - round(tick.place * (height - 1))
        if row not in found and row + 1 not in found:
            found[row] = tick.words
    return found


def _below(ticks: Sequence[Tick], width: int) -> str:
    """The words of shares below the place that they stand for; one that would touch another is left out."""
    line = [" "] * (MARGIN + width)
    free = 0
    for tick in ticks:
        place = MARGIN + round(tick.place * (width - 1))
        start = min(max(MARGIN - 1, place - len(tick.words) // 2), len(line) - len(tick.words))
        if start >= free:
            line[start : start + len(tick.words)] = tick.words
            free = start + len(tick.words) + 2
    return "".join(line)
