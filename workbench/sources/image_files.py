"""Single files of an acquired image, from wherever its layers are; and copies of them below a chosen directory."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from threading import Event
from typing import NamedTuple

import docker.errors
import fastcrc

from workbench.errors import EngineError, WorkbenchError
from workbench.measure.text import printable
from workbench.model.acquired import FileReader
from workbench.model.layer_index import FILE, HARDLINK, LayerIndex
from workbench.sources.archive import MOST_ENTRIES, MOST_UNPACKED_BYTES, readable
from workbench.sources.byte_stream import CHUNK_BYTES, Budget, ByteStream, TarError
from workbench.sources.docker_errors import translated
from workbench.sources.endpoint import Endpoint, connect
from workbench.sources.helper import helper
from workbench.sources.layer_entries import plain_path
from workbench.sources.layer_store import LayerStore
from workbench.sources.tar_stream import TarStream

HELPER_SECONDS = 60
"""How long one request about a helper may be silent."""
_MOST_LINKS = 8
_BELOW = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class _Files:
    """What every way to an image's files has in common."""

    def __init__(self, layers: Sequence[LayerIndex]) -> None:
        self._layers = layers

    def read_file(self, layer: int, path: str, limit: int) -> bytes:
        """The first `limit` bytes of a regular file of one layer."""
        content = bytearray()
        pieces = self.chunks(layer, path)
        try:
            while len(content) < limit and (piece := next(pieces, b"")):
                content += piece[: limit - len(content)]
        finally:
            getattr(pieces, "close", lambda: None)()
        return bytes(content)

    def chunks(self, layer: int, path: str) -> Iterator[bytes]:
        """The content of a regular file of one layer, piece by piece."""
        raise NotImplementedError

    def close(self) -> None:
        """Nothing is held between two calls."""

    def _body(self, layer: int, path: str) -> "_Body":
        """The body behind a path of a layer; a hard link leads to the path that it names."""
        index = self._layers[layer]
        wanted = path
        for _ in range(_MOST_LINKS):
            times, last = 0, -1
            for number, name in enumerate(index.each_path()):
                if name == wanted and index.kinds[number] in (FILE, HARDLINK):
                    times, last = times + (index.kinds[number] == FILE), number
            if last < 0:
                break
            if index.kinds[last] == FILE:
                return _Body(wanted, times, index.sizes[last], index.crcs[last])
            wanted = index.links.get(last, "")
        raise _unavailable(path, f"layer {layer} ships no such file")


class _Body(NamedTuple):
    """A file's content in a layer."""

    path: str
    """Where it stands."""
    times: int
    """How many files the layer has at that path; the last one counts."""
    size: int
    crc: int


class ArchiveFiles(_Files):
    """Files of an image in an archive.

    Args:
        path: The archive.
        open_layer: Gives the unpacked tar archive of a layer by its file's name.
        names: The name of each layer's file, base first.
        layers: The image's layers.
    """

    def __init__(
        self,
        path: Path,
        open_layer: Callable[[str], AbstractContextManager[ByteStream]],
        names: Sequence[str],
        layers: Sequence[LayerIndex],
    ) -> None:
        super().__init__(layers)
        self._path, self._open_layer, self._names = path, open_layer, names

    def chunks(self, layer: int, path: str) -> Iterator[bytes]:
        """The content of a regular file of one layer, piece by piece.

        Raises:
            ArchiveError: when the archive has changed or cannot be read.
        """
        body = self._body(layer, path)
        times = body.times
        budget = Budget(MOST_ENTRIES, MOST_UNPACKED_BYTES)
        with readable(self._path), self._open_layer(self._names[layer]) as stream:
            tar = TarStream(stream, budget)
            for entry in tar:
                if entry.is_file and plain_path(entry.name) == body.path:
                    times -= 1
                    if not times:
                        while piece := tar.read(CHUNK_BYTES):
                            yield piece
                        return
            raise TarError(f"layer {self._names[layer]} has changed")


