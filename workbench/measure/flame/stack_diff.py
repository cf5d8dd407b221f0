"""Two trees in one shape: every stack that either has, with the figures of each."""

from __future__ import annotations  # array[int] cannot be subscripted before Python 3.12

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.measure.flame.building import TreeBuilder, lay_out
from workbench.model.frame_tree import ROOT

if TYPE_CHECKING:
    from workbench.model.frame_tree import FrameTree, Place


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
