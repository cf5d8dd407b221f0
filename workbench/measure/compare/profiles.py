"""Two profiles: the functions whose share changed, with what the samples are worth."""

import math
from collections.abc import Sequence

from workbench.measure.flame.diff import FunctionDiff, ProfileDiff, compare_several
from workbench.model.comparison import ComparedRow, Comparison, Flag, Side, Verdict
from workbench.model.profile import Profile

MOST = 40
"""Functions told; those whose change is worth most come first."""
_SURE = 0.05
_MATTERS = 0.01
"""Of the whole: a smaller change of a share matters to nobody."""
_METHOD = (
    "Shares of all samples, everything that a function called included. Two-proportion z tests, q adjusted for all "
    "functions (Benjamini and Hochberg); numbers of calls are exact."
)


def compare_two_profiles(before: Profile, after: Profile, sides: tuple[Side, Side]) -> Comparison:
    """Judge every function's share.

    Args:
        before: The first profile.
        after: The second.
        sides: What they are called.
    """
    return compare_several_profiles((before,), (after,), sides)


def compare_several_profiles(
    befores: Sequence[Profile], afters: Sequence[Profile], sides: tuple[Side, Side]
) -> Comparison:
    """The same for several runs of either, put together.

    Args:
        befores: One at least.
        afters: One at least.
        sides: What they are called.
    """
    found = compare_several(befores, afters)
    rows = [_row(function) for function in _telling(found)]
    flags = [Flag("data", warning) for warning in found.warnings]
    if min(len(befores), len(afters)) < 2 and any(row.verdict == "changed" and row.how == "statistics" for row in rows):
        flags.append(Flag("repeats", "one profile on each side: tested is the sampling, not how runs differ"))
    method = f"{_METHOD} {found.method[:1].upper()}{found.method[1:]}." if found.method else _METHOD
    return Comparison("profiles", *sides, tuple(rows), tuple(flags), method)


def differs(function: FunctionDiff) -> bool:
    """Whether the share of its samples changed beyond chance, and by as much as matters."""
    return function.q is not None and function.q < _SURE and abs(function.change) >= _MATTERS


def _telling(found: ProfileDiff) -> list[FunctionDiff]:
    told = [one for one in found.functions if max(one.total_before, one.total_after) >= _MATTERS or one.calls_change]
    return told[:MOST]


def _row(function: FunctionDiff) -> ComparedRow:
    interval = None
    first, second = function.worth
    if first and second:
        old, new = function.total_before, function.total_after
        error = 196 * math.sqrt(max(0.0, old * (1 - old)) / first + max(0.0, new * (1 - new)) / second)
        interval = (100 * function.change - error, 100 * function.change + error)
    verdict, words = _verdict(function, exact=interval is None)
    calls = f"{function.calls_change:+,} calls" if function.calls_change else ""
    return ComparedRow(
        f"{function.place.name} {function.place.file}",
        function.place.name,
        "%",
        0,
        "statistics" if interval else "exact",
        100 * function.total_before,
        100 * function.total_after,
        100 * function.change,
        "points",
        interval,
        function.q,
        round(min(first, second)),
        verdict,
        words,
        ", ".join(text for text in (calls, function.place.where) if text),
    )


def _verdict(function: FunctionDiff, *, exact: bool) -> tuple[Verdict, str]:
    if function.before is None:
        return "changed", "new"
    if function.after is None:
        return "changed", "gone"
    if exact:
        return ("changed", "changed") if abs(function.change) >= _MATTERS else ("same", "about the same")
    if differs(function):
        return "changed", "changed"
    seen = f"{100 * (function.detectable or 0):.0f} points"
    return "same", f"no detectable change (would see {seen})"
