"""Orders with all that the shop's front page shows of them."""

import sqlite3

from slow_api.parameters import Parameters

ORDERS = """
SELECT orders.id AS id, placed_on, name AS customer, country
FROM orders JOIN customers ON customers.id = customer_id
ORDER BY orders.id DESC LIMIT ?
"""
LINES = """
SELECT order_id, title, quantity, quantity * price_cents AS cents
FROM lines JOIN books ON books.id = book_id
WHERE order_id IN (SELECT id FROM orders ORDER BY id DESC LIMIT ?)
ORDER BY lines.rowid
"""


def newest(connection: sqlite3.Connection, parameters: Parameters) -> object:
    """The newest orders: customer, lines, total."""
    limit = parameters.number("limit", 1, 1000, default=100)
    lines: dict[int, list[dict[str, int]]] = {}
    for line in connection.execute(LINES, (limit,)):
        shown = {"title": line["title"], "quantity": line["quantity"], "cents": line["cents"]}
        lines.setdefault(line["order_id"], []).append(shown)
    return [describe(order, lines.get(order["id"], [])) for order in connection.execute(ORDERS, (limit,))]


def describe(order: sqlite3.Row, lines: list[dict[str, int]]) -> dict[str, object]:
    return {
        "id": order["id"],
        "placed_on": order["placed_on"],
        "customer": order["customer"],
        "country": order["country"],
        "lines": lines,
        "total_cents": sum(line["cents"] for line in lines),
    }
