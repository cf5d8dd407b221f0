"""The trees of an image: its merged file system, and what one layer did. Children are made when they are asked for."""

from collections.abc import Sequence

from screens.anatomy.tree_filter import Passed
from screens.anatomy.words import MARKS
from screens.widgets.live_table import Cell, Column
from workbench.anatomy import ImageAnatomy
from workbench.measure.changes import NOTHING, REMOVED, LayerChanges
from workbench.measure.overlay import ROOT
from workbench.measure.units import bar, quantity
from workbench.model.layer_index import SYMLINK

BAR = 8
EVERYTHING = Passed()
COLUMNS = (
    Column("mark", "", 1),
    Column("name", "name", 16, grow=3),
    Column("size", "size", 7, "right"),
    Column("bar", "of all", BAR, importance=1),
    Column("owner", "owner", 16, importance=2, grow=1, most=40),
)
CHANGE_COLUMNS = (
    Column("mark", "", 1),
    Column("name", "name", 16, grow=3),
    Column("size", "ships", 7, "right"),
    Column("hides", "hides", 7, "right", importance=1),
    Column("owner", "owner", 16, importance=2, grow=1, most=40),
)


class _Tree:
    """What both trees have in common.

    Args:
        anatomy: The image.
        by_name: Order by name instead of by size.
        descending: Largest, or last in the alphabet, first.
        only: The nodes that a filter leaves, with the directories above them; `None` without a filter.
    """

    def __init__(self, anatomy: ImageAnatomy, *, by_name: bool, descending: bool, only: frozenset[int] | None) -> None:
        self.anatomy = anatomy
        self.overlay = anatomy.analysis.overlay
        self._by_name = by_name
        self._descending = descending
        self._only = only

    @property
    def top(self) -> Sequence[int]:
        """What is in the root directory."""
        return self.children(ROOT)

    def children(self, key: int) -> Sequence[int]:
        """What is in a directory, in order."""
        raise NotImplementedError

    def parent(self, key: int) -> int | None:
        """The directory above; `None` for what is in the root."""
        above = self.overlay.parent[key]
        return above if above > ROOT else None

    def _ordered(self, nodes: list[int], weight: "Sequence[int] | None", weights: dict[int, int]) -> list[int]:
        if self._only is not None:
            only = self._only
            nodes = [node for node in nodes if node in only]
        # Two sorts with keys in C are many times faster than one with a key in Python.
        nodes.sort(key=self.overlay.names.__getitem__, reverse=self._by_name and self._descending)
        if not self._by_name:
            key = weight.__getitem__ if weight is not None else weights.__getitem__
            nodes.sort(key=key, reverse=self._descending)
        return nodes

    def _name(self, node: int) -> str:
        overlay = self.overlay
        name = overlay.names[node]
        layer = overlay.entry_layer[node]
        if layer >= 0 and overlay.layers[layer].kinds[overlay.entry_number[node]] == SYMLINK:
            return f"{name} → {overlay.layers[layer].links.get(overlay.entry_number[node], '')}"
        return name

    def _owner(self, node: int) -> Cell:
        package = self.anatomy.analysis.owner(node)
        return Cell(f"{package.manager} {package.name}" if package else "", "dim")


class Merged(_Tree):
    """The file system as a container sees it, sizes of everything below included."""

    def children(self, key: int) -> Sequence[int]:
        """What is in a directory."""
        alive = self.overlay.alive
        nodes = [node for node in self.overlay.children.get(key, {}).values() if alive[node]]
        return self._ordered(nodes, self.anatomy.analysis.sizes, {})

    def is_folder(self, key: int) -> bool:
        """Whether it is a directory with something in it."""
        alive = self.overlay.alive
        return any(alive[node] for node in self.overlay.children.get(key, {}).values())

    def cells(self, key: int) -> Sequence[Cell]:
        """One row."""
        size = self.anatomy.analysis.sizes[key]
        total = self.overlay.final_bytes or 1
        folder = self.overlay.is_directory[key]
        return (
            Cell(""),
            Cell(self._name(key), "strong" if folder else "plain"),
            Cell(quantity(size), "plain" if size else "dim"),
            Cell(bar(size / total, BAR) if size * 100 >= total else "", "accent" if size * 2 > total else "plain"),
            self._owner(key),
        )


class OneLayer(_Tree):
    """What a layer added, modified, removed and copied up."""

    def __init__(
        self, anatomy: ImageAnatomy, layer: int, *, by_name: bool, descending: bool, passed: Passed = EVERYTHING
    ) -> None:
        super().__init__(anatomy, by_name=by_name, descending=descending, only=passed.only)
        self.layer = layer
        self._changes: LayerChanges = anatomy.changes[layer]
        self._standing = passed.standing

    @property
    def with_unmodified(self) -> bool:
        """Whether what the layer left as it was is shown too."""
        return self._standing is not None

    def _is_there(self, node: int) -> bool:
        standing = self._standing
        return self._changes.at(node) is not None or (standing is not None and standing[node] >= 0)

    def children(self, key: int) -> Sequence[int]:
        """What of a directory the layer touched, and what it left where that is shown."""
        at = self._changes.at
        weights: dict[int, int] = {}
        for node in self.overlay.children.get(key, {}).values():
            if self._is_there(node):
                change = at(node) or NOTHING
                weights[node] = change.shipped + change.hidden
        return self._ordered(list(weights), None, weights)

    def is_folder(self, key: int) -> bool:
        """Whether there is anything to show below it."""
        return any(self._is_there(node) for node in self.overlay.children.get(key, {}).values())

    def cells(self, key: int) -> Sequence[Cell]:
        """One row."""
        change = self._changes.at(key)
        if change is None:
            return (Cell(""), Cell(self._name(key), "dim"), Cell(""), Cell(""), self._owner(key))
        letter, look = MARKS.get(change.mark, ("", "plain"))
        folder = self.overlay.children.get(key) is not None
        return (
            Cell(letter, look),
            Cell(self._name(key), "dim" if change.mark == REMOVED else "strong" if folder else "plain"),
            Cell(quantity(change.shipped), "plain" if change.shipped else "dim"),
            Cell(quantity(-change.hidden) if change.hidden else "", "watch"),
            self._owner(key),
        )
