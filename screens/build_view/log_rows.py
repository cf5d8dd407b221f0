"""What a step wrote, as rows with a cursor. Only what differs is painted again."""

from collections.abc import Sequence

from textual import events

from screens.log_cells import log_cell
from screens.widgets.columns import MARK, Cell, Column
from screens.widgets.cursor_rows import CursorRows
from screens.widgets.difference import reach
from workbench.measure.text import printable

COLUMNS = (Column("text", "line", 20, grow=1, most=4000),)


class StepLogRows(CursorRows[int]):
    """Draws the lines that are seen.

    While it follows it holds only as many lines as there is room for: nothing scrolls, so that a line which comes costs
    the rows that differ and not the whole widget.
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(COLUMNS, id=id)
        self._all: tuple[str, ...] = ()
        self._lines: tuple[str, ...] = ()
        """Those that can be moved over."""
        self.following = True

    @property
    def row_count(self) -> int:
        """How many lines can be moved over."""
        return len(self._lines)

    @property
    def line_count(self) -> int:
        """How many lines there are."""
        return len(self._all)

    def key_at(self, index: int) -> int:
        """The line's place among all."""
        return len(self._all) - len(self._lines) + index

    def cells_at(self, index: int) -> Sequence[Cell]:
        """The line."""
        return (log_cell(self._lines[index]),)

    @property
    def current_line(self) -> str:
        """The line under the cursor as it was written; empty where there is none."""
        return self._lines[self.cursor] if self.cursor < len(self._lines) else ""

    def show(self, lines: Sequence[str], *, follow: bool) -> None:
        """Show these lines from now on: their end, or with the cursor where it was."""
        self._all, self.following = tuple(lines), follow
        self._take()
        if self.following:
            self.place(len(self._lines) - 1)

    def _take(self) -> None:
        """Hold the lines that are to be moved over, and paint what differs."""
        before, width = self._lines, self.size.width
        room = max(0, self.size.height - 1)
        self._lines = self._all[max(0, len(self._all) - room) :] if self.following else self._all
        self.changed_size()
        if bool(before) != bool(self._lines):
            self.refresh()  # where there is no line, there is a sentence
            return
        for index in self.in_sight:
            old, new = (lines[index] if index < len(lines) else None for lines in (before, self._lines))
            if old != new:
                self.refresh_row(index, reach(_drawn(old), _drawn(new), width))

    def _hold(self) -> None:
        """Stop following: all lines can be moved over."""
        if self.following and len(self._all) > 1:
            self.following = False
            back = len(self._lines) - 1 - self.cursor
            self._take()
            self.scroll_to(y=len(self._all), animate=False, immediate=True, force=True)
            self.place(len(self._all) - 1 - back)

    def _look_at_end(self) -> None:
        if not self.following and self.cursor >= len(self._lines) - 1:
            self.following = True
            self.scroll_to(y=0, animate=False, immediate=True, force=True)
            self._take()
            self.place(len(self._lines) - 1)
            self.tell_highlighted(self.current)

    def action_move(self, rows: int) -> None:
        """Move the cursor down, or up when negative."""
        self._hold()
        super().action_move(rows)
        self._look_at_end()

    def action_page(self, pages: int) -> None:
        """Move the cursor by a screenful."""
        self._hold()
        super().action_page(pages)
        self._look_at_end()

    def action_edge(self, side: int) -> None:
        """Move the cursor to the first row (-1) or the last (1), and follow from there."""
        self._hold()
        super().action_edge(side)
        self._look_at_end()

    def on_click(self, event: events.Click) -> None:
        """A line that is clicked is held."""
        event.prevent_default()  # the superclass is called here, between the two
        self._hold()
        super().on_click(event)
        self._look_at_end()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel moves the cursor."""
        event.stop()
        self.action_move(-3)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel moves the cursor."""
        event.stop()
        self.action_move(3)

    def on_resize(self) -> None:
        """There is room for more lines, or fewer."""
        super().on_resize()
        self.show(self._all, follow=self.following)


def _drawn(line: str | None) -> list[tuple[str, str]]:
    """Text and look of the row of a line; nothing where there is none."""
    if line is None:
        return []
    cell = log_cell(line)
    return [(" " * len(MARK) + printable(cell.text), cell.look)]
