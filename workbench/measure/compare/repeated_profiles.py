"""Repeated profiles on each side: how long each function took before and after, and what the change is worth.

How quick a machine was that day is in every time it measured, so that times of one run each are not compared. Several
runs on each side, best taken in turns, tell how much times differ anyway.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from workbench.measure.compare.judged import judged
from workbench.measure.flame.diff import named_functions
from workbench.measure.flame.significance import benjamini_hochberg
from workbench.measure.flame.waits import waits
from workbench.measure.units import counted
from workbench.model.comparison import ComparedRow, Comparison, Flag, Matters, Measured, Side
from workbench.model.frame_tree import Place
from workbench.model.profile import FunctionFigures, Profile
from workbench.model.reading import Missing

LEAST_SHARE = 0.01
"""Of the whole, in the median run of either side: functions with less are not tested, and no change of less matters."""
MOST = 400
"""Functions that are judged, the largest ones."""
MOST_TOLD = 20
"""Functions in a table of a comparison; each has two rows."""
METHOD = (
    "Medians of the runs of each side; 95 % bootstrap intervals; exact Mann-Whitney tests, p adjusted for all "
    "functions (Benjamini and Hochberg), self and total apart."
)
_HOW = (
    "take 5 or more on each side, in turns: workbench profile --diff A1 A2 … -- B1 B2 …, or A and B on runs (7), then c"
)
_MATTERS = 0.05
_WHOLE_RUNS = frozenset({"fresh", "file"})
"""Ways in whose figures are of a run from its beginning to its end; the others look on for a while."""


@dataclass(frozen=True, slots=True)
class RepeatedFunction:
    """One function in all runs."""

    place: Place
    own: ComparedRow
    """What it did itself."""
    total: ComparedRow
    """With everything it called."""


@dataclass(frozen=True, slots=True)
class RepeatedProfiles:
    """Every function that is worth a test, those that changed beyond doubt first."""

    functions: tuple[RepeatedFunction, ...]
    runs: tuple[int, int]
    unit: str
    """`ms`, `B`, or what is counted."""
    per: str
    """What a figure is of: `run`, or `second of recording`."""
    flags: tuple[Flag, ...] = ()


def compare_repeats(before: Sequence[Profile], after: Sequence[Profile]) -> RepeatedProfiles | Missing:
    """Judge how long each function took, or how much it held, over repeated runs.

    Args:
        before: The runs of one side, in the order they were taken in.
        after: Those of the other.

    Returns:
        Why there are no such figures, when there are none.
    """
    runs = [*before, *after]
    if min(len(before), len(after)) < 2:
        alone = " and ".join(name for name, side in (("before", before), ("after", after)) if len(side) < 2)
        return Missing(f"no absolute figures: there is one run {alone}, and times differ from run to run", _HOW)
    units = {profile.unit for profile in runs}
    if len(units) > 1:
        return Missing(
            f"no absolute figures: the runs count {' and '.join(sorted(units))}", "choose runs of one profiler"
        )
    span = _span(runs)
    if isinstance(span, Missing):
        return span
    rates = [profile.rate_hz for profile in runs]
    if "samples" in units and None in rates and (span or any(rates)):  # counts are of the sampler's making
        return Missing("no absolute figures: how often a run was sampled is not known", "record it again")
    unit, parts = _scale(runs, per_second=span)
    sides = [[_scaled(profile, part) for profile, part in side] for side in _split(runs, parts, len(before))]
    names = _telling(sides)
    whole = median(figures.whole for figures in sides[0])
    rows = [
        judged(
            [_measured(name, places, sides, unit, whole, figure) for name, places in names.items()], benjamini_hochberg
        )
        for figure in (_own, _total)
    ]
    found = [
        RepeatedFunction(place, own, total) for place, own, total in zip(names.values(), *rows, strict=True)
    ]  # fmt: skip
    found.sort(key=_interest)
    per = "second of recording" if span else "run"
    return RepeatedProfiles(tuple(found), (len(before), len(after)), unit, per, tuple(_flags(before, after)))


def compare_repeated_profiles(
    before: Sequence[Profile], after: Sequence[Profile], sides: tuple[Side, Side]
) -> Comparison | Missing:
    """The same as a comparison: two rows for each of the functions that changed most.

    Args:
        before: The runs of one side.
        after: Those of the other.
        sides: What they are called.
    """
    found = compare_repeats(before, after)
    if isinstance(found, Missing):
        return found
    rows = tuple(row for each in found.functions[:MOST_TOLD] for row in (each.total, each.own))
    notes = (f"times are of {'each ' if found.per == 'run' else 'a '}{found.per}",) if found.unit == "ms" else ()
    return Comparison("profiles", *sides, rows, found.flags, METHOD, notes)


# --- what is compared ----------------------------------------------------------------------------------------------


def _span(runs: Sequence[Profile]) -> bool | Missing:
    """Whether figures are of a second of recording, not of a whole run."""
    whole = [profile.how in _WHOLE_RUNS for profile in runs]
    if all(whole) or all(profile.unit == "bytes" for profile in runs):
        return False
    if any(whole):
        return Missing("no absolute figures: some runs are whole, others were looked at for a while", "choose one way")
    if not all(profile.duration_seconds for profile in runs):
        return Missing("no absolute figures: how long a run was recorded is not known", "record it again")
    return True


def _scale(runs: Sequence[Profile], *, per_second: bool) -> tuple[str, list[float]]:
    """The unit that figures are told in, and for each run what its own are multiplied by."""
    spans = [1.0 / (profile.duration_seconds or 1.0) if per_second else 1.0 for profile in runs]
    unit = runs[0].unit
    if unit == "seconds":
        return "ms", [1e3 * span for span in spans]
    if unit == "bytes":
        return "B", spans
    rates = [profile.rate_hz for profile in runs]
    if unit == "samples" and None not in rates:
        return "ms", [1e3 * span / (rate or 1.0) for span, rate in zip(spans, rates, strict=True)]
    return unit, spans


def _split(
    runs: Sequence[Profile], parts: Sequence[float], first: int
) -> tuple[list[tuple[Profile, float]], list[tuple[Profile, float]]]:
    pairs = list(zip(runs, parts, strict=True))
    return pairs[:first], pairs[first:]


@dataclass(frozen=True, slots=True)
class _Run:
    """One run's figures in the unit that is told."""

    functions: dict[tuple[str, str], FunctionFigures]
    part: float
    whole: float


