"""Rows of figures in single precision, a fixed number of them: the oldest goes when a new one comes."""

from array import array
from collections.abc import Sequence
from typing import TypeAlias

FIGURE_BYTES = 4
Floats: TypeAlias = "array[float]"


class Ring:
    """At most `capacity` rows of `width` figures each. Memory grows with the rows, up to that.

    NaN stands for what was not measured.

    Args:
        width: Figures in a row, 0 or more.
        capacity: Rows, 1 or more.
    """

    __slots__ = ("_count", "_data", "_oldest", "capacity", "width")

    def __init__(self, width: int, capacity: int) -> None:
        self.width = width
        self.capacity = capacity
        self._count = 0
        self._oldest = 0
        """The place of the oldest row in the data."""
        self._data = array("f")

    def __len__(self) -> int:
        return self._count

    @property
    def data_bytes(self) -> int:
        """Bytes that its figures take."""
        return FIGURE_BYTES * len(self._data)

    def add(self, row: Sequence[float]) -> None:
        """Add a row of `width` figures."""
        if self._count < self.capacity:
            self._data.extend(row)
            self._count += 1
            return
        start = self._oldest * self.width
        self._data[start : start + self.width] = array("f", row)
        self._oldest = (self._oldest + 1) % self.capacity

    def row(self, index: int) -> Floats:
        """One row; 0 is the oldest.

        Raises:
            IndexError: when there is no such row.
        """
        if not 0 <= index < self._count:
            raise IndexError(index)
        start = (self._oldest + index) % self.capacity * self.width
        return self._data[start : start + self.width]

    def column(self, place: int) -> Floats:
        """One figure of every row, the oldest first."""
        start = self._oldest * self.width
        return self._data[start + place :: self.width] + self._data[place : start : self.width]

    def resized(self, capacity: int) -> "Ring":
        """The newest rows in a ring of another capacity."""
        other = Ring(self.width, capacity)
        kept = min(self._count, capacity)
        other._count = kept
        other._data = self._in_order()[(self._count - kept) * self.width :]
        return other

    def widened(self, place: int, figure: float) -> "Ring":
        """The same rows with one figure more at a place, the same in each."""
        other = Ring(self.width + 1, self.capacity)
        other._count = self._count
        other._data = array("f", [figure]) * (self._count * other.width)
        ordered = self._in_order()
        for column in range(self.width):
            other._data[column + (column >= place) :: other.width] = ordered[column :: self.width]
        return other

    def _in_order(self) -> Floats:
        start = self._oldest * self.width
        return self._data[start:] + self._data[:start]
