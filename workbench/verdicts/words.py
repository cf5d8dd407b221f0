"""How rules put figures and commands into words."""

import re
import shlex

from workbench.measure.text import printable, shorten
from workbench.measure.units import NOT_MEASURED, percent, quantity
from workbench.model.containers import Container

LONGEST_WORD = 45
"""Characters of a verdict's word: what a table's cell has room for on a screen of 120 columns."""
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_LONGEST_NAME = 40
_MEBI = 1024**2
_GIBI = 1024**3


def target(container: Container) -> str:
    """How to call it on a command line, quoted for a shell: its name when the engine could have allowed it."""
    if _PLAIN_NAME.fullmatch(container.name):
        return shlex.quote(container.name)
    return shlex.quote(printable(container.id[:12]))


def name(text: str, width: int = _LONGEST_NAME) -> str:
    """A name from the world, made printable and short."""
    return shorten(printable(text), width)


def word(text: str) -> str:
    """A verdict's word, cut where it is too long."""
    return shorten(text, LONGEST_WORD)


def figure(label: str, value: str, threshold: str = "") -> str:
    """A line of evidence: `CPU pressure: 44% of the time (threshold: more than 20%)`."""
    return f"{label}: {value} (threshold: {threshold})" if threshold else f"{label}: {value}"


def share(label: str, value: float | None, above: float | None = None, *, unit: str = "") -> str:
    """A line of evidence for a percentage, `not measured` when there is none.

    Args:
        label: What it is.
        value: In percent.
        above: The threshold, when going above it is what tells.
        unit: Of what: `of the time`, `of periods`.
    """
    if value is None:
        return f"{label}: not measured"
    told = f"{percent(value)} {unit}".rstrip()
    return figure(label, told, "" if above is None else f"more than {percent(above)}")


def cores(value: float | None) -> str:
    """`1.25 cores`, `0.2 cores`, `1 core`."""
    if value is None:
        return NOT_MEASURED
    told = f"{value:.2f}".rstrip("0").rstrip(".")
    return f"{told} core" if told == "1" else f"{told} cores"


def used_of(value: float | None, whole: float | None) -> str:
    """`0.2 of 2 cores`; only what is used when the whole is not known."""
    return cores(value) if whole is None else f"{cores(value).rpartition(' ')[0] or NOT_MEASURED} of {cores(whole)}"


def size(value: float | None) -> str:
    """Bytes with a decimal prefix: `212 MB`."""
    return quantity(value, "B")


def engine_size(value: float) -> str:
    """Bytes as `docker update --memory` takes them, rounded up: `256m`, `3g`."""
    if value >= 8 * _GIBI:
        return f"{-int(-value // _GIBI)}g"
    return f"{-int(-value // _MEBI)}m"


def listed(lines: list[str], most: int = 3) -> str:
    """Some of many, joined by commas: `a, b, c and 4 more`."""
    told = ", ".join(lines[:most])
    return f"{told} and {len(lines) - most} more" if len(lines) > most else told
