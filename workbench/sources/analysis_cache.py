"""What was worked out of an image before: its tree, owners, duplicates and findings, so that it opens at once again.

One file per stack of layers. It holds for the very code that wrote it: an upgraded or edited workbench finds nothing.
"""

import hashlib
import os
import sys
from array import array
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import zstandard

from workbench import __version__, places
from workbench.measure.analysis import Worked
from workbench.measure.duplicates import Duplicates
from workbench.measure.overlay import NONE, ROOT, Hidden, HiddenKind, LayerBytes, Overlay
from workbench.measure.ownership.owners import Ownership
from workbench.model.image_index import ImageFinding, ImageIndex, KeptBodies, Package, PackageChange
from workbench.model.layer_index import LayerIndex
from workbench.sources.cache_folder import CacheFolder

MOST_BYTES = 256 * 1000**2
"""Of all files together."""
_LARGEST_BYTES = 64 * 1000**2
"""Of one file."""
_LARGEST_PART_BYTES = 1000**3
_MAGIC = b"workbench analysis 1 " + sys.byteorder.encode().ljust(6)
_CHUNK_BYTES = 1 << 20
_NAMES_AT_ONCE = 10_000
_HIDDEN_KINDS: tuple[HiddenKind, ...] = ("removed", "overwritten", "copied_up")
_CODE = ("measure", "measure/ownership", "checks", "checks/image", "sources", "model")
"""Folders of the package that decide the outcome."""
_PER_NODE = ("parent", "alive", "is_directory", "entry_layer", "entry_number", "body_layer", "body_number")


class _Small(msgspec.Struct, array_like=True):
    """What stands before the columns."""

    key: str
    nodes: int
    per_layer: list[LayerBytes]
    final_bytes: int
    duplicates: Duplicates
    packages: tuple[Package, ...]
    unowned_bytes: int
    changes: tuple[PackageChange, ...]
    findings_key: str
    findings: tuple[ImageFinding, ...]
    columns: list[int]
    """Bytes of each; the nodes' names follow, each with a zero byte, to the end."""


class AnalysisCache:
    """The cache, as far as its directory allows: what cannot be read is not there, what cannot be written is forgotten.

    Args:
        folder: Where it is; made when first written to.
        most_bytes: Bound on all its files.
    """

    def __init__(self, folder: Path | None = None, most_bytes: int = MOST_BYTES) -> None:
        self._files = CacheFolder(
            places.cache_dir() / "analyses" if folder is None else folder, most_bytes, _LARGEST_BYTES
        )

    def load(
        self, index: ImageIndex, contents: Sequence[KeptBodies]
    ) -> tuple[Worked, str, tuple[ImageFinding, ...]] | None:
        """What was worked out of these layers, and what was found then, with the key it was saved under.

        Args:
            index: What was acquired.
            contents: The bodies that were kept of each layer.

        Returns:
            `None` when there is nothing, or nothing that can be trusted.
        """
        key = _key(index, contents)
        path = self._files.path / key
        try:
            with path.open("rb") as file:
                if file.read(len(_MAGIC)) != _MAGIC:
                    return None
                with zstandard.ZstdDecompressor().stream_reader(file) as packed:
                    found = _read(packed.read, index.layers, key)
            os.utime(path)
        except (OSError, ValueError, LookupError, TypeError, RecursionError, zstandard.ZstdError):
            return None
        return found

    def save(
        self,
        index: ImageIndex,
        contents: Sequence[KeptBodies],
        worked: Worked,
        findings_key: str = "",
        findings: Sequence[ImageFinding] = (),
    ) -> None:
        """Remember an image.

        Args:
            index: What was acquired.
            contents: The bodies that were kept of each layer.
            worked: What was worked out of them.
            findings_key: Tells what the findings depend on beside the layers.
            findings: What all checks found.
        """
        key = _key(index, contents)

        def write(file: BinaryIO) -> None:
            file.write(_MAGIC)
            compressor = zstandard.ZstdCompressor(level=1, write_checksum=True)
            with compressor.stream_writer(file, closefd=False) as packed:
                _write(packed.write, worked, key, findings_key, tuple(findings))

        try:
            self._files.write(key, write)
        except UnicodeEncodeError:  # a name that is not UTF-8 among the duplicates or findings: worked out each time
            return


def _key(index: ImageIndex, contents: Sequence[KeptBodies]) -> str:
    """The name of an image's file: what its layers are, and the databases that were at hand."""
    digest = hashlib.sha256(_code().encode())
    for number, layer in enumerate(index.layers):
        kept = len(contents[number]) if number < len(contents) else 0
        digest.update(f"\n{layer.diff_id} {len(layer)} {kept}".encode())
    return digest.hexdigest()


@cache
def _code() -> str:
    """The version, and when each module that takes part was last changed."""
    package = Path(__file__).parents[1]
    known = [__version__]
    for folder in _CODE:
        try:
            with os.scandir(package / folder) as entries:
                files = sorted((one.name, one.stat().st_mtime_ns) for one in entries if one.name.endswith(".py"))
        except OSError:  # not a directory: the version is all there is
            continue
        known.append(f"{folder} {files}")
    return "\n".join(known)


