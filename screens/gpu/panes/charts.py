"""The last minutes of the GPU under the cursor."""

from typing import TYPE_CHECKING, ClassVar, NamedTuple, cast

from textual.app import ComposeResult
from textual.containers import Horizontal

from screens.pane import Pane
from screens.time_axis import chart_columns
from screens.widgets.braille_chart import BrailleChart
from screens.widgets.line import Line, Part
from workbench.measure.units import percent, quantity
from workbench.model.gpu import GpuDevice
from workbench.model.reading import Fresh

if TYPE_CHECKING:
    from screens.gpu.screen import GpuScreen

WINDOW_SECONDS = 300.0


class Drawn(NamedTuple):
    """One chart: a label, what it is now, the figure that is kept, and what fills it."""

    label: str
    now: str
    figure: str
    top: float


class ChartRow(Horizontal):
    """A label, a chart, and the figure now."""

    DEFAULT_CSS = """
    ChartRow { height: 2; }
    ChartRow .label { width: 10; }
    ChartRow .now { width: 18; }
    ChartRow BrailleChart { height: 2; }
    """

    def compose(self) -> ComposeResult:
        """Left to right."""
        yield Line(classes="label")
        yield BrailleChart()
        yield Line(classes="now")


class GpuChartsPane(Pane):
    """Activity, memory and power; on a small screen there is no room for it."""

    ORDER: ClassVar[int] = 25

    def compose(self) -> ComposeResult:
        """A row for each."""
        for _ in range(3):
            yield ChartRow()

    def on_mount(self) -> None:
        """Follow the GPUs and the cursor."""
        self.watch(self.workbench, "gpu", self._show)
        self.watch(self.screen, "chosen", self._show, init=False)
        for chart in self.query(BrailleChart):
            self.watch(chart, "columns", self._show, init=False)

    def _show(self) -> None:
        place, gpu, app = cast("GpuScreen", self.screen).chosen, self.workbench.gpu, self.workbench
        devices = gpu.value.devices if isinstance(gpu, Fresh) else ()
        device = next((each for each in devices if place is not None and each.index == place.gpu), None)
        until = app.moment_shown
        for row, drawn in zip(self.query(ChartRow), _drawn(device), strict=True):
            if not row.query(".now"):  # asked before everything is there
                return
            chart = row.query_one(BrailleChart)
            row.query_one(".label", Line).show([Part(f"  {drawn.label}", "dim")])
            row.query_one(".now", Line).show([Part(f" {drawn.now}")])
            if device is not None and chart.columns:
                step = WINDOW_SECONDS / chart.columns
                since = until - WINDOW_SECONDS - 2 * step
                series = app.session.history.gpu_series(device.index, drawn.figure, since, until)
                chart.show(chart_columns([series], until, step, chart.columns), drawn.top)


def _drawn(device: GpuDevice | None) -> tuple[Drawn, Drawn, Drawn]:
    """What is drawn of a GPU: how busy its multiprocessors are where the chip tells, else whether anything ran."""
    if device is None:
        return Drawn("", "", "power_watts", 1.0), Drawn("", "", "power_watts", 1.0), Drawn("", "", "power_watts", 1.0)
    if device.sm_active_percent is None:
        busy = Drawn("busy", percent(device.utilisation_percent), "utilisation_percent", 100.0)
    else:
        busy = Drawn("SMs", percent(device.sm_active_percent), "sm_active_percent", 100.0)
    watts = device.power_watts
    return (
        busy,
        Drawn(
            "memory",
            quantity(device.memory_used_bytes, "B"),
            "memory_used_bytes",
            float(device.memory_total_bytes or 1),
        ),
        Drawn("power", "–" if watts is None else f"{watts:.0f} W", "power_watts", device.power_limit_watts or 1000.0),
    )


PANE = GpuChartsPane
