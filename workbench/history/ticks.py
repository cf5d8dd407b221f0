"""The moments that the history has rows for: counted, so that every container shares one scale of time."""

from array import array
from bisect import bisect_right

from workbench.measure.ring import Floats


class Ticks:
    """Counts moments from 0 and knows when the newest of them were. Times rise.

    Args:
        capacity: How many are remembered.
    """

    __slots__ = ("_capacity", "_first", "_times")

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._first = 0
        self._times = array("d")

    @property
    def next(self) -> int:
        """The number that the next moment gets."""
        return self._first + len(self._times)

    @property
    def first(self) -> int:
        """The oldest that is remembered."""
        return self._first

    @property
    def data_bytes(self) -> int:
        """Bytes that the times take."""
        return 8 * len(self._times)

    def add(self, at: float) -> int:
        """Count a moment and return its number."""
        self._times.append(at)
        spare = self._capacity // 16 + 1
        if len(self._times) >= self._capacity + spare:
            del self._times[:spare]
            self._first += spare
        return self.next - 1

    def time(self, tick: int) -> float:
        """When a moment was, Unix time in seconds."""
        return self._times[tick - self._first]

    def upto(self, at: float) -> int | None:
        """The newest moment not after `at`; `None` before the first."""
        place = bisect_right(self._times, at)
        return self._first + place - 1 if place else None

    def around(self, at: float) -> int:
        """The first moment not before `at`, for moments that stand at the end of what they are told of."""
        before = self.upto(at)
        if before is None:
            return self._first
        return before if self.time(before) == at else before + 1

    def times(self, first: int, count: int) -> Floats:
        """When `count` moments from `first` on were."""
        return self._times[first - self._first : first - self._first + count]

    def span(self) -> tuple[float, float] | None:
        """When the oldest and the newest were; `None` when there is none."""
        return (self._times[0], self._times[-1]) if self._times else None
