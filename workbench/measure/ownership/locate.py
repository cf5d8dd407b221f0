"""Paths as package databases write them, found in an overlay: symbolic links among the parents are followed."""

from workbench.measure.overlay import ROOT, Overlay
from workbench.model.layer_index import SYMLINK

_MOST_LINKS = 40


class Locator:
    """Finds the nodes of paths; parents that were found are remembered."""

    def __init__(self, overlay: Overlay) -> None:
        self._overlay = overlay
        self._folders: dict[str, int | None] = {"": ROOT}

    def node(self, path: str) -> int | None:
        """The node of a path, dead or alive; its last part is not followed when it is a link.

        Args:
            path: Without a leading slash, without `..`.
        """
        folder, _, name = path.rpartition("/")
        parent = self._folders.get(folder, _UNKNOWN)
        if parent == _UNKNOWN:
            parent = self._folders[folder] = self._folder(folder)
        return None if parent is None else self._overlay.children.get(parent, {}).get(name)

    def _folder(self, path: str) -> int | None:
        overlay = self._overlay
        waiting = path.split("/")[::-1]
        node, links = ROOT, 0
        while waiting:
            part = waiting.pop()
            if part in ("", "."):
                continue
            if part == "..":
                node = max(overlay.parent[node], ROOT)
                continue
            found = overlay.children.get(node, {}).get(part)
            if found is None:
                return None
            target = self._link(found)
            if target is None:
                node = found
                continue
            links += 1
            if links > _MOST_LINKS:
                return None
            if target.startswith("/"):
                node = ROOT
            waiting.extend(target.split("/")[::-1])
        return node

    def _link(self, node: int) -> str | None:
        overlay = self._overlay
        layer = overlay.entry_layer[node]
        if layer < 0 or overlay.is_directory[node]:
            return None
        number = overlay.entry_number[node]
        index = overlay.layers[layer]
        return index.links.get(number) if index.kinds[number] == SYMLINK else None


_UNKNOWN = -2
