"""All there is to say of the row under the cursor, wrapped."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from screens.pane import Pane
from screens.widgets.line import Rule
from workbench.measure.text import printable


class AboutPane(Pane):
    """What a row has no room for."""

    ORDER: ClassVar[int] = 90

    def compose(self) -> ComposeResult:
        """A title and the text."""
        yield Rule(id="title")
        with VerticalScroll(can_focus=False):
            yield Static(id="text")

    def on_mount(self) -> None:
        """Follow the cursor, whatever it is in."""
        self.watch(self.screen, "about", self._show)

    def _show(self, about: tuple[str, str]) -> None:
        title, text = about
        self.query_one("#title", Rule).title(title)
        self.query_one("#text", Static).update(
            Content("\n").join(Content(printable(line)) for line in text.split("\n"))
        )


PANE = AboutPane
