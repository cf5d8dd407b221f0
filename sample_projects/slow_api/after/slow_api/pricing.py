"""What a basket costs: list price, season, quantity, value added tax."""

import functools
import math
import sqlite3

from slow_api.parameters import BadParameter, Parameters

TAX_PERCENT = {"AT": 10, "DE": 7, "FR": 5.5, "IT": 4, "NL": 9, "PL": 5, "SE": 6}
HARMONICS = 24
DAYS = 364
MOST_ITEMS = 50


def quote(connection: sqlite3.Connection, parameters: Parameters) -> object:
    """The price of a basket, `items=BOOK:QUANTITY,…`, in a country and a week of the year."""
    country = parameters.text("country", "DE")
    if country not in TAX_PERCENT:
        raise BadParameter(f"country must be one of {', '.join(TAX_PERCENT)}")
    week = parameters.number("week", 1, 52, default=1)
    items = parse_items(parameters.text("items"))
    books = find_books(connection, [book for book, _ in items])
    lines = [price_line(books, *item, week) for item in items]
    net = sum(line["cents"] for line in lines)
    return {
        "country": country,
        "week": week,
        "lines": lines,
        "net_cents": net,
        "gross_cents": round(net * (1 + TAX_PERCENT[country] / 100)),
    }


def parse_items(text: str) -> list[tuple[int, int]]:
    items = text.split(",")
    if len(items) > MOST_ITEMS:
        raise BadParameter(f"items holds {len(items)} books; {MOST_ITEMS} is the most")
    parsed = []
    for item in items:
        book, _, quantity = item.partition(":")
        numbers = Parameters([("book", book), ("quantity", quantity or "1")])
        parsed.append((numbers.number("book", 1, 999_999), numbers.number("quantity", 1, 1000)))
    return parsed


def find_books(connection: sqlite3.Connection, books: list[int]) -> dict[int, sqlite3.Row]:
    places = ", ".join("?" * len(books))
    rows = connection.execute(f"SELECT id, category, price_cents FROM books WHERE id IN ({places})", books)
    return {row["id"]: row for row in rows}


def price_line(books: dict[int, sqlite3.Row], book: int, quantity: int, week: int) -> dict[str, int]:
    row = books.get(book)
    if row is None:
        raise BadParameter(f"there is no book {book}")
    each = row["price_cents"] * seasonal_factor(row["category"], week) * quantity_factor(quantity)
    return {"book": book, "quantity": quantity, "cents": round(each) * quantity}


def quantity_factor(quantity: int) -> float:
    return 0.9 if quantity >= 10 else 0.95 if quantity >= 5 else 1.0


@functools.lru_cache(maxsize=1024)
def seasonal_factor(category: str, week: int) -> float:
    """How dear books of a category are in a week, against their mean over the year."""
    here = sum(demand(category, day) for day in range((week - 1) * 7, week * 7)) / 7
    return 1 + 0.2 * (here - mean_demand(category))


@functools.lru_cache(maxsize=64)
def mean_demand(category: str) -> float:
    return sum(demand(category, day) for day in range(DAYS)) / DAYS


def demand(category: str, day: int) -> float:
    """The demand for a category on a day of the year, as a sum of yearly waves."""
    phase = sum(category.encode()) % DAYS
    angle = 2 * math.pi * (day + phase) / DAYS
    return sum(math.sin(wave * angle) / wave**2 for wave in range(1, HARMONICS))
