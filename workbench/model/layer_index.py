"""What one layer ships, entry by entry, in columns: compact enough for hundreds of thousands of files."""

from __future__ import annotations  # array[int] cannot be subscripted before Python 3.12

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE, DIRECTORY, SYMLINK, HARDLINK, CHARACTER, BLOCK, FIFO, WHITEOUT, OPAQUE = b"fdlhcbpwo"
"""Kinds of entries. A whiteout's path is the path it removes; an opaque mark's path is the directory it empties."""

Kind = int


class Entry(NamedTuple):
    """One entry of a layer, as its tar header says."""

    path: str
    """Without a leading slash or `./`; the root is empty. Undecodable bytes are surrogate escapes."""
    kind: Kind
    mode: int
    """Permission bits with setuid, setgid and sticky, no file type."""
    uid: int
    gid: int
    size: int
    """Bytes of the body; 0 for everything but a regular file."""
    mtime: int
    """Unix time in whole seconds."""
    link: str
    """Target of a symbolic link as stored, or of a hard link as a path of this index; else empty."""
    crc: int
    """CRC-64 (ISO polynomial) of the body, the same that tar-split keeps; 0 for an empty body."""


@dataclass(frozen=True, slots=True)
class LayerIndex:
    """A layer's entries in columns, in the order of its tar."""

    diff_id: str
    """Digest of the uncompressed layer."""
    paths: bytes
    """Every path in UTF-8 with surrogate escapes, each followed by a zero byte."""
    kinds: bytes
    modes: array[int]
    uids: array[int]
    gids: array[int]
    sizes: array[int]
    mtimes: array[int]
    crcs: array[int]
    links: dict[int, str]
    """Entry number to link target, for links only."""

    def __len__(self) -> int:
        return len(self.kinds)

    @property
    def shipped_bytes(self) -> int:
        """Sum of the bodies of its regular files."""
        return sum(self.sizes)

    def each_path(self) -> Iterator[str]:
        """Every path in order, decoded one at a time so that a large layer needs no second copy."""
        start, blob = 0, self.paths
        find = blob.find
        while (end := find(b"\0", start)) >= 0:
            yield blob[start:end].decode("utf-8", "surrogateescape")
            start = end + 1

    def entry(self, number: int, path: str) -> Entry:
        """One entry; its path is the caller's, who has it from `each_path` or a tree."""
        return Entry(
            path,
            self.kinds[number],
            self.modes[number],
            self.uids[number],
            self.gids[number],
            self.sizes[number],
            self.mtimes[number],
            self.links.get(number, ""),
            self.crcs[number],
        )


class LayerIndexBuilder:
    """Collects the entries of one layer."""

    def __init__(self) -> None:
        self._kinds = bytearray()
        self._modes, self._uids, self._gids = array("H"), array("I"), array("I")
        self._sizes, self._mtimes, self._crcs = array("Q"), array("q"), array("Q")
        self._links: dict[int, str] = {}
        self._blob = bytearray()

    def add(self, entry: Entry) -> None:
        """Append one entry. Owners beyond 32 bits and times beyond 64 are clamped: no file system holds them."""
        if entry.link:
            self._links[len(self._kinds)] = entry.link
        self._blob += entry.path.encode("utf-8", "surrogateescape").replace(b"\0", b"")
        self._blob.append(0)
        self._kinds.append(entry.kind)
        self._modes.append(entry.mode & 0o7777)
        self._uids.append(min(max(entry.uid, 0), 0xFFFFFFFF))
        self._gids.append(min(max(entry.gid, 0), 0xFFFFFFFF))
        self._sizes.append(entry.size)
        self._mtimes.append(min(max(entry.mtime, -(2**63)), 2**63 - 1))
        self._crcs.append(entry.crc)

    def __len__(self) -> int:
        return len(self._kinds)

    @property
    def shipped_bytes(self) -> int:
        """Sum of the bodies of the regular files so far."""
        return sum(self._sizes)

    def build(self, diff_id: str) -> LayerIndex:
        """The index of all that was added."""
        return LayerIndex(
            diff_id,
            bytes(self._blob),
            bytes(self._kinds),
            self._modes,
            self._uids,
            self._gids,
            self._sizes,
            self._mtimes,
            self._crcs,
            self._links,
        )
