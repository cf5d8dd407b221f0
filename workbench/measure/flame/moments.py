"""A recording cut into slices of time: what was measured in each, in a span of them, and in their order."""

from __future__ import annotations  # array[int] cannot be subscripted before Python 3.12

from array import array
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from workbench.measure.flame.building import TreeBuilder
from workbench.measure.flame.transform import with_own
from workbench.model.frame_tree import OUTER, ROOT, FrameTree, Moments

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workbench.model.frame_tree import Kind

SLICES = 240
"""Of a file that tells the time of every sample."""


def moments_of(
    edges: Sequence[float],
    slices: Sequence[Mapping[int, float]],
    moved: Sequence[int],
    unit: Literal["seconds", "samples"] = "seconds",
) -> Moments:
    """Put slices together.

    Args:
        edges: Where they begin, and where the last one ends.
        slices: In each the own figures of a builder's nodes.
        moved: Where these stand in the finished tree.
        unit: Of the edges.
    """
    first, node, own = array("i", [0]), array("i"), array("d")
    for each in slices:
        # In the tree's order, so that what is alike stands side by side.
        for place, figure in sorted((moved[number], figure) for number, figure in each.items()):
            node.append(place)
            own.append(figure)
        first.append(len(node))
    return Moments(array("d", edges), first, node, own, unit)


class Slicer:
    """Cuts what is told with its time into slices of one length.

    Args:
        length: Of the whole, in the unit of the figures.
        unit: Seconds or samples.
    """

    def __init__(self, length: float, unit: Literal["seconds", "samples"]) -> None:
        self._width = length / SLICES
        self._unit: Literal["seconds", "samples"] = unit
        self._slices: list[dict[int, float]] = [{} for _ in range(SLICES)]

    def add(self, node: int, begin: float, value: float) -> None:
        """Add what was measured in a node itself for so long from some moment on."""
        if not self._width > 0:
            return
        at, left = begin / self._width, value / self._width
        while left > 0:
            number = max(0, min(SLICES - 1, int(at)))
            part = left if number == SLICES - 1 else min(left, number + 1 - at) or left
            each = self._slices[number]
            each[node] = each.get(node, 0.0) + part * self._width
            at, left = at + part, left - part

    def finish(self, moved: Sequence[int]) -> Moments | None:
        """The slices, of nodes where they have come to stand; `None` when there was no time."""
        if not self._width > 0:
            return None
        return moments_of([self._width * number for number in range(SLICES + 1)], self._slices, moved, self._unit)


def figures(moments: Moments) -> list[float]:
    """What was measured in each slice for each unit of its time."""
    return [
        sum(moments.own[start:stop]) / (until - since) if until > since else 0.0
        for (start, stop), (since, until) in zip(pairwise(moments.first), pairwise(moments.edges), strict=True)
    ]


def between(tree: FrameTree, moments: Moments, first: int, last: int) -> FrameTree:
    """What was measured from one slice until before another."""
    own = array("d", [0.0]) * len(tree)
    for pair in range(moments.first[first], moments.first[last]):
        own[moments.node[pair]] += moments.own[pair]
    return with_own(tree, own)


def in_order(
    tree: FrameTree, moments: Moments, first: int, last: int, *, threads_apart: bool = True, by_line: bool = False
) -> FrameTree:
    """The same in the order of time, a function merged only with itself just before.

    Args:
        tree: What the moments are of.
        moments: Its slices.
        first: The slice to begin with.
        last: The slice before which to end.
        threads_apart: One thread after the other; else all threads of a process together, slice by slice.
        by_line: A frame for each line that ran; else for each function.
    """
    apart = OUTER if threads_apart else OUTER - {"thread"}
    outer = array("i", [ROOT]) * len(tree)
    for node in range(1, len(tree)):
        outer[node] = node if tree.at(node).kind in apart else outer[tree.parent[node]]
    builder = TreeBuilder(in_order=True)
    lines: dict[tuple[str, str, Kind], int] = {}
    numbers = [
        builder.intern(
            place if by_line else place._replace(line=lines.setdefault((*place.function, place.kind), place.line))
        )
        for place in tree.places
    ]
    stacks: dict[int, tuple[int, ...]] = {}
    held: list[tuple[int, int, tuple[int, ...], float]] = []
    for number in range(first, last):
        for pair in range(moments.first[number], moments.first[number + 1]):
            node = moments.node[pair]
            if node not in stacks:
                path = (tree.place[step] for step in tree.path(node))
                kinds = OUTER - apart
                stacks[node] = tuple(numbers[place] for place in path if tree.places[place].kind not in kinds)
            held.append((outer[node], number, stacks[node], moments.own[pair]))
    # Within a slice nothing tells what came first: what is alike stands side by side.
    for _, _, stack, own in sorted(held):
        builder.stack(stack, own)
    return builder.finish()
