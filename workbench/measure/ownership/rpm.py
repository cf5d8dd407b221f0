"""RPM packages, from the SQLite form of their database (Fedora 33, RHEL 9, openSUSE's rival forms are not read)."""

import sqlite3
import struct
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial

from workbench.measure.ownership.databases import Database
from workbench.measure.ownership.installed import Installed, Key

_NAME, _VERSION, _RELEASE, _DIRECTORY_INDEXES, _BASE_NAMES, _DIRECTORIES = 1000, 1001, 1002, 1116, 1117, 1118
_INT32, _STRING, _STRINGS, _TRANSLATED = 4, 6, 8, 9
_WANTED = frozenset({_NAME, _VERSION, _RELEASE, _DIRECTORY_INDEXES, _BASE_NAMES, _DIRECTORIES})
_MOST_STEPS = 2_000_000
"""Steps of SQLite's machine; 5,000 packages take 50,000."""


def rpm_packages(databases: Sequence[Database]) -> list[Installed]:
    """Every version of every RPM package."""
    found: dict[str, list[Installed]] = {}
    written = [one for one in databases if one.path.endswith("/rpmdb.sqlite")]
    complete = all(one.is_kept for one in written)
    for database in written:
        for blob in _headers(database.body or b""):
            tags = _tags(blob)
            name = _text(tags.get(_NAME))
            if not name or name == "gpg-pubkey":
                continue
            version = "-".join(part for part in (_text(tags.get(_VERSION)), _text(tags.get(_RELEASE))) if part)
            versions = found.setdefault(name, [])
            since = database.since
            if versions and versions[-1].version == version and versions[-1].until == since:
                since = versions.pop().since
            files = partial(
                _files, tags.get(_DIRECTORY_INDEXES, b""), tags.get(_BASE_NAMES, b""), tags.get(_DIRECTORIES, b"")
            )
            versions.append(
                Installed(Key("rpm", "", name), version, since, database.until, files, since_is_known=complete)
            )
    return [one for versions in found.values() for one in versions]


def _headers(body: bytes) -> Iterator[bytes]:
    if not body.startswith(b"SQLite format 3\0") or len(body) < 512:
        return
    # A database in write-ahead mode cannot be opened from memory; these two bytes say that it is in the other one.
    body = body[:18] + b"\x01\x01" + body[20:]
    with closing(sqlite3.connect(":memory:")) as connection:
        try:
            connection.deserialize(body)
            connection.execute("PRAGMA trusted_schema=OFF")
            connection.set_progress_handler(lambda: 1, _MOST_STEPS)
            is_table = connection.execute("SELECT 1 FROM sqlite_schema WHERE name='Packages' AND type='table'")
            if is_table.fetchone() is None:
                return
            for (blob,) in connection.execute("SELECT blob FROM Packages"):
                if isinstance(blob, bytes):
                    yield blob
        except sqlite3.Error:
            return


def _tags(blob: bytes) -> dict[int, bytes]:
    """The wanted tags of a header, each with its raw store: numbers big-endian, texts ended by zero bytes."""
    if len(blob) < 8:
        return {}
    count, length = struct.unpack_from(">II", blob)
    start = 8 + 16 * count
    if start + length > len(blob):
        return {}
    store = blob[start : start + length]
    tags: dict[int, bytes] = {}
    for place in range(count):
        tag, kind, offset, number = struct.unpack_from(">IIII", blob, 8 + 16 * place)
        if tag not in _WANTED or offset >= length:
            continue
        if kind == _INT32:
            tags[tag] = store[offset : offset + 4 * number]
        elif kind == _STRING:
            tags[tag] = store[offset : store.find(b"\0", offset)]
        elif kind in (_STRINGS, _TRANSLATED):
            end = offset
            for _ in range(number):
                stop = store.find(b"\0", end)
                if stop < 0:
                    break
                end = stop + 1
            tags[tag] = store[offset:end]
    return tags


def _text(raw: bytes | None) -> str:
    return (raw or b"")[:512].decode("utf-8", "replace")


def _files(indexes: bytes, names: bytes, folders: bytes) -> Iterator[str]:
    directories = folders.split(b"\0")
    numbers = struct.iter_unpack(">I", indexes[: len(indexes) // 4 * 4])
    for (number,), name in zip(numbers, names.split(b"\0"), strict=False):
        if number < len(directories):
            yield (directories[number] + name).lstrip(b"/").decode("utf-8", "surrogateescape")
