"""The time axis of charts: columns that stay where they are while time goes on."""

import math
from collections.abc import Sequence

from workbench.measure.series import Series


def chart_columns(series: Sequence[Series], until: float, step: float, columns: int) -> list[float]:
    """The columns of a chart: in each the largest figure of its interval, so that a short peak is not lost.

    Intervals begin at whole multiples of `step`: a figure stays in its column while time goes on, and the chart moves
    only when an interval has ended. The one that `until` lies in is left out until then.

    Args:
        series: What is added up: bytes read and bytes written, say. NaN where none was measured.
        until: Where the chart ends, Unix seconds.
        step: Seconds to a column.
        columns: How many there are; the last one is the newest.
    """
    end = math.floor(until / step) * step
    drawn = [each.columns(end - columns * step, math.nextafter(end, -math.inf), columns) for each in series]
    return [_sum(figures) for figures in zip(*drawn, strict=True)]


def _sum(figures: Sequence[float]) -> float:
    known = [figure for figure in figures if not math.isnan(figure)]
    return math.fsum(known) if known else math.nan


def columns_back(at: float, until: float, step: float) -> int:
    """How many columns a moment lies before the newest one, which is 0; negative when it is not drawn yet."""
    return math.floor(until / step) - 1 - math.floor(at / step)
