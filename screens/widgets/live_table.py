"""A table that ticks: only the rows that changed are painted again, and narrow screens drop columns by importance."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import ClassVar, Literal, NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from screens.widgets.looks import LOOKS, LOOKS_CSS
from workbench.measure.text import printable

MARK = "▸ "
"""Before the row under the cursor, so that it shows without colours too."""
GAP = 2
"""Blank columns between two columns of the table."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column. Widths are in terminal cells."""

    key: str
    title: str
    width: int
    """Its width; for one that grows, its least."""
    align: Literal["left", "right"] = "left"
    importance: int = 0
    """The columns of the highest number are left out first; 0 always stays."""
    grow: int = 0
    """Its share of what is left over."""
    most: int = 10_000
    """How wide it may grow."""


class Cell(NamedTuple):
    """Text in one look. The text may be hostile; it is made printable when drawn."""

    text: str
    look: str = "plain"


class Row(NamedTuple):
    """One row: a key that outlives sorting, and a cell for every column in the table's order."""

    key: str
    cells: tuple[Cell, ...]


class LiveTable(ScrollView, can_focus=True):
    """Rows under fixed headings with a cursor that stays on its row's key when the order changes."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"look--{name}" for name in LOOKS} | {"live-table--cursor"}
    DEFAULT_CSS = f"""
    LiveTable {{
        height: 1fr;
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
        {LOOKS_CSS}
        & > .live-table--cursor {{ background: $foreground 10%; }}
        &:focus > .live-table--cursor {{ background: $accent 30%; }}
    }}
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup,ctrl+b", "page(-1)", "Page up", show=False),
        Binding("pagedown,ctrl+f", "page(1)", "Page down", show=False),
        Binding("home,g", "edge(-1)", "First", show=False),
        Binding("end,G", "edge(1)", "Last", show=False),
    ]
    ALLOW_SELECT = False

    cursor: reactive[int] = reactive(0, repaint=False)

    class Highlighted(Message):
        """The cursor is on another row, or on none (`key` is then `None`)."""

        def __init__(self, table: "LiveTable", key: str | None) -> None:
            self.table = table
            self.key = key
            super().__init__()

        @property
        def control(self) -> "LiveTable":
            """The table, for `@on(LiveTable.Highlighted, "#id")`."""
            return self.table

    class Opened(Message):
        """The row under the cursor was clicked once more: the same as Enter."""

        def __init__(self, table: "LiveTable", key: str) -> None:
            self.table = table
            self.key = key
            super().__init__()

        @property
        def control(self) -> "LiveTable":
            """The table, for `@on(LiveTable.Opened, "#id")`."""
            return self.table

    class HeadingClicked(Message):
        """A heading was clicked: sort by its column."""

        def __init__(self, table: "LiveTable", column: str) -> None:
            self.table = table
            self.column = column
            super().__init__()

        @property
        def control(self) -> "LiveTable":
            """The table, for `@on(LiveTable.HeadingClicked, "#id")`."""
            return self.table

    def __init__(self, columns: Sequence[Column], *, empty: str = "", id: str | None = None) -> None:
        super().__init__(id=id)
        self._columns = tuple(columns)
        self._rows: tuple[Row, ...] = ()
        self._key: str | None = None
        self._stale = False
        self._sorted = ("", False)
        self._empty = empty
        self._layout: list[tuple[int, int]] = []
        """Index and width of every column that fits, left to right."""

    # --- what is shown ---------------------------------------------------------------------------------------------

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows, in the order shown."""
        return self._rows

    @property
    def current(self) -> str | None:
        """The key of the row under the cursor."""
        return self._key

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
                    self._refresh_row(index, self._reach(before, after))
        if len(old) != len(self._rows):
            self._resize()
        self._keep_cursor()

    def mark_sorted(self, column: str, descending: bool) -> None:
        """Show an arrow on the heading of the column that the rows are sorted by."""
        if (column, descending) != self._sorted:
            self._sorted = (column, descending)
            self.refresh(Region(0, 0, self.size.width, 1))

    def say_empty(self, sentence: str) -> None:
        """What to say when there is no row."""
        if sentence != self._empty:
            self._empty = sentence
            if not self._rows:
                self.refresh()

    def go_to(self, key: str) -> None:
        """Put the cursor on a row, if it is there."""
        for index, row in enumerate(self._rows):
            if row.key == key:
                self._place(index)
                return

    # --- the cursor ------------------------------------------------------------------------------------------------

    def _keep_cursor(self) -> None:
        for index, row in enumerate(self._rows):
            if row.key == self._key:
                self._place(index)
                return
        self._place(min(self.cursor, len(self._rows) - 1))

    def _place(self, index: int) -> None:
        index = max(0, min(index, len(self._rows) - 1))
        key = self._rows[index].key if self._rows else None
        if index != self.cursor:
            self._refresh_row(self.cursor)
            self.cursor = index
            self._refresh_row(index)
        if key != self._key:
            self._key = key
            self._tell(self.Highlighted(self, key))
        self._scroll_to_cursor()

    def _tell(self, message: Message) -> None:
        # Rows often change inside a parent's watcher. Without this the parent counts as the sender and the message
        # stops there.
        self.post_message(message.set_sender(self))

    def _scroll_to_cursor(self) -> None:
        page = self._page
        top = round(self.scroll_target_y)
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, immediate=True, force=True)
        elif page > 0 and self.cursor >= top + page:
            self.scroll_to(y=self.cursor - page + 1, animate=False, immediate=True, force=True)

    @property
    def _page(self) -> int:
        return self.size.height - 1

    def action_move(self, rows: int) -> None:
        """Move the cursor down, or up when negative."""
        self._place(self.cursor + rows)

    def action_page(self, pages: int) -> None:
        """Move the cursor by a screenful."""
        self._place(self.cursor + pages * max(1, self._page - 1))

    def action_edge(self, side: int) -> None:
        """Move the cursor to the first row (-1) or the last (1)."""
        self._place(0 if side < 0 else len(self._rows) - 1)

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
        index = event.y - 1 + round(self.scroll_offset.y)
        if index >= len(self._rows):
            return
        if index == self.cursor and self.has_focus:
            self._tell(self.Opened(self, self._rows[index].key))
        else:
            self._place(index)

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
        self.virtual_size = Size(self.size.width, len(self._rows) + 1)
        layout = fit(self._columns, self.scrollable_content_region.width - len(MARK))
        if layout != self._layout:
            self._layout = layout
            self.refresh()

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

    def _refresh_row(self, index: int, width: int | None = None) -> None:
        y = index - round(self.scroll_offset.y) + 1
        width = self.size.width if width is None else width
        if width and 1 <= y < self.size.height:
            self.refresh(Region(0, y, width, 1))

    def _looked(self, name: str) -> Style:
        return self.get_component_rich_style(f"look--{name}")

    def render_line(self, y: int) -> Strip:
        """Draw the headings or one row."""
        width = self.scrollable_content_region.width
        if y == 0:
            return self._heading(width)
        index = y - 1 + round(self.scroll_offset.y)
        if not self._rows and y == 1 and self._empty:
            return Strip([Segment(set_cell_size("  " + printable(self._empty), width), self._looked("dim"))], width)
        if index >= len(self._rows):
            return Strip.blank(width, self.rich_style)
        here = index == self.cursor
        backdrop = self.get_component_rich_style("live-table--cursor").background_style if here else Style.null()
        row = self._rows[index]
        # The blanks look like the first cell, so that they need no run of their own.
        first = "accent" if here else "dim" if self._stale else row.cells[0].look
        segments = [Segment(MARK if here else " " * len(MARK), self._looked(first) + backdrop)]
        for place, (column, cells) in enumerate(self._layout):
            cell = row.cells[column]
            text = printable(cell.text)
            style = self._looked("dim" if self._stale else cell.look) + backdrop
            gap = "" if place == len(self._layout) - 1 else " " * GAP
            segments.append(Segment(_fitted(text, cells, self._columns[column].align) + gap, style))
        # Neighbours in one look are one run: a run costs about 36 bytes on the way to the terminal.
        strip = Strip(segments).simplify()
        return strip.extend_cell_length(width, self._looked("plain") + backdrop).crop(0, width)

    def _heading(self, width: int) -> Strip:
        titles: list[str] = []
        sorted_by, descending = self._sorted
        for index, cells in self._layout:
            column = self._columns[index]
            title = column.title
            if column.key == sorted_by:
                # The arrow stays when the title must be cut.
                title = _fitted(title, min(cells - 1, cell_len(title)), "left") + ("▾" if descending else "▴")
            titles.append(_fitted(title, cells, column.align))
        line = " " * len(MARK) + (" " * GAP).join(titles)
        return Strip([Segment(set_cell_size(line, width), self._looked("heading"))], width)


def _fitted(text: str, width: int, align: Literal["left", "right"]) -> str:
    length = cell_len(text)
    if length > width:
        return set_cell_size(text, width - 1) + "…" if width > 0 else ""
    blanks = " " * (width - length)
    return blanks + text if align == "right" else text + blanks


def fit(columns: Sequence[Column], width: int) -> list[tuple[int, int]]:
    """Choose the columns that fit and share out what is left.

    Args:
        columns: In display order.
        width: Cells in all.

    Returns:
        Index and width of each chosen column, in display order.
    """
    chosen = list(range(len(columns)))
    while len(chosen) > 1 and sum(columns[index].width + GAP for index in chosen) - GAP > width:
        least = max(chosen, key=lambda index: (columns[index].importance, index))
        if columns[least].importance == 0:
            break
        chosen.remove(least)
    widths = {index: columns[index].width for index in chosen}
    spare = width - sum(widths.values()) - GAP * (len(chosen) - 1)
    growing = [index for index in chosen if columns[index].grow]
    while spare > 0 and growing:
        shares = sum(columns[index].grow for index in growing)
        given = 0
        for index in list(growing):
            more = min(
                max(1, spare * columns[index].grow // shares),
                columns[index].most - widths[index],
                spare - given,
            )
            widths[index] += more
            given += more
            if widths[index] >= columns[index].most:
                growing.remove(index)
        spare -= given
        if given == 0:
            break
    return [(index, widths[index]) for index in chosen]
