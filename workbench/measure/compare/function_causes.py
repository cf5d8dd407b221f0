"""Which functions a change of CPU per request comes from: a profile of each side, both under the same load.

How quick the machine was while either was recorded is in its samples, so only shares are taken from them; what a share
is of, CPU per request, was measured over all pairs without a profiler. However sure its change is, it does not tell
where it comes from: a function whose share differs by no more than chance took part in it as all others did.
"""

from collections.abc import Callable, Collection, Mapping, Sequence

from workbench.measure.compare.judged import amount
from workbench.measure.compare.profiles import differs
from workbench.measure.flame.diff import FunctionDiff, ProfileDiff
from workbench.measure.flame.functions import functions_of
from workbench.measure.flame.origin import origin
from workbench.measure.flame.significance import FALSE_ALARMS, two_proportions
from workbench.measure.flame.transform import not_containing
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

    def change(shares: tuple[float, float]) -> float:
        """Of the CPU per request, by a function whose share moved with it; else 0."""
        made = sign * (after * shares[1] - before * shares[0])
        return made if sign * (shares[1] - shares[0]) > 0 else 0.0

    telling = [
        each
        for each in found.functions
        if each.place.kind == "code"
        and differs(each)
        and change((each.total_before, each.total_after)) >= least
        and not waits(each.place)
    ]
    own = [each for each in telling if origin(each.place) == "own"]
    chosen = _apart(own or telling, found, change, least)
    return ", ".join(_told(each, (before, after), is_sure=is_sure) for each in chosen[:_MOST])


def _apart(
    functions: Sequence[FunctionDiff], found: ProfileDiff, change: Callable[[tuple[float, float]], float], least: float
) -> list[FunctionDiff]:
    """Those whose change is no other one's too, the one that makes up most first.

    Args:
        functions: All that may be told.
        found: Both profiles.
        change: What two shares of the CPU per request, before and after, make up of its change.
        least: Change that must be left of one beside the others.
    """
    chosen: dict[_Function, float] = {}
    left: Sequence[Mapping[_Function, float]] = ()
    # What calls another one is in all of its samples, so that it comes after it; so does what many call
    order = sorted(functions, key=lambda one: (max(one.total_before, one.total_after), -_own(one)))
    for each in order:
        function = each.place.function
        shares = each.total_before, each.total_after
        if chosen:
            shares = left[0].get(function, 0.0), left[1].get(function, 0.0)
            if _chance(shares, each.worth) * len(functions) >= FALSE_ALARMS:
                continue
        if (made := change(shares)) >= least:
            chosen[function] = made
            left = [_shares_without(profile.tree, chosen) for profile in (found.before, found.after)]
    return sorted((one for one in order if one.place.function in chosen), key=lambda one: -chosen[one.place.function])


def _chance(shares: tuple[float, float], worth: tuple[float, float]) -> float:
    """The p value of two shares being one."""
    return two_proportions(shares[0] * worth[0], worth[0], shares[1] * worth[1], worth[1])


def _own(function: FunctionDiff) -> float:
    return max(function.own_before, function.own_after)


def _shares_without(tree: FrameTree, chosen: Collection[_Function]) -> dict[_Function, float]:
    """The share of everything that each function is in while none of the chosen ones is on the stack."""
    rest = not_containing(tree, [place.function in chosen for place in tree.places])
    return {each.place.function: each.total / tree.total[ROOT] for each in functions_of(rest)}


def _told(function: FunctionDiff, cpu: tuple[float, float], *, is_sure: bool) -> str:
    """By its share where that tells, else by its part of the CPU per request."""
    file = function.place.file.rpartition("/")[2]
    name = shorten(f"{file}:{function.place.name}" if file else function.place.name, _LONGEST)
    shares = function.total_before, function.total_after
    if abs(function.change) >= _TELLING_POINTS or not is_sure:
        old, new = (percent(100 * share) for share in shares)
        return f"{name} {old} → {new} of samples"
    old, new = (amount(share * each, "ms") for share, each in zip(shares, cpu, strict=True))
    return f"{name} {old} → {new} of CPU per request"
