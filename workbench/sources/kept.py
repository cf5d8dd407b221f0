"""The few small files of a layer whose content is kept: databases of package managers."""

import re
from collections.abc import Iterator, Mapping

import zstandard

from workbench.measure.ownership.databases import is_database

_LARGEST_FILE_BYTES = 8 * 1000**2
_LARGEST_RPM_BYTES = 64 * 1000**2
_MOST_LAYER_BYTES = 200 * 1000**2
_MOST_FILES = 100_000

_ENDINGS = (
    "/status",
    "/diversions",
    ".list",
    ".md5sums",
    "/installed",
    "/rpmdb.sqlite",
    "/Packages.db",
    "/RECORD",
    "/METADATA",
    "/PKG-INFO",
    "/installed-files.txt",
    "/top_level.txt",
    ".json",
    "/os-release",
)
"""How the paths of files that are of interest end, those of distroless images aside; quicker than the whole truth."""
_MORE = re.compile(
    r"(?:usr/)?var/lib/dpkg/info/[^/]+\.md5sums"
    r"|(?:var/lib|usr/lib/sysimage|usr/share)/rpm/Packages\.db"
    r"|(?:etc|usr/lib)/os-release"
    r"|(?:.*/)?[^/]+\.dist-info/METADATA",
    re.DOTALL,
)
"""Versions and names beside the databases that say who owns what."""


def kept_bytes(path: str) -> int:
    """The most bytes that a file at this path may have to be kept; 0 for a path that is of no interest."""
    if (path.endswith(_ENDINGS) or "/dpkg/status.d/" in path) and (is_database(path) or _MORE.fullmatch(path)):
        return _LARGEST_RPM_BYTES if "/rpm/" in path else _LARGEST_FILE_BYTES
    return 0


class KeptFiles(Mapping[str, bytes]):
    """Path to content, packed in memory.

    Args:
        packed: Path to what `pack` made of the content.
        complete: Whether every file that is of interest is there.
    """

    def __init__(self, packed: dict[str, bytes] | None = None, *, complete: bool = True) -> None:
        self.packed = {} if packed is None else packed
        self.complete = complete
        self._left = _MOST_LAYER_BYTES

    def has_room(self, size: int) -> bool:
        """Whether a file of `size` bytes can be added."""
        return size <= self._left and len(self.packed) < _MOST_FILES

    def keep(self, path: str, content: bytes) -> None:
        """Add a file, unless the layer has too many already."""
        if not self.has_room(len(content)):
            self.complete = False
            return
        self._left -= len(content)
        self.packed[path] = pack(content)

    def __getitem__(self, path: str) -> bytes:
        return zstandard.ZstdDecompressor().decompress(self.packed[path])

    def __contains__(self, path: object) -> bool:
        return path in self.packed

    def __iter__(self) -> Iterator[str]:
        return iter(self.packed)

    def __len__(self) -> int:
        return len(self.packed)


def pack(content: bytes) -> bytes:
    """A file's content as it is kept."""
    return zstandard.ZstdCompressor(level=1).compress(content)


def is_packed(packed: bytes) -> bool:
    """Whether this is what `pack` makes of a content that is not too long, going by its first bytes."""
    try:
        return 0 <= zstandard.frame_content_size(packed) <= _LARGEST_RPM_BYTES
    except zstandard.ZstdError:
        return False
