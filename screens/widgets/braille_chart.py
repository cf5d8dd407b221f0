"""A chart of figures over time. One look, and only the rows of it that changed are sent to the terminal."""

import math
from collections.abc import Mapping, Sequence

from rich.segment import Segment
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.reactive import var
from textual.strip import Strip

from screens.widgets.braille import EMPTY, braille_rows, ruled
from screens.widgets.looks import Looks


class BrailleChart(Looks):
    """An area chart as high as the widget, the newest figure at the right end.

    It draws two figures in a cell: `columns` tells how many there is room for. Feed it figures of whole intervals, so
    that it does not move more often than an interval ends: every move sends the whole row.
    """

    DEFAULT_CSS = """
    BrailleChart { height: 1; width: 1fr; }
    """
    ALLOW_SELECT = False

    class Picked(Message):
        """A moment of the chart was clicked: `column` counts figures from the newest, which is 0."""

        def __init__(self, chart: "BrailleChart", column: int) -> None:
            self.chart = chart
            self.column = column
            super().__init__()

        @property
        def control(self) -> "BrailleChart":
            """The widget, for `@on(…, "#id")`."""
            return self.chart

    columns: var[int] = var(0)
    """How many figures there is room for."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._values: tuple[float, ...] = ()
        self._top = 1.0
        self._look = "plain"
        self._marks: dict[int, str] = {}
        self._line: float | None = None
        self._rows: list[str] = []

    def show(
        self,
        values: Sequence[float],
        top: float,
        *,
        look: str = "plain",
        marks: Mapping[int, str] | None = None,
        line: float | None = None,
    ) -> None:
        """Show these figures from now on.

        Args:
            values: The newest last; NaN is not measured.
            top: The figure that fills the whole height; 0 or less takes the largest one.
            look: How it is drawn.
            marks: One-cell signs to draw over the bottom row, by how many figures they are from the newest one.
            line: A figure at which to draw a dotted line; one above the top is not drawn.
        """
        self._values = tuple(values)
        self._top = top if top > 0 else max((value for value in values if not math.isnan(value)), default=1.0) or 1.0
        self._marks = dict(marks or {})
        self._line = line
        repaint = look != self._look
        self._look = look
        self._draw(all_rows=repaint)

    def on_resize(self) -> None:
        """Draw for the new size."""
        self.columns = 2 * self.size.width
        self._draw(all_rows=True)

    def on_click(self, event: events.Click) -> None:
        """Tell which moment was clicked."""
        event.stop()
        self.post_message(self.Picked(self, max(0, self.columns - 1 - 2 * event.x)).set_sender(self))

    def notify_style_update(self) -> None:
        """Repaint under a new theme."""
        super().notify_style_update()
        self.refresh()

    @property
    def text(self) -> str:
        """What is on screen, its rows one below the other."""
        return "\n".join(self._rows)

    def _draw(self, *, all_rows: bool = False) -> None:
        width, height = self.size
        if not width or not height:
            return
        newest = self._values[-2 * width :]
        rows = braille_rows((math.nan,) * (2 * width - len(newest)) + newest, height, self._top)
        if self._line is not None and self._line <= self._top:
            rows = ruled(rows, self._line / self._top)
        for column, sign in self._marks.items():
            place = width - 1 - column // 2
            if 0 <= place < width:
                rows[-1] = rows[-1][:place] + sign[:1] + rows[-1][place + 1 :]
        old, self._rows = self._rows, rows
        if all_rows or len(old) != len(rows):
            self.refresh()
            return
        for y, (before, after) in enumerate(zip(old, rows, strict=True)):
            if before != after:
                self.refresh(Region(0, y, width, 1))

    def render_line(self, y: int) -> Strip:
        """Draw one row."""
        width = self.size.width
        row = self._rows[y] if y < len(self._rows) and len(self._rows[y]) == width else EMPTY * width
        return Strip([Segment(row, self.look(self._look))], width)
