"""What lies behind a comparison's latency: the percentile curves of before and after, over each other."""

from types import ModuleType
from typing import ClassVar

from textual.reactive import var

from screens.commands.table import bindings_for
from screens.compare.behind import BehindScreen
from screens.latency_curves import panes
from screens.widgets.live_table import LiveTable
from workbench.model.behind import LatencySide
from workbench.model.reading import Reading


class LatencyCurvesScreen(BehindScreen):
    """Curves and percentiles."""

    PLACE: ClassVar[str] = "latency_curves"
    PANES: ClassVar[ModuleType] = panes
    AUTO_FOCUS: ClassVar[str | None] = "#percentiles"
    BINDINGS = bindings_for("latency_curves")  # type: ignore[assignment]

    sides: var[Reading[tuple[LatencySide, LatencySide]] | None] = var(None)
    """`None` until they are read."""
    is_log: var[bool | None] = var(None)
    """Whether the scale of times is logarithmic; `None` leaves it to the figures."""

    def on_mount(self) -> None:
        """Read the histograms, on a thread."""
        super().on_mount()

        def work() -> tuple[LatencySide, LatencySide]:
            from workbench.comparing.behind import latency_behind  # the store, which only this needs

            return latency_behind(self.comparison, self.metric)

        def come(reading: Reading[tuple[LatencySide, LatencySide]]) -> None:
            self.sides = reading

        self.work_out(work, come)

    def action_scale(self) -> None:
        """The other scale of times."""
        from workbench.measure.histogram import Histogram
        from workbench.measure.percentile_axis import axes_of
        from workbench.model.reading import Fresh

        if isinstance(self.sides, Fresh):
            curves = [Histogram(side.cells).curve_ms() for side in self.sides.value]
            self.is_log = not axes_of(curves, is_log=self.is_log).is_log

    def action_copy(self) -> None:
        """The percentile under the cursor."""
        table = self.query_one("#percentiles", LiveTable)
        row = next((row for row in table.rows if row.key == table.current), None)
        if row is not None:
            name, before, _, after, _, change = (cell.text for cell in row.cells)
            self.copy(f"{name}: {before} → {after}, {change}")
