"""Layers stacked into one file system, every byte accounted for.

Definitions (all of them exact, in bytes of regular-file bodies):

- shipped: every body in every layer.
- final: bodies visible in the merged file system, each hard-linked inode once.
- hidden = shipped - final, split by what hid the last path to a body: `removed` (a whiteout of the file or of a
  directory above it, an opaque directory, a directory replaced by something else), `overwritten` (another content, or
  another type, at the same path), `copied_up` (the same content written again at the same path: chmod, chown, touch,
  COPY again).

Whiteouts and opaque marks of a layer work on the layers below it, wherever they stand in its tar (OCI image
specification, layer.md, "Whiteouts").
"""

from __future__ import annotations  # array[int] cannot be subscripted before Python 3.12

from array import array
from dataclasses import dataclass, field
from posixpath import normpath
from typing import TYPE_CHECKING, Literal, NamedTuple

from workbench.model.layer_index import DIRECTORY, FILE, HARDLINK, OPAQUE, WHITEOUT, Entry, LayerIndex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HiddenKind = Literal["removed", "overwritten", "copied_up"]
ROOT = 0
NONE = -1

_MOST_SHARED = 1 << 15
"""Names that are kept once however often they come; a table of all would cost more than it spares."""


class Hidden(NamedTuple):
    """A body that is shipped and cannot be seen."""

    node: int
    """Where it last stood, in the tree."""
    size: int
    kind: HiddenKind
    written_by: int
    """Index of the layer that ships it."""
    hidden_by: int
    """Index of the layer that hid it."""


@dataclass(slots=True)
class LayerBytes:
    """What one layer does to the size of the image, in bytes."""

    shipped: int = 0
    contribution: int = 0
    """What the final file system gained by it; negative when it hides more than it brings."""
    hidden: int = 0
    """Bodies of this layer that cannot be seen in the end."""
    entries: int = 0


@dataclass(slots=True)
class Overlay:
    """The merged file system as a tree of numbered nodes, the root first. Dead nodes stay, for their history.

    A node is alive when the path exists in the merged file system. `entry_layer` and `entry_number` name the header
    that describes it (`NONE` for a directory that no layer lists); `body_layer` and `body_number` name a file's body.
    """

    layers: tuple[LayerIndex, ...]
    parent: array[int] = field(default_factory=lambda: array("i", [NONE]))
    names: list[str] = field(default_factory=lambda: [""])
    children: dict[int, dict[str, int]] = field(default_factory=lambda: {ROOT: {}})
    """Only for nodes that are or were directories."""
    alive: bytearray = field(default_factory=lambda: bytearray([1]))
    is_directory: bytearray = field(default_factory=lambda: bytearray([1]))
    entry_layer: array[int] = field(default_factory=lambda: array("h", [NONE]))
    entry_number: array[int] = field(default_factory=lambda: array("i", [NONE]))
    body_layer: array[int] = field(default_factory=lambda: array("h", [NONE]))
    body_number: array[int] = field(default_factory=lambda: array("i", [NONE]))
    nodes_of: list[array[int]] = field(default_factory=list)
    """For every layer, the node of each of its entries."""
    hidden: list[Hidden] = field(default_factory=list)
    per_layer: list[LayerBytes] = field(default_factory=list)
    final_bytes: int = 0
    links: dict[tuple[int, int], int] = field(default_factory=dict)
    """Paths to a body, for bodies with other than one."""

    @property
    def shipped_bytes(self) -> int:
        """Every body in every layer."""
        return sum(layer.shipped for layer in self.per_layer)

    def hidden_bytes(self, kind: HiddenKind | None = None) -> int:
        """Bodies that are shipped and cannot be seen, of one kind or of all."""
        return sum(hidden.size for hidden in self.hidden if kind is None or hidden.kind == kind)

    def path(self, node: int) -> str:
        """The node's path without a leading slash; the root is empty."""
        parts = []
        while node > ROOT:
            parts.append(self.names[node])
            node = self.parent[node]
        return "/".join(reversed(parts))

    def find(self, path: str) -> int | None:
        """The node at a path, dead or alive; symbolic links are not followed."""
        node = ROOT
        for name in path.split("/") if path else ():
            found = self.children.get(node, {}).get(name)
            if found is None:
                return None
            node = found
        return node

    def size(self, node: int) -> int:
        """Bytes of the node's own body; 0 for everything but a live file."""
        layer = self.body_layer[node]
        return self.layers[layer].sizes[self.body_number[node]] if layer >= 0 else 0

    def paths_to(self, node: int) -> int:
        """How many live paths lead to the node's body, its own among them; 0 for a node without one."""
        body = (self.body_layer[node], self.body_number[node])
        return self.links.get(body, 1) if body[0] >= 0 else 0

    def is_linked(self, node: int) -> bool:
        """Whether the node's body has, or once had, more than one path."""
        return (self.body_layer[node], self.body_number[node]) in self.links

    def entry(self, node: int) -> Entry | None:
        """The header that describes a node; `None` for a directory that no layer lists."""
        layer = self.entry_layer[node]
        if layer < 0:
            return None
        return self.layers[layer].entry(self.entry_number[node], self.path(node))

    def live_files(self) -> Iterator[int]:
        """Every live node with a body; of the paths of one hard-linked inode only the first."""
        seen: set[tuple[int, int]] = set()
        for node, layer in enumerate(self.body_layer):
            if layer < 0:
                continue
            body = (layer, self.body_number[node])
            if body in self.links:
                if body in seen:
                    continue
                seen.add(body)
            yield node

    def history(self, node: int) -> list[tuple[int, Entry]]:
        """Every header that any layer has for this path, base first, whiteouts among them."""
        path = self.path(node)
        return [
            (number, layer.entry(place, path))
            for number, layer in enumerate(self.layers)
            for place, other in enumerate(self.nodes_of[number])
            if other == node
        ]


