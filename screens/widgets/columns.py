"""The columns of a table: what they are called, and which fit into how many cells."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from rich.cells import cell_len, set_cell_size

MARK = "▸ "
"""Before the row under the cursor, so that it shows without colours too."""
GAP = 2
"""Blank columns between two columns of the table."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column. Widths are in terminal cells."""

    key: str
    title: str
    width: int
    """Its width; for one that grows, its least."""
    align: Literal["left", "right"] = "left"
    importance: int = 0
    """The columns of the highest number are left out first; 0 always stays."""
    grow: int = 0
    """Its share of what is left over."""
    most: int = 10_000
    """How wide it may grow."""


class Cell(NamedTuple):
    """Text in one look. The text may be hostile; it is made printable when drawn."""

    text: str
    look: str = "plain"


def fitted(text: str, width: int, align: Literal["left", "right"] = "left") -> str:
    """Text in exactly `width` cells: cut with an ellipsis, or filled with blanks."""
    length = cell_len(text)
    if length > width:
        return set_cell_size(text, width - 1) + "…" if width > 0 else ""
    blanks = " " * (width - length)
    return blanks + text if align == "right" else text + blanks


def fit(columns: Sequence[Column], width: int) -> list[tuple[int, int]]:
    """Choose the columns that fit and share out what is left.

    Args:
        columns: In display order.
        width: Cells in all.

    Returns:
        Index and width of each chosen column, in display order.
    """
    chosen = list(range(len(columns)))
    while len(chosen) > 1 and sum(columns[index].width + GAP for index in chosen) - GAP > width:
        least = max(chosen, key=lambda index: (columns[index].importance, index))
        if columns[least].importance == 0:
            break
        chosen.remove(least)
    widths = {index: columns[index].width for index in chosen}
    spare = width - sum(widths.values()) - GAP * (len(chosen) - 1)
    growing = [index for index in chosen if columns[index].grow]
    while spare > 0 and growing:
        shares = sum(columns[index].grow for index in growing)
        given = 0
        for index in list(growing):
            more = min(
                max(1, spare * columns[index].grow // shares),
                columns[index].most - widths[index],
                spare - given,
            )
            widths[index] += more
            given += more
            if widths[index] >= columns[index].most:
                growing.remove(index)
        spare -= given
        if given == 0:
            break
    return [(index, widths[index]) for index in chosen]
