"""Every byte of an image given to the package that brought it; what each layer did to the packages.

A path that several packages list belongs to the one whose manager comes first: deb, rpm, apk, conda, pip, npm, and the
curated roots last. A hard-linked inode counts once. Compiled Python that nobody lists follows its source file.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from workbench.measure.ownership.apk import apk_packages
from workbench.measure.ownership.claims import Claims
from workbench.measure.ownership.conda import conda_packages
from workbench.measure.ownership.databases import databases
from workbench.measure.ownership.deb import deb_packages
from workbench.measure.ownership.installed import Installed, Key
from workbench.measure.ownership.npm import npm_packages
from workbench.measure.ownership.pip import pip_packages
from workbench.measure.ownership.roots import curated_roots
from workbench.measure.ownership.rpm import rpm_packages
from workbench.measure.ownership.spans import spans_of
from workbench.measure.ownership.summary import Ownership, Summary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.measure.overlay import Overlay
    from workbench.model.image_index import KeptBodies

__all__ = ["Ownership", "own"]

_INFORMATION = "var/lib/dpkg/info"


def own(overlay: Overlay, contents: Sequence[KeptBodies]) -> Ownership:
    """Give every byte its owner, as far as the databases tell.

    Args:
        overlay: The stacked image.
        contents: For every layer, the bodies that were kept, by path; may be shorter than the layers.
    """
    last = len(overlay.layers)
    installed = _all_packages(overlay, contents)
    claims = Claims(overlay)
    for package in installed:
        if package.until == last:
            claims.take(package, alone=False)
    # Compiled files before the roots, that a listed source keeps them from a root; after, for sources of a root.
    claims.follow_sources()
    claims.follow_roots()
    claims.follow_sources()
    for package in installed:
        if package.until < last:
            claims.take(package, alone=True)
    claims.follow_roots(dead_only=True)
    return Summary(overlay, claims, spans_of(installed)).ownership()


def _all_packages(overlay: Overlay, contents: Sequence[KeptBodies]) -> list[Installed]:
    last = len(overlay.layers)
    found = databases(overlay, contents)
    information = overlay.find(_INFORMATION)
    notes = overlay.children.get(information, {}) if information is not None else {}
    installed = [
        *deb_packages(found, last, notes),
        *rpm_packages(found),
        *apk_packages(found),
        *conda_packages(found),
        *pip_packages(found),
        *npm_packages(found),
    ]
    prefixes: dict[str, Installed] = {}
    for one in installed:
        if one.key.manager == "conda" and one.until == last and one.key.location not in prefixes:
            prefixes[one.key.location] = one
    for prefix, one in prefixes.items():
        if prefix:
            installed.append(Installed(Key("root", prefix, "conda environment"), "", one.since, last, roots=(prefix,)))
    roots: dict[tuple[Key, str], list[str]] = {}
    for path, name, version, location in curated_roots(overlay):
        roots.setdefault((Key("root", location, name), version), []).append(path)
    for (key, version), paths in roots.items():
        installed.append(Installed(key, version, 0, last, partial(tuple, paths), tuple(paths), False))
    return installed
