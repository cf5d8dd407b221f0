"""A short list to choose from, each line with its own key."""

from collections.abc import Sequence
from typing import NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from screens.laid_out import LaidOut
from screens.widgets.line import Line, Part
from screens.widgets.looks import MUTED
from workbench.measure.text import printable


class Choice(NamedTuple):
    """One line."""

    id: str
    key: str
    """A single character."""
    title: str
    note: str = ""
    refused: str = ""
    """Why it cannot be chosen now; empty when it can."""


class ChooseScreen(LaidOut, ModalScreen[str | None]):
    """Gives the id of what was chosen, or `None` after Esc.

    Args:
        title: What is chosen.
        choices: In the order shown.
    """

    BINDINGS = [  # noqa: RUF012  Textual's own declaration
        Binding("escape,q", "give_up", "Cancel"),
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("enter", "take", "Do it"),
    ]

    def __init__(self, title: str, choices: Sequence[Choice]) -> None:
        super().__init__()
        self._title = title
        self._choices = tuple(choices)
        self._here = next((index for index, choice in enumerate(choices) if not choice.refused), 0)

    def compose(self) -> ComposeResult:
        """The title, a line for each choice, the keys."""
        with Vertical():
            yield Static(Content.styled(printable(self._title), "bold $text-accent"))
            for index in range(len(self._choices)):
                yield Line(id=f"choice-{index}")
            yield Static(Content.styled("its letter or Enter does it, Esc does not", MUTED))

    def on_mount(self) -> None:
        """Draw the lines."""
        self._draw()

    def _draw(self) -> None:
        for index, choice in enumerate(self._choices):
            here = index == self._here
            look = "dim" if choice.refused else "accent" if here else "plain"
            self.query_one(f"#choice-{index}", Line).show(
                [
                    Part("▸ " if here else "  ", look),
                    Part(f"{choice.key}  ", "dim" if choice.refused else "accent"),
                    Part(f"{choice.title:<12}", look),
                    Part(choice.refused or choice.note, "dim"),
                ]
            )

    def on_key(self, event: events.Key) -> None:
        """A choice's own letter."""
        for index, choice in enumerate(self._choices):
            if event.character == choice.key:
                event.stop()
                self._here = index
                self.action_take()

    def on_click(self, event: events.Click) -> None:
        """A click on a line chooses it."""
        for index in range(len(self._choices)):
            if event.widget is self.query_one(f"#choice-{index}"):
                self._here = index
                self.action_take()

    def action_move(self, step: int) -> None:
        """Go to the next line."""
        self._here = (self._here + step) % len(self._choices)
        self._draw()

    def action_take(self) -> None:
        """Choose this line, if it can be chosen."""
        self._draw()
        if not self._choices[self._here].refused:
            self.dismiss(self._choices[self._here].id)

    def action_give_up(self) -> None:
        """Choose nothing."""
        self.dismiss(None)


class ConfirmScreen(ModalScreen[bool]):
    """A question about something that is lost, answered with yes or no.

    Args:
        question: What is done, and what is lost by it.
        yes: What Enter does, in a word or two.
    """

    BINDINGS = [  # noqa: RUF012  Textual's own declaration
        Binding("escape,n,q", "answer(False)", "No"),
        Binding("enter,y", "answer(True)", "Yes"),
    ]

    def __init__(self, question: str, yes: str) -> None:
        super().__init__()
        self._question = question
        self._yes = yes

    def compose(self) -> ComposeResult:
        """The question and the keys."""
        with Vertical():
            yield Static(Content("\n").join(Content(printable(line)) for line in self._question.split("\n")))
            yield Static(Content.styled(f"\nEnter or y: {self._yes}   Esc or n: leave it", MUTED))

    def action_answer(self, yes: bool) -> None:
        """Answer."""
        self.dismiss(yes)
