"""Where a series of runs went over to another level."""

import math
from collections.abc import Iterator, Sequence
from statistics import median
from typing import NamedTuple

from workbench.measure.statistics.ranks import midranks

FEWEST = 4
"""Runs that a level has at least."""
METHOD = "Pettitt's rank test on nested spans, 5 % for all of them together; levels of 4 runs or more"


class ChangePoint(NamedTuple):
    """The level changes with this value."""

    place: int
    before: float
    """The median of the level that ends."""
    after: float


def change_points(values: Sequence[float], least_share: float = 0.02, alpha: float = 0.05) -> list[ChangePoint]:
    """Where the level changes, oldest first.

    Pettitt's rank test (1979) finds the most likely place in a span, `K = max |2 (R1 + ... + Rt) - t (n + 1)|` with
    `p = 2 exp(-6 K^2 / (n^3 + n^2))`. It is asked of nested spans, the shortest that shows a change first (narrowest
    over threshold, Baranowski and others 2019; spans as in Kovacs and others 2023), so that a level that comes back is
    seen too; then of what lies on both sides. Ranks make a single slow run no new level.

    Args:
        values: In the order of time.
        least_share: A change of the medians by less of the level before is none.
        alpha: The largest p that counts, shared among the spans that are asked.
    """
    places = _places(values, 0, alpha)
    found: list[ChangePoint] = []
    begins = 0
    for place, end in zip(places, [*places[1:], len(values)], strict=False):
        before, after = median(values[begins:place]), median(values[place:end])
        if abs(after - before) > least_share * abs(before):
            found.append(ChangePoint(place, before, after))
            begins = place
    return found


def _places(values: Sequence[float], offset: int, alpha: float) -> list[int]:
    """Where the shortest span that shows a change is split, and where both sides of that are."""
    spans = sorted(_spans(len(values)), key=lambda span: span[1] - span[0])
    for first, last in spans:
        p, place = _pettitt(values[first:last])
        if p < alpha / len(spans):
            place += first
            before, after = values[:place], values[place:]
            return [*_places(before, offset, alpha), offset + place, *_places(after, offset + place, alpha)]
    return []


def _spans(count: int) -> Iterator[tuple[int, int]]:
    """All of it, and shorter spans that overlap by half."""
    length = float(count)
    while length >= 2 * FEWEST:
        steps = max(1, math.ceil(2 * (count / length - 1)))
        pieces = [0.0] if length == count else [(count - length) * step / steps for step in range(steps + 1)]
        yield from ((round(first), round(first + length)) for first in pieces)
        length /= math.sqrt(2)


def _pettitt(values: Sequence[float]) -> tuple[float, int]:
    """The p value of no change, and the most likely place of one."""
    count, total, best, place = len(values), 0.0, 0.0, 0
    for index, rank in enumerate(midranks(values)[:-FEWEST], start=1):
        total += rank
        size = abs(2 * total - index * (count + 1))
        if index >= FEWEST and size > best:
            best, place = size, index
    return min(1.0, 2 * math.exp(-6 * best * best / (count**3 + count**2))), place
