"""Rows under fixed headings with a cursor: what the table and the tree have in common."""

from collections.abc import Sequence
from typing import Any, ClassVar, Generic, TypeVar

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

from screens.widgets.columns import GAP, MARK, Cell, Column, fit, fitted
from screens.widgets.looks import LOOKS, LOOKS_CSS
from workbench.measure.text import printable

Key = TypeVar("Key")


class CursorRows(ScrollView, Generic[Key], can_focus=True):
    """Draws the rows that are seen, line by line; the rows themselves are the subclass's.

    A subclass says how many rows there are (`row_count`), what each is called (`key_at`) and what is in it
    (`cells_at`), and calls `changed_size` when their number changes.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"look--{name}" for name in LOOKS} | {"rows--cursor"}
    DEFAULT_CSS = f"""
    CursorRows {{
        height: 1fr;
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
        {LOOKS_CSS}
        & > .rows--cursor {{ background: $foreground 10%; }}
        &:focus > .rows--cursor {{ background: $accent 30%; }}
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

    class RowMessage(Message):
        """Something happened to a row."""

        def __init__(self, rows: "CursorRows[Any]", key: Any) -> None:  # noqa: ANN401  of the subclass's kind
            self.rows = rows
            self.key = key
            super().__init__()

        @property
        def control(self) -> "CursorRows[Any]":
            """The widget, for `@on(…, "#id")`."""
            return self.rows

    class Highlighted(RowMessage):
        """The cursor is on another row, or on none (`key` is then `None`)."""

    class Opened(RowMessage):
        """The row under the cursor was clicked once more: the same as Enter."""

    class HeadingClicked(Message):
        """A heading was clicked: sort by its column."""

        def __init__(self, rows: "CursorRows[Any]", column: str) -> None:
            self.rows = rows
            self.column = column
            super().__init__()

        @property
        def control(self) -> "CursorRows[Any]":
            """The widget, for `@on(…, "#id")`."""
            return self.rows

    def __init__(self, columns: Sequence[Column], *, empty: str = "", id: str | None = None) -> None:
        super().__init__(id=id)
        self._columns = tuple(columns)
        self._key: Key | None = None
        self._sorted = ("", False)
        self._empty = empty
        self._layout: list[tuple[int, int]] = []
        """Index and width of every column that fits, left to right."""

    # --- the rows, which the subclass has ---------------------------------------------------------------------------

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        return 0

    def key_at(self, index: int) -> Key:
        """What a row is called."""
        raise IndexError(index)

    def cells_at(self, index: int) -> Sequence[Cell]:
        """What is in a row, a cell for every column."""
        raise IndexError(index)

    # --- what is shown ---------------------------------------------------------------------------------------------

    @property
    def current(self) -> Key | None:
        """The key of the row under the cursor."""
        return self._key

    def mark_sorted(self, column: str, descending: bool) -> None:
        """Show an arrow on the heading of the column that the rows are sorted by."""
        if (column, descending) != self._sorted:
            self._sorted = (column, descending)
            self.refresh(Region(0, 0, self.size.width, 1))

    def say_empty(self, sentence: str) -> None:
        """What to say when there is no row."""
        if sentence != self._empty:
            self._empty = sentence
            if not self.row_count:
                self.refresh()

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns that are drawn where there is room."""
        return self._columns

    def use_columns(self, columns: Sequence[Column]) -> None:
        """Draw these columns from now on. The rows have cells for them from the next time that they are shown."""
        if tuple(columns) != self._columns:
            self._columns = tuple(columns)
            self._layout = []
            self.changed_size()

    def changed_size(self) -> None:
        """There are more or fewer rows, or other columns, than before."""
        self.virtual_size = Size(self.size.width, self.row_count + 1)
        layout = fit(self._columns, self.scrollable_content_region.width - len(MARK))
        if layout != self._layout:
            self._layout = layout
            self.refresh()

    # --- the cursor ------------------------------------------------------------------------------------------------

    def place(self, index: int) -> None:
        """Put the cursor on a row, the nearest one there is."""
        index = max(0, min(index, self.row_count - 1))
        if index != self.cursor:
            self.refresh_row(self.cursor)
            self.cursor = index
            self.refresh_row(index)
        key = self.key_at(index) if self.row_count else None
        if key != self._key:
            self.tell_highlighted(key)
        self.scroll_to_cursor()

    def tell_highlighted(self, key: Key | None) -> None:
        """Say which row the cursor is on now."""
        self._key = key
        self._tell(self.Highlighted(self, key))

    def _tell(self, message: Message) -> None:
        # Rows often change inside a parent's watcher. Without this the parent counts as the sender and the message
        # stops there.
        self.post_message(message.set_sender(self))

    def scroll_to_cursor(self) -> None:
        """Bring the row under the cursor into sight."""
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
        self.place(self.cursor + rows)

    def action_page(self, pages: int) -> None:
        """Move the cursor by a screenful."""
        self.place(self.cursor + pages * max(1, self._page - 1))

    def action_edge(self, side: int) -> None:
        """Move the cursor to the first row (-1) or the last (1)."""
        self.place(0 if side < 0 else self.row_count - 1)

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
        if index >= self.row_count:
            return
        if index == self.cursor and self.has_focus:
            self._tell(self.Opened(self, self.key_at(index)))
        else:
            self.place(index)

    # --- drawing ---------------------------------------------------------------------------------------------------

    def on_resize(self) -> None:
        """Fit the columns again."""
        self.changed_size()
        self.scroll_to_cursor()

    def notify_style_update(self) -> None:
        """Repaint under a new theme."""
        super().notify_style_update()
        self.refresh()

    def has_room_for(self, column: str) -> bool:
        """Whether a column is drawn, by its key."""
        return any(self._columns[index].key == column for index, _ in self._layout)

    def width_of(self, column: str) -> int:
        """The cells that a column has, by its key; 0 where it is not drawn."""
        return next((width for index, width in self._layout if self._columns[index].key == column), 0)

    @property
    def in_sight(self) -> range:
        """The places on the screen that rows have, by index; there may be fewer rows."""
        top = round(self.scroll_offset.y)
        return range(top, top + max(0, self._page))

    def refresh_row(self, index: int, width: int | None = None) -> None:
        """Paint a row again if it is in sight, `width` cells of it from the left."""
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
        if not self.row_count and y == 1 and self._empty:
            return Strip([Segment(set_cell_size("  " + printable(self._empty), width), self._looked("dim"))], width)
        if index >= self.row_count:
            return Strip.blank(width, self.rich_style)
        here = index == self.cursor
        backdrop = self.get_component_rich_style("rows--cursor").background_style if here else Style.null()
        cells = self.cells_at(index)
        # The blanks look like the first cell, so that they need no run of their own.
        first = "accent" if here else cells[0].look
        segments = [Segment(MARK if here else " " * len(MARK), self._looked(first) + backdrop)]
        for place, (column, room) in enumerate(self._layout):
            cell = cells[column]
            text = fitted(printable(cell.text), room, self._columns[column].align)
            gap = "" if place == len(self._layout) - 1 else " " * GAP
            segments.append(Segment(text + gap, self._looked(cell.look) + backdrop))
        # Neighbours in one look are one run: a run costs about 36 bytes on the way to the terminal.
        strip = Strip(segments).simplify()
        return strip.extend_cell_length(width, self._looked("plain") + backdrop).crop(0, width)

    def _heading(self, width: int) -> Strip:
        titles: list[str] = []
        sorted_by, descending = self._sorted
        for index, room in self._layout:
            column = self._columns[index]
            title = column.title
            if column.key == sorted_by:
                # The arrow stays when the title must be cut.
                title = fitted(title, min(room - 1, cell_len(title))) + ("▾" if descending else "▴")
            titles.append(fitted(title, room, column.align))
        line = " " * len(MARK) + (" " * GAP).join(titles)
        return Strip([Segment(set_cell_size(line, width), self._looked("heading"))], width)
