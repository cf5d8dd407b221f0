"""A shop's records, the same each time: exported as CSV files, then loaded into SQLite."""

import csv
import datetime
import random
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from slow_api import database

CUSTOMERS, BOOKS, ORDERS = 400, 2000, 4000
FIRST_DAY = datetime.date(2024, 1, 1)
CATEGORIES = ("art", "children", "cooking", "crime", "gardening", "history", "poetry", "science", "travel")
COUNTRIES = ("AT", "DE", "FR", "IT", "NL", "PL", "SE")
FIRST_NAMES = ("Ada", "Blaise", "Cecilia", "Edsger", "Emmy", "Grace", "Hedy", "Kurt", "Maryam", "Srinivasa")
LAST_NAMES = ("Adler", "Berg", "Costa", "Dupont", "Ek", "Fischer", "Greco", "Holm", "Ivanov", "Jansen", "Kowalski")
WORDS = (
    "autumn bread bridge clock compass copper garden glass harbour island journey kettle lantern letter mountain "
    "north orchard paper quiet river salt shadow silver stone summer thread tide train voyage winter wooden"
).split()


def seed(path: Path, staging: Path) -> None:
    """Write the CSV files into `staging` and load them into a new database at `path`."""
    staging.mkdir(parents=True, exist_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    for table, rows in records(random.Random(1492)).items():
        with (staging / f"{table}.csv").open("w", newline="") as file:
            csv.writer(file).writerows(rows)
    connection = sqlite3.connect(path)
    connection.executescript(database.SCHEMA)
    for table in ("customers", "books", "orders", "lines"):
        with (staging / f"{table}.csv").open(newline="") as file:
            load(connection, table, csv.reader(file))
    connection.executescript(database.INDEXES)
    connection.commit()
    connection.close()


def load(connection: sqlite3.Connection, table: str, rows: Iterator[list[str]]) -> None:
    first = next(rows)
    places = ", ".join("?" * len(first))
    connection.execute(f"INSERT INTO {table} VALUES ({places})", first)
    connection.executemany(f"INSERT INTO {table} VALUES ({places})", rows)


def records(dice: random.Random) -> dict[str, Iterable[tuple[object, ...]]]:
    """The rows of each table."""
    customers = [
        (number, f"{dice.choice(FIRST_NAMES)} {dice.choice(LAST_NAMES)}", dice.choice(COUNTRIES))
        for number in range(1, CUSTOMERS + 1)
    ]
    books = [
        (
            number,
            f"The {dice.choice(WORDS)} {dice.choice(WORDS)}".title(),
            dice.choice(CATEGORIES),
            dice.randrange(690, 4990, 10),
            " ".join(dice.choices(WORDS, k=40)),
        )
        for number in range(1, BOOKS + 1)
    ]
    orders = [
        (number, dice.randint(1, CUSTOMERS), FIRST_DAY + datetime.timedelta(days=number * 364 // ORDERS))
        for number in range(1, ORDERS + 1)
    ]
    lines = [
        (number, dice.randint(1, BOOKS), dice.choice((1, 1, 1, 2, 3, 12)))
        for number in range(1, ORDERS + 1)
        for _ in range(dice.randint(1, 5))
    ]
    return {"customers": customers, "books": books, "orders": orders, "lines": lines}
