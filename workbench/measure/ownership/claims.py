"""Which package of all that ever were owns each node of an overlay."""

from __future__ import annotations  # array[int] cannot be subscripted before Python 3.12

from array import array
from typing import TYPE_CHECKING

from workbench.measure.overlay import NONE
from workbench.measure.ownership.locate import Locator

if TYPE_CHECKING:
    from workbench.measure.overlay import Overlay
    from workbench.measure.ownership.installed import Installed, Key


class Claims:
    """Collects them; who comes first, owns."""

    def __init__(self, overlay: Overlay) -> None:
        self.keys: dict[Key, int] = {}
        self.owners = array("i", [NONE]) * len(overlay.names)
        self._overlay = overlay
        self._locator = Locator(overlay)
        self._roots: dict[int, int] = {}

    def take(self, package: Installed, *, alone: bool) -> None:
        """Give a package the files it lists that have no owner; `alone` leaves those that are still there."""
        number = self.keys.setdefault(package.key, len(self.keys))
        owners, alive, is_directory = self.owners, self._overlay.alive, self._overlay.is_directory
        for path in package.files():
            node = self._locator.node(path)
            if node and owners[node] == NONE and not is_directory[node] and not (alone and alive[node]):
                owners[node] = number
        for path in package.roots:
            node = self._locator.node(path)
            if node:
                self._roots.setdefault(node, number)

    def follow_roots(self, *, dead_only: bool = False) -> None:
        """Give what nobody lists to the nearest root above it."""
        if not self._roots:
            return
        parent, owners, overlay = self._overlay.parent, self.owners, self._overlay
        above = array("i", [NONE]) * len(owners)
        for node in range(1, len(owners)):
            number = self._roots.get(node, NONE)
            if number == NONE:
                number = above[parent[node]]
            if number == NONE:
                continue
            above[node] = number
            if owners[node] == NONE and not overlay.is_directory[node] and not (dead_only and overlay.alive[node]):
                owners[node] = number

    def follow_sources(self) -> None:
        """Give compiled Python that nobody lists to the owner of its source."""
        overlay, owners = self._overlay, self.owners
        for node, name in enumerate(overlay.names):
            if name != "__pycache__":
                continue
            sources = overlay.children.get(overlay.parent[node], {})
            for file, child in overlay.children.get(node, {}).items():
                if owners[child] == NONE and file.endswith(".pyc"):
                    source = sources.get(file.partition(".")[0] + ".py")
                    if source is not None:
                        owners[child] = owners[source]
