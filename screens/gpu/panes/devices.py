"""Every GPU and its slices, or why there is none."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.app import ComposeResult

from screens.gpu.rows import DEVICE_COLUMNS, device_rows
from screens.pane import Pane
from screens.trouble import Trouble
from screens.widgets.line import Part, Rule
from screens.widgets.live_table import LiveTable
from workbench.measure.units import counted
from workbench.model.gpu import GpuSnapshot
from workbench.model.reading import Fresh, Missing, Reading

if TYPE_CHECKING:
    from screens.gpu.screen import GpuScreen

FRAME = 2
"""The title and the headings."""
OTHERS = 16
"""Rows of the screen that are not this pane's: the app's own, the details, and a few processes."""
TALL, CHARTS = 36, 6
"""From so many rows on the charts take as many of them."""
LEAST = 3


class GpuDevicesPane(Pane):
    """One row for each, as high as they need or as there is room."""

    ORDER: ClassVar[int] = 10

    def __init__(self) -> None:
        super().__init__()
        self._last: Fresh[GpuSnapshot] | None = None

    def compose(self) -> ComposeResult:
        """A title, the table, and the place for trouble."""
        yield Rule(id="title")
        yield LiveTable(DEVICE_COLUMNS, empty="asking the driver", id="devices")
        yield Trouble()

    def on_mount(self) -> None:
        """Follow the GPUs."""
        self.query_one(Trouble).display = False
        self.watch(self.workbench, "gpu", self._news)
        self.watch(self.screen, "old", self._draw, init=False)

    def _news(self, gpu: Reading[GpuSnapshot] | None) -> None:
        trouble, table = self.query_one(Trouble), self.query_one(LiveTable)
        if isinstance(gpu, Missing):
            trouble.explain(
                gpu,
                "The workbench looks again by itself, every half minute.",
                "Everything else works without a GPU.",
                "workbench doctor  tells what it found of NVIDIA's driver.",
            )
        trouble.display = isinstance(gpu, Missing)
        table.display = not trouble.display
        self._last = gpu if isinstance(gpu, Fresh) else None
        self._draw()

    def _draw(self) -> None:
        table, title = self.query_one(LiveTable), self.query_one("#title", Rule)
        if self._last is None:
            title.title("No GPU" if isinstance(self.workbench.gpu, Missing) else "GPUs")
            table.show([])
            self.styles.height = "1fr"
            return
        snapshot = self._last.value
        rows = device_rows(snapshot.devices, self.workbench.session.settings.thresholds)
        table.show(rows, stale=cast("GpuScreen", self.screen).old)
        self._fit()
        title.title(counted(len(snapshot.devices), "GPU"), Part(f"driver {snapshot.driver_version}", "dim"))

    def _fit(self) -> None:
        rows, height = self.query_one(LiveTable).row_count, self.app.size.height
        others = OTHERS + (CHARTS if height >= TALL else 0)
        self.styles.height = FRAME + min(rows, max(LEAST, height - others - FRAME))

    def on_resize(self, event: events.Resize) -> None:
        """Take what there is room for now."""
        del event
        if self._last is not None:
            self._fit()


PANE = GpuDevicesPane
