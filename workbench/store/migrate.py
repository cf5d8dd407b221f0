"""Brings a store's tables up to what this workbench knows, one numbered step after the other."""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from workbench.errors import StoreNewer
from workbench.store.database import shrink_journal, transaction

APPLICATION_ID = 0x57424E43
"""Marks a SQLite file as a store of the workbench (`WBNC`), in the file's header."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step: the statements that lead from `version - 1` to `version`."""

    version: int
    sql: str


@cache
def shipped() -> tuple[Migration, ...]:
    """Every step in `migrations/`, by the number that its file name begins with."""
    found = [
        Migration(int(number[1]), file.read_text(encoding="utf-8"))
        for file in (files("workbench.store") / "migrations").iterdir()
        if (number := re.fullmatch(r"(\d{4})_\w+\.sql", file.name))
    ]
    return tuple(sorted(found, key=lambda step: step.version))


def migrate(connection: sqlite3.Connection, migrations: Sequence[Migration]) -> None:
    """Take every step that the store lacks, each in a transaction of its own.

    The version is read under the write lock, so of two workbenches that open at once only one takes a step.

    Raises:
        StoreNewer: when another workbench, a newer one, was faster.
    """
    while True:
        if version(connection) == len(migrations):
            return
        with transaction(connection):
            done = version(connection)
            if done > len(migrations):
                raise StoreNewer("a newer workbench has just changed the store", "update this workbench")
            if done < len(migrations):
                for statement in _statements(migrations[done].sql):
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version = {done + 1}")
        shrink_journal(connection)


def version(connection: sqlite3.Connection) -> int:
    """The number of the last step that was taken; 0 for an empty file."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _statements(sql: str) -> Iterator[str]:
    """`executescript` would do, but commits first."""
    statement = ""
    for piece in sql.split(";")[:-1]:
        statement += f"{piece};"
        if sqlite3.complete_statement(statement):  # no semicolon of a text or a comment
            yield statement
            statement = ""
    yield statement + sql.rpartition(";")[2]
