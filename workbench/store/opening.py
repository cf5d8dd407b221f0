"""How the store's file is opened: looked at first, changed only when it is ours and no newer than we are."""

import os
import sqlite3
import struct
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import NamedTuple

from workbench.errors import StoreCorrupt, StoreNewer
from workbench.store.database import BUSY_SECONDS, connect, in_our_words, move_away
from workbench.store.migrate import APPLICATION_ID, Migration, migrate, version

_HEADER = struct.Struct(">16sH6xII8xI16xI4xI20xI")
"""Magic, page size, change counter, pages, schema cookie, user version, application id, counter that `pages` is of."""


def open_database(path: Path, migrations: Sequence[Migration]) -> sqlite3.Connection:
    """Open the file, making it, readable to its owner alone, when it is not there, and bring its tables up to date.

    Raises:
        StoreCorrupt: when the file is damaged or none of ours; it is left as it is.
        StoreNewer: when a newer workbench wrote it; it is left as it is.
        StoreError: when it cannot be read or written.
    """
    with in_our_words(path), ExitStack() as undo:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        _check(path, len(migrations))
        connection = undo.enter_context(closing(connect(path)))
        _write_ahead(connection)
        migrate(connection, migrations)
        undo.pop_all()
    return connection


def _check(path: Path, newest: int) -> None:
    size = path.stat().st_size
    if size == 0:
        return
    mark = _mark_in_header(path, size) or _mark_in_journal(path)
    if mark.application == APPLICATION_ID and mark.version <= newest:
        return
    if mark.application == APPLICATION_ID:
        raise StoreNewer(
            f"the store {path} was written by a newer workbench: its tables are of version {mark.version}, "
            f"this one knows {newest}",
            "update this workbench, or point XDG_DATA_HOME at another place",
        )
    if any((mark.application, mark.version, mark.schema)):  # else another workbench is making it at this moment
        raise StoreCorrupt(f"{path} is not a store of the workbench", move_away(path))


class _Mark(NamedTuple):
    """What tells SQLite files apart, all zero in a new one."""

    application: int
    version: int
    schema: int
    """Counts changes of the tables."""


def _mark_in_header(path: Path, size: int) -> _Mark | None:
    """Read without SQLite, which leaves files beside a file that it only looks at; `None` when its journal knows more.

    Raises:
        StoreCorrupt: when the file is no database, or shorter than it says.
    """
    journal = Path(f"{path}-wal")
    if journal.exists() and journal.stat().st_size:
        return None
    with path.open("rb") as stream:
        header = stream.read(_HEADER.size)
    if len(header) < _HEADER.size:
        raise StoreCorrupt(f"the store {path} is damaged: it is no database", move_away(path))
    magic, page_size, changes, pages, schema, version_, application, pages_as_of = _HEADER.unpack(header)
    if magic != b"SQLite format 3\x00":
        raise StoreCorrupt(f"the store {path} is damaged: it is no database", move_away(path))
    if changes == pages_as_of and pages * (page_size if page_size > 1 else 65536) > size:
        raise StoreCorrupt(f"the store {path} is damaged: it is cut short", move_away(path))
    return _Mark(application, version_, schema)


def _mark_in_journal(path: Path) -> _Mark:
    with closing(connect(path, read_only=True)) as connection:
        connection.execute("BEGIN")  # one look: another workbench may be making the tables between two
        application, schema = (
            int(connection.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("application_id", "schema_version")
        )
        return _Mark(application, version(connection), schema)


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Let readers and a writer work at once. SQLite does not wait for the lock this takes: try again and again."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return
