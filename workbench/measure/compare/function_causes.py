"""Which functions a change of CPU per request comes from: a profile of each side, both under the same load.

How quick the machine was while either was recorded is in its samples, so only shares are taken from them; what a share
is of, CPU per request, was measured over all pairs without a profiler.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workbench.measure.compare.judged import amount
from workbench.measure.compare.profiles import differs
from workbench.measure.flame.diff import FunctionDiff, ProfileDiff
from workbench.measure.flame.origin import origin
from workbench.measure.flame.waits import waits
from workbench.measure.text import shorten
from workbench.measure.units import percent
from workbench.model.comparison import ComparedRow
from workbench.model.frame_tree import ROOT, FrameTree

_TELLING_SHARE = 0.2
"""Of the whole change of CPU per request that a function must make up."""
_TELLING_POINTS = 0.1
"""A share that changed by as much is told as such; where CPU per request is not known, less is no cause."""
_NO_CHANGE = 0.05
"""Of CPU per request before: what changed by less is not why anything else did."""
_MOST = 2
"""Functions in one cause."""
_LONGEST = 60

_Function = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Part:
    """One side of a change."""

    tree: FrameTree
    weight: float
    """What a share of one is worth in the change; below 0 where it is taken away."""


def function_cause(found: ProfileDiff, cpu: ComparedRow, sign: int) -> str:
    """The functions that make up most of the change: `app.py:load 41% → 3.0% of samples`. May hold hostile names.

    Args:
        found: Both profiles.
        cpu: CPU per request of both sides.
        sign: 1 where what is to be explained asks for more CPU per request, -1 for less.

    Returns:
        Nothing where no difference is beyond chance, or CPU per request went another way.
    """
    before, after = (1.0, 1.0) if cpu.before is None or cpu.after is None else (cpu.before, cpu.after)
    is_known = cpu.before is not None and cpu.after is not None
    whole = sign * (after - before)
    if is_known and whole <= _NO_CHANGE * before:
        return ""
    least = _TELLING_SHARE * whole if is_known else _TELLING_POINTS
    is_sure = is_known and cpu.verdict in ("better", "worse")
    changes = {
        each.place.function: sign * (after * each.total_after - before * each.total_before) for each in found.functions
    }
    telling = [
        each
        for each in found.functions
        if each.place.kind == "code"
        and changes[each.place.function] >= least
        and (is_sure or differs(each))
        and not waits(each.place)
    ]
    own = [each for each in telling if origin(each.place) == "own"]
    parts = _Part(found.before.tree, -sign * before), _Part(found.after.tree, sign * after)
    chosen = _apart(own or telling, changes, least, parts)
    return ", ".join(_told(each, (before, after), is_sure=is_sure) for each in chosen[:_MOST])


def _apart(
    functions: Sequence[FunctionDiff], changes: Mapping[_Function, float], least: float, parts: tuple[_Part, _Part]
) -> list[FunctionDiff]:
    """Those whose change is no other one's too, the one that makes up most first.

    Args:
        functions: All that may be told.
        changes: Of the CPU per request of each, what it calls included.
        least: Change that must be left of one beside the others.
        parts: Both sides.
    """
    left = dict(changes)
    chosen = []
    # What calls another one is in all of its samples, so that it comes after it; so does what many call
    for each in sorted(functions, key=lambda one: (max(one.total_before, one.total_after), -_own(one))):
        function = each.place.function
        if (change := left[function]) < least:
            continue
        chosen.append((change, each))
        for part in parts:
            for below, share in _below(part.tree, function).items():
                left[below] = left.get(below, 0.0) - part.weight * share
        for caller in set[_Function]().union(*(_callers(part.tree, function) for part in parts)):
            left[caller] = left.get(caller, 0.0) - change
    return [each for _, each in sorted(chosen, key=lambda one: -one[0])]


def _own(function: FunctionDiff) -> float:
    return max(function.own_before, function.own_after)


def _callers(tree: FrameTree, function: _Function) -> set[_Function]:
    """All functions that are above one on some stack."""
    found: set[_Function] = set()
    seen: set[int] = set()
    for node in range(len(tree)):
        if tree.at(node).function == function:
            above = tree.parent[node]
            while above > ROOT and above not in seen:
                seen.add(above)
                found.add(tree.at(above).function)
                above = tree.parent[above]
    return found - {function}


def _below(tree: FrameTree, function: _Function) -> dict[_Function, float]:
    """The share of everything that one calls, directly or not, while it does."""
    found: dict[_Function, float] = {}
    whole = tree.total[ROOT] or 1.0
    counted_to: dict[_Function, int] = {}
    end = ROOT
    for node in range(ROOT + 1, len(tree)):
        each = tree.at(node).function
        if each == function:
            end = max(end, tree.end[node])
        elif node < end and node >= counted_to.get(each, ROOT):
            counted_to[each] = tree.end[node]
            found[each] = found.get(each, 0.0) + tree.total[node] / whole
    return found


def _told(function: FunctionDiff, cpu: tuple[float, float], *, is_sure: bool) -> str:
    """By its share where that tells, else by its part of the CPU per request."""
    file = function.place.file.rpartition("/")[2]
    name = shorten(f"{file}:{function.place.name}" if file else function.place.name, _LONGEST)
    shares = function.total_before, function.total_after
    if differs(function) and (abs(function.change) >= _TELLING_POINTS or not is_sure):
        old, new = (percent(100 * share) for share in shares)
        return f"{name} {old} → {new} of samples"
    old, new = (amount(share * each, "ms") for share, each in zip(shares, cpu, strict=True))
    return f"{name} {old} → {new} of CPU per request"
