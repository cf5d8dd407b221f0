"""A figure over time, and what fits of it into the columns of a chart."""

import math
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from workbench.measure.ring import Floats


@dataclass(frozen=True, slots=True)
class Series:
    """A figure at each of some moments. NaN is a gap: nothing was measured then."""

    times: Floats = field(default_factory=lambda: array("d"))
    """Unix time in seconds, rising."""
    values: Floats = field(default_factory=lambda: array("f"))
    """As many."""

    def __len__(self) -> int:
        return len(self.times)

    def between(self, since: float, until: float) -> "Series":
        """The part of it from `since` to `until`, both included."""
        first, last = bisect_left(self.times, since), bisect_right(self.times, until)
        return Series(self.times[first:last], self.values[first:last])

    def then(self, other: "Series") -> "Series":
        """This up to where the other one begins, and then that."""
        if not other.times:
            return self
        kept = bisect_left(self.times, other.times[0])
        return Series(self.times[:kept] + other.times, self.values[:kept] + other.values)

    def columns(self, since: float, until: float, count: int, how: Literal["max", "mean"] = "max") -> Floats:
        """What each of `count` equal parts of a span of time holds: its largest figure, or the mean of them.

        The largest keeps every peak, however narrow. A part without a figure is NaN.

        Args:
            since: Unix time in seconds, included.
            until: Unix time in seconds, included.
            count: How many parts.
            how: What stands for a part.
        """
        if count < 1 or not until > since:
            return array("f", [math.nan]) * max(0, count)
        parts: list[list[float]] = [[] for _ in range(count)]
        scale = count / (until - since)
        for index in range(bisect_left(self.times, since), bisect_right(self.times, until)):
            value = self.values[index]
            if value == value:  # NaN is not itself
                parts[min(count - 1, int((self.times[index] - since) * scale))].append(value)
        take = max if how == "max" else mean
        return array("f", [take(part) if part else math.nan for part in parts])


def mean(values: Iterable[float]) -> float:
    """The mean of what is not NaN; NaN when nothing is."""
    known = [value for value in values if value == value]
    return math.fsum(known) / len(known) if known else math.nan
