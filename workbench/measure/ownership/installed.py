"""One version of one package, from the layer that brought it to the layer that took it away."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple


class Key(NamedTuple):
    """What stays when a package is upgraded."""

    manager: str
    location: str
    """The directory its file list is relative to; empty for a manager of the whole system."""
    name: str


def _nothing() -> Iterable[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Installed:
    """A version of a package that was there for some layers."""

    key: Key
    version: str
    """Empty when not known."""
    since: int
    """The layer that brought it."""
    until: int
    """The layer that took it away; the number of layers when it is still there."""
    files: Callable[[], Iterable[str]] = field(default=_nothing, repr=False)
    """Makes the paths of its files, without leading slashes; directories among them do no harm."""
    roots: tuple[str, ...] = ()
    """Directories, all below which is its own unless another package owns it."""
    since_is_known: bool = True
    """Whether `since` is certain; else the layer that most of its files are in is nearer the truth."""
