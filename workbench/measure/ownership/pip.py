"""Python packages: the RECORD of wheels, the lists of eggs; without a list, the directory of the package's name."""

import csv
import re
from collections.abc import Iterator, Sequence
from functools import partial
from posixpath import join, normpath

from workbench.measure.ownership.databases import Database
from workbench.measure.ownership.installed import Installed, Key

_EGG_VERSION = re.compile(r"-py\d[\d.]*(?:-[\w.-]+)?$")
_PLAIN_NAME = re.compile(r"\w[\w.-]*")


def pip_packages(databases: Sequence[Database]) -> list[Installed]:
    """Every version of every Python package that a wheel or an egg brought."""
    found = [_wheel(one) for one in databases if one.path.endswith(".dist-info/RECORD")]
    eggs: dict[tuple[str, int], list[Database]] = {}
    for one in databases:
        folder, _, name = one.path.rpartition("/")
        if folder.endswith(".egg-info") and name != "RECORD":
            eggs.setdefault((folder, one.since), []).append(one)
    found.extend(_egg(folder, files) for (folder, _), files in eggs.items())
    # What a package vendors lies deeper than its own record, which lists it too.
    return sorted(found, key=lambda one: one.key.location.count("/"))


def normal_name(name: str) -> str:
    """A distribution's name as the package index compares them."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _wheel(record: Database) -> Installed:
    folder = record.path.rpartition("/")[0]
    location, _, stem = folder.rpartition("/")
    name, _, version = stem.removesuffix(".dist-info").partition("-")
    roots = [folder]
    if not record.is_kept and _PLAIN_NAME.fullmatch(name):
        module = join(location, name)
        roots += [module, f"{module}.libs"]
    return Installed(
        Key("pip", location, normal_name(name)),
        version,
        record.since,
        record.until,
        partial(_recorded, location, record),
        tuple(roots),
    )


def _recorded(location: str, record: Database) -> Iterator[str]:
    for line in (record.body or b"").split(b"\n"):
        path = line.rstrip(b"\r").decode("utf-8", "surrogateescape")
        if path.startswith('"'):
            try:
                path = next(csv.reader([path]))[0]
            except (csv.Error, StopIteration, IndexError):
                continue
        else:
            path = path.rsplit(",", 2)[0]
        if path:
            yield _from(location, path)


def _egg(folder: str, files: Sequence[Database]) -> Installed:
    location, _, stem = folder.rpartition("/")
    stem = _EGG_VERSION.sub("", stem.removesuffix(".egg-info"))
    name, _, version = stem.partition("-")
    bodies = {one.path.rpartition("/")[2]: one.body or b"" for one in files}
    if not version:
        version = _header(bodies.get("PKG-INFO", b""), "Version")
    listed = bodies.get("installed-files.txt", b"")
    roots = [folder]
    modules: list[str] = []
    if not listed:
        for line in bodies.get("top_level.txt", b"").splitlines()[:1000]:
            module = line.decode("utf-8", "replace").strip()
            if _PLAIN_NAME.fullmatch(module):
                roots.append(join(location, module))
                modules.append(join(location, f"{module}.py"))
    return Installed(
        Key("pip", location, normal_name(name)),
        version,
        min(one.since for one in files),
        max(one.until for one in files),
        partial(_egg_files, folder, listed, tuple(modules)),
        tuple(roots),
    )


def _egg_files(folder: str, listed: bytes, modules: Sequence[str]) -> Iterator[str]:
    yield from modules
    for line in listed.splitlines():
        path = line.decode("utf-8", "surrogateescape").strip()
        if path:
            yield _from(folder, path)


def _from(folder: str, path: str) -> str:
    """A listed path as one of the image: `..` above the root stays at the root."""
    if ".." not in path and not path.startswith(("/", "./")) and "//" not in path:
        return f"{folder}/{path}" if folder else path
    return normpath(join("/", folder, path)).lstrip("/")


def _header(body: bytes, name: str) -> str:
    for line in body[:65536].splitlines():
        if not line.strip():
            return ""
        key, _, value = line.decode("utf-8", "replace").partition(":")
        if key == name:
            return value.strip()[:512]
    return ""
