"""Squarified treemaps (Bruls, Huizing, van Wijk) on a grid of terminal cells."""

from collections.abc import Sequence
from typing import NamedTuple

CELL_HEIGHT = 2.0
"""A terminal cell is about twice as high as wide; shapes are judged by how they look."""


class Tile(NamedTuple):
    """A rectangle of whole cells."""

    item: int
    """Place of its weight among those given."""
    x: int
    y: int
    width: int
    height: int


def treemap(weights: Sequence[float], width: int, height: int) -> list[Tile]:
    """Lay out weights as tiles that fill a grid, each as near a square as it can be.

    A tile that would be less than one cell is left out, and its place goes to its neighbours.

    Args:
        weights: The largest first; those at or below zero are left out.
        width: Cells.
        height: Cells.
    """
    wanted = [(index, float(weight)) for index, weight in enumerate(weights) if weight > 0]
    tiles: list[Tile] = []
    x, y = 0, 0
    left = sum(weight for _, weight in wanted)
    while wanted and width > 0 and height > 0 and left > 0:
        area = width * height * CELL_HEIGHT
        wide = width >= height * CELL_HEIGHT
        side = height * CELL_HEIGHT if wide else float(width)
        count = _row(wanted, side, area / left)
        row = wanted[:count]
        total = sum(weight for _, weight in row)
        last = count == len(wanted)
        across = width if wide else height
        thick = across if last else max(1, min(across, round(across * total / left)))
        tiles += _cut(row, total, x, y, thick if wide else width, height if wide else thick, down=wide)
        if wide:
            x, width = x + thick, width - thick
        else:
            y, height = y + thick, height - thick
        wanted, left = wanted[count:], left - total
    return tiles


def worth_a_tile(weights: Sequence[float], cells: int, least: int = 12) -> int:
    """How many of the weights, the largest first, get at least `least` of so many cells; at least one does.

    The others are better shown as one tile of their sum.
    """
    total = sum(weight for weight in weights if weight > 0)
    worth = sum(weight * cells >= least * total for weight in weights if weight > 0)
    return max(worth, 1) if total else 0


def _row(wanted: list[tuple[int, float]], side: float, scale: float) -> int:
    """How many of the next weights stand side by side so that the worst of them is as square as it can be."""
    total, best = 0.0, float("inf")
    largest = wanted[0][1] * scale
    for count, (_, weight) in enumerate(wanted, start=1):
        area = weight * scale
        total += area
        worst = max(side * side * largest / (total * total), total * total / (side * side * area))
        if worst > best:
            return count - 1
        best = worst
    return len(wanted)


def _cut(
    row: list[tuple[int, float]], total: float, x: int, y: int, width: int, height: int, *, down: bool
) -> list[Tile]:
    """Cut a strip into tiles whose borders are rounded from the exact ones, so that they fill it."""
    tiles = []
    length = height if down else width
    start, done = 0, 0.0
    for index, weight in row:
        done += weight
        end = min(length, round(length * done / total))
        if end > start:
            tiles.append(
                Tile(index, x, y + start, width, end - start)
                if down
                else Tile(index, x + start, y, end - start, height)
            )
        start = max(start, end)
    return tiles
