"""The packages that differ."""

from collections.abc import Sequence
from typing import ClassVar

from screens.image_comparison.delta_pane import DeltaPane
from screens.image_comparison.rows import PACKAGE_COLUMNS, package_rows
from screens.widgets.live_table import Column, Row
from workbench.measure.units import counted
from workbench.model.image_comparison import ImageComparison


class PackageDeltasPane(DeltaPane):
    """What came, went, or changed its version or size."""

    ORDER: ClassVar[int] = 30
    TABLE: ClassVar[str] = "packages"
    COLUMNS: ClassVar[tuple[Column, ...]] = PACKAGE_COLUMNS
    NOTHING: ClassVar[str] = "Both images have the same packages"

    def rows(self, comparison: ImageComparison, *, by_change: bool, words: str) -> Sequence[Row]:
        """One row for each."""
        return package_rows(comparison.packages, comparison.fattest_package, by_change=by_change, words=words)

    def title(self, comparison: ImageComparison) -> str:
        """How many differ."""
        return f"Packages: {counted(len(comparison.packages), 'difference')}"

    def text(self, comparison: ImageComparison, place: int) -> str:
        """Versions, sizes and where it is."""
        one = comparison.packages[place]
        versions = " → ".join(version for version in (one.before_version, one.after_version) if version)
        where = f" · in /{one.location}" if one.location else ""
        sizes = f"{one.before_bytes:,} → {one.after_bytes:,} bytes"
        return f"{one.kind} · {one.manager} {one.name} {versions}\n{sizes}{where}"


PANE = PackageDeltasPane
