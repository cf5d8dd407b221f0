"""A tree of figures: rows are made when a folder is opened and drawn when they are seen, however many there are."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from textual.geometry import Region

from screens.widgets.columns import Cell, Column
from screens.widgets.cursor_rows import CursorRows

OPEN, CLOSED, LEAF = "▾ ", "▸ ", "  "
DEEPEST_INDENT = 24
"""Levels beyond this are drawn under it: a hostile tree is deeper than any screen is wide."""


class Branches(Protocol):
    """What a tree shows. Keys are whatever numbers the owner has."""

    @property
    def top(self) -> Sequence[int]:
        """The rows at the outermost level, in order."""
        ...

    def children(self, key: int) -> Sequence[int]:
        """What is in a folder, in order; asked when it is opened."""
        ...

    def is_folder(self, key: int) -> bool:
        """Whether it can be opened."""
        ...

    def parent(self, key: int) -> int | None:
        """The folder it is in; `None` at the outermost level."""
        ...

    def cells(self, key: int) -> Sequence[Cell]:
        """A cell for every column; asked when the row is drawn. The text may be hostile."""
        ...


class SizeTree(CursorRows[int]):
    """Folders that open under fixed headings. One column, `name`, is indented."""

    class Highlighted(CursorRows.Highlighted):
        """The cursor is on another row, or on none (`key` is then `None`)."""

    class Opened(CursorRows.Opened):
        """The row under the cursor was clicked once more: the same as Enter."""

    class HeadingClicked(CursorRows.HeadingClicked):
        """A heading was clicked: sort by its column."""

    def __init__(self, columns: Sequence[Column], *, empty: str = "", id: str | None = None) -> None:
        super().__init__(columns, empty=empty, id=id)
        self._branches: Branches | None = None
        self._keys: list[int] = []
        self._depths: list[int] = []
        self._open: set[int] = set()

    # --- what is shown ---------------------------------------------------------------------------------------------

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        return len(self._keys)

    def key_at(self, index: int) -> int:
        """What a row is called."""
        return self._keys[index]

    def cells_at(self, index: int) -> Sequence[Cell]:
        """What is in a row, its name indented."""
        if self._branches is None:
            return ()
        key = self._keys[index]
        return [
            cell._replace(text=self._indented(key, index) + cell.text) if column.key == "name" else cell
            for column, cell in zip(self._columns, self._branches.cells(key), strict=False)
        ]

    @property
    def keys(self) -> Sequence[int]:
        """The keys of all rows, in the order shown."""
        return self._keys

    def show(self, branches: Branches | None, *, forget: bool = False) -> None:
        """Show this from now on. What was open stays open and the cursor on its row, where they are still there.

        Args:
            branches: The owner of the rows; `None` shows nothing.
            forget: The keys mean something else than before: everything is closed.
        """
        before = self._keys[self.cursor] if self.cursor < len(self._keys) else None
        if forget:
            self._open.clear()
            before = None
        self._branches = branches
        self._keys, self._depths = self._flat(branches.top if branches else (), 0)
        if before is not None and before in self._keys:
            self.cursor = self._keys.index(before)
        else:
            self.cursor = max(0, min(self.cursor, len(self._keys) - 1)) if before is not None else 0
        self.changed_size()
        self.refresh()
        self.scroll_to_cursor()
        self.tell_highlighted(self._keys[self.cursor] if self._keys else None)

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Other columns from now on; what is shown next must have a cell for each."""
        if tuple(columns) != self._columns:
            self._columns = tuple(columns)
            self.changed_size()
            self.refresh()

    def _flat(self, keys: Iterable[int], depth: int) -> tuple[list[int], list[int]]:
        """Rows and their depths, with everything in them that is open; without recursion, for trees are deep."""
        rows: list[int] = []
        depths: list[int] = []
        branches = self._branches
        if branches is None:
            return rows, depths
        if not self._open:
            rows = list(keys)
            return rows, [depth] * len(rows)
        waiting = [(iter(keys), depth)]
        while waiting:
            level, depth = waiting[-1]
            for key in level:
                rows.append(key)
                depths.append(depth)
                if key in self._open and branches.is_folder(key):
                    waiting.append((iter(branches.children(key)), depth + 1))
                    break
            else:
                waiting.pop()
        return rows, depths

    # --- opening ---------------------------------------------------------------------------------------------------

    @property
    def opened(self) -> frozenset[int]:
        """The folders that are open, also those in closed ones."""
        return frozenset(self._open)

    def open_only(self, keys: Iterable[int]) -> None:
        """Have these folders open, and no others, when the tree is next shown."""
        self._open = set(keys)

    def is_open(self, key: int) -> bool:
        """Whether a folder's content is shown, or would be if the folder was."""
        return key in self._open

    def toggle(self) -> None:
        """Open the folder under the cursor, or close it."""
        key = self.current
        if key is None or self._branches is None or not self._branches.is_folder(key):
            return
        if key in self._open:
            self._close_row(self.cursor)
        else:
            self._open_row(self.cursor)

    def unfold(self) -> None:
        """Open the folder under the cursor; if it is open, go to the first row in it."""
        key = self.current
        if key is None or self._branches is None or not self._branches.is_folder(key):
            return
        if key not in self._open:
            self._open_row(self.cursor)
        elif self.cursor + 1 < len(self._keys) and self._depths[self.cursor + 1] > self._depths[self.cursor]:
            self.place(self.cursor + 1)

    def fold(self) -> None:
        """Close the folder under the cursor; if there is nothing to close, go to the folder it is in."""
        key = self.current
        if key is None:
            return
        if key in self._open:
            self._close_row(self.cursor)
            return
        depth = self._depths[self.cursor]
        for row in range(self.cursor - 1, -1, -1):
            if self._depths[row] < depth:
                self.place(row)
                return

    def fold_all(self) -> None:
        """Close every folder; the cursor goes to the outermost one it was in."""
        top = self.current
        while top is not None and self._branches is not None and (above := self._branches.parent(top)) is not None:
            top = above
        self._open.clear()
        self.show(self._branches)
        if top is not None:
            self.reveal(top)

    def reveal(self, key: int) -> bool:
        """Open what a row is in and put the cursor on it; `False` when it is not in this tree."""
        branches = self._branches
        if branches is None:
            return False
        above: list[int] = []
        folder = branches.parent(key)
        while folder is not None:
            above.append(folder)
            folder = branches.parent(folder)
        row = -1
        for step in [*reversed(above), key]:
            found = self._row_of(step, row)
            if found is None:
                return False
            row = found
            if step != key and step not in self._open:
                self._open_row(row)
        self.place(row)
        return True

    def _row_of(self, key: int, after: int) -> int | None:
        try:
            return self._keys.index(key, after + 1)
        except ValueError:
            return None

    def _open_row(self, row: int) -> None:
        if self._branches is None:
            return
        key, depth = self._keys[row], self._depths[row]
        self._open.add(key)
        keys, depths = self._flat(self._branches.children(key), depth + 1)
        self._keys[row + 1 : row + 1] = keys
        self._depths[row + 1 : row + 1] = depths
        self._changed_from(row)

    def _close_row(self, row: int) -> None:
        depth = self._depths[row]
        end = row + 1
        while end < len(self._keys) and self._depths[end] > depth:
            end += 1
        self._open.discard(self._keys[row])
        del self._keys[row + 1 : end]
        del self._depths[row + 1 : end]
        self._changed_from(row)

    def _changed_from(self, row: int) -> None:
        self.changed_size()
        y = row - round(self.scroll_offset.y) + 1
        self.refresh(Region(0, max(1, y), self.size.width, max(0, self.size.height - max(1, y))))

    def _indented(self, key: int, row: int) -> str:
        arrow = LEAF
        if self._branches is not None and self._branches.is_folder(key):
            arrow = OPEN if key in self._open else CLOSED
        return "  " * min(self._depths[row], DEEPEST_INDENT) + arrow
