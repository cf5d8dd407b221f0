"""The steps of both histories that differ, aligned."""

from collections.abc import Sequence
from typing import ClassVar

from screens.image_comparison.delta_pane import DeltaPane
from screens.image_comparison.rows import STEP_COLUMNS, step_cells
from screens.widgets.live_table import Column, Row
from workbench.measure.side_by_side import step_text
from workbench.measure.units import counted
from workbench.model.image_comparison import ImageComparison


class HistoryDeltasPane(DeltaPane):
    """Which instructions came, went or changed, those that make no layer included."""

    ORDER: ClassVar[int] = 60
    TABLE: ClassVar[str] = "history"
    COLUMNS: ClassVar[tuple[Column, ...]] = STEP_COLUMNS
    NOTHING: ClassVar[str] = "Both images have the same history"

    def rows(self, comparison: ImageComparison, *, by_change: bool, words: str) -> Sequence[Row]:
        """One row for each pair, or for one without a counterpart."""
        return step_cells(comparison, by_change=by_change, words=words)

    def title(self, comparison: ImageComparison) -> str:
        """How many steps are the same."""
        same = sum(one.kind == "same" for one in comparison.history)
        return f"History: {same} of {counted(len(comparison.history), 'step')} the same"

    def text(self, comparison: ImageComparison, place: int) -> str:
        """Both instructions in full."""
        return step_text(comparison.history[place])


PANE = HistoryDeltasPane
