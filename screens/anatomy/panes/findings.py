"""What costs bytes, time or safety, each with its fix."""

from collections.abc import Sequence
from typing import ClassVar

from screens.anatomy.list_pane import ListPane
from screens.anatomy.rows import FINDING_COLUMNS, FINDING_SORTS, LARGEST_FIRST, finding_rows
from screens.anatomy.texts import finding_text
from screens.widgets.live_table import Column, Row
from workbench.anatomy import ImageAnatomy
from workbench.measure.units import counted, quantity


class FindingsPane(ListPane):
    """Findings, the most severe first."""

    ORDER: ClassVar[int] = 40
    TABLE: ClassVar[str] = "findings"
    COLUMNS: ClassVar[tuple[Column, ...]] = FINDING_COLUMNS
    SORTS: ClassVar[tuple[str, ...]] = FINDING_SORTS
    DESCENDING: ClassVar[frozenset[str]] = LARGEST_FIRST
    NOTHING: ClassVar[str] = "The checks found nothing to mend"

    def rows(self, anatomy: ImageAnatomy) -> Sequence[Row]:
        """One row for each."""
        return finding_rows(anatomy.findings, sort=self.sort, descending=self.descending, words=self.words)

    def title(self, anatomy: ImageAnatomy) -> str:
        """How many, and what mending them all would give."""
        return f"{counted(len(anatomy.findings), 'finding')} · reclaimable {quantity(anatomy.reclaimable_bytes, 'B')}"

    def text(self, anatomy: ImageAnatomy, place: int, *, whole: bool) -> str:
        """Message, fix, paths."""
        return finding_text(anatomy.findings[place], whole=whole)

    def to_copy(self, anatomy: ImageAnatomy, place: int) -> tuple[str, str]:
        """Its fix."""
        return anatomy.findings[place].fix, "the fix"


PANE = FindingsPane
