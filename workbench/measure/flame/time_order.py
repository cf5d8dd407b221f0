"""A tree in the order of time, folded: its stacks as they came, each made smaller, put together again."""

from __future__ import annotations  # array[int] cannot be subscripted before Python 3.12

from typing import TYPE_CHECKING

from workbench.measure.flame.building import TreeBuilder
from workbench.measure.flame.transform import starts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from workbench.model.frame_tree import FrameTree


def stacks_in_time(tree: FrameTree) -> Iterator[tuple[list[int], float]]:
    """Every stack as it came: its places from the outermost on, and how long it lasted.

    What a frame did itself lies before, between and after its callees, where the tree knows when they began. It is one
    list, changed from stack to stack.
    """
    begin = starts(tree)
    left = tree.own[:]
    places: list[int] = []
    opened: list[int] = []
    until: list[float] = []
    for node in range(len(tree) + 1):
        while opened and (node == len(tree) or tree.end[opened[-1]] <= node):
            last = opened[-1]
            if left[last] > 0:
                yield places, left[last]
            end = begin[last] + tree.total[last]
            opened.pop()
            until.pop()
            del places[-1:]
            if until:
                until[-1] = max(until[-1], end)
        if node == len(tree):
            return
        if opened:
            part = min(begin[node] - until[-1], left[opened[-1]])
            if part > 0:
                yield places, part
                left[opened[-1]] -= part
            until[-1] = begin[node]
            places.append(tree.place[node])
        opened.append(node)
        until.append(begin[node])


def folded_in_time(tree: FrameTree, keep: Sequence[bool], *, recursion: bool) -> FrameTree:
    """The same with some places only, each function once in each stack if wanted, in the order of time.

    Args:
        tree: In the order of time.
        keep: For every place of the tree whether it stays; what ran below counts for the frame above.
        recursion: Cut a stack back to where a function came first when it comes again.
    """
    functions: dict[tuple[str, str], int] = {}
    number = [functions.setdefault(place.function, len(functions)) for place in tree.places]
    builder = TreeBuilder(in_order=True)
    interned = [builder.intern(place) for place in tree.places]
    for stack, lasted in stacks_in_time(tree):
        small: list[int] = []
        first: dict[int, int] = {}
        for place in stack:
            if not keep[place]:
                continue
            function = number[place]
            if recursion and function in first:
                for gone in small[first[function] + 1 :]:
                    first.pop(number[gone], None)
                del small[first[function] + 1 :]
                continue
            first[function] = len(small)
            small.append(place)
        builder.stack([interned[place] for place in small], lasted)
    return builder.finish()
