"""A tree of frames in flat arrays: what every profiler's result is turned into, small and without recursion."""

from __future__ import annotations  # array[int] cannot be subscripted before Python 3.12

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterator

Kind = Literal["all", "process", "thread", "task", "code", "rest"]
"""`all` is the root; `rest` is what a limit left undivided."""
OUTER: frozenset[Kind] = frozenset(("process", "thread", "task"))
"""What runs beside its like, each in a time of its own: no code."""
ROOT = 0
NONE = -1


class Place(NamedTuple):
    """Where a frame is. The texts come from outside and may hold anything."""

    name: str
    file: str = ""
    """As the profiler wrote it: a path, a part of one, a shared library, or empty."""
    line: int = 0
    """Which line it is, `Profile.line_is` tells; 0 when not known."""
    kind: Kind = "code"

    @property
    def function(self) -> tuple[str, str]:
        """What stays the same from line to line: name and file."""
        return self.name, self.file

    @property
    def where(self) -> str:
        """File and line, as far as they are known: `/app/main.py:31`."""
        return f"{self.file}:{self.line}" if self.file and self.line else self.file


@dataclass(frozen=True, slots=True)
class FrameTree:
    """Frames in depth-first order, parents before children; node 0 is the root, which is no frame of the program.

    A node's subtree is the range from it to `end[node]`. 100,000 frames take about 4 MB besides their places.
    """

    places: tuple[Place, ...]
    place: array[int]
    """For every node an index into `places`."""
    parent: array[int]
    end: array[int]
    """The node after the last one of the subtree."""
    own: array[float]
    """What was measured in the frame itself, in the profile's unit."""
    total: array[float]
    """Itself and everything below it."""
    calls: array[float] | None = None
    """How often it was called, or how many allocations; `None` where nobody counted."""
    begin: array[float] | None = None
    """Where on the scale of the root's total each frame began, for a tree in the order of time: what a frame did itself
    may lie between its callees. `None` for siblings side by side."""

    def __len__(self) -> int:
        return len(self.place)

    def at(self, node: int) -> Place:
        """Where a node is."""
        return self.places[self.place[node]]

    def children(self, node: int) -> Iterator[int]:
        """The nodes directly below one, in order."""
        end, child, last = self.end, node + 1, self.end[node]
        while child < last:
            yield child
            child = end[child]

    def path(self, node: int) -> list[int]:
        """The nodes from the outermost frame to this one, without the root."""
        found = []
        while node > ROOT:
            found.append(node)
            node = self.parent[node]
        return found[::-1]

    @property
    def root(self) -> Frame:
        """The root as an object."""
        return Frame(self, ROOT)


@dataclass(frozen=True, slots=True)
class Moments:
    """When what was measured: own figures of a tree's frames, slice by slice of a recording."""

    edges: array[float]
    """Where the slices begin, from the recording's beginning, and where the last one ends."""
    first: array[int]
    """Of every slice the first of its pairs below; and how many pairs there are."""
    node: array[int]
    own: array[float]
    unit: Literal["seconds", "samples"] = "seconds"
    """Of the edges."""

    def __len__(self) -> int:
        return len(self.edges) - 1


class Frame(NamedTuple):
    """One node of a tree, for code that likes objects better than indexes."""

    tree: FrameTree
    node: int

    @property
    def name(self) -> str:
        """The function's name."""
        return self.tree.at(self.node).name

    @property
    def file(self) -> str:
        """As the profiler wrote it."""
        return self.tree.at(self.node).file

    @property
    def line(self) -> int:
        """0 when not known."""
        return self.tree.at(self.node).line

    @property
    def kind(self) -> Kind:
        """What sort of frame it is."""
        return self.tree.at(self.node).kind

    @property
    def own(self) -> float:
        """What was measured in the frame itself."""
        return self.tree.own[self.node]

    @property
    def total(self) -> float:
        """Itself and everything below it."""
        return self.tree.total[self.node]

    @property
    def calls(self) -> float | None:
        """`None` where nobody counted."""
        return None if self.tree.calls is None else self.tree.calls[self.node]

    @property
    def children(self) -> tuple[Frame, ...]:
        """The frames it called."""
        return tuple(Frame(self.tree, child) for child in self.tree.children(self.node))
