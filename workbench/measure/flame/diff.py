"""Two profiles compared: per stack with both figures, and per function with what the difference is worth."""

from __future__ import annotations  # array[int] cannot be subscripted before Python 3.12

from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING

from workbench.measure.flame.functions import functions_of
from workbench.measure.flame.mean_profile import mean_profile
from workbench.measure.flame.sample_worth import SampleWorth, sample_worth
from workbench.measure.flame.significance import FALSE_ALARMS, benjamini_hochberg, detectable_change, two_proportions
from workbench.measure.flame.stack_diff import StackDiff, compare_stacks
from workbench.measure.flame.transform import by_function, kept
from workbench.model.frame_tree import OUTER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.model.frame_tree import FrameTree, Place
    from workbench.model.profile import FunctionFigures, Profile

_TELLING = 0.01
"""Of the whole: what samples are worth is told for functions with more."""


@dataclass(frozen=True, slots=True)
class FunctionDiff:
    """One function in two profiles."""

    place: Place
    before: FunctionFigures | None
    """`None` where it did not occur."""
    after: FunctionFigures | None
    own_before: float
    """Shares of the whole, 0 to 1; or amounts where these are compared."""
    own_after: float
    total_before: float
    total_after: float
    calls_change: int | None
    """Exact; `None` where calls were not counted in both."""
    q: float | None = None
    """The chance-adjusted p value of its total share's difference; `None` where the shares do not rest on samples."""
    detectable: float | None = None
    """The smallest difference of its share that could have been seen, 0 to 1."""
    worth: tuple[float, float] = (0.0, 0.0)
    """How many independent samples those of each side are worth for its share; 0 where there are none."""

    @property
    def change(self) -> float:
        """The share that it gained, everything below it included."""
        return self.total_after - self.total_before


@dataclass(frozen=True, slots=True)
class ProfileDiff:
    """What differs between two profiles."""

    before: Profile
    after: Profile
    stacks: StackDiff
    functions: tuple[FunctionDiff, ...]
    """Changed numbers of calls first, which are exact; then what is hardly chance; each by the size of its change."""
    warnings: tuple[str, ...]
    by_amount: bool = False
    """Whether bytes are compared, not shares."""
    method: str = ""
    """What the samples are worth, in a sentence; empty where nothing was sampled."""


def compare_several(befores: Sequence[Profile], afters: Sequence[Profile], aspect: str = "") -> ProfileDiff:
    """Compare profiles by their functions' shares; their lines, processes and threads are left aside.

    Memory is compared by its bytes: they are measured, not sampled. Times are compared by their shares alone: how quick
    the machine was that day is in every one of them. What repeats tell beyond shares,
    `measure/compare/repeated_profiles.py` tells.

    Args:
        befores: The runs of one side, put together; one at least, all of one unit.
        afters: Those of the other.
        aspect: Which of several trees is compared, where both have it: `leaks`.
    """
    before, after = mean_profile(befores), mean_profile(afters)
    warnings = []
    by_amount = before.unit == after.unit == "bytes"
    if by_amount:
        of = "in one run each" if len(befores) == len(afters) == 1 else "on average"
        warnings.append(f"bytes are compared as they were measured {of}: there is no statistics to it")
    if before.unit != after.unit:
        warnings.append(f"one profile counts {before.unit}, the other {after.unit}: only shares can be compared")
    for name, profile in (("first", before), ("second", after)):
        if profile.samples is not None and profile.samples < 500:
            warnings.append(f"the {name} profile has {profile.samples} samples: only large differences show")
    trees = _bare(_aspect(before, aspect)), _bare(_aspect(after, aspect))
    stacks = compare_stacks(*trees, by_amount=by_amount)
    exact = not aspect or not before.aspects or aspect == before.aspects[0].name
    functions = _functions(before, after, trees, stacks.wholes, exact=exact)
    method = ""
    if before.samples and after.samples:
        worth = sample_worth(befores), sample_worth(afters)
        functions = _judged(functions, worth)
        method = _method(functions, worth)
    functions.sort(key=_interest)
    return ProfileDiff(before, after, stacks, tuple(functions), tuple(warnings), by_amount, method)


