"""Environment variables and labels as they may be shown."""

from collections.abc import Iterable

from workbench.measure.arguments import masked_value


def environment(entries: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Name and value of each `NAME=value`, in order, secrets masked."""
    return masked_pairs((name, value) for name, _, value in (entry.partition("=") for entry in entries))


def masked_pairs(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The same names, with values of bounded length and without secrets."""
    return tuple((name, masked_value(name, value)) for name, value in pairs)
