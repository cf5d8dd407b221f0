"""A table that ticks: only the rows that changed are painted again, and narrow screens drop columns by importance."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from screens.widgets.columns import GAP, MARK, Cell, Column, fit
from screens.widgets.cursor_rows import CursorRows

__all__ = ["AnyRow", "Cell", "Column", "LateRow", "LiveTable", "Row", "fit"]


class Row(NamedTuple):
    """One row: a key that outlives sorting, and a cell for every column in the table's order."""

    key: str
    cells: tuple[Cell, ...]


class LateRow:
    """A row of a long table that ticks: its cells are made when it comes into sight, and once.

    Args:
        key: Outlives sorting.
        make: Makes its cells, of what was known when the row was made.
    """

    __slots__ = ("_cells", "_make", "key")

    def __init__(self, key: str, make: Callable[[], tuple[Cell, ...]]) -> None:
        self.key = key
        self._make = make
        self._cells: tuple[Cell, ...] | None = None

    @property
    def cells(self) -> tuple[Cell, ...]:
        """A cell for every column in the table's order."""
        if self._cells is None:
            self._cells = self._make()
        return self._cells


AnyRow = Row | LateRow


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
        self._rows: tuple[AnyRow, ...] = ()
        self._stale = False

    @property
    def rows(self) -> tuple[AnyRow, ...]:
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

    def show(self, rows: Sequence[AnyRow], *, stale: bool = False) -> None:
        """Show these rows from now on and paint only what differs.

        Args:
            rows: In the order to show them.
            stale: Draw everything dim: the figures are old.
        """
        old, self._rows = self._rows, tuple(rows)
        was_stale, self._stale = self._stale, stale
        if bool(old) != bool(self._rows) or (old and stale != was_stale):
            self.refresh()
        else:
            for index in self.in_sight:
                before = old[index] if index < len(old) else None
                after = self._rows[index] if index < len(self._rows) else None
                if width := self._reach(before, after):
                    self.refresh_row(index, width)
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

    def _reach(self, before: AnyRow | None, after: AnyRow | None) -> int:
        """How far from the left a row differs: what lies right of it need not be sent again."""
        if before is None or after is None:
            return 0 if before is after else self.size.width
        if len(before.cells) != len(after.cells):
            return self.size.width
        end, reach = len(MARK), 0
        if before.cells is not after.cells:
            for index, width in self._layout:
                end += width + GAP
                if before.cells[index] != after.cells[index]:
                    reach = end
        return min(reach, self.size.width)
