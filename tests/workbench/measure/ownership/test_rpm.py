from __future__ import annotations

import sqlite3
import struct
from contextlib import closing

from tests.workbench.measure.image_building import shipped
from tests.workbench.measure.layer_building import Row, file, layer
from workbench.measure.overlay import stack
from workbench.measure.ownership.owners import Ownership, own

DATABASE = "var/lib/rpm/rpmdb.sqlite"
INT32, STRING, STRINGS = 4, 6, 8


def header(name: str, version: str, files: dict[str, list[str]]) -> bytes:
    """An RPM header as the package manager stores it."""
    directories = list(files)
    names = [base for folder in directories for base in files[folder]]
    indexes = [place for place, folder in enumerate(directories) for _ in files[folder]]
    tags: list[tuple[int, int, int, bytes]] = [
        (1000, STRING, 1, name.encode() + b"\0"),
        (1001, STRING, 1, version.encode() + b"\0"),
        (1002, STRING, 1, b"1.el9\0"),
        (1116, INT32, len(indexes), struct.pack(f">{len(indexes)}I", *indexes)),
        (1117, STRINGS, len(names), b"".join(one.encode() + b"\0" for one in names)),
        (1118, STRINGS, len(directories), b"".join(one.encode() + b"\0" for one in directories)),
    ]
    store, index = b"", b""
    for tag, kind, count, data in tags:
        if kind == INT32:
            store += b"\0" * (-len(store) % 4)
        index += struct.pack(">IIII", tag, kind, len(store), count)
        store += data
    return struct.pack(">II", len(tags), len(store)) + index + store


def database(*headers: bytes, statement: str = "CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob BLOB)") -> bytes:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(statement)
        for one in headers:
            connection.execute("INSERT INTO Packages (blob) VALUES (?)", (one,))
        connection.commit()
        return bytes(connection.serialize())


def owned(*bodies: bytes) -> Ownership:
    layers: list[dict[str, str | bytes | Row]] = [{DATABASE: body} for body in bodies]
    stacked, kept = shipped(*layers)
    stacked.append(layer(file("usr/bin/bash", 50), file("usr/lib64/libc.so.6", 70), file("opt/x", 9)))
    return own(stack(stacked), kept)


def test_packages_files_and_versions() -> None:
    body = database(
        header("bash", "5.1", {"/usr/bin/": ["bash", "sh"]}), header("glibc", "2.34", {"/usr/lib64/": ["libc.so.6"]})
    )
    found = owned(body)
    told = {one.name: (one.manager, one.version, one.size_bytes, one.files) for one in found.packages}
    assert told == {"glibc": ("rpm", "2.34-1.el9", 70, 1), "bash": ("rpm", "5.1-1.el9", 50, 1)}
    assert found.unowned_bytes == 9 + len(body)


def test_a_database_in_write_ahead_mode() -> None:
    body = bytearray(database(header("bash", "5.1", {"/usr/bin/": ["bash"]})))
    body[18:20] = b"\x02\x02"
    assert [one.name for one in owned(bytes(body)).packages] == ["bash"]


def test_an_upgrade_between_layers() -> None:
    found = owned(
        database(header("bash", "5.1", {"/usr/bin/": ["bash"]})),
        database(header("bash", "5.2", {"/usr/bin/": ["bash"]})),
    )
    assert [(one.layer, one.kind, one.previous_version, one.version) for one in found.changes] == [
        (0, "arrived", "", "5.1-1.el9"),
        (1, "upgraded", "5.1-1.el9", "5.2-1.el9"),
    ]


def test_damage_is_no_error() -> None:
    body = database(header("bash", "5.1", {"/usr/bin/": ["bash"]}))
    for cut in (0, 15, 100, 512, 4096, len(body) - 1):
        owned(body[:cut])
    for place in range(0, len(body), 97):
        owned(body[:place] + b"\xff" + body[place + 1 :])
    damaged = header("bash", "5.1", {"/usr/bin/": ["bash"]})
    for place in range(len(damaged)):
        owned(database(damaged[:place] + b"\xff" + damaged[place + 1 :], damaged[:place]))


def test_a_view_that_never_ends_is_not_asked() -> None:
    endless = "WITH RECURSIVE n(blob) AS (SELECT x'00' UNION ALL SELECT blob FROM n) SELECT blob FROM n"
    assert owned(database(statement=f"CREATE VIEW Packages AS {endless}")).packages == ()
