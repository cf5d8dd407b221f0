"""A table that ticks: only the rows that changed are painted again, and narrow screens drop columns by importance."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import NamedTuple

from screens.widgets.columns import GAP, MARK, Cell, Column, fit
from screens.widgets.cursor_rows import CursorRows

__all__ = ["Cell", "Column", "LiveTable", "Row", "fit"]


class Row(NamedTuple):
    """One row: a key that outlives sorting, and a cell for every column in the table's order."""

    key: str
    cells: tuple[Cell, ...]


class LiveTable(CursorRows[str]):
    """Rows with a cursor that stays on its row's key when the order changes."""

    class Highlighted(CursorRows.Highlighted):
        """The cursor is on another row, or on none (`key` is then `None`)."""

    class Opened(CursorRows.Opened):
        """The row under the cursor was clicked once more: the same as Enter."""

    class HeadingClicked(CursorRows.HeadingClicked):
        """A heading was clicked: sort by its column."""

    def __init__(self, columns: Sequence[Column], *, empty: str = "", id: str | None = None) -> None:
        super().__init__(columns, empty=empty, id=id)
        self._rows: tuple[Row, ...] = ()
        self._stale = False

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows, in the order shown."""
        return self._rows

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        return len(self._rows)

    def key_at(self, index: int) -> str:
        """What a row is called."""
        return self._rows[index].key

    def cells_at(self, index: int) -> Sequence[Cell]:
        """What is in a row; all of it dim when the figures are old."""
        cells = self._rows[index].cells
        return [Cell(cell.text, "dim") for cell in cells] if self._stale else cells

    def show(self, rows: Sequence[Row], *, stale: bool = False) -> None:
        """Show these rows from now on and paint only what differs.

        Args:
            rows: In the order to show them.
            stale: Draw everything dim: the figures are old.
        """
        old, self._rows = self._rows, tuple(rows)
        if stale != self._stale or not old or not self._rows:
            self._stale = stale
            self.refresh()
        else:
            for index, (before, after) in enumerate(zip_longest(old, self._rows)):
                if before != after:
                    self.refresh_row(index, self._reach(before, after))
        if len(old) != len(self._rows):
            self.changed_size()
        self._keep_cursor()

    def go_to(self, key: str) -> None:
        """Put the cursor on a row, if it is there."""
        for index, row in enumerate(self._rows):
            if row.key == key:
                self.place(index)
                return

    def _keep_cursor(self) -> None:
        for index, row in enumerate(self._rows):
            if row.key == self._key:
                self.place(index)
                return
        self.place(min(self.cursor, len(self._rows) - 1))

    def _reach(self, before: Row | None, after: Row | None) -> int:
        """How far from the left a row differs: what lies right of it need not be sent again."""
        if before is None or after is None:
            return self.size.width
        end, reach = len(MARK), 0
        for index, width in self._layout:
            end += width + GAP
            if before.cells[index] != after.cells[index]:
                reach = end
        return min(reach, self.size.width)
