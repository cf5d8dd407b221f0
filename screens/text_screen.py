"""A text to read in full: a long instruction, an error."""

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from screens.widgets.looks import MUTED
from workbench.measure.text import encodable, printable


class TextScreen(ModalScreen[None]):
    """Some text under a title. Line ends are kept; everything else that could steer a terminal is shown instead."""

    BINDINGS = [  # noqa: RUF012  Textual's own declaration
        Binding("escape,q,enter", "dismiss", "Close"),
        Binding("y", "copy", "Copy"),
    ]

    def __init__(self, title: str, body: str) -> None:
        super().__init__()
        self._title = title
        self._body = body

    def compose(self) -> ComposeResult:
        """One scrolling page."""
        with VerticalScroll():
            yield Static(
                Content("\n").join(
                    [
                        Content.styled(printable(self._title), "bold $text-accent"),
                        Content(""),
                        *(Content(printable(line)) for line in self._body.split("\n")),
                        Content(""),
                        Content.styled("y copies it, Esc closes", MUTED),
                    ]
                )
            )

    def action_copy(self) -> None:
        """Put the text on the clipboard."""
        self.app.copy_to_clipboard(encodable(self._body))
