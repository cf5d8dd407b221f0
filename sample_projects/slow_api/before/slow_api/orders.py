"""Orders with all that the shop's front page shows of them."""

import sqlite3

from slow_api.parameters import Parameters


def newest(connection: sqlite3.Connection, parameters: Parameters) -> object:
    """The newest orders: customer, lines, total."""
    limit = parameters.number("limit", 1, 1000, default=100)
    found = connection.execute("SELECT * FROM orders ORDER BY id DESC LIMIT ?", (limit,))
    return [describe(connection, order) for order in found.fetchall()]


def describe(connection: sqlite3.Connection, order: sqlite3.Row) -> dict[str, object]:
    customer = connection.execute("SELECT * FROM customers WHERE id = ?", (order["customer_id"],)).fetchone()
    lines = [
        describe_line(connection, line)
        for line in connection.execute(
            "SELECT * FROM lines WHERE order_id = ? ORDER BY rowid", (order["id"],)
        ).fetchall()
    ]
    return {
        "id": order["id"],
        "placed_on": order["placed_on"],
        "customer": customer["name"],
        "country": customer["country"],
        "lines": lines,
        "total_cents": sum(line["cents"] for line in lines),
    }


def describe_line(connection: sqlite3.Connection, line: sqlite3.Row) -> dict[str, int]:
    book = connection.execute("SELECT * FROM books WHERE id = ?", (line["book_id"],)).fetchone()
    return {
        "title": book["title"],
        "quantity": line["quantity"],
        "cents": line["quantity"] * book["price_cents"],
    }
