"""Tests on ranks: they ask nothing of the distribution but that it is the same on both sides when nothing changed."""

import math
from collections.abc import Sequence

MOST_EXACT = 60
"""Values of both sides together up to which p is exact: about 4 ms; beyond, the normal approximation is as good."""


def midranks(values: Sequence[float]) -> list[float]:
    """The rank of each value, from 1; equal values share the mean of theirs."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    first = 0
    while first < len(order):
        last = first
        while last + 1 < len(order) and values[order[last + 1]] == values[order[first]]:
            last += 1
        for place in order[first : last + 1]:
            ranks[place] = (first + last) / 2 + 1
        first = last + 1
    return ranks


def mann_whitney(before: Sequence[float], after: Sequence[float]) -> float:
    """The two-sided p value of both samples having one distribution.

    Exact up to `MOST_EXACT` values, ties included: the share of all ways to choose the first side's ranks whose sum is
    as far from its mean or farther (Mann and Whitney 1947; counted by the shift algorithm of Streitberg and Roehmel
    1986). Beyond, the normal approximation with corrections for ties and continuity (Lehmann 1975, 1.4).

    Returns:
        1.0 when a side has no values.
    """
    first, second = len(before), len(after)
    if not first or not second:
        return 1.0
    ranks = midranks([*before, *after])
    both = first + second
    if both <= MOST_EXACT:
        return _exact([round(2 * rank) for rank in ranks], first)
    mean = first * (both + 1) / 2
    variance = first * second / (both - 1) * (math.fsum(rank * rank for rank in ranks) / both - ((both + 1) / 2) ** 2)
    if variance <= 0:
        return 1.0
    distance = max(0.0, abs(math.fsum(ranks[:first]) - mean) - 0.5)
    return math.erfc(distance / math.sqrt(2 * variance))


def _exact(doubled: Sequence[int], first: int) -> float:
    """The p value of twice the ranks, of which the first `first` are one side's.

    How many ways there are to choose k of the ranks with each sum is a polynomial; it is kept as one large integer with
    a slot of bits for each sum, so that taking a rank in is a shift and an addition.
    """
    slot = len(doubled)  # no count is larger than 2 ** len(doubled)
    ways = [1] + [0] * first
    for taken, rank in enumerate(doubled):
        for chosen in range(min(first, taken + 1), 0, -1):
            ways[chosen] += ways[chosen - 1] << (rank * slot)
    total, observed = sum(doubled), sum(doubled[:first])
    # Twice the sum's distance from its mean, in the same whole units.
    mean = first * total  # times len(doubled)
    distance = abs(observed * len(doubled) - mean)
    mask, counted, extreme, whole = (1 << slot) - 1, ways[first], 0, 0
    for value in range(total + 1):
        count = (counted >> (value * slot)) & mask
        if count:
            whole += count
            if abs(value * len(doubled) - mean) >= distance:
                extreme += count
    return min(1.0, extreme / whole)


def smallest_p(first: int, second: int) -> float:
    """The smallest two-sided p value that so many values on each side can give."""
    return min(1.0, 2 / math.comb(first + second, first)) if first and second else 1.0


def holm(values: Sequence[float]) -> list[float]:
    """Adjusted p values in the order given: below 5 %, at most one chance in twenty of any false alarm (Holm 1979)."""
    adjusted = [1.0] * len(values)
    largest = 0.0
    for rank, place in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        largest = max(largest, min(1.0, (len(values) - rank) * values[place]))
        adjusted[place] = largest
    return adjusted


def spearman(first: Sequence[float], second: Sequence[float]) -> float:
    """The correlation of two samples' ranks, -1 to 1; 0 when one of them does not vary (Spearman 1904)."""
    ranks = midranks(first), midranks(second)
    mean = (len(first) + 1) / 2
    both = math.fsum((one - mean) * (other - mean) for one, other in zip(*ranks, strict=True))
    squares = [math.fsum((rank - mean) ** 2 for rank in side) for side in ranks]
    return both / math.sqrt(squares[0] * squares[1]) if all(squares) else 0.0
