"""Books for a customer: what those who bought the same books bought too."""

import sqlite3
from collections.abc import Iterable

from slow_api.parameters import Parameters

BOUGHT = "SELECT book_id FROM lines JOIN orders ON orders.id = order_id WHERE customer_id = ? ORDER BY lines.rowid"
ALL_PURCHASES = "SELECT customer_id, book_id FROM lines JOIN orders ON orders.id = order_id ORDER BY lines.rowid"


def for_user(connection: sqlite3.Connection, parameters: Parameters) -> object:
    """The first books that like-minded customers bought and this one has not."""
    user = parameters.number("user", 1, 999_999)
    limit = parameters.number("limit", 1, 100, default=10)
    bought = [row["book_id"] for row in connection.execute(BOUGHT, (user,))]
    purchases = [(row["customer_id"], row["book_id"]) for row in connection.execute(ALL_PURCHASES)]
    like_minded = buyers_of(bought, purchases)
    picked = pick(bought, like_minded, purchases)[:limit]
    return {"user": user, "books": describe(connection, picked)}


def buyers_of(books: Iterable[int], purchases: Iterable[tuple[int, int]]) -> list[int]:
    """The customers who bought any of the books, in the order of their first such purchase."""
    wanted = set(books)
    return list(dict.fromkeys(customer for customer, book in purchases if book in wanted))


def pick(bought: Iterable[int], like_minded: Iterable[int], purchases: Iterable[tuple[int, int]]) -> list[int]:
    """The books that the like-minded bought and that are not among the bought, each once, in order of purchase."""
    owned = set(bought)
    friends = set(like_minded)
    wanted = (book for customer, book in purchases if customer in friends and book not in owned)
    return list(dict.fromkeys(wanted))


def describe(connection: sqlite3.Connection, books: list[int]) -> list[dict[str, object]]:
    places = ", ".join("?" * len(books))
    rows = connection.execute(f"SELECT id, title, category FROM books WHERE id IN ({places})", books)
    found = {row["id"]: dict(row) for row in rows}
    return [found[book] for book in books]