def stack(layers: Sequence[LayerIndex]) -> Overlay:
    """Stack layers, base first, into one file system.

    Args:
        layers: Every layer of the image, base first.
    """
    overlay = Overlay(tuple(layers))
    stacker = _Stacker(overlay)
    for number, layer in enumerate(layers):
        before = overlay.final_bytes
        stacker.add(number, layer)
        overlay.per_layer.append(LayerBytes(layer.shipped_bytes, overlay.final_bytes - before, 0, len(layer)))
    for hidden in overlay.hidden:
        overlay.per_layer[hidden.written_by].hidden += hidden.size
    return overlay


class _Stacker:
    """Adds layers to an overlay."""

    def __init__(self, overlay: Overlay) -> None:
        self._overlay = overlay
        self._last_folder = ("", ROOT)
        self._shared: dict[str, str] = {}

    def add(self, number: int, layer: LayerIndex) -> None:
        overlay = self._overlay
        nodes = array("i", bytes(4 * len(layer)))
        overlay.nodes_of.append(nodes)
        kinds = layer.kinds
        marks = WHITEOUT in kinds or OPAQUE in kinds
        if marks:
            for place, path in enumerate(layer.each_path()):
                kind = kinds[place]
                if kind == WHITEOUT:
                    nodes[place] = node = self._named(path)
                    self._remove(node, "removed", number)
                elif kind == OPAQUE:
                    nodes[place] = node = self._named(path)
                    self._empty(node, "removed", number)
        for place, path in enumerate(layer.each_path()):
            kind = kinds[place]
            if marks and kind in (WHITEOUT, OPAQUE):
                continue
            nodes[place] = node = self._node(path, number)
            if kind == DIRECTORY:
                self._put_directory(node, number)
            elif node == ROOT:
                # Nothing but a directory can be the root; what claims to be it is never seen.
                if size := layer.sizes[place]:
                    overlay.hidden.append(Hidden(ROOT, size, "overwritten", number, number))
                continue
            elif kind == FILE:
                self._put(node, number, number, place, own=True)
            elif kind == HARDLINK:
                if overlay.is_directory[node]:
                    # Its target may stand in the very directory that it replaces.
                    self._empty(node, "removed", number)
                self._put(node, number, *self._target(layer.links.get(place, "")))
            else:
                self._put(node, number, NONE, NONE)
            overlay.entry_layer[node] = number
            overlay.entry_number[node] = place

    def _target(self, link: str) -> tuple[int, int]:
        overlay = self._overlay
        node = overlay.find(link)
        if node is None and link:
            node = overlay.find(normpath("/" + link).lstrip("/"))
        if node is None or overlay.body_layer[node] < 0:
            return NONE, NONE
        return overlay.body_layer[node], overlay.body_number[node]

    def _named(self, path: str) -> int:
        """The node at a path, made dead if need be: a mark brings nothing to life."""
        node = ROOT
        for name in path.split("/") if path else ():
            node = self._child(node, name)
        return node

    def _node(self, path: str, number: int) -> int:
        """The node at a path, made if need be. Only its parents are made live directories."""
        folder, _, name = path.rpartition("/")
        if not name:
            return ROOT
        known, parent = self._last_folder
        if folder != known or not self._overlay.is_directory[parent] or not self._overlay.alive[parent]:
            parent = ROOT
            for part in folder.split("/") if folder else ():
                parent = self._child(parent, part)
                if not self._overlay.alive[parent] or not self._overlay.is_directory[parent]:
                    self._put_directory(parent, number)
            self._last_folder = (folder, parent)
        return self._child(parent, name)

    def _child(self, parent: int, name: str) -> int:
        overlay = self._overlay
        siblings = overlay.children.get(parent)
        if siblings is None:
            siblings = overlay.children[parent] = {}
        node = siblings.get(name)
        if node is None:
            node = len(overlay.names)
            if len(self._shared) < _MOST_SHARED:
                name = self._shared.setdefault(name, name)
            else:
                name = self._shared.get(name, name)
            siblings[name] = node
            overlay.names.append(name)
            overlay.parent.append(parent)
            overlay.alive.append(0)
            overlay.is_directory.append(0)
            overlay.entry_layer.append(NONE)
            overlay.entry_number.append(NONE)
            overlay.body_layer.append(NONE)
            overlay.body_number.append(NONE)
        return node

    def _put_directory(self, node: int, number: int) -> None:
        overlay = self._overlay
        if overlay.alive[node] and not overlay.is_directory[node]:
            self._release(node, "overwritten", number)
            overlay.entry_layer[node] = overlay.entry_number[node] = NONE
        overlay.alive[node] = overlay.is_directory[node] = 1

    def _put(self, node: int, number: int, body_layer: int, body_number: int, *, own: bool = False) -> None:
        """Put something that is no directory at a node; `own` when the body stands right here, not behind a link."""
        overlay = self._overlay
        if overlay.alive[node]:
            if overlay.is_directory[node]:
                self._empty(node, "removed", number)
                overlay.is_directory[node] = 0
            old_layer, old_number = overlay.body_layer[node], overlay.body_number[node]
            if old_layer >= 0:
                if (old_layer, old_number) == (body_layer, body_number):
                    return
                kind: HiddenKind = "overwritten"
                if body_layer >= 0:
                    old, new = overlay.layers[old_layer], overlay.layers[body_layer]
                    if (
                        old.sizes[old_number] == new.sizes[body_number]
                        and old.crcs[old_number] == new.crcs[body_number]
                    ):
                        kind = "copied_up"
                self._release(node, kind, number)
        overlay.alive[node] = 1
        overlay.is_directory[node] = 0
        if body_layer >= 0:
            overlay.body_layer[node], overlay.body_number[node] = body_layer, body_number
            if own:
                overlay.final_bytes += overlay.layers[number].sizes[body_number]
            else:
                body = (body_layer, body_number)
                overlay.links[body] = overlay.links.get(body, 1) + 1

    def _release(self, node: int, kind: HiddenKind, number: int) -> None:
        overlay = self._overlay
        layer, place = overlay.body_layer[node], overlay.body_number[node]
        if layer < 0:
            return
        overlay.body_layer[node] = overlay.body_number[node] = NONE
        body = (layer, place)
        paths = overlay.links.get(body, 1) - 1
        if body in overlay.links:
            overlay.links[body] = paths
        if paths == 0:
            size = overlay.layers[layer].sizes[place]
            overlay.final_bytes -= size
            if size:
                overlay.hidden.append(Hidden(node, size, kind, layer, number))

    def _remove(self, node: int, kind: HiddenKind, number: int) -> None:
        overlay = self._overlay
        if not overlay.alive[node] or node == ROOT:
            return
        if overlay.is_directory[node]:
            self._empty(node, kind, number)
        else:
            self._release(node, kind, number)
        overlay.alive[node] = overlay.is_directory[node] = 0
        overlay.entry_layer[node] = overlay.entry_number[node] = NONE

    def _empty(self, node: int, kind: HiddenKind, number: int) -> None:
        """Remove everything below a directory, without recursion: hostile trees are deep."""
        overlay = self._overlay
        waiting = [node]
        while waiting:
            folder = waiting.pop()
            for child in overlay.children.get(folder, {}).values():
                if not overlay.alive[child]:
                    continue
                if overlay.is_directory[child]:
                    waiting.append(child)
                else:
                    self._release(child, kind, number)
                overlay.alive[child] = overlay.is_directory[child] = 0
                overlay.entry_layer[child] = overlay.entry_number[child] = NONE
