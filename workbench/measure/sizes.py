"""Sizes of directories of the merged file system, each body once."""

from __future__ import annotations  # array[int] cannot be subscripted before Python 3.12

from array import array
from typing import TYPE_CHECKING

from workbench.measure.overlay import ROOT

if TYPE_CHECKING:
    from workbench.measure.overlay import Overlay


def total_sizes(overlay: Overlay) -> array[int]:
    """For every node, the bytes of live bodies at and below it.

    A hard-linked inode counts where its first path stands, so that the root's total is the image's final size.
    """
    totals = array("Q", bytes(8 * len(overlay.names)))
    for node in overlay.live_files():
        totals[node] = overlay.size(node)
    parent = overlay.parent
    for node in range(len(totals) - 1, ROOT, -1):
        # A child is always numbered after its parent.
        if size := totals[node]:
            totals[parent[node]] += size
    return totals


def largest_first(overlay: Overlay, totals: array[int], folder: int = ROOT) -> list[int]:
    """The live children of a directory, the largest first, then by name.

    Args:
        overlay: The stacked image.
        totals: What `total_sizes` gave for it.
        folder: The directory's node.
    """
    names, alive = overlay.names, overlay.alive
    children = [node for node in overlay.children.get(folder, {}).values() if alive[node]]
    return sorted(children, key=lambda node: (-totals[node], names[node]))