class EngineFiles(_Files):
    """Files of an image that an engine has.

    Args:
        endpoint: The engine.
        image_id: The image.
        chains: Chain id of each layer, base first.
        layers: The image's layers.
        store: The engine's layer store, when this machine has it and it can be read.
        use_helper: Whether a helper container may be made.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        image_id: str,
        chains: Sequence[str],
        layers: Sequence[LayerIndex],
        store: LayerStore | None,
        *,
        use_helper: bool,
    ) -> None:
        super().__init__(layers)
        self._endpoint, self._image_id, self._chains = endpoint, image_id, chains
        self._store, self._use_helper = store, use_helper

    def chunks(self, layer: int, path: str) -> Iterator[bytes]:
        """The content of a regular file of one layer, piece by piece.

        Raises:
            WorkbenchError: when neither the layer store nor a helper container has it.
        """
        body = self._body(layer, path)
        if self._store is not None:
            pieces = self._store.chunks(self._chains[layer], self._layers[layer].diff_id, body.path, body.size)
            first = None
            with suppress(OSError, TarError):
                first = next(pieces, b"")
            if first is not None:
                yield first
                yield from pieces
                return
        if not self._use_helper:
            raise _unavailable(
                path, "it is not on this machine and no helper container may be made", "set image_helper = true"
            )
        yield from self._visible(path, body)

    def _visible(self, path: str, body: _Body) -> Iterator[bytes]:
        """The content of the file at a path in the merged file system, if it is this layer's."""
        budget = Budget(MOST_ENTRIES, MOST_UNPACKED_BYTES)
        client = connect(self._endpoint, timeout=HELPER_SECONDS)
        try:
            with translated(self._endpoint.address), helper(client, self._image_id, "", budget, Event()) as made:
                try:
                    value = 0
                    with made.read_file(f"/{path}") as (entry, content):
                        if entry.stored != body.size:
                            raise _hidden(path)
                        while piece := content.read(CHUNK_BYTES):
                            value = fastcrc.crc64.go_iso(piece, value)
                            yield piece
                        if value != body.crc:
                            raise _hidden(path)
                except docker.errors.NotFound as error:
                    raise _hidden(path) from error
                except TarError as error:
                    raise EngineError(f"{printable(path)} cannot be read: {printable(str(error))}") from error
        finally:
            client.close()


def extract(
    files: FileReader,
    wanted: Iterable[tuple[int, str]],
    destination: Path,
    *,
    above: str = "",
    replace: bool = False,
) -> int:
    """Copy regular files below a directory, which is made; nothing lands outside of it.

    Args:
        files: Where they are.
        wanted: Layer and path of each.
        destination: The directory.
        above: A directory of the image that is left out of the copies' paths.
        replace: Whether what stands in the way of a copy is removed; a directory never is.

    Returns:
        How many bytes were written.

    Raises:
        WorkbenchError: when one cannot be read or written; those before it stay.
    """
    written = 0
    try:
        destination.mkdir(parents=True, exist_ok=True)
        for layer, path in wanted:
            with open(_create(destination, copy_name(path, above), replace=replace), "wb") as file:
                for piece in files.chunks(layer, path):
                    written += file.write(piece)
    except OSError as error:
        raise WorkbenchError(
            f"{printable(str(error.filename or destination))} cannot be written: {error.strerror}",
            "choose an empty directory",
        ) from error
    return written


def in_the_way(paths: Iterable[str], destination: Path, above: str = "") -> int:
    """How many files would be overwritten, were these paths of an image copied below a directory.

    Args:
        paths: Of files of the image.
        destination: The directory; need not exist.
        above: A directory of the image that is left out of the copies' paths.
    """
    return sum(os.path.lexists(destination / copy_name(path, above)) for path in paths)


def copy_name(path: str, above: str) -> str:
    """The path of a copy below its destination: plain, and without a directory that is left out."""
    name = plain_path(path)
    return name[len(above) + 1 :] if above and name.startswith(f"{above}/") else name


def _create(destination: Path, name: str, *, replace: bool) -> int:
    """A new file at a path below a directory, no symbolic link followed."""
    *folders, last = name.encode("utf-8", "surrogateescape").split(b"/")
    handle = os.open(destination, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for folder in folders:
            with suppress(FileExistsError):
                os.mkdir(folder, dir_fd=handle)
            below = os.open(folder, _BELOW, dir_fd=handle)
            os.close(handle)
            handle = below
        if replace:
            with suppress(FileNotFoundError):
                os.unlink(last, dir_fd=handle)
        return os.open(last, _NEW, 0o644, dir_fd=handle)
    finally:
        os.close(handle)


def _unavailable(path: str, why: str, hint: str = "") -> WorkbenchError:
    return WorkbenchError(f"{printable(path)} cannot be read: {why}", hint)


def _hidden(path: str) -> WorkbenchError:
    return _unavailable(
        path, "a layer above hides it, and this engine shows only what is visible", "save the image: docker save"
    )
