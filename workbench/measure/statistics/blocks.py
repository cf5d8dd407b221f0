"""What readings are worth that resemble those before them: blocks of readings stand for what repeats a measurement.

Readings of one second follow each other closely, so a hundred of them are not a hundred measurements, and a test that
took them for that would find a difference between any two minutes.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

MOST_BLOCKS = 12
"""On a side: more would be shorter than what the readings remember, and change no verdict."""
FEWEST_BLOCKS = 4
"""With fewer on a side no test can tell anything."""
_LENGTHS = 3.0
"""Autocorrelation times to a block: blocks of so many hardly depend on each other."""


class Block(NamedTuple):
    """The mean of some neighbouring readings."""

    value: float
    readings: int


def correlation_time(windows: Sequence[Sequence[float]]) -> float:
    """How many readings are worth one, 1 or more: `1 + 2 sum of rho(k)` over the windows together.

    The sum goes as long as pairs of neighbouring terms are positive (Geyer 1992, initial positive sequence). Each
    window is taken around its own mean, so that a difference between them is no correlation.
    """
    rests = [[value - math.fsum(window) / len(window) for value in window] for window in windows if len(window) > 2]
    power = math.fsum(value * value for rest in rests for value in rest)
    if not power:
        return 1.0
    longest = max(len(rest) for rest in rests) // 2
    # A window's own mean takes away about 1 / n of every correlation: given back.
    lost = 1 / (sum(map(len, rests)) / len(rests))

    def rho(lag: int) -> float:
        if not lag:
            return 1.0
        products = math.fsum(one * other for rest in rests for one, other in zip(rest, rest[lag:], strict=False))
        kept = math.fsum(max(0, len(rest) - lag) for rest in rests) / sum(map(len, rests))
        return products / power / kept + lost if kept else 0.0

    time = -1.0
    for lag in range(0, longest, 2):
        pair = rho(lag) + rho(lag + 1)
        if pair <= 0:
            break
        time += 2 * pair
    return max(1.0, time)


def block_length(windows: Sequence[Sequence[float]]) -> int:
    """How many readings make a block, for all windows alike."""
    fewest = min(map(len, windows), default=0)
    return max(1, math.ceil(_LENGTHS * correlation_time(windows)), math.ceil(fewest / MOST_BLOCKS))


def blocks(values: Sequence[float], length: int) -> list[float]:
    """The mean of every `length` readings, oldest first; what is left over at the beginning is left out."""
    first = len(values) % length
    return [math.fsum(values[at : at + length]) / length for at in range(first, len(values), length)]
