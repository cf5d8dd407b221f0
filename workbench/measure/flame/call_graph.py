"""A tree of stacks estimated from pairs of caller and callee, which is all that cProfile knows.

A function's time is shared out among its callees as it is over the whole run, whoever called it: the assumption of
gprof (Graham, Kessler, McKusick, 1982, "gprof: a call graph execution profiler"). Without recursion every function's
own time over the tree is exact, and so are the frames with one caller all the way up; the rest is in proportion.
"""

import heapq
from collections.abc import Sequence

from workbench.measure.flame.building import TreeBuilder
from workbench.model.frame_tree import ROOT, FrameTree, Place
from workbench.model.profile import CallEdge, FunctionFigures

MOST_FRAMES = 50_000
LEAST_SHARE = 1e-5
"""Frames of a smaller share of the whole are not divided further."""
DEEPEST = 400
REST = Place("not divided further", kind="rest")
_HAIR = 1e-9


def estimated_tree(functions: Sequence[FunctionFigures], edges: Sequence[CallEdge]) -> FrameTree:
    """Unfold pairs into stacks, the largest first, until they are small or many.

    A function that is on the stack already is not entered again: its time there is within that of the first.
    """
    callees: list[list[CallEdge]] = [[] for _ in functions]
    entered = [figures.total for figures in functions]
    for edge in edges:
        if edge.caller != edge.callee and functions[edge.caller].total > 0:
            callees[edge.caller].append(edge)
            entered[edge.callee] -= edge.total
    builder = TreeBuilder()
    numbers = [builder.intern(figures.place) for figures in functions]
    rest = builder.intern(REST)
    whole = sum(figures.own for figures in functions)
    least = whole * LEAST_SHARE
    # Largest first: the heap's smallest is the most negative. A node's stack is kept as (function, the one above).
    waiting: list[tuple[float, int, int, int]] = []
    above: dict[int, tuple[int, int]] = {}

    def enter(parent: int, function: int, total: float, depth: int) -> None:
        node = builder.child(parent, numbers[function])
        above[node] = function, parent
        heapq.heappush(waiting, (-total, node, function, depth))

    for function, total in enumerate(entered):
        if total > max(least, functions[function].total * _HAIR):
            enter(ROOT, function, total, 1)
    while waiting:
        negative, node, function, depth = heapq.heappop(waiting)
        total = -negative
        if total < least or len(above) > MOST_FRAMES or depth >= DEEPEST:
            builder.add(builder.child(node, rest), total)
            continue
        stack = _functions_on(above, node)
        figures = functions[function]
        part = total / max(figures.total, figures.own, _HAIR)
        wanted = [(edge, edge.total * part) for edge in callees[function] if edge.callee not in stack]
        own = figures.own * part
        needed = own + sum(share for _, share in wanted)
        # Recursion counts some time twice; a frame never holds more than it has.
        fit = total / needed if needed > total else 1.0
        builder.add(node, own * fit)
        for edge, share in wanted:
            if share > 0:
                enter(node, edge.callee, share * fit, depth + 1)
        # What is left over ran in calls that the stack already holds, or is rounding.
        if total > needed:
            left = total - needed
            builder.add(builder.child(node, rest) if left > max(least, total / 1000) else node, left)
    return builder.finish()


def _functions_on(above: dict[int, tuple[int, int]], node: int) -> set[int]:
    found = set()
    while node != ROOT:
        function, node = above[node]
        found.add(function)
    return found
