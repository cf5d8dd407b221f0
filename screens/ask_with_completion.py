"""A question with a line that tab completes."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import takewhile
from typing import TYPE_CHECKING, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from screens.ask import AskScreen
from screens.latest import Latest
from screens.widgets.line import Line, Part
from screens.widgets.looks import MUTED
from workbench.measure.text import printable

if TYPE_CHECKING:
    from screens.app import WorkbenchApp


class AskWithCompletion(AskScreen):
    """Gives what was typed, or `None` when the answer was Esc.

    Args:
        question: What is asked.
        answer: What stands on the line at first.
        complete: Gives every text that begins with what was typed, in order; called on another thread.
    """

    BINDINGS = [Binding("tab", "complete", "Complete", priority=True)]  # noqa: RUF012  Textual's own declaration

    def __init__(self, question: str, answer: str, complete: Callable[[str], Sequence[str]]) -> None:
        super().__init__(question, answer)
        self._complete = complete
        self._completed = ""
        """What we wrote onto the line."""
        self._asked: Latest[Sequence[str]] = Latest(self)

    @property
    def workbench(self) -> "WorkbenchApp":
        """The app."""
        return cast("WorkbenchApp", self.app)

    def compose(self) -> ComposeResult:
        """The question, the line, what it may become, the keys."""
        with Vertical():
            yield Static(Content("\n").join(Content(printable(line)) for line in self._question.split("\n")))
            yield Input(self._answer, compact=True)
            yield Line(id="candidates")
            yield Static(Content.styled("Tab completes, Enter does it, Esc does not", MUTED))

    def action_complete(self) -> None:
        """Look what it may become."""
        typed = self.query_one(Input).value
        self._asked.ask(partial(self._complete, typed), partial(self._found, typed))

    def _found(self, typed: str, found: Sequence[str]) -> None:
        box = self.query_one(Input)
        if box.value != typed:
            return
        common = common_start(found)
        if len(common) > len(typed):
            box.value = self._completed = common
            box.cursor_position = len(common)
        names = [each.rstrip("/").rpartition("/")[2] + each[len(each.rstrip("/")) :] for each in found]
        words = "  ".join(names) if len(names) != 1 else ""
        self.query_one("#candidates", Line).show([Part(words if found else "nothing begins with this", "dim")])

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        if event.value != self._completed:
            self.query_one("#candidates", Line).show([])


def common_start(texts: Sequence[str]) -> str:
    """What all texts begin with; empty for none."""
    if not texts:
        return ""
    pairs = zip(min(texts), max(texts), strict=False)
    return "".join(one for one, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
