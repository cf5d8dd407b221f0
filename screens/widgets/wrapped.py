"""A few rows of running text. What does not fit into them ends with an ellipsis."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip

from screens.widgets.difference import reach
from screens.widgets.looks import Looks
from workbench.measure.text import printable


class Paragraph(NamedTuple):
    """Text in one look that begins a row of its own."""

    text: str
    look: str = "plain"
    most: int = 1
    """Rows that it may have."""


class Wrapped(Looks):
    """Paragraphs over as many rows as the widget is high. Only rows that differ are painted again.

    Args:
        indent: Blanks before each row.
    """

    DEFAULT_CSS = """
    Wrapped { height: 1; width: 1fr; }
    """
    ALLOW_SELECT = False

    def __init__(self, *, indent: int = 0, id: str | None = None) -> None:
        super().__init__(id=id)
        self._indent = indent
        self._paragraphs: tuple[Paragraph, ...] = ()
        self._rows: list[tuple[str, str]] = []
        """Text and look of each row."""

    def show(self, paragraphs: Sequence[Paragraph]) -> None:
        """Show these from now on, the most important first."""
        if tuple(paragraphs) != self._paragraphs:
            self._paragraphs = tuple(paragraphs)
            before = self._rows
            self._wrap()
            for y, (old, new) in enumerate(zip_longest(before, self._rows)):
                if far := reach([old] if old else [], [new] if new else [], self.size.width):
                    self.refresh(Region(0, y, far, 1))

    def on_resize(self) -> None:
        """Break the rows anew."""
        self._wrap()
        self.refresh()

    @property
    def text(self) -> str:
        """What is on screen, its rows one below the other."""
        return "\n".join(row for row, _ in self._rows)

    def _wrap(self) -> None:
        width, height = self.size
        rows: list[tuple[str, str]] = []
        for text, look, most in self._paragraphs:
            lines = wrapped(text, width - self._indent, min(most, height - len(rows)))
            rows += [(" " * self._indent + line, look) for line in lines]
        self._rows = rows

    def render_line(self, y: int) -> Strip:
        """Draw one row."""
        plain = self.look("plain")
        if y >= len(self._rows):
            return Strip.blank(self.size.width, plain)
        text, look = self._rows[y]
        return Strip([Segment(text, self.look(look))]).adjust_cell_length(self.size.width, plain)


def wrapped(text: str, width: int, most: int) -> list[str]:
    """Text in at most `most` rows of at most `width` cells; the last one ends with `…` where there is more."""
    if width <= 0 or most <= 0 or not text:
        return []
    lines = [line.plain.rstrip() for line in Content(printable(text)).wrap(width)]
    if len(lines) > most:
        last = lines[most - 1]
        lines[most - 1 :] = [(last if cell_len(last) < width else set_cell_size(last, width - 1)) + "…"]
    return lines
