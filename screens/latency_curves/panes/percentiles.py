"""The percentiles that people ask for, before and after."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult

from screens.latency_curves.rows import COLUMNS, rows
from screens.pane import Pane
from screens.widgets.line import Part, Rule
from screens.widgets.live_table import LiveTable
from workbench.model.reading import Fresh

if TYPE_CHECKING:
    from screens.latency_curves.screen import LatencyCurvesScreen


class PercentilesPane(Pane):
    """A title and a table."""

    ORDER: ClassVar[int] = 20

    def compose(self) -> ComposeResult:
        """From the top."""
        yield Rule(id="percentiles-title")
        yield LiveTable(COLUMNS, id="percentiles")

    def on_mount(self) -> None:
        """Follow what was read."""
        self.watch(self.screen, "sides", self._draw)

    def _draw(self) -> None:
        reading = cast("LatencyCurvesScreen", self.screen).sides
        notes = [Part("all requests of a side; the verdict is of blocks and runs", "dim")]
        self.query_one("#percentiles-title", Rule).title("Percentiles", *notes)
        self.query_one(LiveTable).show(rows(reading.value) if isinstance(reading, Fresh) else [])


PANE = PercentilesPane
