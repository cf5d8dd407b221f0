"""Where frames stand on a width of cells: the root on top, callees below their caller, narrow ones put together."""

from __future__ import annotations  # array[int] cannot be subscripted before Python 3.12

from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

from workbench.measure.flame.transform import starts
from workbench.model.frame_tree import NONE, ROOT

if TYPE_CHECKING:
    from workbench.model.frame_tree import FrameTree


class Span(NamedTuple):
    """A run of cells in one row: one frame, or several that are narrower than a cell."""

    x: int
    width: int
    node: int
    """The frame, or the first of several."""
    narrow: bool = False
    """Whether it stands for frames that are narrower than a cell."""
    frames: int = 1
    """How many are put together."""


class FlameLayout:
    """The rows of a tree. Made in a pass over the tree; a row of cells then costs its width, not its frames."""

    def __init__(self, tree: FrameTree) -> None:
        self.tree = tree
        self.start = starts(tree)
        self.depth = depth = array("i", [0]) * len(tree)
        rows: list[array[int]] = [array("i", [ROOT])]
        parent = tree.parent
        for node in range(1, len(tree)):
            level = depth[node] = depth[parent[node]] + 1
            if level == len(rows):
                rows.append(array("i"))
            rows[level].append(node)
        self._rows = rows
        self._starts = [array("d", map(self.start.__getitem__, row)) for row in rows]
        self._deepest = deepest = depth[:]
        for node in range(len(tree) - 1, ROOT, -1):
            above = parent[node]
            deepest[above] = max(deepest[above], deepest[node])

    def height(self, top: int = ROOT) -> int:
        """How many rows a node's subtree and the frames above it take."""
        return self._deepest[top] + 1

    def row(self, depth: int, width: int, top: int = ROOT) -> list[Span]:
        """The spans of one row, left to right.

        Args:
            depth: The row, 0 for the root's. Above `top` it holds the frame that `top` is in.
            width: Cells that `top` takes.
            top: The frame that is as wide as the screen.
        """
        level = self.depth[top]
        if depth <= level:
            node = top
            for _ in range(level - depth):
                node = self.tree.parent[node]
            return [Span(0, width, node)]
        whole = self.tree.total[top]
        if depth >= len(self._rows) or whole <= 0 or width <= 0:
            return []
        return self._spans(depth, width / whole, top, width)

    def _spans(self, depth: int, scale: float, top: int, width: int) -> list[Span]:
        nodes, begins, total = self._rows[depth], self._starts[depth], self.tree.total
        origin = self.start[top]
        cell = total[top] / width  # exact where a frame is just a cell wide, which total * scale is not
        place, last = bisect_left(nodes, top), bisect_left(nodes, self.tree.end[top])
        spans: list[Span] = []
        first, reach = NONE, 0.0  # of the run of narrow frames that is open: its first place, and where it ends

        def close() -> None:
            if first != NONE:
                x, stop = self._cells(begins[first] - origin, reach - origin, scale, width)
                if stop > x:
                    spans.append(Span(x, stop - x, nodes[first], True, place - first))

        while place < last:
            begin = begins[place]
            x, stop = self._cells(begin - origin, begin - origin + total[nodes[place]], scale, width)
            if total[nodes[place]] >= cell and stop > x:
                close()
                first = NONE
                spans.append(Span(x, stop - x, nodes[place]))
                place += 1
                continue
            if first == NONE or (begin - reach) * scale > 0.5:
                close()
                first = place
            # Of the frames that begin within the next cell's width only the last can be a cell wide.
            place = max(place + 1, bisect_left(begins, begin + 1 / scale, place, last) - 1)
            reach = begins[place - 1] + total[nodes[place - 1]]
        close()
        return spans

    @staticmethod
    def _cells(begin: float, stop: float, scale: float, width: int) -> tuple[int, int]:
        # Halves always go up, so that what is a cell wide gets a cell.
        return min(width, int(begin * scale + 0.5)), min(width, int(stop * scale + 0.5))

    def span_of(self, node: int, width: int, top: int = ROOT) -> Span | None:
        """The span that a frame is in; `None` when it takes no cell or is not on the screen."""
        return next((span for span in self.row(self.depth[node], width, top) if self.holds(span, node)), None)

    def holds(self, span: Span, node: int) -> bool:
        """Whether a span is a frame, or stands for it among others."""
        if not span.narrow or self.depth[node] != self.depth[span.node]:
            return span.node == node
        return span.node <= node <= self.nodes_in(span)[-1]

    def nodes_in(self, span: Span) -> array[int]:
        """The frames that a span stands for."""
        nodes = self._rows[self.depth[span.node]]
        first = bisect_left(nodes, span.node)
        return nodes[first : first + span.frames]

    def widest_child(self, node: int) -> int | None:
        """The callee with the largest total."""
        return max(self.tree.children(node), key=self.tree.total.__getitem__, default=None)
