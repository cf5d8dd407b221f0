"""Figures over time as the columns of a chart."""

import math
from bisect import bisect_left
from collections.abc import Sequence


def in_columns(times: Sequence[float], values: Sequence[float], until: float, step: float, columns: int) -> list[float]:
    """The largest figure of each interval, so that a short peak is not lost; NaN where nothing was measured.

    Intervals begin at whole multiples of `step`: a figure stays in its column while time goes on, and the chart moves
    only when an interval has ended. The interval that `until` lies in is left out until it has ended.

    Args:
        times: Unix seconds, in order.
        values: One for each time; NaN is not measured.
        until: Where the chart ends, Unix seconds.
        step: Seconds to a column.
        columns: How many there are; the last one is the newest.
    """
    end = math.floor(until / step)
    found = [math.nan] * columns
    for index in range(bisect_left(times, (end - columns) * step), len(times)):
        place = math.floor(times[index] / step) - end + columns
        value = values[index]
        if place >= columns:
            break
        if place >= 0 and not math.isnan(value) and not value <= found[place]:
            found[place] = value
    return found


def columns_back(at: float, until: float, step: float) -> int:
    """How many columns a moment lies before the newest one, which is 0; negative when it is not drawn yet."""
    return math.floor(until / step) - 1 - math.floor(at / step)
