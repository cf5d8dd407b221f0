"""The merged file systems of two images, walked side by side."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import nlargest
from typing import TYPE_CHECKING, Literal

from workbench.measure.overlay import ROOT
from workbench.model.image_comparison import PathDelta
from workbench.model.layer_index import FILE, HARDLINK

if TYPE_CHECKING:
    from workbench.measure.analysis import ImageAnalysis
    from workbench.measure.overlay import Overlay

MOST_FILES = 20_000
"""Files that are listed."""

MOST_DIRECTORIES = 2_000
"""Directories that are listed."""

_Kind = Literal["added", "removed", "content", "metadata"]
_Pair = tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class TreeComparison:
    """Directories and files that differ, the largest change first."""

    directories: tuple[PathDelta, ...]
    files: tuple[PathDelta, ...]
    files_omitted: int


def compare_trees(before: ImageAnalysis, after: ImageAnalysis) -> TreeComparison:
    """Walk both trees at once; a path of either that differs is told once.

    Args:
        before: The image to compare with.
        after: The image that may be fatter.
    """
    return _Walk(before, after).result()


class _Walk:
    """One walk over two trees."""

    def __init__(self, before: ImageAnalysis, after: ImageAnalysis) -> None:
        self._old, self._new = before.overlay, after.overlay
        self._old_sizes, self._new_sizes = before.sizes, after.sizes
        self._folders: list[tuple[int, _Pair]] = []
        self._files: list[tuple[int, _Kind, _Pair]] = []

    def result(self) -> TreeComparison:
        waiting: list[_Pair] = [(ROOT, ROOT)]
        while waiting:
            left, right = waiting.pop()
            olds, news = _children(self._old, left), _children(self._new, right)
            # A folder is told unless all of its change is in one folder below it.
            change = self._change((left, right))
            is_elsewhere = False
            for name in {**olds, **news}:
                pair = (olds.get(name), news.get(name))
                old_folder, new_folder = _is_folder(self._old, pair[0]), _is_folder(self._new, pair[1])
                if old_folder or new_folder:
                    folders = (pair[0] if old_folder else None, pair[1] if new_folder else None)
                    waiting.append(folders)
                    below = self._change(folders)
                    is_elsewhere = is_elsewhere or below == change
                files = (None if old_folder else pair[0], None if new_folder else pair[1])
                self._file(files)
            if change != 0 and not is_elsewhere:
                self._folders.append((abs(change), (left, right)))
        most = nlargest(MOST_DIRECTORIES, self._folders, key=lambda one: one[0])
        listed = nlargest(MOST_FILES, self._files, key=lambda one: one[0])
        return TreeComparison(
            tuple(sorted((self._folder_delta(pair) for _, pair in most), key=_largest_first)),
            tuple(sorted((self._file_delta(kind, pair) for _, kind, pair in listed), key=_largest_first)),
            len(self._files) - len(listed),
        )

    def _change(self, pair: _Pair) -> int:
        left, right = pair
        return (self._new_sizes[right] if right is not None else 0) - (self._old_sizes[left] if left is not None else 0)

    def _file(self, pair: _Pair) -> None:
        left, right = pair
        if left is None and right is None:
            return
        kind: _Kind
        if left is None:
            kind = "added"
        elif right is None:
            kind = "removed"
        elif _content(self._old, left) != _content(self._new, right):
            kind = "content"
        elif _metadata(self._old, left) != _metadata(self._new, right):
            kind = "metadata"
        else:
            return
        change = (self._new.size(right) if right is not None else 0) - (self._old.size(left) if left is not None else 0)
        self._files.append((abs(change), kind, pair))

    def _folder_delta(self, pair: _Pair) -> PathDelta:
        left, right = pair
        kind: _Kind = "added" if left is None else "removed" if right is None else "content"
        return PathDelta(
            self._path(pair),
            kind,
            self._old_sizes[left] if left is not None else 0,
            self._new_sizes[right] if right is not None else 0,
        )

    def _file_delta(self, kind: _Kind, pair: _Pair) -> PathDelta:
        left, right = pair
        return PathDelta(
            self._path(pair),
            kind,
            self._old.size(left) if left is not None else 0,
            self._new.size(right) if right is not None else 0,
        )

    def _path(self, pair: _Pair) -> str:
        left, right = pair
        if right is not None:
            return self._new.path(right)
        return self._old.path(left) if left is not None else ""


def _largest_first(delta: PathDelta) -> tuple[int, str]:
    return -abs(delta.delta_bytes), delta.path


def _children(overlay: Overlay, folder: int | None) -> dict[str, int]:
    if folder is None:
        return {}
    return {name: node for name, node in overlay.children.get(folder, {}).items() if overlay.alive[node]}


def _is_folder(overlay: Overlay, node: int | None) -> bool:
    return node is not None and bool(overlay.is_directory[node])


def _content(overlay: Overlay, node: int) -> tuple[int, int, int, str]:
    """Kind, size, hash and target of what stands at a node; hard links are the files they are."""
    layer, number = overlay.entry_layer[node], overlay.entry_number[node]
    index = overlay.layers[layer]
    kind = index.kinds[number]
    body = overlay.body_layer[node]
    if kind in (FILE, HARDLINK) and body >= 0:
        at = overlay.body_number[node]
        return FILE, overlay.layers[body].sizes[at], overlay.layers[body].crcs[at], ""
    return kind, 0, 0, index.links.get(number, "")


def _metadata(overlay: Overlay, node: int) -> tuple[int, int, int]:
    index, number = overlay.layers[overlay.entry_layer[node]], overlay.entry_number[node]
    return index.modes[number], index.uids[number], index.gids[number]
