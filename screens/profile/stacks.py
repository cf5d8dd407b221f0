"""All stacks as they were at one moment: a text to read and to search."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from screens.laid_out import LaidOut
from screens.widgets.line import Line, Part
from screens.widgets.live_table import Cell, Column, LiveTable, Row
from workbench.measure.stack_text import stack_lines
from workbench.measure.text import encodable
from workbench.measure.units import counted

COLUMN = Column("stack", "", 20, grow=1, most=1000)
_THREAD = "process "


class StacksScreen(LaidOut, ModalScreen[None]):
    """A line for each thread, its calls below it, the innermost first.

    Args:
        title: Whose stacks.
        dump: What the profiler `dump` leaves.
        warnings: What to know before believing it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "back", "Back"),
        # Done as soon as it is pressed: what is typed after it, however fast, is what is looked for.
        Binding("slash", "find", "Find", priority=True),
        Binding("n", "match(1)", "Next"),
        Binding("N", "match(-1)", "Previous"),
        Binding("t", "thread", "Next thread"),
        Binding("y", "copy", "Copy"),
    ]
    AUTO_FOCUS = "LiveTable"

    def __init__(self, title: str, dump: bytes, warnings: Sequence[str] = ()) -> None:
        super().__init__()
        self._title = title
        self._lines = [*(f"note: {warning}" for warning in warnings), *stack_lines(dump)]
        self._found: list[int] = []

    def compose(self) -> ComposeResult:
        """The title, the lines, what is looked for, the keys."""
        with Vertical():
            yield Line(id="title")
            yield LiveTable((COLUMN,), empty="no thread was seen", id="stacks")
            yield Input(placeholder="part of a name, a file or a value", id="find", compact=True)
            yield Line(
                Part("/", "accent"), Part(" find   "), Part("n N", "accent"), Part(" next, previous   "),
                Part("t", "accent"), Part(" next thread   "), Part("y", "accent"), Part(" copies all   "),
                Part("Esc", "accent"), Part(" closes"),
            )  # fmt: skip

    def on_mount(self) -> None:
        """Show the lines; what is looked for is asked later."""
        self.query_one("#find", Input).display = False
        rows = [
            Row(str(number), (Cell(line, "strong" if line.startswith(_THREAD) else "plain"),))
            for number, line in enumerate(self._lines)
        ]
        self.query_one(LiveTable).show(rows)
        self._draw_title()

    def _draw_title(self) -> None:
        threads = sum(line.startswith(_THREAD) for line in self._lines)
        words = self.query_one("#find", Input).value
        found = f"{counted(len(self._found), 'line')} with {words} " if words else ""
        right = [Part(found, "accent" if self._found else "watch"), Part(counted(threads, "thread"), "dim")]
        self.query_one("#title", Line).show([Part(self._title, "strong")], right)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A slash typed into the line is a slash."""
        if action == "find" and isinstance(self.focused, Input):
            return False
        return super().check_action(action, parameters)

    def action_find(self) -> None:
        """Ask what is looked for."""
        box = self.query_one("#find", Input)
        box.display = True
        self.set_focus(box)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        words = event.value.casefold()
        self._found = [number for number, line in enumerate(self._lines) if words in line.casefold()] if words else []
        self._draw_title()
        table = self.query_one(LiveTable)
        if self._found and table.cursor not in self._found:
            self.action_match(1)

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.set_focus(self.query_one(LiveTable))

    def action_match(self, step: int) -> None:
        """Go to the next line that was found, or the one before."""
        self._go(self._found, step)

    def action_thread(self) -> None:
        """Go to the next thread."""
        self._go([number for number, line in enumerate(self._lines) if line.startswith(_THREAD)], 1)

    def _go(self, places: Sequence[int], step: int) -> None:
        table = self.query_one(LiveTable)
        here = table.cursor
        if places and step > 0:
            table.place(next((number for number in places if number > here), places[0]))
        elif places:
            table.place(next((number for number in reversed(places) if number < here), places[-1]))

    def action_copy(self) -> None:
        """Put all of it on the clipboard."""
        self.app.copy_to_clipboard(encodable("\n".join(self._lines)))

    def action_back(self) -> None:
        """Forget what is looked for, else close."""
        box = self.query_one("#find", Input)
        if box.display:
            box.value = ""
            box.display = False
            self.set_focus(self.query_one(LiveTable))
        else:
            self.dismiss()
