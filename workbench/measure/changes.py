"""What every layer did to the file system below it, path by path: added, modified, removed, copied up."""

from __future__ import annotations  # array[int] cannot be subscripted before Python 3.12

from array import array
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from workbench.measure.overlay import NONE, ROOT
from workbench.model.layer_index import DIRECTORY, FILE, HARDLINK, OPAQUE, SYMLINK, WHITEOUT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.measure.overlay import Overlay

UNCHANGED, ADDED, MODIFIED, REMOVED, COPIED_UP = b" AMRC"
"""Marks. Unchanged is a directory that a layer only lists, or that stands above something that it changes."""


class Change(NamedTuple):
    """What a layer did at one path."""

    mark: int
    """One of the marks above."""
    number: int
    """The layer's entry for the path; `NONE` where it has none: a directory above, or gone with one."""
    shipped: int
    """Bytes of bodies that the layer ships at and below the path."""
    hidden: int
    """Bytes of bodies of lower layers that it hides at and below the path."""


NOTHING = Change(UNCHANGED, NONE, 0, 0)


@dataclass(frozen=True, slots=True)
class LayerChanges:
    """Every path that a layer touched, and the directories above them, in columns in the order of the nodes."""

    nodes: array[int]
    marks: bytes
    numbers: array[int]
    shipped: array[int]
    hidden: array[int]

    def at(self, node: int) -> Change | None:
        """What the layer did at a node; `None` when it touched nothing there or below."""
        place = bisect_left(self.nodes, node)
        if place == len(self.nodes) or self.nodes[place] != node:
            return None
        return Change(self.marks[place], self.numbers[place], self.shipped[place], self.hidden[place])

    def count(self, mark: int) -> int:
        """How many paths carry a mark."""
        return self.marks.count(mark)


def layer_changes(overlay: Overlay) -> tuple[LayerChanges, ...]:
    """The changes of every layer, base first.

    Args:
        overlay: The stacked image.
    """
    replay = _Replay(overlay)
    hidden: list[dict[int, int]] = [{} for _ in overlay.layers]
    for body in overlay.hidden:
        by = hidden[body.hidden_by]
        by[body.node] = by.get(body.node, 0) + body.size
    return tuple(_columns(overlay, number, replay.layer(number), hidden[number]) for number in range(len(hidden)))


def standing_after(changes: Sequence[LayerChanges], layer: int, nodes: int) -> array[int]:
    """For every node the size of its body in bytes after a layer, -1 where nothing stands; of no use for directories.

    Args:
        changes: What `layer_changes` gave.
        layer: The last layer that counts.
        nodes: How many nodes there are.
    """
    standing = array("q", [-1]) * nodes
    standing[ROOT] = 0
    for each in changes[: layer + 1]:
        for node, mark, shipped in zip(each.nodes, each.marks, each.shipped, strict=True):
            if mark == REMOVED:
                standing[node] = -1
            elif mark != UNCHANGED:
                standing[node] = shipped
    return standing


_ABSENT, _FOLDER, _OTHER = range(3)


