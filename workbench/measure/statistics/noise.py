"""Signs that a sample is not to be trusted as it is: it scatters, it has outliers, it drifts."""

import math
from collections.abc import Sequence
from statistics import median, quantiles

from workbench.measure.statistics.medians import spread
from workbench.measure.statistics.ranks import spearman

NOISY_SHARE, VERY_NOISY_SHARE = 0.05, 0.10
"""Of the median: a scatter above it is told, above the second it is bad."""
_FENCE = 3.0
"""Interquartile ranges beyond a quartile (Tukey 1977, far out)."""
_DRIFT = 0.6
_SURE = 2.576
"""Standard deviations of Spearman's rho, 1 / sqrt(n - 1), that chance exceeds in one of a hundred."""
FEWEST = 6
"""Values from which on outliers and drift can be told."""


def relative_spread(values: Sequence[float]) -> float | None:
    """The scatter as a share of the median; `None` where there is no telling."""
    middle = abs(median(values)) if values else 0.0
    return spread(values) / middle if middle and len(values) > 1 else None


def outliers(values: Sequence[float]) -> int:
    """How many values lie far out; they are counted, never dropped."""
    if len(values) < FEWEST:
        return 0
    low, _, high = quantiles(values, n=4, method="inclusive")
    reach = _FENCE * (high - low)
    return sum(not low - reach <= value <= high + reach for value in values) if reach else 0


def first_is_slow(values: Sequence[float]) -> bool:
    """Whether the first value stands out alone above all others: caches were cold."""
    if len(values) < FEWEST:
        return False
    rest = values[1:]
    return values[0] > max(rest) and values[0] - median(rest) > 10 * (spread(rest) or abs(median(rest)) / 100)


def drifts(values: Sequence[float]) -> bool:
    """Whether values rise or fall in the order they were taken in: Spearman's rho beyond 0.6 and beyond chance."""
    if len(values) < FEWEST:
        return False
    return abs(spearman(range(len(values)), values)) > max(_DRIFT, _SURE / math.sqrt(len(values) - 1))
