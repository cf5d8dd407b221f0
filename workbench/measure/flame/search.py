"""Finds frames by a part of their name or file, and says which share of the total they are in."""

from __future__ import annotations  # array[int] cannot be subscripted before Python 3.12

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.model.frame_tree import FrameTree


@dataclass(frozen=True, slots=True)
class Found:
    """The frames that match."""

    nodes: bytes
    """For every node 1 where it matches, else 0."""
    count: int
    total: float
    """What the stacks with a match in them come to, each counted once."""
    outermost: array[int]
    """The matches that are in no other, the largest first."""


class FrameSearch:
    """Looks through one tree, many times. Capital letters make no difference."""

    def __init__(self, tree: FrameTree) -> None:
        self._tree = tree
        self._texts = [f"{place.name}\n{place.file}".lower() if place.kind != "all" else "" for place in tree.places]

    def places(self, words: str) -> list[bool]:
        """For every place whether it contains all of the words."""
        wanted = words.lower().split()
        if not wanted:
            return [False] * len(self._texts)
        found = [wanted[0] in text for text in self._texts]
        for word in wanted[1:]:
            found = [known and word in text for known, text in zip(found, self._texts, strict=True)]
        return found

    def find(self, words: str) -> Found:
        """Every frame whose name or file contains all of the words, separated by blanks."""
        tree = self._tree
        hits = bytes(self.places(words))
        nodes = bytes(map(hits.__getitem__, tree.place))
        outermost, node = array("i"), nodes.find(1)
        while node >= 0:
            outermost.append(node)
            node = nodes.find(1, tree.end[node])
        total = sum(map(tree.total.__getitem__, outermost))
        largest = sorted(outermost, key=tree.total.__getitem__, reverse=True)
        return Found(nodes, nodes.count(1), total, array("i", largest))
