"""What a change is worth: a verdict for each figure that was measured before and after.

A timing is better or worse only when chance does not explain it (adjusted p below 5 %) and the whole interval of its
change lies beyond what matters. There is no detectable change when the interval lies within what matters, or when
chance does explain it and a change five times as large as what matters would have been seen. All else is inconclusive,
and so is a timing of one run on each side: its values within a run drift together, and are no repeats of the run.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import median

from workbench.measure.statistics.medians import change_of_median
from workbench.measure.statistics.noise import relative_spread
from workbench.measure.statistics.ranks import holm, mann_whitney, smallest_p
from workbench.measure.units import counted, percent, quantity
from workbench.model.comparison import ComparedRow, Measured, Verdict

ALPHA = 0.05
SIGHT = 5.0
"""Times what matters: if a change so large could not have been seen, it is not said that there is none."""
_REACH = 2.8
"""Standard errors to the smallest change that four of five measurements would show: 1.96 + 0.84."""
_MOST_MORE = 200
"""More repeats than this are not asked for: the noise is the problem then."""
ONE_RUN = "inconclusive: one run on each side"
METHOD = (
    "Medians; 95 % bootstrap intervals; exact Mann-Whitney tests, p adjusted for all rows (Holm). Sizes are exact; "
    "levels such as memory are judged by all their readings."
)


@dataclass(frozen=True, slots=True)
class _Scale:
    """What changes of one figure are told in: `%` of before, points, or the figure's own unit."""

    unit: str
    base: float | None
    """The figure before that changes are shares of; `None` for changes in the unit itself."""
    matters: float
    """In this scale's unit."""
    matters_words: str

    def change(self, before: float, after: float) -> float:
        return 100 * (after - before) / before if self.base is not None else after - before

    def told(self, size: float) -> str:
        if self.unit == "%":
            return percent(size)
        return f"{size:.1f} points" if self.unit == "points" else amount(size, self.unit)


def judged(
    figures: Sequence[Measured], adjust: Callable[[Sequence[float]], list[float]] = holm
) -> tuple[ComparedRow, ...]:
    """A row for each figure, in the same order. What is always the same on both sides needs no test.

    Args:
        figures: What was measured.
        adjust: Makes p values into those that allow for how many there are.
    """
    tested = [figure for figure in figures if figure.how == "statistics" and _varies(figure) and not figure.within_run]
    raw = [mann_whitney(figure.before, figure.after) for figure in tested]
    adjusted = {id(figure): p for figure, p in zip(tested, adjust(raw), strict=True)}
    return tuple(_row(figure, adjusted.get(id(figure)), len(tested)) for figure in figures)


def _varies(figure: Measured) -> bool:
    return bool(figure.before and figure.after) and len({*figure.before, *figure.after}) > 1


def amount(value: float, unit: str) -> str:
    """A figure in its unit as people read it: `1.53 GB`, `0.25 cores`, `44 ms`."""
    if unit in ("B", "B/s"):
        return quantity(value, unit)
    size = abs(value)
    digits = 0 if size >= 99.5 or float(value).is_integer() else 1 if size >= 9.95 else 2 if size >= 0.0995 else 3
    text = f"{value:.{digits}f}".replace("-", "−")
    if unit == "%":
        return percent(value)
    return f"{text} {unit}".rstrip()


def _row(figure: Measured, p: float | None, tested: int) -> ComparedRow:
    before = median(figure.before) if figure.before else None
    after = median(figure.after) if figure.after else None
    row = ComparedRow(
        figure.metric,
        figure.title,
        figure.unit,
        figure.better,
        figure.how,
        before,
        after,
        change=None,
        change_unit="%",
        interval=None,
        p=p,
        n=min(len(figure.before), len(figure.after)),
        verdict="inconclusive",
        words="",
        cause=figure.cause,
        before_values=figure.before,
        after_values=figure.after,
        readings=(figure.readings[0] or figure.before, figure.readings[1] or figure.after),
        within_run=figure.within_run,
    )
    if before is None or after is None:
        missing = "before" if before is None else "after"
        return replace(row, words="not measured" if before is after else f"not measured {missing}")
    scale = _scale(figure, before)
    row = replace(
        row,
        change=scale.change(before, after),
        change_unit=scale.unit,
        before_spread=relative_spread(figure.before) if figure.how == "statistics" else None,
        after_spread=relative_spread(figure.after) if figure.how == "statistics" else None,
    )
    if figure.how == "exact":
        return _exact(row, scale)
    if figure.how == "range":
        return _range(row, scale)
    return _statistics(row, figure, scale, tested)


