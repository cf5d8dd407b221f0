"""What may be typed to filter a tree of files: a part of the name, `>10M`, `@numpy`, `=removed`."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from screens.anatomy.words import MARK_WORDS
from workbench.measure.changes import UNCHANGED, standing_after

if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable, Iterable

    from workbench.anatomy import ImageAnatomy
    from workbench.measure.changes import LayerChanges

_SIZE = re.compile(r"([<>])(\d+(?:\.\d+)?)([kMGT]?)B?", re.IGNORECASE)
_FACTORS = {"": 1, "k": 1000, "m": 1000**2, "g": 1000**3, "t": 1000**4}
EVERY_CHANGE = frozenset(MARK_WORDS)
_MARKS = {word: mark for mark, word in MARK_WORDS.items()} | {"copied": ord("C")}


@dataclass(frozen=True, slots=True)
class TreeFilter:
    """Every part of it must hold."""

    names: tuple[str, ...] = ()
    """Parts of names, or of paths where they have a slash."""
    at_least: int = 0
    """Bytes."""
    at_most: int | None = None
    """Bytes."""
    owners: tuple[str, ...] = ()
    """Parts of `manager name`, lower case."""
    marks: frozenset[int] = frozenset()
    """Changes, any of them; empty for whatever."""

    def __bool__(self) -> bool:
        return self != TreeFilter()


def parse(text: str) -> TreeFilter:
    """Read what was typed. What is no size, owner or change is a part of a name."""
    names: list[str] = []
    owners: list[str] = []
    marks: set[int] = set()
    at_least, at_most = 0, None
    for word in text.split():
        if size := _SIZE.fullmatch(word):
            figure = round(float(size[2]) * _FACTORS[size[3].lower()])
            if size[1] == ">":
                at_least = figure
            else:
                at_most = figure
        elif word.startswith("@") and len(word) > 1:
            owners.append(word[1:].lower())
        elif word.startswith("=") and len(word) > 1:
            marks |= {mark for name, mark in _MARKS.items() if name.startswith(word[1:].lower())}
        elif word not in ("<", ">", "@", "="):
            names.append(word)
    return TreeFilter(tuple(names), at_least, at_most, tuple(owners), frozenset(marks))


@dataclass(frozen=True, slots=True)
class Passed:
    """What a filter and the choice of changes leave of a tree."""

    kept: int = 0
    """Nodes that pass, without the directories above them."""
    only: frozenset[int] | None = None
    """Those nodes and every directory above them; `None` where nothing is held back."""
    standing: "array[int] | None" = None
    """What stands after the layer, as `standing_after` gives it; `None` where only its changes are shown."""


def what_passes(anatomy: "ImageAnatomy", words: str, layer: int | None, kinds: frozenset[int]) -> Passed:
    """Filter a tree.

    Args:
        anatomy: The image.
        words: The filter as typed.
        layer: The layer whose changes are shown; `None` for the merged system, where there are no changes to choose.
        kinds: The changes that are shown; `UNCHANGED` among them for what the layer left as it was.
    """
    wanted = parse(words)
    standing = None
    if layer is not None and UNCHANGED in kinds:
        standing = standing_after(anatomy.changes, layer, len(anatomy.analysis.overlay.names))
    if not wanted and (layer is None or kinds >= EVERY_CHANGE):
        return Passed(standing=standing)
    if layer is None:
        found = _of_merged(anatomy, wanted)
    else:
        found = _of_layer(anatomy, wanted, anatomy.changes[layer], kinds, standing)
    return Passed(len(found), with_parents(anatomy, found), standing)


def _of_merged(anatomy: "ImageAnatomy", wanted: TreeFilter) -> list[int]:
    """What of the merged system passes. It has no changes: a filter that asks for one lets nothing through."""
    if wanted.marks:
        return []
    overlay = anatomy.analysis.overlay
    found = [node for node in _named(anatomy, wanted, range(1, len(overlay.names))) if overlay.alive[node]]
    return _of_size_and_owner(anatomy, wanted, found, anatomy.analysis.sizes.__getitem__)


def _of_layer(
    anatomy: "ImageAnatomy",
    wanted: TreeFilter,
    changes: "LayerChanges",
    kinds: frozenset[int],
    standing: "array[int] | None",
) -> list[int]:
    place = {node: index for index, node in enumerate(changes.nodes)}
    marks, shipped, hidden = changes.marks, changes.shipped, changes.hidden
    accepted = (wanted.marks or EVERY_CHANGE) & kinds
    found = []
    unchanged = standing if not wanted.marks else None
    for node in _named(anatomy, wanted, place if unchanged is None else range(1, len(unchanged))):
        mark = marks[place[node]] if node in place else UNCHANGED
        if mark in accepted or (mark == UNCHANGED and unchanged is not None and unchanged[node] >= 0):
            found.append(node)

    def size(node: int) -> int:
        if node in place:
            return max(shipped[place[node]], hidden[place[node]])
        return standing[node] if standing is not None else 0

    return _of_size_and_owner(anatomy, wanted, found, size)


def _of_size_and_owner(
    anatomy: "ImageAnatomy", wanted: TreeFilter, found: list[int], size: "Callable[[int], int]"
) -> list[int]:
    analysis = anatomy.analysis
    if wanted.at_least or wanted.at_most is not None:
        # A size is asked of files: nearly every directory above a large file is large.
        most = wanted.at_most if wanted.at_most is not None else 1 << 62
        folders = analysis.overlay.is_directory
        found = [node for node in found if not folders[node] and wanted.at_least <= size(node) <= most]
    if wanted.owners:
        places = {
            place
            for place, package in enumerate(analysis.packages)
            if all(owner in f"{package.manager} {package.name}".lower() for owner in wanted.owners)
        }
        found = [node for node in found if analysis.owners[node] in places]
    return found


def _named(anatomy: "ImageAnatomy", wanted: TreeFilter, everything: "Iterable[int]") -> list[int]:
    if not wanted.names:
        return list(everything)
    found = list(anatomy.names.find(wanted.names[0]))
    for words in wanted.names[1:]:
        other = set(anatomy.names.find(words))
        found = [node for node in found if node in other]
    return found


def with_parents(anatomy: "ImageAnatomy", nodes: list[int]) -> frozenset[int]:
    """The nodes and every directory above them."""
    parent = anatomy.analysis.overlay.parent
    kept: set[int] = set()
    for node in nodes:
        while node >= 0 and node not in kept:
            kept.add(node)
            node = parent[node]
    return frozenset(kept)
