"""Percentiles of two load tests as table rows. Pure."""

from screens.widgets.live_table import Cell, Column, Row
from workbench.measure.histogram import Histogram
from workbench.measure.percentile_axis import time_words
from workbench.measure.units import NOT_MEASURED, bar, percent
from workbench.model.behind import LatencySide

BAR = 12
SHARES = (("p50", 0.5), ("p75", 0.75), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99), ("p99.9", 0.999), ("max", 1.0))
COLUMNS = (
    Column("share", "of requests", 11),
    Column("before", "before", 9, "right"),
    Column("before_bar", "", BAR, importance=1),
    Column("after", "after", 9, "right"),
    Column("after_bar", "", BAR, importance=1),
    Column("change", "change", 8, "right"),
)


def rows(sides: tuple[LatencySide, LatencySide]) -> list[Row]:
    """A row for each percentile; bars are on the scale of the longest time of all."""
    old, new = (Histogram(side.cells) for side in sides)
    top = max(old.quantile_ms(1.0) or 0.0, new.quantile_ms(1.0) or 0.0) or 1.0
    made = []
    for name, share in SHARES:
        before, after = old.quantile_ms(share), new.quantile_ms(share)
        worse = (after or 0.0) > (before or 0.0)
        made.append(
            Row(
                name,
                (
                    Cell(name, "strong"),
                    Cell(_told(before)),
                    Cell("" if before is None else bar(before / top, BAR), "dim"),
                    Cell(_told(after)),
                    Cell("" if after is None else bar(after / top, BAR), "dim"),
                    Cell(_change(before, after), "plain" if before == after else "watch" if worse else "good"),
                ),
            )
        )
    return made


def _told(value: float | None) -> str:
    if value is None:
        return NOT_MEASURED
    return time_words(float(f"{value:.3g}"))


def _change(before: float | None, after: float | None) -> str:
    if not before or after is None:
        return NOT_MEASURED
    share = 100 * (after / before - 1)
    return f"{'+' if share > 0 else ''}{percent(share)}"
