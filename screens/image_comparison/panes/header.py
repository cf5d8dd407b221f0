"""Which two images, and how their totals differ."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult

from screens.anatomy.rows import signed
from screens.pane import Pane
from screens.widgets.line import Line, Part, Rule
from workbench.measure.units import counted, percent, quantity
from workbench.model.image_comparison import ImageComparison
from workbench.model.reading import Fresh

if TYPE_CHECKING:
    from screens.image_comparison.screen import ImageComparisonScreen


class ComparisonHeaderPane(Pane):
    """Names and totals."""

    ORDER: ClassVar[int] = 10

    def compose(self) -> ComposeResult:
        """Two rows."""
        yield Rule(id="title")
        yield Line(id="totals")

    def on_mount(self) -> None:
        """Follow the comparison."""
        self.watch(self.screen, "comparison", self._show)

    def _show(self) -> None:
        screen = cast("ImageComparisonScreen", self.screen)
        before, after = screen.names
        notes = _notes(screen.comparison.value) if isinstance(screen.comparison, Fresh) else ()
        self.query_one("#title", Rule).title(f"Compare  {before} → {after}", *notes)
        totals = self.query_one("#totals", Line)
        if isinstance(screen.comparison, Fresh):
            totals.show(_totals(screen.comparison.value))
        else:
            totals.show([Part(" reading both images" if screen.comparison is None else "", "dim")])


def _notes(comparison: ImageComparison) -> list[Part]:
    """What the other view has, in few words: both fit beside two names at 80 columns; a click goes there."""
    steps = sum(one.kind != "same" for one in comparison.history)
    told = [(len(comparison.configuration), "setting"), (steps, "step")]
    differ = ", ".join(counted(count, word) for count, word in told if count)
    return [Part(differ, "dim", "screen.view('settings')")] if differ else []


def _totals(comparison: ImageComparison) -> list[Part]:
    before, after = comparison.before_bytes, comparison.after_bytes
    change = comparison.delta_bytes
    share = f", {percent(100 * change / before.shipped)}" if before.shipped and change else ""
    return [
        Part(f" shipped {quantity(before.shipped)} → {quantity(after.shipped, 'B')}  "),
        Part(
            f"{signed(change)}{share}" if change else "no change",
            "watch" if change > 0 else "good" if change < 0 else "dim",
        ),
        Part(f"   final {quantity(before.final)} → {quantity(after.final, 'B')}", "dim"),
        Part(f"   wasted {quantity(before.wasted)} → {quantity(after.wasted, 'B')}", "dim"),
    ]


PANE = ComparisonHeaderPane
