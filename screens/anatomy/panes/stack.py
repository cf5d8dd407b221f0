"""The layers, base first, with what each ships, adds and has hidden later."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult

from screens.anatomy.rows import LAYER_COLUMNS, layer_rows
from screens.pane import Pane
from screens.widgets.line import Part, Rule
from screens.widgets.live_table import LiveTable
from workbench.measure.units import counted
from workbench.model.reading import Fresh, Missing

if TYPE_CHECKING:
    from screens.anatomy.screen import AnatomyScreen


class StackPane(Pane):
    """The layers, as inspect tells them at once and as they are when they were read."""

    ORDER: ClassVar[int] = 20

    def compose(self) -> ComposeResult:
        """A title and the table."""
        yield Rule(id="title")
        yield LiveTable(LAYER_COLUMNS, id="layers")

    def on_mount(self) -> None:
        """Follow the image."""
        self.watch(self.screen, "detail", self._show)
        self.watch(self.screen, "anatomy", self._show, init=False)
        self.watch(self.screen, "empty", self._show, init=False)
        self.watch(self.screen, "figures", self._show, init=False)

    def _show(self) -> None:
        screen = cast("AnatomyScreen", self.screen)
        title, table = self.query_one("#title", Rule), self.query_one(LiveTable)
        if not isinstance(screen.detail, Fresh):
            title.title("Layers")
            asking = "asking the engine" if isinstance(screen.source, str) else "the archive is still being read"
            table.say_empty(screen.detail.reason if isinstance(screen.detail, Missing) else asking)
            table.show([])
            return
        detail = screen.detail.value
        anatomy = screen.anatomy.value if isinstance(screen.anatomy, Fresh) else None
        count = counted(sum(layer.index is not None for layer in detail.layers), "layer")
        notes = [] if screen.empty else [Part("steps without a layer hidden", "dim", "screen.toggle_empty")]
        title.title(count, *notes)
        table.say_empty("This image has no layers")
        figures = {figures.index: figures for figures in screen.figures}
        reading = screen.anatomy is None
        table.show(layer_rows(detail, anatomy, empty=screen.empty, figures=figures, reading=reading))


PANE = StackPane
