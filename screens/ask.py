"""A question with a line to answer it on."""

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from workbench.measure.text import printable


class AskScreen(ModalScreen[str | None]):
    """Gives what was typed, or `None` when the answer was Esc.

    Args:
        question: What is asked.
        answer: What stands on the line at first.
    """

    BINDINGS = [Binding("escape", "give_up", "Cancel")]  # noqa: RUF012  Textual's own declaration

    def __init__(self, question: str, answer: str = "") -> None:
        super().__init__()
        self._question = question
        self._answer = answer

    def compose(self) -> ComposeResult:
        """The question, the line, the keys."""
        with Vertical():
            yield Static(Content("\n").join(Content(printable(line)) for line in self._question.split("\n")))
            yield Input(self._answer, compact=True)
            yield Static(Content.styled("Enter does it, Esc does not", "$text-muted"))

    @on(Input.Submitted)
    def _answered(self, event: Input.Submitted) -> None:
        self.dismiss(event.value)

    def action_give_up(self) -> None:
        """Answer nothing."""
        self.dismiss(None)
