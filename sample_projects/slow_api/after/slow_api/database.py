"""The shop's SQLite file: its tables and connections to it."""

import os
import sqlite3
import sys
from pathlib import Path

SCHEMA = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, country TEXT NOT NULL);
CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT NOT NULL, category TEXT NOT NULL,
                    price_cents INTEGER NOT NULL, blurb TEXT NOT NULL);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id),
                     placed_on TEXT NOT NULL);
CREATE TABLE lines (order_id INTEGER NOT NULL REFERENCES orders (id),
                    book_id INTEGER NOT NULL REFERENCES books (id), quantity INTEGER NOT NULL);
"""

INDEXES = """
CREATE INDEX lines_by_order ON lines (order_id);
CREATE INDEX orders_by_customer ON orders (customer_id);
"""


def connect(path: Path) -> sqlite3.Connection:
    """Open the database to read; SLOW_API_LOG_SQL=1 logs every statement."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    if os.environ.get("SLOW_API_LOG_SQL"):
        connection.set_trace_callback(lambda statement: print("sql", " ".join(statement.split()), file=sys.stderr))
    return connection
