"""The settings of the configuration that differ, both sides of each."""

from collections.abc import Sequence
from typing import ClassVar

from screens.image_comparison.delta_pane import DeltaPane
from screens.image_comparison.rows import SETTING_COLUMNS, setting_cells
from screens.widgets.live_table import Column, Row
from workbench.measure.side_by_side import setting_text
from workbench.measure.units import counted
from workbench.model.image_comparison import ImageComparison


class SettingDeltasPane(DeltaPane):
    """What containers of the other image inherit that those of this one do not."""

    ORDER: ClassVar[int] = 50
    TABLE: ClassVar[str] = "settings"
    COLUMNS: ClassVar[tuple[Column, ...]] = SETTING_COLUMNS
    NOTHING: ClassVar[str] = "Both images have the same settings"

    def rows(self, comparison: ImageComparison, *, by_change: bool, words: str) -> Sequence[Row]:
        """One row for each; settings have no bytes to be sorted by."""
        del by_change
        return setting_cells(comparison, words=words)

    def title(self, comparison: ImageComparison) -> str:
        """How many differ."""
        return f"Settings: {counted(len(comparison.configuration), 'difference')}"

    def text(self, comparison: ImageComparison, place: int) -> str:
        """Both values in full."""
        return setting_text(comparison.configuration[place])


PANE = SettingDeltasPane
