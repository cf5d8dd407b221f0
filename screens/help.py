"""Help made from the command table: what it says is what the keys do."""

from textwrap import wrap
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from screens.commands.command import Command
from screens.commands.table import COMMANDS
from screens.widgets.looks import MUTED

if TYPE_CHECKING:
    from screens.app import WorkbenchApp

WIDEST = 110
"""Cells of the page at most; the style sheet says the same."""
FRAME = 6
"""Cells of it that its border, its padding and its scroll bar take."""
INDENT = 16
MANNERS = (
    ("arrows, j k", "Move; page up, page down, home, end (g, G) too"),
    (
        "mouse",
        "Click does what the keys do: a tab, a heading to sort, a row, the row again to open it, a key below",
    ),
    ("–", "Not measured; 0 is measured zero. Dim is old or less important, red is act, yellow is watch"),
)


class HelpScreen(ModalScreen[None]):
    """Every key of one mode, and those that work everywhere."""

    BINDINGS = [Binding("escape,q,question_mark,enter", "dismiss", "Close")]  # noqa: RUF012

    def __init__(self, mode: str) -> None:
        super().__init__()
        self._mode = mode

    def compose(self) -> ComposeResult:
        """One scrolling page."""
        with VerticalScroll():
            yield Static(self._page())

    def _page(self) -> Content:
        offered = [command for command in COMMANDS if cast("WorkbenchApp", self.app).offers(command)]
        here = [command for command in offered if command.where == self._mode]
        live = [command for command in offered if command.where == "live"]
        everywhere = [command for command in offered if command.where == "everywhere"]
        lines: list[Content] = []
        for title, commands in (
            (f"In {self._mode.replace('_', ' ')}", here),
            ("Time, and what is kept of it", live),
            ("Everywhere", everywhere),
        ):
            if not commands:
                continue
            lines += [
                Content.styled(title, "bold $text-accent"),
                *(line for command in commands for line in self._command(command)),
                Content(""),
            ]
        lines.append(Content.styled("Manners", "bold $text-accent"))
        for key, text in MANNERS:
            lines += self._entry(key, text)
        lines += [
            Content(""),
            Content.styled('Keys can be changed in the settings: [keys] "fleet.sort" = "o".  Esc closes.', MUTED),
        ]
        return Content("\n").join(lines)

    def _command(self, command: Command) -> list[Content]:
        key = cast("WorkbenchApp", self.app).session.settings.keys.get(command.id, command.key)
        shown = " ".join(self.app.get_key_display(Binding(one, "")) for one in key.split(","))
        return self._entry(shown, command.help, command.id)

    def _entry(self, key: str, text: str, note: str = "") -> list[Content]:
        """A key and what it does, wrapped beside it; the note behind, or below where there is no room."""
        room = max(20, min(WIDEST, int(self.app.size.width * 0.9)) - FRAME - INDENT)
        told = [Content(line) for line in wrap(text, room, break_on_hyphens=False)]
        if note and len(told[-1]) + 2 + len(note) <= room:
            told[-1] = Content.assemble(told[-1], (f"  {note}", MUTED))
        elif note:
            told.append(Content.styled(note, MUTED))
        lines = [Content.assemble((f"  {key:<{INDENT - 2}}", "bold"), told[0])]
        return lines + [Content.assemble(" " * INDENT, line) for line in told[1:]]