def _write(
    write: Callable[[Any], object], worked: Worked, key: str, findings_key: str, findings: tuple[ImageFinding, ...]
) -> None:
    overlay, ownership = worked.overlay, worked.ownership
    columns = [*_columns(worked)]
    small = _Small(
        key,
        len(overlay.names),
        overlay.per_layer,
        overlay.final_bytes,
        worked.duplicates,
        ownership.packages,
        ownership.unowned_bytes,
        ownership.changes,
        findings_key,
        findings,
        [memoryview(column).nbytes for column in columns],
    )
    encoded = msgspec.msgpack.encode(small)
    write(len(encoded).to_bytes(8, "big"))
    write(encoded)
    del small, encoded
    for column in columns:
        write(column)
    for start in range(0, len(overlay.names), _NAMES_AT_ONCE):
        names = overlay.names[start : start + _NAMES_AT_ONCE]
        write("\0".join([*names, ""]).encode("utf-8", "surrogateescape"))


def _columns(worked: Worked) -> Iterator["array[int] | bytearray"]:
    overlay = worked.overlay
    yield from (getattr(overlay, name) for name in _PER_NODE)
    yield worked.sizes
    yield worked.ownership.owners
    yield array("i", (hidden.node for hidden in overlay.hidden))
    yield array("Q", (hidden.size for hidden in overlay.hidden))
    yield bytearray(_HIDDEN_KINDS.index(hidden.kind) for hidden in overlay.hidden)
    yield array("h", (hidden.written_by for hidden in overlay.hidden))
    yield array("h", (hidden.hidden_by for hidden in overlay.hidden))
    links = overlay.links
    yield array("h", (layer for layer, _ in links))
    yield array("i", (number for _, number in links))
    yield array("i", links.values())
    yield from overlay.nodes_of


def _read(
    read: Callable[[int], bytes], layers: tuple[LayerIndex, ...], key: str
) -> tuple[Worked, str, tuple[ImageFinding, ...]]:
    """An image's file.

    Raises:
        ValueError: when it is not what `_write` makes, or of another image.
        zstandard.ZstdError: when it is damaged.
    """
    small = msgspec.msgpack.decode(_exactly(read, int.from_bytes(_exactly(read, 8), "big")), type=_Small)
    if small.key != key:
        raise ValueError("of another image")
    overlay = Overlay(layers)
    lengths = iter(small.columns)

    def column(kind: str, count: int | None = None) -> "array[int]":
        found: array[int] = array(kind)
        found.frombytes(_exactly(read, next(lengths)))
        if count is not None and len(found) != count:
            raise ValueError("does not add up")
        return found

    for name in _PER_NODE:
        old = getattr(overlay, name)
        if isinstance(old, bytearray):
            setattr(overlay, name, bytearray(column("B", small.nodes).tobytes()))
        else:
            setattr(overlay, name, column(old.typecode, small.nodes))
    sizes, owners = column("Q", small.nodes), column("i", small.nodes)
    nodes, hidden_sizes, kinds, written_by, hidden_by = column("i"), column("Q"), column("B"), column("h"), column("h")
    overlay.hidden = [
        Hidden(node, size, _HIDDEN_KINDS[kind], first, last)
        for node, size, kind, first, last in zip(nodes, hidden_sizes, kinds, written_by, hidden_by, strict=True)
    ]
    overlay.links = dict(zip(zip(column("h"), column("i"), strict=True), column("i"), strict=True))
    overlay.nodes_of = [column("i", len(layer)) for layer in layers]
    overlay.per_layer = small.per_layer
    overlay.final_bytes = small.final_bytes
    overlay.names = _names(read)
    if len(overlay.names) != small.nodes or len(overlay.per_layer) != len(layers):
        raise ValueError("does not add up")
    _grow(overlay)
    ownership = Ownership(small.packages, owners, small.unowned_bytes, small.changes)
    return Worked(overlay, small.duplicates, sizes, ownership), small.findings_key, small.findings


def _names(read: Callable[[int], bytes]) -> list[str]:
    names: list[str] = []
    rest = b""
    while chunk := read(_CHUNK_BYTES):
        whole, mark, rest = (rest + chunk).rpartition(b"\0")
        if mark:
            names += whole.decode("utf-8", "surrogateescape").split("\0")
    if rest:
        raise ValueError("cut short")
    return names


def _grow(overlay: Overlay) -> None:
    """Give every node its children, in the order of their numbers, which is the order they came in."""
    children = overlay.children
    last, siblings = ROOT, children[ROOT]
    for node, (parent, name) in enumerate(zip(overlay.parent, overlay.names, strict=True)):
        if parent != last:
            if parent == NONE:
                continue
            last = parent
            known = children.get(parent)
            if known is None:
                known = children[parent] = {}
            siblings = known
        siblings[name] = node


def _exactly(read: Callable[[int], bytes], size: int) -> bytes:
    """So many bytes.

    Raises:
        ValueError: when there are fewer.
    """
    if size > _LARGEST_PART_BYTES:
        raise ValueError("too large")
    parts = []
    while size and (chunk := read(min(size, _CHUNK_BYTES))):
        parts.append(chunk)
        size -= len(chunk)
    if size:
        raise ValueError("cut short")
    return b"".join(parts)
