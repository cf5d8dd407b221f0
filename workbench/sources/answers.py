"""Pieces of an engine's JSON answers, whatever is missing or of the wrong kind.

Engines differ in what they leave out, and Podman's compatible API leaves out more than Docker's.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Answer = Mapping[str, Any]


def text(answer: Answer, key: str) -> str:
    """The string under `key`, empty when there is none."""
    value = answer.get(key)
    return value if isinstance(value, str) else ""


def number(answer: Answer, key: str) -> int | None:
    """The whole number under `key`, `None` when there is none."""
    value = answer.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return int(value)
    except (ValueError, OverflowError):  # a JSON number may be infinite or no number once read
        return None


def limit(answer: Answer, key: str) -> int | None:
    """The limit under `key`; `None` when there is none, written as 0, -1 or the largest number there is."""
    value = number(answer, key)
    return value if value is not None and 0 < value < 1 << 60 else None


def part(answer: Answer, key: str) -> Answer:
    """The object under `key`, empty when there is none."""
    value = answer.get(key)
    return value if isinstance(value, dict) else {}


def parts(answer: Answer, key: str) -> Iterator[Answer]:
    """The objects in the list under `key`."""
    value = answer.get(key)
    return (item for item in value if isinstance(item, dict)) if isinstance(value, list) else iter(())


def texts(answer: Answer, key: str) -> tuple[str, ...]:
    """The strings in the list under `key`; a lone string counts as a list of one."""
    value = answer.get(key)
    if isinstance(value, str):
        return (value,)
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()