class _Replay:
    """The state of every path, layer after layer: which header described it last, or that it is not there."""

    def __init__(self, overlay: Overlay) -> None:
        self._overlay = overlay
        self._there = bytearray(len(overlay.names))
        self._layer = array("h", [NONE]) * len(overlay.names)
        self._number = array("i", [NONE]) * len(overlay.names)
        self._there[ROOT] = _FOLDER

    def layer(self, layer: int) -> dict[int, tuple[int, int]]:
        """Go one layer up.

        Returns:
            Mark and entry number of every node that it touched.
        """
        overlay, there = self._overlay, self._there
        index = overlay.layers[layer]
        kinds, nodes = index.kinds, overlay.nodes_of[layer]
        touched: dict[int, tuple[int, int]] = {}
        if WHITEOUT in kinds or OPAQUE in kinds:
            for number, kind in enumerate(kinds):
                node = nodes[number]
                if kind == WHITEOUT and there[node] and node != ROOT:
                    self._gone(node, number, touched, itself=True)
                elif kind == OPAQUE and there[node]:
                    self._gone(node, NONE, touched, itself=False)
        for number, kind in enumerate(kinds):
            if kind in (WHITEOUT, OPAQUE):
                continue
            node = nodes[number]
            if node == ROOT and kind != DIRECTORY:
                continue
            self._parents(node, touched)
            was = there[node] or (node in touched and touched[node][0] == REMOVED)
            mark = self._compared(node, layer, number) if was else ADDED
            if kind != DIRECTORY and there[node] == _FOLDER:
                self._gone(node, NONE, touched, itself=False)
            if node in touched and touched[node][0] == ADDED:
                mark = ADDED  # twice in one tar: the later one stands, and it is as new
            touched[node] = (mark, number)
            there[node] = _FOLDER if kind == DIRECTORY else _OTHER
            self._layer[node], self._number[node] = layer, number
        return touched

    def _parents(self, node: int, touched: dict[int, tuple[int, int]]) -> None:
        """A file brings the directories above it, listed or not."""
        parent = self._overlay.parent[node]
        while parent > ROOT and self._there[parent] != _FOLDER:
            was_there = self._there[parent] or touched.get(parent, (ADDED, NONE))[0] == REMOVED
            mark = ADDED if not was_there or touched.get(parent, (REMOVED, NONE))[0] == ADDED else MODIFIED
            if mark == MODIFIED and self._was_folder(parent):
                mark = UNCHANGED
            touched[parent] = (mark, NONE)
            self._there[parent] = _FOLDER
            self._layer[parent] = self._number[parent] = NONE
            parent = self._overlay.parent[parent]

    def _was_folder(self, node: int) -> bool:
        """Whether a path was a directory when it was last there; one that nobody listed was."""
        layer = self._layer[node]
        return layer < 0 or self._overlay.layers[layer].kinds[self._number[node]] == DIRECTORY

    def _gone(self, node: int, number: int, touched: dict[int, tuple[int, int]], *, itself: bool) -> None:
        overlay, there = self._overlay, self._there
        waiting = [node]
        if itself:
            there[node] = _ABSENT
            touched[node] = (REMOVED, number)
        while waiting:
            for child in overlay.children.get(waiting.pop(), {}).values():
                if there[child]:
                    there[child] = _ABSENT
                    if touched.get(child, (REMOVED, NONE))[0] == ADDED:
                        del touched[child]  # came and went in this very layer
                    else:
                        touched[child] = (REMOVED, NONE)
                    waiting.append(child)

    def _compared(self, node: int, layer: int, number: int) -> int:
        """The mark of a path that was there before."""
        before_layer, before_number = self._layer[node], self._number[node]
        after = self._overlay.layers[layer]
        kind = after.kinds[number]
        if before_layer < 0:
            return UNCHANGED if kind == DIRECTORY else MODIFIED
        before = self._overlay.layers[before_layer]
        if before.kinds[before_number] != kind:
            return MODIFIED
        if kind == DIRECTORY:
            same = (
                before.modes[before_number] == after.modes[number]
                and before.uids[before_number] == after.uids[number]
                and before.gids[before_number] == after.gids[number]
            )
            return UNCHANGED if same else MODIFIED
        if kind == FILE:
            same = (
                before.sizes[before_number] == after.sizes[number] and before.crcs[before_number] == after.crcs[number]
            )
        elif kind in (SYMLINK, HARDLINK):
            same = before.links.get(before_number) == after.links.get(number)
        else:
            same = True
        return COPIED_UP if same else MODIFIED


def _columns(overlay: Overlay, layer: int, touched: dict[int, tuple[int, int]], hidden: dict[int, int]) -> LayerChanges:
    parent, sizes = overlay.parent, overlay.layers[layer].sizes
    everything = set(touched) | set(hidden)
    for node in list(everything):
        above = parent[node]
        while above >= 0 and above not in everything:
            everything.add(above)
            above = parent[above]
    nodes = array("i", sorted(everything))
    place = {node: index for index, node in enumerate(nodes)}
    marks = bytearray(len(nodes))
    numbers = array("i", bytes(4 * len(nodes)))
    shipped, gone = array("Q", bytes(8 * len(nodes))), array("Q", bytes(8 * len(nodes)))
    for index in range(len(nodes) - 1, -1, -1):
        node = nodes[index]
        mark, number = touched.get(node, (UNCHANGED, NONE))
        marks[index], numbers[index] = mark, number
        if mark != REMOVED and number >= 0:
            shipped[index] += sizes[number]
        gone[index] += hidden.get(node, 0)
        if node != ROOT:
            # A child is always numbered after its parent.
            above = place[parent[node]]
            shipped[above] += shipped[index]
            gone[above] += gone[index]
    return LayerChanges(nodes, bytes(marks), numbers, shipped, gone)
