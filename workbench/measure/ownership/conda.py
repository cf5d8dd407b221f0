"""Conda packages: one JSON file each in the environment's conda-meta."""

from collections.abc import Iterator, Sequence
from functools import partial

import msgspec

from workbench.measure.ownership.databases import Database
from workbench.measure.ownership.installed import Installed, Key


class _Package(msgspec.Struct):
    name: str = ""
    version: str = ""
    files: list[str] = []


def conda_packages(databases: Sequence[Database]) -> list[Installed]:
    """Every version of every conda package."""
    found = []
    for one in databases:
        folder, _, file = one.path.rpartition("/")
        if folder.rpartition("/")[2] != "conda-meta":
            continue
        prefix = folder.rpartition("/")[0]
        name, _, rest = file.removesuffix(".json").rpartition("-")[0].rpartition("-")
        package = _read(one.body)
        found.append(
            Installed(
                Key("conda", prefix, package.name or name or rest),
                package.version or (rest if name else ""),
                one.since,
                one.until,
                partial(_files, prefix, one),
            )
        )
    return found


def _read(body: bytes | None) -> _Package:
    try:
        return msgspec.json.decode(body or b"{}", type=_Package)
    except (msgspec.DecodeError, RecursionError):
        return _Package()


def _files(prefix: str, database: Database) -> Iterator[str]:
    yield database.path
    for path in _read(database.body).files:
        yield f"{prefix}/{path}" if prefix else path
