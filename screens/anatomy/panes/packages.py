"""The packages that own the image's bytes."""

from collections.abc import Sequence
from typing import ClassVar

from screens.anatomy.list_pane import ListPane
from screens.anatomy.rows import LARGEST_FIRST, PACKAGE_COLUMNS, PACKAGE_SORTS, package_rows
from screens.anatomy.texts import package_text
from screens.widgets.live_table import Column, Row
from workbench.anatomy import ImageAnatomy
from workbench.measure.units import counted, quantity


class PackagesPane(ListPane):
    """Packages, the largest first."""

    ORDER: ClassVar[int] = 50
    TABLE: ClassVar[str] = "packages"
    COLUMNS: ClassVar[tuple[Column, ...]] = PACKAGE_COLUMNS
    SORTS: ClassVar[tuple[str, ...]] = PACKAGE_SORTS
    DESCENDING: ClassVar[frozenset[str]] = LARGEST_FIRST
    NOTHING: ClassVar[str] = "No package database was found in this image"

    def rows(self, anatomy: ImageAnatomy) -> Sequence[Row]:
        """One row for each."""
        packages = anatomy.analysis.packages
        return package_rows(packages, sort=self.sort, descending=self.descending, words=self.words)

    def title(self, anatomy: ImageAnatomy) -> str:
        """How many, and how much none of them owns."""
        unowned = quantity(anatomy.analysis.unowned_bytes, "B")
        return f"{counted(len(anatomy.analysis.packages), 'package')} · {unowned} owned by none"

    def text(self, anatomy: ImageAnatomy, place: int, *, whole: bool) -> str:
        """What the layers did to it."""
        del whole
        return package_text(anatomy, anatomy.analysis.packages[place])

    def to_copy(self, anatomy: ImageAnatomy, place: int) -> tuple[str, str]:
        """Its name."""
        return anatomy.analysis.packages[place].name, ""


PANE = PackagesPane
