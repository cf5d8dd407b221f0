"""Alpine packages: apk's database of installed packages."""

from collections.abc import Iterator, Sequence
from functools import partial

from workbench.measure.ownership.databases import Database
from workbench.measure.ownership.installed import Installed, Key


def apk_packages(databases: Sequence[Database]) -> list[Installed]:
    """Every version of every Alpine package."""
    found: dict[str, list[Installed]] = {}
    written = [one for one in databases if one.path.endswith("lib/apk/db/installed")]
    complete = all(one.is_kept for one in written)
    for database in written:
        for stanza in (database.body or b"").split(b"\n\n"):
            name, version = _field(stanza, b"P:"), _field(stanza, b"V:")
            if not name:
                continue
            versions = found.setdefault(name, [])
            files = partial(_files, stanza)
            since = database.since
            if versions and versions[-1].version == version and versions[-1].until == since:
                since = versions.pop().since
            versions.append(
                Installed(Key("apk", "", name), version, since, database.until, files, since_is_known=complete)
            )
    return [one for versions in found.values() for one in versions]


def _field(stanza: bytes, mark: bytes) -> str:
    start = 0 if stanza.startswith(mark) else stanza.find(b"\n" + mark) + 1
    if not stanza.startswith(mark, start):
        return ""
    return stanza[start + 2 :].partition(b"\n")[0][:512].decode("utf-8", "replace").strip()


def _files(stanza: bytes) -> Iterator[str]:
    folder = ""
    for line in stanza.split(b"\n"):
        if line.startswith(b"F:"):
            folder = line[2:].decode("utf-8", "surrogateescape")
        elif line.startswith(b"R:"):
            name = line[2:].decode("utf-8", "surrogateescape")
            yield f"{folder}/{name}" if folder else name
