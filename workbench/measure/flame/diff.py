"""Two profiles compared: per stack with both figures, and per function with what the difference is worth."""

from __future__ import annotations  # array[int] cannot be subscripted before Python 3.12

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from workbench.measure.flame.building import TreeBuilder, lay_out
from workbench.measure.flame.functions import functions_of
from workbench.measure.flame.significance import FALSE_ALARMS, benjamini_hochberg, detectable_change, two_proportions
from workbench.measure.flame.transform import by_function, kept
from workbench.model.frame_tree import OUTER, ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.model.frame_tree import FrameTree, Place
    from workbench.model.profile import FunctionFigures, Profile


@dataclass(frozen=True, slots=True)
class StackDiff:
    """Two trees of the same shape: every stack that either profile has, with the figures of each.

    A stack that has vanished is there with nothing in `after`, one that is new with nothing in `before`.
    """

    before: FrameTree
    after: FrameTree
    both: FrameTree
    """The same shape, for drawing: a frame is as wide as its larger figure, the widest sibling first."""
    wholes: tuple[float, float] = (1.0, 1.0)
    """What the figures of each are divided by: its total where shares are compared."""

    def figures(self, node: int) -> tuple[float, float]:
        """A frame's total before and after: shares of the whole, or amounts where these are compared."""
        return self.before.total[node] / self.wholes[0], self.after.total[node] / self.wholes[1]

    def change(self, node: int) -> float:
        """What a frame gained."""
        before, after = self.figures(node)
        return after - before


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


def compare_profiles(before: Profile, after: Profile, aspect: str = "") -> ProfileDiff:
    """Compare two profiles by their functions' shares; their lines, processes and threads are left aside.

    Memory is compared by its bytes: they are measured, not sampled. Times of two single runs are compared by their
    shares alone: how quick the machine was that day is in every one of them.

    Args:
        before: The first.
        after: The second.
        aspect: Which of several trees is compared, where both have it: `leaks`.
    """
    warnings = []
    by_amount = before.unit == after.unit == "bytes"
    if by_amount:
        warnings.append("bytes are compared as they were measured in one run each: there is no statistics to it")
    elif before.unit == after.unit == "seconds":
        warnings.append("shares are compared: times of one run each differ with the machine's day")
    if before.unit != after.unit:
        warnings.append(f"one profile counts {before.unit}, the other {after.unit}: only shares can be compared")
    for name, profile in (("first", before), ("second", after)):
        if profile.samples is not None and profile.samples < 500:
            warnings.append(f"the {name} profile has {profile.samples} samples: only large differences show")
    trees = _bare(_aspect(before, aspect)), _bare(_aspect(after, aspect))
    stacks = compare_stacks(*trees, by_amount=by_amount)
    exact = not aspect or not before.aspects or aspect == before.aspects[0].name
    functions = _functions(before, after, trees, stacks.wholes, exact=exact)
    return ProfileDiff(before, after, stacks, tuple(functions), tuple(warnings), by_amount)


def aspects_of_both(before: Profile, after: Profile) -> list[str]:
    """The trees that both profiles have several of."""
    return [each.name for each in before.aspects if each.name in {other.name for other in after.aspects}]


def _aspect(profile: Profile, name: str) -> FrameTree:
    return next((each.tree for each in profile.aspects if each.name == name), profile.tree)


def _bare(tree: FrameTree) -> FrameTree:
    """Functions alone: a process or a thread has another number in another run."""
    return by_function(kept(tree, lambda node: tree.at(node).kind not in OUTER))


def compare_stacks(before: FrameTree, after: FrameTree, *, by_amount: bool = False) -> StackDiff:
    """Put two trees into one shape. Frames are the same when name and file are: their lines may have moved.

    Args:
        before: The first.
        after: The second.
        by_amount: Compare their figures as they are, not as shares of the whole.
    """
    shapes = TreeBuilder(), TreeBuilder()
    names: dict[tuple[str, str, str], Place] = {}
    # The second profile's places first: where a line has moved, the new one is shown.
    for of_after, tree in ((True, after), (False, before)):
        places = [names.setdefault((place.name, place.file, place.kind), place) for place in tree.places]
        moved = [ROOT] * len(tree)
        for builder, counts in zip(shapes, (not of_after, of_after), strict=True):
            numbers = [builder.intern(place) for place in places]
            for node in range(len(tree)):
                if node:
                    moved[node] = builder.child(moved[tree.parent[node]], numbers[tree.place[node]])
                builder.add(moved[node], tree.own[node] if counts else 0.0)
    first, second = shapes[0].finish(), shapes[1].finish()
    wholes = (1.0, 1.0) if by_amount else (first.total[ROOT] or 1.0, second.total[ROOT] or 1.0)
    own, ranks = _widest(first, second, wholes)
    ordered = (
        lay_out(first.places, first.place, first.parent, figures, ranks=ranks)
        for figures in (first.own, second.own, own)
    )
    return StackDiff(next(ordered), next(ordered), next(ordered), wholes)


def _widest(first: FrameTree, second: FrameTree, wholes: tuple[float, float]) -> tuple[list[float], list[float]]:
    """Own figures with which every frame is at least as wide as its larger one, and as its callees together; ranks."""
    wide = [max(first.total[node] / wholes[0], second.total[node] / wholes[1]) for node in range(len(first))]
    below = [0.0] * len(first)
    for node in range(len(first) - 1, ROOT, -1):
        wide[node] = max(wide[node], below[node])
        below[first.parent[node]] += wide[node]
    wide[ROOT] = max(wide[ROOT], below[ROOT])
    return [total - part for total, part in zip(wide, below, strict=True)], [-total for total in wide]


def _functions(
    before: Profile, after: Profile, trees: tuple[FrameTree, FrameTree], wholes: tuple[float, float], *, exact: bool
) -> list[FunctionDiff]:
    tables = []
    for profile, tree in zip((before, after), trees, strict=True):
        tables.append(_by_name((exact and profile.functions) or functions_of(tree)))
    counts = before.samples, after.samples
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
    if counts[0] and counts[1]:
        found = _judged(found, counts[0], counts[1])
    return sorted(found, key=_interest)


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


def _judged(found: list[FunctionDiff], first_all: int, second_all: int) -> list[FunctionDiff]:
    values = [
        two_proportions(
            min(1.0, each.total_before) * first_all, first_all, min(1.0, each.total_after) * second_all, second_all
        )
        for each in found
    ]
    return [
        replace(
            each,
            q=q,
            detectable=detectable_change(min(1.0, (each.total_before + each.total_after) / 2), first_all, second_all),
        )
        for each, q in zip(found, benjamini_hochberg(values), strict=True)
    ]


def _interest(each: FunctionDiff) -> tuple[bool, bool, float, Place]:
    return not each.calls_change, each.q is not None and each.q >= FALSE_ALARMS, -abs(each.change), each.place
