"""The orders that wait to be invoiced. They are made up, always the same ones, and never end."""

from collections.abc import Iterator
from typing import NamedTuple

COUNTRIES = ("AT", "BE", "CH", "DE", "DK", "ES", "FR", "IT", "NL", "PL", "PT", "SE")
BOOKS = 60
"""On one invoice."""


class Order(NamedTuple):
    number: int
    country: str
    books: tuple[int, ...]


def orders() -> Iterator[Order]:
    number = 0
    while True:
        books = tuple((number * 31 + place * 17) % 2000 + 1 for place in range(BOOKS))
        yield Order(number, COUNTRIES[number % len(COUNTRIES)], books)
        number += 1
