"""The directories that differ."""

from collections.abc import Sequence
from typing import ClassVar

from screens.image_comparison.delta_pane import DeltaPane
from screens.image_comparison.rows import PATH_COLUMNS, path_rows
from screens.widgets.live_table import Column, Row
from workbench.measure.units import counted
from workbench.model.image_comparison import ImageComparison


class PathDeltasPane(DeltaPane):
    """Where the bytes came or went."""

    ORDER: ClassVar[int] = 40
    TABLE: ClassVar[str] = "directories"
    COLUMNS: ClassVar[tuple[Column, ...]] = PATH_COLUMNS
    NOTHING: ClassVar[str] = "Both images have the same files"

    def rows(self, comparison: ImageComparison, *, by_change: bool, words: str) -> Sequence[Row]:
        """One row for each directory in which the change is."""
        return path_rows(comparison.directories, by_change=by_change, words=words)

    def title(self, comparison: ImageComparison) -> str:
        """How many directories, how many files."""
        files = len(comparison.files) + comparison.files_omitted
        return f"Directories: {len(comparison.directories)}, {counted(files, 'file')} in them"

    def text(self, comparison: ImageComparison, place: int) -> str:
        """Its files, the largest change first."""
        one = comparison.directories[place]
        inside = f"{one.path}/" if one.path else ""
        lines = [f"/{one.path} · {one.kind} · {one.before_bytes:,} → {one.after_bytes:,} bytes"]
        lines += [
            f"{file.kind:<9} {file.delta_bytes:+,} bytes  /{file.path}"
            for file in comparison.files
            if file.path.startswith(inside)
        ][:200]
        return "\n".join(lines)


PANE = PathDeltasPane
