"""Figures as braille dots: two columns and four rows of dots to a cell."""

import math
from collections.abc import Sequence

DOTS = 4
"""Rows of dots in a cell."""
EMPTY = "\u2800"
_LEFT = (0x00, 0x40, 0x44, 0x46, 0x47)
"""The left half of a cell, filled from the bottom by so many dots; the right half likewise."""
_RIGHT = (0x00, 0x80, 0xA0, 0xB0, 0xB8)
_DOT = (0x40, 0x04, 0x02, 0x01)
"""A dot in the left half, the lowest first; likewise in the right half."""
_RIGHT_DOT = (0x80, 0x20, 0x10, 0x08)
FEWEST_RULED = 2
"""Rows of cells below which a line would be taken for a figure."""


def braille_rows(values: Sequence[float], height: int, top: float) -> list[str]:
    """An area chart, a string for each row of cells, the top one first.

    What was measured has at least one dot, zero too; what was not is blank.

    Args:
        values: One for each column of dots, the newest last; NaN is not measured.
        height: Rows of cells.
        top: The figure that fills the whole height; nothing is drawn above it.
    """
    levels = [_level(value, height * DOTS, top) for value in values]
    if len(levels) % 2:
        levels.insert(0, 0)
    pairs = list(zip(levels[::2], levels[1::2], strict=True))
    return [
        "".join(chr(0x2800 | _LEFT[_within(left, row)] | _RIGHT[_within(right, row)]) for left, right in pairs)
        for row in reversed(range(height))
    ]


def ruled(rows: Sequence[str], share: float) -> list[str]:
    """A chart with a dotted line at a share of its height, 0 to 1, where it is high enough to have one."""
    drawn = list(rows)
    if len(drawn) < FEWEST_RULED:
        return drawn
    dot = max(1, round(share * len(drawn) * DOTS)) - 1
    place, bit = len(drawn) - 1 - dot // DOTS, _DOT[dot % DOTS]
    drawn[place] = "".join(
        chr(ord(cell) | bit) if number % 2 == 0 else cell for number, cell in enumerate(drawn[place])
    )
    return drawn


def sparkline(values: Sequence[float], width: int, top: float) -> str:
    """The newest figures in one row of `width` cells, the newest at the right end."""
    newest = list(values[-2 * width :])
    return braille_rows([math.nan] * (2 * width - len(newest)) + newest, 1, top)[0]


def _level(value: float, dots: int, top: float) -> int:
    if math.isnan(value):
        return 0
    if top <= 0:
        return 1
    return max(1, round(dots * max(0.0, min(value / top, 1.0))))


def _within(level: int, row: int) -> int:
    """How many of a cell's dots are filled, in the row so many cells above the bottom."""
    return max(0, min(DOTS, level - row * DOTS))


def braille_curves(curves: Sequence[Sequence[float | None]], height: int) -> list[list[tuple[str, int]]]:
    """Lines over each other: for every row of cells, the top one first, each cell's dots and which curves are in it.

    Every second curve, from the first on, is dotted, so that two of them are told apart without colours.

    Args:
        curves: For each the height of its line, 0 to 1, in every column of dots; `None` where it has none.
        height: Rows of cells.
    """
    width = (max(map(len, curves), default=0) + 1) // 2
    bits = [[0] * width for _ in range(height)]
    owners = [[0] * width for _ in range(height)]
    top = height * DOTS - 1
    for number, curve in enumerate(curves):
        last: int | None = None
        for column, level in enumerate(curve):
            if level is None:
                last = None
                continue
            dot = round(max(0.0, min(1.0, level)) * top)
            low, high = sorted((dot, dot if last is None else last))
            for at in range(low, high + 1):
                if number % 2 == 0 and (at if high > low else column) % 2:
                    continue  # a gap of the dotted line
                row = height - 1 - at // DOTS
                bits[row][column // 2] |= _DOT[at % DOTS] if column % 2 == 0 else _RIGHT_DOT[at % DOTS]
                owners[row][column // 2] |= 1 << number
            last = dot
    return [
        [(chr(0x2800 | bit), owner) for bit, owner in zip(*rows, strict=True)]
        for rows in zip(bits, owners, strict=True)
    ]