def named_functions(profile: Profile) -> dict[tuple[str, str], FunctionFigures]:
    """A profile's functions by name and file, its threads and processes together: exact where it has such figures."""
    return _by_name(profile.functions or functions_of(_bare(profile.tree)))


def aspects_of_both(before: Profile, after: Profile) -> list[str]:
    """The trees that both profiles have several of."""
    return [each.name for each in before.aspects if each.name in {other.name for other in after.aspects}]


def _aspect(profile: Profile, name: str) -> FrameTree:
    return next((each.tree for each in profile.aspects if each.name == name), profile.tree)


def _bare(tree: FrameTree) -> FrameTree:
    """Functions alone: a process or a thread has another number in another run."""
    return by_function(kept(tree, lambda node: tree.at(node).kind not in OUTER))


def _functions(
    before: Profile, after: Profile, trees: tuple[FrameTree, FrameTree], wholes: tuple[float, float], *, exact: bool
) -> list[FunctionDiff]:
    tables = []
    for profile, tree in zip((before, after), trees, strict=True):
        tables.append(_by_name((exact and profile.functions) or functions_of(tree)))
    found: list[FunctionDiff] = []
    for function in tables[0].keys() | tables[1].keys():
        first, second = tables[0].get(function), tables[1].get(function)
        shares = [
            (each.own / whole, each.total / whole) if each else (0.0, 0.0)
            for each, whole in zip((first, second), wholes, strict=True)
        ]
        place = (second or first).place  # type: ignore[union-attr]  # it is in one of the tables
        found.append(
            FunctionDiff(
                place, first, second, shares[0][0], shares[1][0], shares[0][1], shares[1][1], _calls(first, second)
            )
        )
    return found


def _by_name(functions: Sequence[FunctionFigures]) -> dict[tuple[str, str], FunctionFigures]:
    """Functions by name and file: where one begins may have moved, so those of one name are added up."""
    found: dict[tuple[str, str], FunctionFigures] = {}
    for each in functions:
        known = found.get(each.place.function)
        if known is not None:
            calls = None if known.calls is None or each.calls is None else known.calls + each.calls
            found[each.place.function] = replace(
                known, own=known.own + each.own, total=known.total + each.total, calls=calls
            )
        else:
            found[each.place.function] = each
    return found


def _calls(first: FunctionFigures | None, second: FunctionFigures | None) -> int | None:
    counted = [each.calls for each in (first, second) if each is not None]
    if None in counted:
        return None
    return (second.calls or 0 if second else 0) - (first.calls or 0 if first else 0)


def _judged(found: list[FunctionDiff], worth: tuple[SampleWorth, SampleWorth]) -> list[FunctionDiff]:
    values, judged = [], []
    for each in found:
        old, new = min(1.0, each.total_before), min(1.0, each.total_after)
        # One share without a scatter of its own is as uncertain as the other one's.
        effect = max(side.design_effect(each.place.function) for side in worth)
        first, second = (
            side.samples / max(1.0, side.design_effect(each.place.function) if share else effect)
            for side, share in zip(worth, (old, new), strict=True)
        )
        values.append(two_proportions(old * first, first, new * second, second))
        seen = detectable_change((old + new) / 2, first, second)
        judged.append(replace(each, detectable=seen, worth=(first, second)))
    return [replace(each, q=q) for each, q in zip(judged, benjamini_hochberg(values), strict=True)]


def _method(found: Sequence[FunctionDiff], worth: tuple[SampleWorth, SampleWorth]) -> str:
    """What the samples were taken for."""
    if not all(side.has_times for side in worth):
        return "samples are taken as independent: a recording without times, or too short a one, tells no more"
    telling = [each for each in found if max(each.total_before, each.total_after) >= _TELLING]
    sides = [round(median(each.worth[place] for each in telling or found)) for place in (0, 1)] if found else [0, 0]
    all_of = [round(side.samples) for side in worth]
    return (
        f"samples close in time are alike: {all_of[0]:,} and {all_of[1]:,} are worth about {sides[0]:,} and "
        f"{sides[1]:,} independent ones for a share, by what it varies from one span of time to the next"
    )


def _interest(each: FunctionDiff) -> tuple[bool, bool, float, Place]:
    return not each.calls_change, each.q is not None and each.q >= FALSE_ALARMS, -abs(each.change), each.place
