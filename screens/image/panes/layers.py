"""The layers of the image under the cursor, base first."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.reactive import var

from screens.image.rows import LAYER_COLUMNS, layer_rows
from screens.pane import Pane
from screens.widgets.line import Part, Rule
from screens.widgets.live_table import LiveTable
from workbench.measure.units import counted, quantity
from workbench.model.images import ImageDetail
from workbench.model.reading import Fresh, Missing, Reading


class LayersPane(Pane):
    """Instruction, size and share of every layer."""

    ORDER: ClassVar[int] = 20

    empty: var[bool] = var(True)
    """Whether steps that add no layer are shown."""

    def compose(self) -> ComposeResult:
        """A title and the table."""
        yield Rule(id="title")
        yield LiveTable(LAYER_COLUMNS, id="layers")

    def on_mount(self) -> None:
        """Follow the image."""
        self.watch(self.screen, "detail", self._show)
        self.watch(self, "empty", lambda: self._show(self.screen.detail), init=False)  # type: ignore[attr-defined]

    def _show(self, detail: Reading[ImageDetail] | None) -> None:
        title, table = self.query_one("#title", Rule), self.query_one(LiveTable)
        match detail:
            case None if self.screen.reference is None:  # type: ignore[attr-defined]
                title.title("Layers")
                table.say_empty("")
                table.show([])
            case None:
                title.title("Layers", Part("reading", "dim"))
            case Missing(reason, _):
                title.title("Layers")
                table.say_empty(reason)
                table.show([])
            case Fresh(image):
                count = sum(layer.index is not None for layer in image.layers)
                name = image.references[0] if image.references else image.id.removeprefix("sha256:")[:12]
                title.title(
                    name,
                    Part(counted(count, "layer"), "dim"),
                    Part(f"{quantity(image.size_bytes, 'B')}", "strong"),
                    Part(f"{image.operating_system}/{image.architecture} via {image.acquired_via}", "dim"),
                )
                table.say_empty("This image has no layers")
                table.show(layer_rows(image, empty=self.empty))


PANE = LayersPane
