"""Rows of figures on a common scale of ticks: figures that never change cost nothing, ticks without a row are gaps."""

import math
from array import array
from collections.abc import Sequence

from workbench.measure.figures import Figure
from workbench.measure.ring import FIGURE_BYTES, Floats, Ring
from workbench.measure.series import mean

MOST_STRETCHES = 64
"""Times that rows ended and began again, at most: the oldest are forgotten, with what was before them."""
_PLAIN_BYTES = 1000
"""About what one of these takes without its rows."""


class FigureRows:
    """A row for some of the ticks, which count readings of the whole fleet from 0.

    A figure gets a column of its own when it first differs from what it was before; up to then it is one number.

    Args:
        width: Figures in a row.
        capacity: Ticks back that are kept.
    """

    __slots__ = ("_active", "_constants", "_last", "_lost", "_passive", "_ring", "_stretches", "_width", "next")

    def __init__(self, width: int, capacity: int) -> None:
        self._width = width
        self._constants: list[Figure] = []
        """What each figure is as long as it has no column."""
        self._active: list[int] = []
        """The figures that have a column, rising."""
        self._passive: list[int] = list(range(width))
        self._ring = Ring(0, capacity)
        self._stretches: list[list[int]] = []
        """First and last tick of every unbroken run of rows."""
        self._last: Sequence[Figure] = ()
        """The newest row: the very same again changes no column."""
        self._lost = 0
        """Rows before this tick were forgotten."""
        self.next = 0
        """The tick after the newest row."""

    @property
    def data_bytes(self) -> int:
        """About the memory that it takes."""
        return _PLAIN_BYTES + self._ring.data_bytes

    @property
    def tick_bytes(self) -> int:
        """What one more tick takes."""
        return FIGURE_BYTES * len(self._active)

    @property
    def oldest(self) -> int:
        """The first tick that it can have a row for."""
        return self.next - len(self._ring)

    @property
    def complete_from(self) -> int:
        """From this tick on, one without a row had none; rows before it were forgotten."""
        return max(self._lost, self.next - self._ring.capacity)

    def limit(self, capacity: int) -> None:
        """Keep fewer or more ticks from now on."""
        if capacity != self._ring.capacity:
            self._lost = max(self.complete_from, self.next - capacity)
            self._ring = self._ring.resized(capacity)

    def add(self, tick: int, row: Sequence[Figure]) -> None:
        """Add the row of a tick newer than all before."""
        gap = tick - self.next
        if gap > self._ring.capacity or not self._constants:
            self._begin(tick, row)
        elif gap:
            blank = [math.nan] * len(self._active)
            for _ in range(gap):
                self._ring.add(blank)
        constants = self._constants
        if row is not self._last:
            self._last = row
            for place in self._passive:
                if row[place] != constants[place]:
                    self._activate(row)
                    break
        self._ring.add([math.nan if (value := row[place]) is None else value for place in self._active])
        self.next = tick + 1
        if self._stretches and self._stretches[-1][1] == tick - 1:
            self._stretches[-1][1] = tick
        else:
            self._stretches.append([tick, tick])
            del self._stretches[:-MOST_STRETCHES]

    def has(self, tick: int) -> bool:
        """Whether there is a row of this tick."""
        return self.oldest <= tick < self.next and any(first <= tick <= last for first, last in self._stretches)

    def at(self, tick: int) -> list[Figure] | None:
        """The row of a tick; `None` when there is none."""
        if not self.has(tick):
            return None
        row = list(self._constants)
        for place, value in zip(self._active, self._ring.row(tick - self.oldest), strict=True):
            row[place] = None if math.isnan(value) else value
        return row

    def column(self, place: int, first: int, count: int) -> Floats:
        """One figure of `count` ticks from `first` on, NaN where there is none."""
        column = array("f", [math.nan]) * count
        varying = self._ring.column(self._active.index(place)) if place in self._active else None
        constant = self._constants[place] if self._constants and varying is None else None
        for begin, end in self._stretches:
            low, high = max(begin, first, self.oldest), min(end + 1, first + count)
            if low >= high:
                continue
            if varying is not None:
                column[low - first : high - first] = varying[low - self.oldest : high - self.oldest]
            elif constant is not None:
                column[low - first : high - first] = array("f", [constant]) * (high - low)
        return column

    def means(self, first: int, count: int) -> list[Figure] | None:
        """The mean of every figure over `count` ticks from `first` on; `None` when they have no row."""
        if not any(begin < first + count and end >= first for begin, end in self._stretches):
            return None
        row = list(self._constants)
        for place in self._active:
            value = mean(self.column(place, first, count))
            row[place] = None if math.isnan(value) else value
        return row

    def _begin(self, tick: int, row: Sequence[Figure]) -> None:
        """Start anew: what was kept is older than all that can be kept."""
        if self._constants:
            self._lost = tick
        self._constants = list(row)
        self._active, self._passive = [], list(range(self._width))
        self._ring = Ring(0, self._ring.capacity)
        self._stretches = []

    def _activate(self, row: Sequence[Figure]) -> None:
        """Give a column to every figure that is not what it always was."""
        for place in [place for place in self._passive if row[place] != self._constants[place]]:
            constant = self._constants[place]
            self._active = sorted((*self._active, place))
            self._ring = self._ring.widened(self._active.index(place), math.nan if constant is None else constant)
        self._passive = [place for place in self._passive if place not in self._active]
