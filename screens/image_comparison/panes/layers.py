"""The layers of both images, aligned."""

from collections.abc import Sequence
from typing import ClassVar

from screens.image_comparison.delta_pane import DeltaPane
from screens.image_comparison.rows import LAYER_COLUMNS, layer_rows
from screens.widgets.live_table import Column, Row
from workbench.measure.units import counted
from workbench.model.image_comparison import ImageComparison


class LayerDeltasPane(DeltaPane):
    """Which layers are the same, and which made the image fatter."""

    ORDER: ClassVar[int] = 20
    TABLE: ClassVar[str] = "layers"
    COLUMNS: ClassVar[tuple[Column, ...]] = LAYER_COLUMNS
    NOTHING: ClassVar[str] = "Neither image has layers"

    def rows(self, comparison: ImageComparison, *, by_change: bool, words: str) -> Sequence[Row]:
        """One row for each pair, or for one without a counterpart."""
        return layer_rows(comparison.layers, comparison.fattest_layer, by_change=by_change, words=words)

    def title(self, comparison: ImageComparison) -> str:
        """How many are shared."""
        same = sum(one.kind == "same" for one in comparison.layers)
        return f"Layers: {same} of {counted(len(comparison.layers), 'layer')} the same"

    def text(self, comparison: ImageComparison, place: int) -> str:
        """Both instructions."""
        one = comparison.layers[place]
        lines = [f"{one.kind} · shipped {one.before_bytes:,} → {one.after_bytes:,} bytes"]
        if one.before is not None:
            lines.append(f"before, layer {one.before}: {one.before_instruction}")
        if one.after is not None:
            lines.append(f"after, layer {one.after}: {one.after_instruction}")
        return "\n".join(lines)


PANE = LayerDeltasPane
