"""A tree of figures: rows are made when a folder is opened and drawn when they are seen, however many there are."""

from collections.abc import Iterable, Sequence
from typing import ClassVar, Protocol

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from screens.widgets.live_table import GAP, MARK, Cell, Column, LiveTable, fit
from screens.widgets.looks import LOOKS, LOOKS_CSS
from workbench.measure.text import printable

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


class SizeTree(ScrollView, can_focus=True):
    """Folders that open under fixed headings. One column, `name`, is indented."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"look--{name}" for name in LOOKS} | {"size-tree--cursor"}
    DEFAULT_CSS = f"""
    SizeTree {{
        height: 1fr;
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
        {LOOKS_CSS}
        & > .size-tree--cursor {{ background: $foreground 10%; }}
        &:focus > .size-tree--cursor {{ background: $accent 30%; }}
    }}
    """
    BINDINGS: ClassVar[list[BindingType]] = LiveTable.BINDINGS
    ALLOW_SELECT = False

    cursor: reactive[int] = reactive(0, repaint=False)

    class Highlighted(Message):
        """The cursor is on another row, or on none (`key` is then `None`)."""

        def __init__(self, tree: "SizeTree", key: int | None) -> None:
            self.tree = tree
            self.key = key
            super().__init__()

        @property
        def control(self) -> "SizeTree":
            """The tree, for `@on(SizeTree.Highlighted, "#id")`."""
            return self.tree

    class Opened(Message):
        """The row under the cursor was clicked once more: the same as Enter."""

        def __init__(self, tree: "SizeTree", key: int) -> None:
            self.tree = tree
            self.key = key
            super().__init__()

        @property
        def control(self) -> "SizeTree":
            """The tree, for `@on(SizeTree.Opened, "#id")`."""
            return self.tree

    class HeadingClicked(Message):
        """A heading was clicked: sort by its column."""

        def __init__(self, tree: "SizeTree", column: str) -> None:
            self.tree = tree
            self.column = column
            super().__init__()

        @property
        def control(self) -> "SizeTree":
            """The tree, for `@on(SizeTree.HeadingClicked, "#id")`."""
            return self.tree

    def __init__(self, columns: Sequence[Column], *, empty: str = "", id: str | None = None) -> None:
        super().__init__(id=id)
        self._columns = tuple(columns)
        self._branches: Branches | None = None
        self._keys: list[int] = []
        self._depths: list[int] = []
        self._open: set[int] = set()
        self._empty = empty
        self._sorted = ("", False)
        self._layout: list[tuple[int, int]] = []

    # --- what is shown ---------------------------------------------------------------------------------------------

    @property
    def current(self) -> int | None:
        """The key of the row under the cursor."""
        return self._keys[self.cursor] if self.cursor < len(self._keys) else None

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
        before = self.current
        if forget:
            self._open.clear()
            before = None
        self._branches = branches
        self._keys, self._depths = self._flat(branches.top if branches else (), 0)
        if before is not None and before in self._keys:
            self.cursor = self._keys.index(before)
        else:
            self.cursor = max(0, min(self.cursor, len(self._keys) - 1)) if before is not None else 0
        self._resize()
        self.refresh()
        self._scroll_to_cursor()
        self._tell(self.Highlighted(self, self.current))

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Other columns from now on; what is shown next must have a cell for each."""
        if tuple(columns) != self._columns:
            self._columns = tuple(columns)
            self._layout = fit(self._columns, self.scrollable_content_region.width - len(MARK))
            self.refresh()

    def say_empty(self, sentence: str) -> None:
        """What to say when there is no row."""
        if sentence != self._empty:
            self._empty = sentence
            if not self._keys:
                self.refresh()

    def mark_sorted(self, column: str, descending: bool) -> None:
        """Show an arrow on the heading of the column that the rows are sorted by."""
        if (column, descending) != self._sorted:
            self._sorted = (column, descending)
            self.refresh(Region(0, 0, self.size.width, 1))

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
            self._place(self.cursor + 1)

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
                self._place(row)
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
        self._place(row)
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
        self._resize()
        y = row - round(self.scroll_offset.y) + 1
        self.refresh(Region(0, max(1, y), self.size.width, max(0, self.size.height - max(1, y))))

    # --- the cursor ------------------------------------------------------------------------------------------------

    def _place(self, row: int) -> None:
        row = max(0, min(row, len(self._keys) - 1))
        if row != self.cursor:
            self._refresh_row(self.cursor)
            self.cursor = row
            self._refresh_row(row)
            self._tell(self.Highlighted(self, self.current))
        self._scroll_to_cursor()

    def _tell(self, message: Message) -> None:
        # Filled inside a parent's watcher, the parent would count as the sender and the message stop there.
        self.post_message(message.set_sender(self))

    def _scroll_to_cursor(self) -> None:
        page = self.size.height - 1
        top = round(self.scroll_target_y)
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, immediate=True, force=True)
        elif page > 0 and self.cursor >= top + page:
            self.scroll_to(y=self.cursor - page + 1, animate=False, immediate=True, force=True)

    def action_move(self, rows: int) -> None:
        """Move the cursor down, or up when negative."""
        self._place(self.cursor + rows)

    def action_page(self, pages: int) -> None:
        """Move the cursor by a screenful."""
        self._place(self.cursor + pages * max(1, self.size.height - 2))

    def action_edge(self, side: int) -> None:
        """Move the cursor to the first row (-1) or the last (1)."""
        self._place(0 if side < 0 else len(self._keys) - 1)

    def on_click(self, event: events.Click) -> None:
        """A heading sorts; a row takes the cursor; the row under the cursor opens."""
        if event.y == 0:
            x = len(MARK)
            for index, width in self._layout:
                if x <= event.x < x + width + GAP:
                    self._tell(self.HeadingClicked(self, self._columns[index].key))
                    return
                x += width + GAP
            return
        row = event.y - 1 + round(self.scroll_offset.y)
        if row >= len(self._keys):
            return
        if row == self.cursor and self.has_focus:
            self._tell(self.Opened(self, self._keys[row]))
        else:
            self._place(row)

    # --- drawing ---------------------------------------------------------------------------------------------------

    def on_resize(self) -> None:
        """Fit the columns again."""
        self._resize()
        self._scroll_to_cursor()

    def notify_style_update(self) -> None:
        """Repaint under a new theme."""
        super().notify_style_update()
        self.refresh()

    def _resize(self) -> None:
        self.virtual_size = Size(self.size.width, len(self._keys) + 1)
        layout = fit(self._columns, self.scrollable_content_region.width - len(MARK))
        if layout != self._layout:
            self._layout = layout
            self.refresh()

    def _refresh_row(self, row: int) -> None:
        y = row - round(self.scroll_offset.y) + 1
        if 1 <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def _looked(self, name: str) -> Style:
        return self.get_component_rich_style(f"look--{name}")

    def render_line(self, y: int) -> Strip:
        """Draw the headings or one row."""
        width = self.scrollable_content_region.width
        if y == 0:
            return self._heading(width)
        row = y - 1 + round(self.scroll_offset.y)
        if not self._keys and y == 1 and self._empty:
            return Strip([Segment(set_cell_size("  " + printable(self._empty), width), self._looked("dim"))], width)
        if row >= len(self._keys) or self._branches is None:
            return Strip.blank(width, self.rich_style)
        here = row == self.cursor
        backdrop = self.get_component_rich_style("size-tree--cursor").background_style if here else Style.null()
        key = self._keys[row]
        cells = self._branches.cells(key)
        segments = [Segment(MARK if here else " " * len(MARK), self._looked("accent") + backdrop)]
        for place, (column, room) in enumerate(self._layout):
            cell, shape = cells[column], self._columns[column]
            text = printable(cell.text)
            if shape.key == "name":
                text = self._indented(key, row) + text
            gap = "" if place == len(self._layout) - 1 else " " * GAP
            segments.append(Segment(_fitted(text, room, shape) + gap, self._looked(cell.look) + backdrop))
        strip = Strip(segments)
        return strip.extend_cell_length(width, self._looked("plain") + backdrop).crop(0, width)

    def _indented(self, key: int, row: int) -> str:
        arrow = LEAF
        if self._branches is not None and self._branches.is_folder(key):
            arrow = OPEN if key in self._open else CLOSED
        return "  " * min(self._depths[row], DEEPEST_INDENT) + arrow

    def _heading(self, width: int) -> Strip:
        titles: list[str] = []
        sorted_by, descending = self._sorted
        for index, room in self._layout:
            column = self._columns[index]
            title = column.title
            if column.key == sorted_by:
                title = title[: max(0, room - 1)] + ("▾" if descending else "▴")
            titles.append(_fitted(title, room, column))
        line = " " * len(MARK) + (" " * GAP).join(titles)
        return Strip([Segment(set_cell_size(line, width), self._looked("heading"))], width)


def _fitted(text: str, width: int, column: Column) -> str:
    length = cell_len(text)
    if length > width:
        return set_cell_size(text, width - 1) + "…" if width > 0 else ""
    blanks = " " * (width - length)
    return blanks + text if column.align == "right" else text + blanks
