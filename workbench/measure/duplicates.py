"""Live files of the same content at different paths."""

from __future__ import annotations  # array[int] cannot be subscripted before Python 3.12

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.model.image_index import DuplicateGroup

if TYPE_CHECKING:
    from workbench.measure.overlay import Overlay

MOST_PATHS = 50
"""Paths that one group lists; its nodes are all there."""

MOST_GROUPS = 20_000
"""Groups that are listed; the total counts every one."""

_MIX = 0x9E3779B97F4A7C15
_LOW = (1 << 64) - 1
_SLOTS = 1 << 22
_SHIFT = 64 - 22


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Every duplicate of an image."""

    groups: tuple[DuplicateGroup, ...]
    """The largest waste first; of equal waste, by path."""
    wasted_bytes: int
    """All copies but one, over every group."""
    omitted: int
    """Groups beyond the number that is listed."""


def duplicates(overlay: Overlay) -> Duplicates:
    """Group live files of equal size and content; a hard-linked inode is one file, empty files are none.

    Args:
        overlay: The stacked image.
    """
    nodes = array("i", (node for node in overlay.live_files() if overlay.size(node)))
    times = bytearray(_SLOTS)
    for node in nodes:
        slot = _slot(overlay, node)
        if times[slot] < 2:
            times[slot] += 1
    copies: dict[tuple[int, int], list[int]] = {}
    for node in nodes:
        if times[_slot(overlay, node)] > 1:
            copies.setdefault(_content(overlay, node), []).append(node)
    ranked = sorted(
        ((size * (len(same) - 1), size, same) for (size, _), same in copies.items() if len(same) > 1),
        key=lambda found: (-found[0], overlay.path(found[2][0])),
    )
    groups = tuple(_group(overlay, size, same) for _, size, same in ranked[:MOST_GROUPS])
    return Duplicates(
        tuple(sorted(groups, key=lambda group: (-group.wasted_bytes, group.paths))),
        sum(waste for waste, _, _ in ranked),
        max(0, len(ranked) - MOST_GROUPS),
    )


def _content(overlay: Overlay, node: int) -> tuple[int, int]:
    layer, number = overlay.layers[overlay.body_layer[node]], overlay.body_number[node]
    return layer.sizes[number], layer.crcs[number]


def _slot(overlay: Overlay, node: int) -> int:
    """Equal content has the same slot; a slot with one file has no duplicate, and few others are left to compare."""
    size, crc = _content(overlay, node)
    return ((crc ^ size * _MIX) * _MIX & _LOW) >> _SHIFT


def _group(overlay: Overlay, size: int, nodes: list[int]) -> DuplicateGroup:
    named = sorted((overlay.path(node), node) for node in nodes)
    paths = tuple(path for path, _ in named[:MOST_PATHS])
    return DuplicateGroup(size, paths, len(named) - len(paths), tuple(node for _, node in named))
