"""A build's context: what is in the folder, and what `.dockerignore` leaves of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

ContextKind = Literal["file", "folder", "link"]


@dataclass(frozen=True, slots=True)
class ContextEntry:
    """One entry that passes `.dockerignore`."""

    path: str
    """Relative to the context, parted by `/`. Hostile text."""
    kind: ContextKind
    mode: int
    """Permissions alone."""
    size: int
    """Bytes of a file; 0 for others."""
    target: str = ""
    """Of a link, as it is."""
    modified_ns: int = 0


@dataclass(frozen=True, slots=True)
class ContextPart:
    """A file, or a folder with all below it. Hostile text in its path."""

    path: str
    """Relative to the context, parted by `/`."""
    bytes: int
    """Of regular files, without what `.dockerignore` leaves out when `is_sent`."""
    files: int
    is_folder: bool
    is_sent: bool
    """Whether something of it passes `.dockerignore`."""


@dataclass(frozen=True, slots=True)
class ContextListing:
    """Everything that is in a context's folder."""

    entries: Mapping[str, ContextEntry]
    """What passes `.dockerignore`, by path, in the order of paths."""
    left_out: tuple[ContextPart, ...]
    """What does not: files, and whole folders."""
    ignore_file: str
    """The file with the patterns, by its name; empty for none."""
    is_complete: bool = True
    """Whether all that passes was found."""
    unreadable: int = 0
    """Folders that could not be read."""
    is_weighed: bool = True
    """Whether all that does not pass was looked at for its size."""


@dataclass(frozen=True, slots=True)
class UnneededPart:
    """Something that is sent and that images hardly ever need: all places for which one pattern does."""

    path: str
    """The largest of them. Hostile text."""
    places: int
    bytes: int
    """Of all of them."""
    files: int
    reason: str
    """What it is: `git's own data`."""
    pattern: str
    """The line for `.dockerignore` that leaves it out."""


@dataclass(frozen=True, slots=True)
class BuildContext:
    """What a context holds. Links are entries of their own and never followed."""

    all_bytes: int
    """Of all regular files, as without a `.dockerignore`."""
    all_files: int
    sent_bytes: int
    """Of those that pass `.dockerignore`. BuildKit sends at most these: only what steps copy, and what changed."""
    sent_files: int
    ignore_file: str
    """The file with the patterns, by its name: `.dockerignore`, or `Dockerfile.dockerignore`; empty for none."""
    largest: tuple[ContextPart, ...]
    """Files and folders by size, the largest first, at most 20; no folder whose one entry says the same."""
    unneeded: tuple[UnneededPart, ...]
    """The largest first."""
    is_complete: bool = True
    """Whether everything was looked at: reading ends after as many entries as are still of use."""
    unreadable: int = 0
    """Folders that could not be read."""
