"""Medians, how much values scatter around them, and the interval that the change of a median lies in."""

import math
import random
from collections.abc import Sequence
from statistics import fmean, median, pstdev
from typing import NamedTuple

RESAMPLES = 1000
CONFIDENCE = 0.95
_SEED = 20_031_979
_TO_SIGMA = 1.4826
"""The median absolute deviation of a normal distribution times this is its standard deviation."""


class Change(NamedTuple):
    """The change of a median, in the values' unit or as a share, and its interval."""

    value: float
    low: float
    high: float
    error: float
    """Standard error."""


def spread(values: Sequence[float]) -> float:
    """The median absolute deviation, scaled so that it estimates a standard deviation; 0 for none."""
    if not values:
        return 0.0
    middle = median(values)
    return _TO_SIGMA * median(abs(value - middle) for value in values)


def change_of_median(
    before: Sequence[float], after: Sequence[float], *, relative: bool = False, resamples: int = RESAMPLES
) -> Change:
    """After's median less before's, with the 95 % percentile bootstrap interval (Efron and Tibshirani 1993, ch. 13).

    Always the same for the same values: the resamples are seeded.

    Args:
        before: One value at least.
        after: One value at least.
        relative: Give the change as a share of before's median: the ratio of the medians less 1. Before's values are
            all above 0 then.
        resamples: How many are drawn; 1,000 take about 8 ms, however many values there are.
    """
    draw = random.Random(_SEED)  # noqa: S311  nothing secret
    old, new = sorted(before), sorted(after)

    def change(first: float, second: float) -> float:
        return second / first - 1 if relative else second - first

    drawn = sorted(change(resampled_median(old, draw), resampled_median(new, draw)) for _ in range(resamples))
    tail = (1 - CONFIDENCE) / 2
    low, high = drawn[math.floor(tail * resamples)], drawn[math.ceil((1 - tail) * resamples) - 1]
    return Change(change(median(old), median(new)), low, high, pstdev(drawn))


def resampled_median(ordered: Sequence[float], draw: random.Random) -> float:
    """The median of as many values drawn from `ordered`, each as often as it happens.

    Drawn at once: the middle one of n uniform numbers has a beta distribution, and says which value is in the middle.
    """
    count = len(ordered)
    upper = count // 2 + 1
    if count % 2:
        return ordered[_place(draw.betavariate(upper, upper), count)]
    lower = draw.betavariate(count // 2, upper)
    above = 1 - (1 - lower) * draw.random() ** (2 / count)  # the least of count / 2 uniform numbers above it
    return fmean((ordered[_place(lower, count)], ordered[_place(above, count)]))


def _place(share: float, count: int) -> int:
    return min(count - 1, int(share * count))
