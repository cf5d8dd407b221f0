"""SQLite as the store uses it: how a file is opened, told apart from others, and what its errors mean."""

import shlex
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from workbench.errors import StoreCorrupt, StoreError

BUSY_SECONDS = 10.0
"""How long one workbench waits for another one's write, which takes milliseconds."""
_FREE = "check its disk space and permissions, or point XDG_DATA_HOME at another place"


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """Open an existing file. Transactions are begun by `transaction` alone."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rw'}",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All that is written inside, or nothing; the write lock is taken at the beginning."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException as error:
        if connection.in_transaction:  # a full disk makes SQLite roll back by itself
            connection.execute("ROLLBACK")
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
            with suppress(sqlite3.DatabaseError):
                shrink_journal(connection)
        raise


def shrink_journal(connection: sqlite3.Connection) -> None:
    """Bring the write-ahead journal into the tables and give its space back, if nobody is reading from it.

    The journal keeps its size after a write that filled the disk, and so would keep the disk full.
    """
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


@contextmanager
def in_our_words(path: Path) -> Iterator[None]:
    """Turn what SQLite and the file system say about the store into cause and cure.

    Raises:
        StoreCorrupt: when the file is damaged or none of ours.
        StoreError: when it cannot be read or written.
    """
    try:
        yield
    except sqlite3.IntegrityError:
        raise  # the caller's mistake
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", None)
        if code is None:
            raise  # used after it was closed: the caller's mistake too
        raise _explained(error, code & 0xFF, path) from error
    except OverflowError as error:  # files of others tell numbers of any size
        raise StoreError(f"the store {path} holds whole numbers of 64 bits: one is larger") from error
    except OSError as error:
        raise StoreError(f"{error.filename or path} cannot be used: {error.strerror or error}", _FREE) from error


def _explained(error: sqlite3.DatabaseError, code: int, path: Path) -> StoreError:
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or str(error).startswith("no such "):
        return StoreCorrupt(f"the store {path} is damaged: {error}", move_away(path))
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreError(f"the store {path} is locked by another program", "try again, or close the other workbench")
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return StoreError(f"the store {path} cannot be opened for writing: {error}", _FREE)
    return StoreError(f"the store {path} cannot be used: {error}", _FREE)


def move_away(path: Path) -> str:
    """The cure for a file that cannot be used: it is never overwritten, so its owner moves it, artifacts and all."""
    folder = path.absolute().parent
    old = shlex.quote(f"{folder}.old")
    return f"it is left as it is; to begin a new one move its folder away: mv {shlex.quote(str(folder))} {old}"
