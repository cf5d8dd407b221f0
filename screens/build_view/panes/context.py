"""What is sent to the engine as the context, and what need not be."""

from collections.abc import Sequence
from typing import ClassVar

from screens.build_view.list_part import Item, ListPart
from screens.widgets.live_table import Cell, Column
from workbench.measure.units import counted, quantity
from workbench.model.build_analysis import BuildAnalysis
from workbench.model.build_context import ContextPart, UnneededPart


class ContextPane(ListPart):
    """What need not be sent first, then the largest."""

    ORDER: ClassVar[int] = 50
    VIEW: ClassVar[str] = "context"
    MAIN: ClassVar[str] = "#context"
    COLUMNS: ClassVar[Sequence[Column]] = (
        Column("bytes", "size", 8, "right"),
        Column("files", "files", 7, "right"),
        Column("path", "path", 20, grow=2),
        Column("about", "", 20, grow=1),
    )
    EMPTY: ClassVar[str] = "The context holds nothing"

    def title_of(self, analysis: BuildAnalysis) -> str:
        """Its size, with and without what is left out."""
        context = analysis.context
        sent = f"Context · {quantity(context.sent_bytes, 'B')} in {counted(context.sent_files, 'file')}"
        if context.ignore_file:
            sent += f" · without {context.ignore_file} {quantity(context.all_bytes, 'B')}"
        return sent if context.is_complete else f"{sent} · not all of it was looked at"

    def items_of(self, analysis: BuildAnalysis) -> list[Item]:
        """A row for each part."""
        context = analysis.context
        unneeded = {part.path for part in context.unneeded}
        ignore_file = context.ignore_file or ".dockerignore"
        largest = [part for part in context.largest if part.path not in unneeded]
        return [*(_unneeded(part, ignore_file) for part in context.unneeded), *map(_part, largest)]


def _unneeded(part: UnneededPart, ignore_file: str) -> Item:
    more = f" and {counted(part.places - 1, 'other place')}" if part.places > 1 else ""
    cells = (
        Cell(quantity(part.bytes, "B"), "watch"),
        Cell(str(part.files), "dim"),
        Cell(f"{part.path}{more}"),
        Cell(f"not needed: {part.reason}", "watch"),
    )
    text = f"{part.path}{more}: {part.reason}\nimages hardly ever need it; in {ignore_file}: {part.pattern}"
    return Item(cells, part.path, text, part.pattern)


def _part(part: ContextPart) -> Item:
    path = f"{part.path}/" if part.is_folder else part.path
    about = "" if part.is_sent else "left out"
    cells = (Cell(quantity(part.bytes, "B")), Cell(str(part.files), "dim"), Cell(path), Cell(about, "dim"))
    text = f"{path}\n{quantity(part.bytes, 'B')} in {counted(part.files, 'file')}{f', {about}' if about else ''}"
    return Item(cells, part.path, text, part.path)


PANE = ContextPane
