"""Log lines as rows with a cursor."""

import time
from collections.abc import Sequence

from screens.log_cells import log_cell
from screens.logs.book import LogBook
from screens.widgets.columns import Cell, Column
from screens.widgets.cursor_rows import CursorRows

COLUMNS = (Column("time", "time", 12, importance=1), Column("text", "line", 20, grow=1, most=4000))


class LogRows(CursorRows[int]):
    """Draws the lines of a book that are seen.

    Args:
        book: Shared with the pane, which fills it and calls `changed`.
    """

    def __init__(self, book: LogBook, *, id: str | None = None) -> None:
        super().__init__(COLUMNS, empty="reading the log", id=id)
        self.book = book
        self.found = ""
        """What is looked for: lines that have it stand out."""

    @property
    def row_count(self) -> int:
        """How many lines are shown."""
        return len(self.book)

    def key_at(self, index: int) -> int:
        """The line's number."""
        return self.book.number(index)

    def cells_at(self, index: int) -> Sequence[Cell]:
        """Its time of day and its text."""
        number = self.book.number(index)
        line = self.book.line(number)
        cell = log_cell(line.text)
        if self.book.matches(number, self.found):
            cell = Cell(cell.text, "accent")
        return (Cell(clock(line.at), "dim"), cell)

    def changed(self, *, follow: bool) -> None:
        """The book has other lines than before. Stay on the newest one, or on the one under the cursor."""
        number = self.current
        self.changed_size()
        self.refresh()
        if self.row_count:
            self.place(self.row_count - 1 if follow or number is None else self.book.index(number))
        else:
            self.place(0)


def clock(at: float) -> str:
    """The time of day on this machine with milliseconds: `14:03:22.417`."""
    return time.strftime("%H:%M:%S", time.localtime(at)) + f".{int(at % 1 * 1000):03}"
