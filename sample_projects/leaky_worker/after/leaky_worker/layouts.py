"""What an invoice looks like in each country: made when it is first needed, and kept."""

from leaky_worker import queue

PAGE = 300_000

_kept: dict[str, str] = {}


def layout(country: str) -> str:
    """The paper of a country. There are a dozen, so what is kept stops growing."""
    if country not in _kept:
        _kept[country] = draw(country)
    return _kept[country]


def draw(country: str) -> str:
    rows = [f"{country} {place:>4} " for place in range(len(queue.COUNTRIES))]
    return ("".join(rows) * (PAGE // len("".join(rows)) + 1))[:PAGE]
