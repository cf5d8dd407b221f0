"""Percentile curves laid out for drawing: shares on a scale that gives every nine as much room.

The scale of HdrHistogram's plots: a share `p` lies at `log10(1 / (1 - p))`, so that 90 %, 99 % and 99.9 % are as far
apart as they matter, and a curve ends where its last value is.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

MOST_NINES = 7
_TICKS = 6
_PLATEAU = 0.1
"""Of a nine: how far the longest time is drawn."""
_LOW = 0.02
"""The share whose time is at the bottom of a logarithmic scale: the quickest few would take half of it."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis."""

    place: float
    """0 to 1."""
    words: str


@dataclass(frozen=True, slots=True)
class Axes:
    """What two curves are drawn on."""

    nines: float
    """Where the scale of shares ends: 3 is 99.9 %."""
    lowest_ms: float
    highest_ms: float
    is_log: bool

    def height(self, value_ms: float) -> float:
        """How high a time is drawn, 0 to 1."""
        if not self.is_log:
            return max(0.0, min(1.0, value_ms / self.highest_ms))
        low, high = math.log(self.lowest_ms), math.log(self.highest_ms)
        return max(0.0, min(1.0, (math.log(max(value_ms, self.lowest_ms)) - low) / (high - low)))

    def times(self) -> list[Tick]:
        """Round times, the least first."""
        if not self.is_log:
            step = _round_up(self.highest_ms / _TICKS)
            values = [step * number for number in range(math.floor(self.highest_ms / step + 1e-9) + 1)]
        else:
            decades = range(math.floor(math.log10(self.lowest_ms)), math.ceil(math.log10(self.highest_ms)) + 1)
            factors = (1, 2, 5) if len(decades) <= 3 else (1,)
            values = [factor * 10.0**decade for decade in decades for factor in factors]
            values = [value for value in values if self.lowest_ms <= value <= self.highest_ms]
        return [Tick(self.height(value), time_words(value)) for value in values]

    def shares(self) -> list[Tick]:
        """The shares with a name of their own: 0 %, 50 %, 90 %, 99 % and on."""
        known = [(0.0, "0%"), (math.log10(2), "50%"), (1.0, "90%")]
        known += [(float(nines), f"99{'.' if nines > 2 else ''}{'9' * (nines - 2)}%") for nines in range(2, 8)]
        return [Tick(at / self.nines, words) for at, words in known if at <= self.nines]


def axes_of(curves: Sequence[Sequence[tuple[float, float]]], *, is_log: bool | None = None) -> Axes:
    """Axes that hold all of some curves.

    Args:
        curves: Share (0 to 1) and milliseconds, ascending; one at least, each with a point at least.
        is_log: Whether times have a logarithmic scale; `None` chooses it when the longest is over thirty times the
            median.
    """
    counts = [_nines(curve) for curve in curves]
    highest = max(curve[-1][1] for curve in curves) or 1.0
    middle = min(value_at(curve, 0.5) for curve in curves)
    lowest = min(value_at(curve, _LOW) for curve in curves) or highest / 1000
    log = highest > 30 * max(middle, lowest) if is_log is None else is_log
    if lowest >= highest:
        lowest = highest / 10
    return Axes(max(1.0, min(MOST_NINES, max(counts))), lowest, highest, log)


def _nines(curve: Sequence[tuple[float, float]]) -> float:
    """Where a curve ends: a little behind where its last step begins, so that the longest time is seen."""
    before_last = curve[-2][0] if len(curve) > 1 else 0.0
    return _PLATEAU + (math.log10(1 / (1 - before_last)) if before_last < 1 else float(MOST_NINES))


def value_at(curve: Sequence[tuple[float, float]], share: float) -> float:
    """The smallest time that at least this share did not exceed."""
    return next((ms for reached, ms in curve if reached >= share - 1e-12), curve[-1][1])


def levels(curve: Sequence[tuple[float, float]], axes: Axes, columns: int) -> list[float | None]:
    """How high a curve is in each column, 0 to 1; `None` beyond its last value.

    Args:
        curve: Share and milliseconds, ascending.
        axes: What it is drawn on.
        columns: How many there are.
    """
    ends = _nines(curve) + 1e-9
    found: list[float | None] = []
    place = 0
    for column in range(columns):
        nines = axes.nines * column / max(1, columns - 1)
        if nines > ends:
            found.append(None)
            continue
        share = 1 - 10.0**-nines
        while place < len(curve) - 1 and curve[place][0] < share - 1e-12:
            place += 1
        found.append(axes.height(curve[place][1]))
    return found


def time_words(milliseconds: float) -> str:
    """`0.5 ms`, `20 ms`, `1.5 s`."""
    if milliseconds >= 1000:
        return f"{milliseconds / 1000:.4g} s"
    return f"{milliseconds:.4g} ms"


def _round_up(value: float) -> float:
    """The next of 1, 2, 5, 10 and on."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= value - 1e-12)
