"""Node packages: every directory of a node_modules with a package.json owns what is nearest to it."""

from collections.abc import Sequence

import msgspec

from workbench.measure.ownership.databases import Database
from workbench.measure.ownership.installed import Installed, Key


class _Package(msgspec.Struct):
    version: str = ""


def npm_packages(databases: Sequence[Database]) -> list[Installed]:
    """Every version of every Node package."""
    found = []
    for one in databases:
        if not one.path.endswith("/package.json"):
            continue
        folder = one.path.removesuffix("/package.json")
        location, _, name = folder.rpartition("node_modules/")
        found.append(
            Installed(
                Key("npm", f"{location}node_modules", name), _version(one.body), one.since, one.until, roots=(folder,)
            )
        )
    return found


def _version(body: bytes | None) -> str:
    try:
        return msgspec.json.decode(body or b"{}", type=_Package).version[:512]
    except (msgspec.DecodeError, RecursionError):
        return ""
