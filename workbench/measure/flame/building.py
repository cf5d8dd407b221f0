"""Builds frame trees from stacks, bounded in depth and in number of frames."""

from __future__ import annotations  # array[int] cannot be subscripted before Python 3.12

from array import array
from typing import TYPE_CHECKING

from workbench.errors import ProfileError
from workbench.model.frame_tree import NONE, ROOT, FrameTree, Place

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_FRAMES = 2_000_000
DEEPEST = 2_000
"""Frames of one stack; what lies deeper counts for the last frame above it."""
TOP = Place("all", kind="all")


class TreeBuilder:
    """Adds stacks to a tree.

    Args:
        in_order: Merge a stack only with the one before it, so that siblings stand as they came; else with all.
    """

    def __init__(self, *, in_order: bool = False) -> None:
        self.places: list[Place] = [TOP]
        self._ids: dict[Place, int] = {TOP: ROOT}
        self._place = array("i", [ROOT])
        self._parent = array("i", [NONE])
        self._own = array("d", [0.0])
        self._calls = array("d", [0.0])
        self._counted = False
        self._children: dict[tuple[int, int], int] = {}
        self._in_order = in_order
        self._last: list[int] = []
        self._begin = array("d", [0.0])
        self._clock = 0.0
        self.moved = array("i")
        """Where the nodes stand in the finished tree, by the numbers that `child` and `stack` gave."""

    def intern(self, place: Place) -> int:
        """The number of a place in this tree."""
        known = self._ids.get(place)
        if known is None:
            known = self._ids[place] = len(self.places)
            self.places.append(place)
        return known

    def rename(self, number: int, place: Place) -> None:
        """Another place of the same number; its like, should it be there already, stays one of its own."""
        self.places[number] = place
        self._ids.setdefault(place, number)

    def child(self, parent: int, place: int) -> int:
        """The node of a place below another node, made when it is not there."""
        if self._in_order:
            return self._new(parent, place)
        node = self._children.get((parent, place))
        if node is None:
            node = self._children[parent, place] = self._new(parent, place)
        return node

    def _new(self, parent: int, place: int) -> int:
        node = len(self._place)
        if node > MOST_FRAMES:
            raise ProfileError(f"the profile has more than {MOST_FRAMES:,} frames", "record for a shorter time")
        self._place.append(place)
        self._parent.append(parent)
        self._own.append(0.0)
        self._calls.append(0.0)
        if self._in_order:
            self._begin.append(self._clock)
        return node

    def add(self, node: int, own: float, calls: float | None = None) -> None:
        """Add what was measured in a node itself."""
        self._own[node] += own
        if calls is not None:
            self._calls[node] += calls
            self._counted = True

    def stack(self, places: Sequence[int], own: float, calls: float | None = None) -> int:
        """Add one stack of places, the outermost first; give its node."""
        node = ROOT
        if not self._in_order:
            for place in places[:DEEPEST]:
                node = self.child(node, place)
        else:
            path, shared = self._last, 0
            for known, place in zip(path, places, strict=False):
                if self._place[known] != place:
                    break
                shared += 1
            del path[shared:]
            for place in places[shared:DEEPEST]:
                path.append(self._new(path[-1] if path else ROOT, place))
            node = path[-1] if path else ROOT
            self._clock += own
        self.add(node, own, calls)
        return node

    def finish(self) -> FrameTree:
        """The tree, siblings in the order in which they came."""
        calls = self._calls if self._counted else None
        begin = self._begin if self._in_order else None
        tree, self.moved = _laid_out(tuple(self.places), self._place, self._parent, self._own, calls, begin, None)
        return tree


def lay_out(
    places: tuple[Place, ...],
    place: Sequence[int],
    parent: Sequence[int],
    own: Sequence[float],
    calls: Sequence[float] | None = None,
    begin: Sequence[float] | None = None,
    ranks: Sequence[float] | None = None,
) -> FrameTree:
    """Bring nodes into depth-first order and add up their totals.

    Args:
        places: What `place` indexes.
        place: For every node; node 0 is the root.
        parent: For every node, one that stands before it.
        own: For every node.
        calls: For every node, or `None`.
        begin: For every node of a tree in the order of time.
        ranks: Siblings with the smallest stand first; in the order given without it.
    """
    return _laid_out(places, place, parent, own, calls, begin, ranks)[0]


def _laid_out(
    places: tuple[Place, ...],
    place: Sequence[int],
    parent: Sequence[int],
    own: Sequence[float],
    calls: Sequence[float] | None,
    begin: Sequence[float] | None,
    ranks: Sequence[float] | None,
) -> tuple[FrameTree, array[int]]:
    """The tree, and where each node has come to stand in it."""
    count = len(place)
    first = array("i", [NONE]) * count
    following = array("i", [NONE]) * count
    creation = range(count - 1, ROOT, -1)
    # Put in front of its siblings one after another, the last of them ends up first.
    inserted = creation if ranks is None else sorted(creation, key=ranks.__getitem__, reverse=True)
    for node in inserted:
        above = parent[node]
        following[node] = first[above]
        first[above] = node
    order, moved = array("i"), array("i", [ROOT]) * count
    waiting = [ROOT]
    while waiting:
        node = waiting.pop()
        moved[node] = len(order)
        order.append(node)
        if following[node] != NONE:
            waiting.append(following[node])
        if first[node] != NONE:
            waiting.append(first[node])
    new_parent = array("i", (moved[parent[node]] if node else NONE for node in order))
    new_own = array("d", (own[node] for node in order))
    total, end = new_own[:], array("i", range(1, count + 1))
    for node in range(count - 1, ROOT, -1):
        above = new_parent[node]
        total[above] += total[node]
        end[above] = max(end[above], end[node])
    tree = FrameTree(
        places,
        array("i", (place[node] for node in order)),
        new_parent,
        end,
        new_own,
        total,
        None if calls is None else array("d", (calls[node] for node in order)),
        None if begin is None else array("d", (begin[node] for node in order)),
    )
    return tree, moved
