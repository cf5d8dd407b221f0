"""Figures of functions: each over the whole profile, its callers and callees, and its lines."""

from __future__ import annotations  # array[int] cannot be subscripted before Python 3.12

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.model.frame_tree import OUTER, FrameTree, Place
from workbench.model.profile import FunctionFigures, Profile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Function = tuple[str, str]
"""Name and file, which is what tells functions apart where lines are those that ran."""


def functions_of(tree: FrameTree) -> list[FunctionFigures]:
    """Every function, the largest own figure first. A recursive one's total counts where it is outermost."""
    number: dict[Function, int] = {}
    of_place = [number.setdefault(place.function, len(number)) for place in tree.places]
    own, total, calls = [0.0] * len(number), [0.0] * len(number), [0.0] * len(number)
    hottest: list[dict[int, float]] = [{} for _ in number]
    for node, function, outermost in _walk(tree, of_place):
        own[function] += tree.own[node]
        if outermost:
            total[function] += tree.total[node]
        if tree.calls is not None:
            calls[function] += tree.calls[node]
        lines = hottest[function]
        line = tree.at(node).line
        lines[line] = lines.get(line, 0.0) + tree.total[node]
    found = [
        FunctionFigures(
            Place(name, file, max(hottest[each], key=lambda line: (hottest[each][line], -line))),
            own[each],
            total[each],
            None if tree.calls is None else round(calls[each]),
        )
        for (name, file), each in number.items()
        if hottest[each]
    ]
    return sorted(found, key=lambda figures: (-figures.own, -figures.total, figures.place))


def _walk(tree: FrameTree, of_place: Sequence[int]) -> Iterator[tuple[int, int, bool]]:
    """Every frame of code with its function, and whether that is not on the stack above it."""
    open_frames: list[tuple[int, int]] = []
    on_stack: set[int] = set()
    for node in range(1, len(tree)):
        while open_frames and tree.end[open_frames[-1][0]] <= node:
            on_stack.discard(open_frames.pop()[1])
        if tree.at(node).kind in OUTER:
            continue
        function = of_place[tree.place[node]]
        outermost = function not in on_stack
        if outermost:
            on_stack.add(function)
            open_frames.append((node, function))
        yield node, function, outermost


def figures_of(profile: Profile) -> list[FunctionFigures]:
    """A profile's functions: the exact figures where it has them, else added up from its tree."""
    if profile.functions:
        return sorted(profile.functions, key=lambda figures: (-figures.own, -figures.total, figures.place))
    return functions_of(profile.tree)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A function that calls another one, or is called by it."""

    place: Place
    total: float
    """What was spent in these calls, everything below them included."""
    calls: int | None


def callers_and_callees(profile: Profile, chosen: Place) -> tuple[list[Neighbour], list[Neighbour]]:
    """Who calls a function and whom it calls, the largest first: exact where the profiler counted pairs."""
    if profile.edges:
        return _counted(profile, chosen)
    return neighbours(profile.tree, chosen.function)


def _counted(profile: Profile, chosen: Place) -> tuple[list[Neighbour], list[Neighbour]]:
    callers, callees = [], []
    for edge in profile.edges:
        caller, callee = profile.functions[edge.caller].place, profile.functions[edge.callee].place
        if callee == chosen:
            callers.append(Neighbour(caller, edge.total, edge.calls))
        if caller == chosen:
            callees.append(Neighbour(callee, edge.total, edge.calls))
    return _largest(callers), _largest(callees)


def nodes_by_file(tree: FrameTree) -> dict[str, array[int]]:
    """The frames of every file, in the tree's order: what makes a look at one function cheap in a large tree."""
    found: dict[str, array[int]] = {}
    of_place = [found.setdefault(place.file, array("i")) for place in tree.places]
    for node in range(1, len(tree)):
        of_place[tree.place[node]].append(node)
    return found


def neighbours(
    tree: FrameTree, function: Function, nodes: Iterable[int] | None = None
) -> tuple[list[Neighbour], list[Neighbour]]:
    """Callers and callees added up over a tree; of recursive calls the outermost counts.

    Args:
        tree: The tree.
        function: Whose they are.
        nodes: The frames of its file; looked for when they are not given.
    """
    wanted = {number for number, place in enumerate(tree.places) if place.function == function}
    held = [node for node in nodes or range(1, len(tree)) if tree.place[node] in wanted]
    callers = [(tree.parent[node], node) for node in held]
    callees = [(node, node) for node in sorted(child for node in held for child in tree.children(node))]
    above, beneath = _added(tree, callers), _added(tree, callees)
    lines = {each.function: each for each in tree.places}
    counted = tree.calls is not None

    def listed(found: dict[Function, list[float]]) -> list[Neighbour]:
        return _largest(
            [Neighbour(lines[name], total, round(calls) if counted else None) for name, (total, calls) in found.items()]
        )

    return listed(above), listed(beneath)


def _added(tree: FrameTree, pairs: Iterable[tuple[int, int]]) -> dict[Function, list[float]]:
    """Totals and calls of calls by the function at one end of each, outermost once.

    Args:
        tree: The tree.
        pairs: That end, and the frame that was called, in the tree's order.
    """
    found: dict[Function, list[float]] = {}
    covered: dict[Function, int] = {}
    for other, node in pairs:
        place = tree.at(other)
        if place.kind == "all" or place.kind in OUTER:
            continue
        figures = found.setdefault(place.function, [0.0, 0.0])
        if node >= covered.get(place.function, 0):
            figures[0] += tree.total[node]
            covered[place.function] = tree.end[node]
        figures[1] += 0.0 if tree.calls is None else tree.calls[node]
    return found


def _largest(found: list[Neighbour]) -> list[Neighbour]:
    return sorted(found, key=lambda each: (-each.total, each.place))


@dataclass(slots=True)
class LineFigures:
    """One line of a source file."""

    own: float = 0.0
    total: float = 0.0
    """What ran while the line did, calls it made included."""


def lines_of(tree: FrameTree, file: str, nodes: Iterable[int] | None = None) -> dict[int, LineFigures]:
    """Figures of a file's lines, for trees whose lines are those that ran; a recursive line's total counts once.

    Args:
        tree: The tree.
        file: As the profile names it.
        nodes: The file's frames; looked for when they are not given.
    """
    found: dict[int, LineFigures] = {}
    until: dict[int, int] = {}
    held = [place.line if place.file == file and place.line else 0 for place in tree.places]
    for node in nodes or range(1, len(tree)):
        line = held[tree.place[node]]
        if not line:
            continue
        figures = found.setdefault(line, LineFigures())
        figures.own += tree.own[node]
        if node >= until.get(line, 0):
            figures.total += tree.total[node]
            until[line] = tree.end[node]
    return found
