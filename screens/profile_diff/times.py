"""What functions took over repeated runs, as table rows. Pure."""

from collections.abc import Iterable, Sequence

from screens.compare.rows import LOOKS
from screens.profile.words import where
from screens.profile_diff.rows import in_order
from screens.widgets.live_table import Cell, Column, Row
from workbench.measure.compare.repeated_profiles import RepeatedFunction
from workbench.measure.compare.words import brief, change, interval, told
from workbench.measure.flame.diff_words import chance

COLUMNS = (
    Column("function", "function", 16, grow=3, most=60),
    Column("change", "change", 8, "right"),
    Column("before", "before", 9, "right"),
    Column("after", "after", 9, "right"),
    Column("interval", "95% interval", 13, "right", importance=1),
    Column("worth", "verdict", 12, grow=3, most=40),
    Column("own_before", "self", 9, "right", importance=2),
    Column("own_after", "after", 9, "right", importance=2),
    Column("own_change", "change", 8, "right", importance=2),
    Column("own_interval", "interval", 13, "right", importance=5),
    Column("own_worth", "verdict", 21, importance=4),
    Column("chance", "q", 7, "right", importance=6),
    Column("where", "where", 14, grow=2, most=50, importance=3),
)


def ordered(
    functions: Sequence[RepeatedFunction], sort: str, *, descending: bool, words: str = ""
) -> list[tuple[int, RepeatedFunction]]:
    """Functions with their places among all, filtered and sorted; those of most worth first to begin with."""
    return in_order(
        functions,
        sort,
        lambda each: (each.total.before or 0.0, each.total.after or 0.0),
        descending=descending,
        words=words,
    )


def rows(found: Iterable[tuple[int, RepeatedFunction]]) -> list[Row]:
    """A row for each function, keyed by its place among all."""
    return [Row(str(place), _cells(each)) for place, each in found]


def _cells(each: RepeatedFunction) -> tuple[Cell, ...]:
    own, total = each.own, each.total
    return (
        Cell(each.place.name),
        Cell(change(total), LOOKS[total.verdict]),
        Cell(told(total.before, total.unit)),
        Cell(told(total.after, total.unit)),
        Cell(interval(total), "dim"),
        Cell(brief(total), LOOKS[total.verdict]),
        Cell(told(own.before, own.unit)),
        Cell(told(own.after, own.unit)),
        Cell(change(own), LOOKS[own.verdict]),
        Cell(interval(own), "dim"),
        Cell(brief(own), LOOKS[own.verdict]),
        Cell(chance(total.p), "dim"),
        Cell(where(each.place), "dim"),
    )
