"""The whole instruction of the layer under the cursor, wrapped."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from screens.image.rows import full_text
from screens.pane import Pane
from screens.widgets.line import Rule
from workbench.measure.text import printable
from workbench.model.images import Layer


class InstructionPane(Pane):
    """What a row of the layers table has no room for."""

    ORDER: ClassVar[int] = 30

    def compose(self) -> ComposeResult:
        """A title and the text."""
        yield Rule(id="title")
        with VerticalScroll(can_focus=False):
            yield Static(id="text")

    def on_mount(self) -> None:
        """Follow the layer."""
        self.watch(self.screen, "chosen", self._show)

    def _show(self, layer: Layer | None) -> None:
        self.query_one("#title", Rule).title("Instruction")
        text = full_text(layer) if layer else ""
        self.query_one("#text", Static).update(
            Content("\n").join(Content(printable(line)) for line in text.split("\n"))
        )


PANE = InstructionPane
