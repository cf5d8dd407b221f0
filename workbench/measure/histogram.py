"""A histogram of lengths of time that keeps three digits of each, from a microsecond to an hour, in a few kilobytes.

As in HdrHistogram: values below 2048 µs have a cell each; above, every doubling has 1024 cells, so that a cell is never
wider than a thousandth of what it holds. Histograms add up without loss, which percentiles do not.
Standard library of Python 3.8 only: the meter takes this file into containers.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_CELL_BITS = 10
_EXACT_BITS = _CELL_BITS + 1
LARGEST_US = 3_600_000_000
"""What is longer counts as this."""


def cell_of(value_us: int) -> int:
    """The cell of a value in whole microseconds, 0 or more."""
    shift = value_us.bit_length() - _EXACT_BITS
    return value_us if shift <= 0 else (shift << _CELL_BITS) + (value_us >> shift)


def largest_in(cell: int) -> int:
    """The largest value of a cell, in microseconds."""
    if cell < 1 << _EXACT_BITS:
        return cell
    shift = (cell >> _CELL_BITS) - 1
    return (((cell & ((1 << _CELL_BITS) - 1)) + (1 << _CELL_BITS) + 1) << shift) - 1


class Histogram:
    """Counts of lengths of time.

    Args:
        cells: Cell and count, as `pairs` gives them.

    Raises:
        ValueError: when a cell or a count cannot be one.
    """

    __slots__ = ("_cells", "count")

    def __init__(self, cells: Iterable[Sequence[int]] = ()) -> None:
        self._cells: dict[int, int] = {}
        self.count = 0
        for cell, count in cells:
            if not 0 <= cell <= cell_of(LARGEST_US) or count < 1:
                raise ValueError("no cell of a histogram")
            self._cells[cell] = self._cells.get(cell, 0) + count
            self.count += count

    def record(self, seconds: float) -> None:
        """Count one length of time; less than nothing is nothing."""
        value = min(max(0, round(seconds * 1e6)), LARGEST_US)
        cell = cell_of(value)
        self._cells[cell] = self._cells.get(cell, 0) + 1
        self.count += 1

    def add(self, other: Histogram) -> None:
        """Count everything that another one has counted."""
        for cell, count in other._cells.items():
            self._cells[cell] = self._cells.get(cell, 0) + count
        self.count += other.count

    def quantile_ms(self, share: float) -> float | None:
        """The smallest length, in milliseconds, that at least this share (0 to 1) did not exceed; `None` without any.

        Nearest rank, and the upper end of its cell: at most 0.1 % too long, never too short.
        """
        found = self.quantiles_ms((share,))
        return found[share]

    def quantiles_ms(self, shares: Iterable[float]) -> Mapping[float, float | None]:
        """Several of them in one pass, by share."""
        found: dict[float, float | None] = {}
        cells = iter(sorted(self._cells.items()))
        seen, last = 0, 0
        for share in sorted(shares):
            rank = min(self.count, max(1, math.ceil(share * self.count - 1e-9)))
            while seen < rank:
                last, count = next(cells)
                seen += count
            found[share] = largest_in(last) / 1000 if self.count else None
        return found

    def pairs(self) -> list[tuple[int, int]]:
        """Cell and count of every cell that has any, the shortest first: what `Histogram` takes."""
        return sorted(self._cells.items())

    def curve_ms(self) -> list[tuple[float, float]]:
        """Share and length in milliseconds at the end of each cell: the percentile curve, as it is drawn."""
        curve, seen = [], 0
        for cell, count in self.pairs():
            seen += count
            curve.append((seen / self.count, largest_in(cell) / 1000))
        return curve
