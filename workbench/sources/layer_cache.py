"""Indexes of layers that were seen before, by the digest of the layer, in the user's cache directory.

One file per layer. Using a file touches it; when all come to more than the bound, those untouched the longest go.
"""

import os
import re
import sys
from array import array
from pathlib import Path
from typing import Any

import fastcrc
import msgspec
import zstandard

from workbench import places
from workbench.model.layer_index import LayerIndex
from workbench.sources.cache_folder import CacheFolder
from workbench.sources.kept import KeptFiles, is_packed

MOST_BYTES = 512 * 1000**2
"""Of all files together."""
_LARGEST_BYTES = 256 * 1000**2
"""Of one file."""
_LARGEST_COLUMNS_BYTES = 2 * 1000**3
_MAGIC = b"workbench layer 1 " + sys.byteorder.encode().ljust(6)
"""Another version, or a machine that orders bytes otherwise, finds nothing."""
_DIGEST = re.compile(r"sha256:([0-9a-f]{64})", re.ASCII)


class _Columns(msgspec.Struct, array_like=True):
    """A layer's index as it is stored."""

    diff_id: str
    paths: bytes
    kinds: bytes
    modes: bytes
    uids: bytes
    gids: bytes
    sizes: bytes
    mtimes: bytes
    crcs: bytes
    link_numbers: bytes
    link_targets: bytes
    """Each followed by a zero byte."""


class _File(msgspec.Struct, array_like=True):
    """What stands behind the magic and the checksum."""

    columns: bytes
    """Packed."""
    is_complete: bool
    kept_paths: list[bytes]
    kept: list[bytes]
    """Packed one by one."""


class LayerCache:
    """The cache, as far as its directory allows: what cannot be read is not there, what cannot be written is forgotten.

    Args:
        folder: Where it is; made when first written to.
        most_bytes: Bound on all its files.
    """

    def __init__(self, folder: Path | None = None, most_bytes: int = MOST_BYTES) -> None:
        self._files = CacheFolder(
            places.cache_dir() / "layers" if folder is None else folder, most_bytes, _LARGEST_BYTES
        )

    def load(self, diff_id: str) -> tuple[LayerIndex, KeptFiles] | None:
        """What is known of a layer, or `None`: nothing, or nothing that can be trusted."""
        path = self._path(diff_id)
        if path is None:
            return None
        try:
            with path.open("rb") as file:
                content = file.read(_LARGEST_BYTES + 1)
            found = _decoded(content, diff_id)
            os.utime(path)
        except (OSError, ValueError, RecursionError, zstandard.ZstdError):
            return None
        return found

    def save(self, index: LayerIndex, kept: KeptFiles) -> None:
        """Remember a layer, and forget the longest unused ones when there are too many."""
        path = self._path(index.diff_id)
        if path is None:
            return
        content = _encoded(index, kept)
        if len(content) <= self._files.largest_bytes:
            self._files.write(path.name, lambda file: file.write(content))

    def _path(self, diff_id: str) -> Path | None:
        digest = _DIGEST.fullmatch(diff_id)
        return None if digest is None else self._files.path / digest[1]


def _encoded(index: LayerIndex, kept: KeptFiles) -> bytes:
    columns = _Columns(
        diff_id=index.diff_id,
        paths=index.paths,
        kinds=index.kinds,
        **{name: getattr(index, name).tobytes() for name in _ARRAYS},
        link_numbers=array("I", index.links).tobytes(),
        link_targets=b"".join(target.encode("utf-8", "surrogateescape") + b"\0" for target in index.links.values()),
    )
    file = _File(
        zstandard.ZstdCompressor(level=3).compress(msgspec.msgpack.encode(columns)),
        kept.complete,
        [path.encode("utf-8", "surrogateescape") for path in kept.packed],
        list(kept.packed.values()),
    )
    content = msgspec.msgpack.encode(file)
    return _MAGIC + fastcrc.crc64.go_iso(content).to_bytes(8, "big") + content


_ARRAYS = {"modes": "H", "uids": "I", "gids": "I", "sizes": "Q", "mtimes": "q", "crcs": "Q"}


def _decoded(content: bytes, diff_id: str) -> tuple[LayerIndex, KeptFiles]:
    """The layer in a file.

    Raises:
        ValueError: when it is not what `_encoded` makes, or of another layer.
        zstandard.ZstdError: when it is damaged.
    """
    start = len(_MAGIC) + 8
    body = memoryview(content)[start:]
    if content[: len(_MAGIC)] != _MAGIC or len(content) > _LARGEST_BYTES:
        raise ValueError("of another kind")
    if content[len(_MAGIC) : start] != fastcrc.crc64.go_iso(body).to_bytes(8, "big"):
        raise ValueError("damaged")
    file = msgspec.msgpack.decode(body, type=_File)
    if not 0 <= zstandard.frame_content_size(file.columns) <= _LARGEST_COLUMNS_BYTES:
        raise ValueError("too large")
    columns = msgspec.msgpack.decode(zstandard.ZstdDecompressor().decompress(file.columns), type=_Columns)
    arrays: dict[str, Any] = {}
    for name, kind in _ARRAYS.items():
        arrays[name] = array(kind)
        arrays[name].frombytes(getattr(columns, name))
    numbers: array[int] = array("I")
    numbers.frombytes(columns.link_numbers)
    targets = columns.link_targets.decode("utf-8", "surrogateescape").split("\0")[:-1]
    index = LayerIndex(
        columns.diff_id,
        columns.paths,
        columns.kinds,
        **arrays,
        links=dict(zip(numbers, targets, strict=True)),
    )
    size = len(index.kinds)
    if index.diff_id != diff_id or index.paths.count(b"\0") != size or {len(arrays[name]) for name in arrays} != {size}:
        raise ValueError("does not add up")
    if len(file.kept) != len(file.kept_paths) or not all(map(is_packed, file.kept)):
        raise ValueError("does not add up")
    kept = {
        path.decode("utf-8", "surrogateescape"): packed for path, packed in zip(file.kept_paths, file.kept, strict=True)
    }
    return index, KeptFiles(kept, complete=file.is_complete)
