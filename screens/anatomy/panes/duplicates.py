"""Files of the same content at several paths."""

from collections.abc import Sequence
from typing import ClassVar

from screens.anatomy.list_pane import ListPane
from screens.anatomy.rows import DUPLICATE_COLUMNS, DUPLICATE_SORTS, LARGEST_FIRST, duplicate_rows
from screens.anatomy.texts import duplicate_text
from screens.widgets.live_table import Column, Row
from workbench.anatomy import ImageAnatomy
from workbench.measure.units import counted, quantity


class DuplicatesPane(ListPane):
    """Groups of equal files, the largest waste first."""

    ORDER: ClassVar[int] = 60
    TABLE: ClassVar[str] = "duplicates"
    COLUMNS: ClassVar[tuple[Column, ...]] = DUPLICATE_COLUMNS
    SORTS: ClassVar[tuple[str, ...]] = DUPLICATE_SORTS
    DESCENDING: ClassVar[frozenset[str]] = LARGEST_FIRST
    NOTHING: ClassVar[str] = "No two files have the same content"

    def rows(self, anatomy: ImageAnatomy) -> Sequence[Row]:
        """One row for each group."""
        groups = anatomy.analysis.duplicates.groups
        return duplicate_rows(groups, sort=self.sort, descending=self.descending, words=self.words)

    def title(self, anatomy: ImageAnatomy) -> str:
        """How many, and what all copies but one come to."""
        found = anatomy.analysis.duplicates
        groups = counted(len(found.groups) + found.omitted, "group")
        return f"{groups} of equal files · {quantity(found.wasted_bytes, 'B')} wasted"

    def text(self, anatomy: ImageAnatomy, place: int, *, whole: bool) -> str:
        """All its paths."""
        del whole
        return duplicate_text(anatomy.analysis.duplicates.groups[place])

    def to_copy(self, anatomy: ImageAnatomy, place: int) -> tuple[str, str]:
        """Its paths."""
        group = anatomy.analysis.duplicates.groups[place]
        return "\n".join(f"/{path}" for path in group.paths), "the paths"


PANE = DuplicatesPane
