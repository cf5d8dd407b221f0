"""Both curves over each other, and which of them is which."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult

from screens.pane import Pane
from screens.trouble import Trouble
from screens.widgets.curve_chart import CurveChart
from screens.widgets.line import Line, Part, Rule
from workbench.measure.histogram import Histogram
from workbench.measure.percentile_axis import axes_of
from workbench.measure.units import counted
from workbench.model.behind import LatencySide
from workbench.model.reading import Fresh, Missing

if TYPE_CHECKING:
    from screens.latency_curves.screen import LatencyCurvesScreen


class CurvesPane(Pane):
    """A title, a legend, and the chart."""

    ORDER: ClassVar[int] = 10

    def compose(self) -> ComposeResult:
        """From the top."""
        yield Rule(id="title")
        yield Line(id="legend")
        yield CurveChart(id="chart")
        yield Trouble()

    def on_mount(self) -> None:
        """Follow what was read and how it is to be drawn."""
        for name in ("sides", "is_log"):
            self.watch(self.screen, name, self._draw)

    def _draw(self) -> None:
        screen = cast("LatencyCurvesScreen", self.screen)
        reading, chart, trouble = screen.sides, self.query_one(CurveChart), self.query_one(Trouble)
        title, legend = self.query_one("#title", Rule), self.query_one("#legend", Line)
        trouble.display = isinstance(reading, Missing)
        chart.display = not trouble.display
        if not isinstance(reading, Fresh):
            title.title("Latency", *([] if reading else [Part("reading the histograms", "dim")]))
            legend.show([])
            chart.show(None, ())
            if isinstance(reading, Missing):
                trouble.explain(reading, "d in the comparison tells all figures of the row.")
            return
        before, after = reading.value
        curves = [Histogram(side.cells).curve_ms() for side in reading.value]
        axes = axes_of(curves, is_log=screen.is_log)
        scale = "logarithmic" if axes.is_log else "linear"
        title.title(f"Latency  {before.name} → {after.name}", Part(f"time {scale}", "plain", "screen.scale"))
        legend.show(
            [
                Part(" ⡀⠄⠂⠁ before ", "watch"),
                Part(_of(before), "dim"),
                Part("   ⡤⠖⠒⠉ after ", "accent"),
                Part(_of(after), "dim"),
            ]
        )
        chart.show(axes, curves)


def _of(side: LatencySide) -> str:
    several = f" in {side.runs} runs" if side.runs > 1 else ""
    return f"{counted(side.requests, 'request')}{several}"


PANE = CurvesPane
