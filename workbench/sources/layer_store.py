"""The layer store of an engine on this machine: what it keeps of each layer, and the layer's files as they are.

A layer is stored under its chain id: the digest of the ids of it and of all layers below.
"""

import hashlib
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from stat import S_ISREG

import fastcrc

from workbench.model.layer_index import LayerIndex
from workbench.sources.byte_stream import Budget, ByteStream, TarError, file_stream, head_of, unpacked
from workbench.sources.kept import KeptFiles
from workbench.sources.layer_scan import ScannedLayer, scan_layer
from workbench.sources.tar_split import TarSplitStream

_DRIVER = re.compile(r"[a-z0-9_-]{1,40}", re.ASCII)
_CHAIN = re.compile(r"sha256:([0-9a-f]{64})", re.ASCII)
_CACHE_ID = re.compile(r"[0-9A-Za-z-]{1,80}", re.ASCII)
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_CHUNK_BYTES = 1024**2
_HEAD_BYTES = 512


def chain_ids(diff_ids: Sequence[str]) -> tuple[str, ...]:
    """The chain id of each layer.

    Args:
        diff_ids: Base first.
    """
    chain = ""
    ids = []
    for diff_id in diff_ids:
        chain = f"sha256:{hashlib.sha256(f'{chain} {diff_id}'.encode()).hexdigest()}" if chain else diff_id
        ids.append(chain)
    return tuple(ids)


def layer_records(root: str, driver: str) -> PurePosixPath:
    """The directory with one directory for each layer, named for its chain id.

    Args:
        root: The engine's data directory.
        driver: Its storage driver.

    Raises:
        TarError: when the engine tells no such thing.
    """
    if not root.startswith("/") or not _DRIVER.fullmatch(driver):
        raise TarError("the engine does not tell where it keeps its layers")
    return PurePosixPath(root, "image", driver, "layerdb", "sha256")


def record_name(chain_id: str) -> str:
    """The name of a layer's directory.

    Raises:
        TarError: when the id is no sha256 digest.
    """
    found = _CHAIN.fullmatch(chain_id)
    if found is None:
        raise TarError("the id of a layer is no sha256 digest")
    return found[1]


def scan_tar_split(packed: ByteStream, budget: Budget, watch: Callable[[], None]) -> ScannedLayer:
    """Index a layer from the record of its tar archive.

    Args:
        packed: `tar-split.json.gz`.
        budget: Bounds what is read.
        watch: Called now and then; may raise.

    Raises:
        TarError: when the record is damaged or breaks a bound.
    """
    head, stream = head_of(packed, _HEAD_BYTES)
    plain = unpacked(stream, head, budget) or stream
    scanned = scan_layer(TarSplitStream(plain), budget, keep=False, watch=watch)
    while plain.skip(_CHUNK_BYTES):  # to the checksum at the end
        pass
    return scanned


class LayerStore:
    """The store of an engine on this machine, as far as this user may read it.

    Args:
        root: The engine's data directory.
        driver: Its storage driver.

    Raises:
        TarError: when the engine does not tell where the store is.
    """

    def __init__(self, root: str, driver: str) -> None:
        self._records = Path(layer_records(root, driver))
        self._bodies = Path(root, driver) if driver == "overlay2" else None

    def scan(
        self, chain_id: str, diff_id: str, budget: Budget, watch: Callable[[], None]
    ) -> tuple[LayerIndex, KeptFiles]:
        """Index one layer.

        Args:
            chain_id: Where it is stored.
            diff_id: What it must be.
            budget: Bounds what is read.
            watch: Called now and then; may raise.

        Raises:
            TarError: when the store has no such layer, or its record is damaged.
            OSError: when it cannot be read.
        """
        record = self._record(chain_id, diff_id)
        with (record / "tar-split.json.gz").open("rb", buffering=0) as file:
            scanned = scan_tar_split(file_stream(file), budget, watch)
        kept = KeptFiles()
        for wanted in scanned.wanted:
            watch()
            if not kept.has_room(wanted.size):
                kept.complete = False
                break
            try:
                content = b"".join(self.chunks(chain_id, diff_id, wanted.path, wanted.size + 1))
            except OSError:
                content = b""
            if len(content) == wanted.size and fastcrc.crc64.go_iso(content) == wanted.crc:
                kept.keep(wanted.path, content)
            else:
                kept.complete = False
        return scanned.index(diff_id), kept

    def chunks(self, chain_id: str, diff_id: str, path: str, limit: int) -> Iterator[bytes]:
        """The content of a regular file of one layer, piece by piece, no symbolic link followed.

        Args:
            chain_id: Where the layer is stored.
            diff_id: What it must be.
            path: As in the layer's index.
            limit: Most bytes.

        Raises:
            TarError: when the store has no such layer.
            OSError: when the file cannot be read.
        """
        with self._opened(chain_id, diff_id, path) as handle:
            while limit and (content := os.read(handle, min(limit, _CHUNK_BYTES))):
                limit -= len(content)
                yield content

    @contextmanager
    def _opened(self, chain_id: str, diff_id: str, path: str) -> Iterator[int]:
        if self._bodies is None:
            raise NotADirectoryError("the storage driver does not keep layers as plain directories")
        cache_id = (self._record(chain_id, diff_id) / "cache-id").read_text("ascii", "replace").strip()
        if not _CACHE_ID.fullmatch(cache_id):
            raise TarError("the record of a layer is damaged")
        *folders, name = path.encode("utf-8", "surrogateescape").split(b"/")
        handle = os.open(self._bodies / cache_id / "diff", _DIRECTORY)
        try:
            for folder in folders:
                below = os.open(folder, _DIRECTORY, dir_fd=handle)
                os.close(handle)
                handle = below
            file = os.open(name, _FILE, dir_fd=handle)
        finally:
            os.close(handle)
        try:
            if not S_ISREG(os.fstat(file).st_mode):
                raise FileNotFoundError("it is not a regular file")
            yield file
        finally:
            os.close(file)

    def _record(self, chain_id: str, diff_id: str) -> Path:
        record = self._records / record_name(chain_id)
        if (record / "diff").read_text("ascii", "replace").strip() != diff_id:
            raise TarError("the layer store on this machine is of another engine")
        return record