def _scaled(profile: Profile, part: float) -> _Run:
    return _Run(named_functions(profile), part, profile.tree.total[0] * part)


def _own(run: _Run, name: tuple[str, str]) -> float:
    each = run.functions.get(name)
    return 0.0 if each is None else each.own * run.part


def _total(run: _Run, name: tuple[str, str]) -> float:
    each = run.functions.get(name)
    return 0.0 if each is None else each.total * run.part


def _telling(sides: Sequence[Sequence[_Run]]) -> dict[tuple[str, str], Place]:
    """The functions that are worth a test, the largest first, and where they are on the side after."""
    places: dict[tuple[str, str], Place] = {}
    for side in sides:
        for run in side:
            for name, each in run.functions.items():
                if each.place.kind == "code":
                    places[name] = each.place

    def share(name: tuple[str, str]) -> float:
        return max(median(_total(run, name) / (run.whole or 1.0) for run in side) for side in sides)

    shares = {name: share(name) for name in places}
    largest = sorted((name for name in places if shares[name] >= LEAST_SHARE), key=lambda name: (-shares[name], name))
    return {name: places[name] for name in largest[:MOST]}


def _measured(
    name: tuple[str, str],
    place: Place,
    sides: Sequence[Sequence[_Run]],
    unit: str,
    whole: float,
    figure: Callable[[_Run, tuple[str, str]], float],
) -> Measured:
    old, new = (tuple(figure(run, name) for run in side) for side in sides)
    own = figure is _own
    return Measured(
        f"{'self' if own else 'total'} {place.name} {place.file}",
        f"{place.name}{', self' if own else ''}",
        unit,
        0 if waits(place) else -1,
        "statistics",
        old,
        new,
        Matters(_MATTERS, LEAST_SHARE * whole),
        place.where,
    )


def _interest(each: RepeatedFunction) -> tuple[bool, float, Place]:
    sure = any(row.verdict in ("better", "worse", "changed") for row in (each.own, each.total))
    return not sure, -abs((each.total.after or 0.0) - (each.total.before or 0.0)), each.place


def _flags(before: Sequence[Profile], after: Sequence[Profile]) -> list[Flag]:
    """Whether the order of the runs, or how they were taken, casts doubt."""
    flags = []
    times = [[profile.taken_at for profile in side if profile.taken_at is not None] for side in (before, after)]
    if all(times) and (max(times[0]) < min(times[1]) or max(times[1]) < min(times[0])):
        words = "one side was recorded before the other: the machine may have changed; take them in turns"
        flags.append(Flag("repeats", words))
    for name, side in (("before", before), ("after", after)):
        if len({(profile.profiler, profile.how, profile.rate_hz, profile.target) for profile in side}) > 1:
            flags.append(Flag("repeats", f"the runs {name} were not all taken in one way", serious=True))
    short = min(len(before), len(after))
    if short < 5:
        flags.append(Flag("repeats", f"{counted(short, 'run')} on a side: 5 or more tell smaller changes"))
    return flags
