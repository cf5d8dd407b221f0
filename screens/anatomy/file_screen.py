"""The content of one file of an image: text with line numbers, or bytes."""

from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import ModalScreen

from screens.anatomy.file_rows import HEX_COLUMNS, TEXT_COLUMNS, hex_rows, is_text, text_rows
from screens.laid_out import LaidOut
from screens.widgets.line import Line, Part, Rule
from screens.widgets.live_table import LiveTable
from workbench.measure.elf import elf_summary
from workbench.measure.secrets import MASK
from workbench.measure.text import encodable
from workbench.measure.units import quantity


class FileScreen(LaidOut, ModalScreen[None]):
    """What is in a file, as far as it was read.

    Args:
        title: Its path and layer.
        content: Its beginning.
        size: Bytes of the whole of it.
    """

    BINDINGS = [  # noqa: RUF012  Textual's own declaration
        Binding("escape,q", "dismiss", "close"),
        Binding("h,t", "turn", "text/hex"),
        Binding("y", "copy", "copy the line"),
    ]
    DEFAULT_CSS = """
    FileScreen { background: $background; }
    FileScreen LiveTable { height: 1fr; }
    FileScreen .hidden { display: none; }
    """

    def __init__(self, title: str, content: bytes, size: int) -> None:
        super().__init__()
        self._title = title
        self._read = content
        self._whole = size
        self._as_text = is_text(content)
        self._filled: set[str] = set()

    def compose(self) -> ComposeResult:
        """A title, what the header tells, the content."""
        yield Rule(id="title")
        for line in elf_summary(self._read):
            yield Line(Part(f"  {line}", "accent"))
        yield LiveTable(TEXT_COLUMNS, empty="the file is empty", id="text")
        yield LiveTable(HEX_COLUMNS, empty="the file is empty", id="hex")
        yield Line(
            Part(" h", "accent", "screen.turn"),
            Part(" text/hex  "),
            Part("y", "accent", "screen.copy"),
            Part(" copy the line  "),
            Part("Esc", "accent", "screen.dismiss"),
            Part(" close"),
        )

    def on_mount(self) -> None:
        """Show what it looks like."""
        self._show()

    def _show(self) -> None:
        kind = "text" if self._as_text else "hex"
        for each in ("text", "hex"):
            self.query_one(f"#{each}", LiveTable).set_class(each != kind, "hidden")
        table = self._table
        if kind not in self._filled:
            self._filled.add(kind)
            table.show((text_rows if self._as_text else hex_rows)(self._read) if self._read else [])
        table.focus()
        notes: tuple[Part, ...] = (
            Part(f"{quantity(self._whole, 'B')} ({self._whole:,} bytes)", "dim"),
            Part(kind, "dim"),
        )
        if self._whole > len(self._read):
            notes = (Part(f"the first {quantity(len(self._read), 'B')} of it", "watch"), *notes)
        if MASK.encode() in self._read:
            notes = (Part("secrets masked", "watch"), *notes)
        self.query_one("#title", Rule).title(self._title, *notes)

    @property
    def _table(self) -> LiveTable:
        return self.query_one("#text" if self._as_text else "#hex", LiveTable)

    def action_turn(self) -> None:
        """As bytes when as text, and back."""
        self._as_text = not self._as_text
        self._show()

    def action_copy(self) -> None:
        """The line under the cursor."""
        table = self._table
        row = next((row for row in table.rows if row.key == table.current), None)
        if row is not None:
            self.app.copy_to_clipboard(encodable(row.cells[1].text))
