"""Which files of a layer are package databases, and from which layer to which each of them was there."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workbench.model.layer_index import FILE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.measure.overlay import Overlay
    from workbench.model.image_index import KeptBodies

LARGEST = 64 * 2**20
"""Bytes of the largest database that is worth keeping; the RPM database of a large image has 40 MB."""

_DATABASES = re.compile(
    r"""
    var/lib/dpkg/(?:status|diversions|info/[^/]+\.list|status\.d/[^/]+)
    |(?:usr/)?lib/apk/db/installed
    |(?:var/lib|usr/lib/sysimage|usr/share)/rpm/rpmdb\.sqlite
    |(?:.*/)?[^/]+\.dist-info/RECORD
    |(?:.*/)?[^/]+\.egg-info/(?:installed-files\.txt|top_level\.txt|PKG-INFO)
    |(?:.*/)?conda-meta/[^/]+\.json
    |(?:.*/)?node_modules/(?:@[^/]+/)?[^/@][^/]*/package\.json
    """,
    re.VERBOSE | re.DOTALL,
)
_LAST_NAMES = frozenset(
    {
        "status",
        "diversions",
        "installed",
        "rpmdb.sqlite",
        "RECORD",
        "installed-files.txt",
        "top_level.txt",
        "PKG-INFO",
        "package.json",
    }
)


@dataclass(frozen=True, slots=True)
class Database:
    """One version of a package database."""

    path: str
    since: int
    """The layer that wrote it."""
    until: int
    """The layer that hid it; the number of layers when it is still there."""
    kept: KeptBodies = field(repr=False)
    """The layer's bodies that were kept; they may be packed, so that a body is had anew each time."""

    @property
    def body(self) -> bytes | None:
        """Its content; `None` when it was not kept."""
        return self.kept.get(self.path)

    @property
    def is_kept(self) -> bool:
        """Whether there is a body."""
        return self.path in self.kept


def is_database(path: str, size_bytes: int = 0) -> bool:
    """Whether a file's body says which package owns what.

    Args:
        path: Without a leading slash.
        size_bytes: Of the body; what is larger than the largest that is worth keeping is none.
    """
    return size_bytes <= LARGEST and _DATABASES.fullmatch(path) is not None


def databases(overlay: Overlay, contents: Sequence[KeptBodies]) -> list[Database]:
    """Every version of every package database, by path, the oldest first.

    Args:
        overlay: The stacked image.
        contents: For every layer, the bodies that were kept, by path; may be shorter than the layers.
    """
    nodes = {node: path for node, path in _candidates(overlay) if _DATABASES.fullmatch(path)}
    if not nodes:
        return []
    hidden: dict[tuple[int, int], int] = {}
    for gone in overlay.hidden:
        if gone.node in nodes:
            key = (gone.node, gone.written_by)
            hidden[key] = max(gone.hidden_by, hidden.get(key, 0))
    found: dict[tuple[str, int], Database] = {}
    for number, layer in enumerate(overlay.layers):
        kept = contents[number] if number < len(contents) else {}
        for place, node in enumerate(overlay.nodes_of[number]):
            if node not in nodes or layer.kinds[place] != FILE:
                continue
            path = nodes[node]
            until = len(overlay.layers) if overlay.body_layer[node] == number else hidden.get((node, number))
            if until is not None and until > number:
                found[path, number] = Database(path, number, until, kept)
    return [found[key] for key in sorted(found)]


def _candidates(overlay: Overlay) -> list[tuple[int, str]]:
    names, parent = overlay.names, overlay.parent
    return [
        (node, overlay.path(node))
        for node, name in enumerate(names)
        if name in _LAST_NAMES
        or (name.endswith((".list", ".json")) and names[parent[node]] in ("info", "conda-meta"))
        or (node and names[parent[node]] == "status.d")
    ]
