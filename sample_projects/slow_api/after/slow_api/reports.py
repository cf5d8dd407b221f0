"""What the accountants fetch: every line that was sold, and the sums."""

import sqlite3

from slow_api.parameters import Parameters

SALES = """
SELECT orders.id AS order_id, placed_on, name AS customer, country, title, category, quantity, price_cents
FROM lines JOIN orders ON orders.id = order_id JOIN customers ON customers.id = customer_id
     JOIN books ON books.id = book_id
ORDER BY lines.rowid
"""
EARNED = """
SELECT category, sum(quantity * price_cents) AS earned
FROM lines JOIN books ON books.id = book_id
GROUP BY category ORDER BY category
"""


def sales(connection: sqlite3.Connection, parameters: Parameters) -> object:
    """Every line of every order."""
    return {"lines": [dict(row) for row in connection.execute(SALES)]}


def stats(connection: sqlite3.Connection, parameters: Parameters) -> object:
    """How much of everything there is, and what each category has earned."""
    counts = {
        table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        for table in ("customers", "books", "orders", "lines")
    }
    return {**counts, "earned_cents": {row["category"]: row["earned"] for row in connection.execute(EARNED)}}