def _scale(figure: Measured, before: float) -> _Scale:
    least = figure.matters
    absolute = max(least.absolute, least.share * abs(before))
    if figure.unit == "%":
        return _Scale("points", None, absolute, f"{absolute:.1f} points")
    if before > 0 and min(figure.before) > 0:
        words = percent(100 * least.share) if least.share * before >= least.absolute else amount(absolute, figure.unit)
        return _Scale("%", before, 100 * absolute / before, words)
    return _Scale(figure.unit, None, absolute, amount(absolute, figure.unit))


def _beyond(row: ComparedRow, sign: int) -> tuple[Verdict, str]:
    """The verdict on a change upwards (1) or downwards (-1) that is beyond doubt."""
    verdict: Verdict = "changed" if not row.better else "better" if sign == row.better else "worse"
    return verdict, verdict


def _exact(row: ComparedRow, scale: _Scale) -> ComparedRow:
    change = row.change or 0.0
    if row.before == row.after:
        return replace(row, verdict="same", words="the same")
    if abs(change) <= scale.matters:
        return replace(row, verdict="same", words=f"no change (within {scale.matters_words})")
    verdict, words = _beyond(row, 1 if change > 0 else -1)
    return replace(row, verdict=verdict, words=words)


def _range(row: ComparedRow, scale: _Scale) -> ComparedRow:
    old, new = row.before_values, row.after_values
    low, high = scale.change(max(old), min(new)), scale.change(min(old), max(new))
    row = replace(row, interval=(low, high))
    if min(old) == max(old) == min(new) == max(new):
        return replace(row, verdict="same", words="the same")
    if low > scale.matters or high < -scale.matters:
        verdict, words = _beyond(row, 1 if low > 0 else -1)
        return replace(row, verdict=verdict, words=words)
    if abs(row.change or 0.0) <= scale.matters:
        return replace(row, verdict="same", words=f"no change (within {scale.matters_words})")
    return replace(row, words="inconclusive: readings overlap")


def _statistics(row: ComparedRow, figure: Measured, scale: _Scale, tested: int) -> ComparedRow:
    if not _varies(figure):
        return replace(row, interval=(0.0, 0.0), verdict="same", words="the same")
    change = change_of_median(figure.before, figure.after, relative=scale.base is not None)
    factor = 100.0 if scale.base is not None else 1.0
    low, high, seen = factor * change.low, factor * change.high, factor * _REACH * change.error
    p = 1.0 if row.p is None else row.p
    row = replace(row, interval=(low, high) if row.n > 1 else None)
    if figure.within_run:
        return replace(row, words=ONE_RUN)
    least = smallest_p(len(figure.before), len(figure.after)) * tested
    if p >= ALPHA and least >= ALPHA:
        return replace(row, words=_needs(row, figure, _enough(tested) - row.n))
    if p < ALPHA and (low > scale.matters or high < -scale.matters):
        verdict, words = _beyond(row, 1 if low > 0 else -1)
        return replace(row, verdict=verdict, words=words)
    if -scale.matters <= low and high <= scale.matters:
        return replace(row, verdict="same", words=f"no change (within {scale.matters_words})")
    if p >= ALPHA and seen <= SIGHT * scale.matters:
        return replace(row, verdict="same", words=f"no detectable change (would see {scale.told(seen)})")
    # The interval must shrink until it lies beyond what matters, or until a change would have been seen.
    size = abs(factor * change.value)
    goal = size - scale.matters if p < ALPHA and size > scale.matters else SIGHT * scale.matters
    width = (high - low) / 2 if p < ALPHA and size > scale.matters else seen
    more = math.ceil(row.n * ((width / goal) ** 2 - 1)) if goal > 0 else _MOST_MORE + 1
    return replace(row, words=_needs(row, figure, max(1, more)))


def _about(seconds: float) -> str:
    """A time that nobody needs to the second: `40 s`, `3 min`."""
    return f"{10 * math.ceil(seconds / 10)} s" if seconds <= 90 else f"{math.ceil(seconds / 60)} min"


def _enough(tested: int) -> int:
    """Values on each side with which one row of so many can be told from chance."""
    return next(count for count in range(2, 40) if smallest_p(count, count) * tested < ALPHA)


def _needs(row: ComparedRow, figure: Measured, more: int) -> str:
    if more > _MOST_MORE or (figure.repeat_seconds or 0) * more > 3600:
        return "inconclusive: too noisy to tell"
    if figure.repeat_seconds is not None:
        return f"inconclusive: needs about {_about(more * figure.repeat_seconds)} more"
    return f"inconclusive: needs about {counted(more, 'more run') if row.n else 'some runs'}"
