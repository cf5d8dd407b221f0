"""The files of an image archive: a tar, a compressed tar, or an OCI layout in a folder. Nothing is extracted."""

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import Generic, TypeVar

from workbench.errors import ArchiveError
from workbench.measure.text import printable
from workbench.sources.byte_stream import (
    Budget,
    ByteSource,
    ByteStream,
    TarError,
    file_stream,
    head_of,
    is_packed,
    unpacked,
)
from workbench.sources.tar_stream import TarEntry, TarStream, is_header

T = TypeVar("T")
Watch = Callable[[int], object]
"""Told how many bytes of a file were passed, each time; may raise."""

SAVE_AGAIN = "save the image again: docker save --output FILE IMAGE"
LARGEST_DOCUMENT_BYTES = 4 * 1024**2
_MOST_FILES = 20_000
"""Layers, documents and links that are remembered."""
_HEAD_BYTES = 512
_CHUNK_BYTES = 256 * 1024
_MOST_LINKS = 8
_BLOB = re.compile(r"blobs/sha256/[0-9a-f]{64}", re.ASCII)


class ImageFiles(Generic[T]):
    """The documents of an archive, and its layers, each of which `measure` makes a value of.

    Args:
        path: The archive.
        measure: Reads a layer's tar archive, unpacked.
        budget: Bounds what is read.
        watch: Told how many bytes of the archive were passed.
    """

    def __init__(self, path: Path, measure: Callable[[ByteStream], T], budget: Budget, watch: Watch) -> None:
        self._path = path
        self._measure = measure
        self._budget = budget
        self._watch = watch
        self._documents: dict[str, bytes] = {}

    @property
    def documents(self) -> Mapping[str, bytes]:
        """Its JSON documents by name."""
        return self._documents

    def layer(self, name: str) -> T:
        """What `measure` makes of a layer.

        Raises:
            TarError: when it is not in the archive or cannot be read.
        """
        try:
            with self.open_layer(name) as layer:
                measured = self._measure(layer)
                # A compressed stream has its checksum behind everything, the end of the tar archive included.
                while layer.skip(_CHUNK_BYTES):
                    pass
                return measured
        except TarError as error:
            raise _in_layer(name, error) from error

    def has_layer(self, name: str) -> bool:
        """Whether the archive holds a layer, as far as that can be told without reading it."""
        return name in self._documents

    @contextmanager
    def open_layer(self, name: str) -> Iterator[ByteStream]:
        """The tar archive of a layer, unpacked.

        Raises:
            TarError: when it is not in the archive.
        """
        raise _MissingLayerError(name)
        yield

    def _unpacked(self, content: ByteSource) -> ByteStream:
        head, stream = head_of(content, _HEAD_BYTES)
        return unpacked(stream, head, self._budget) or stream


class _MissingLayerError(TarError):
    """A layer that is not in the archive; the message names it."""

    def __init__(self, name: str) -> None:
        super().__init__(f"layer {name} is missing from it")


def _in_layer(name: str, error: TarError) -> TarError:
    return error if isinstance(error, _MissingLayerError) else TarError(f"layer {name}: {error}")


class _Links:
    """Layers that are links to others: old engines save a layer that comes twice as a link to the first."""

    def __init__(self) -> None:
        self._links: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._links)

    def add(self, name: str, entry: TarEntry) -> None:
        # A hard link counts from the root.
        start = posixpath.dirname(name) if entry.kind == "2" else ""
        self._links[name] = posixpath.normpath(posixpath.join(start, entry.link))

    def end(self, name: str) -> str:
        for _ in range(_MOST_LINKS):
            if name not in self._links:
                break
            name = self._links[name]
        return name


class TarFiles(ImageFiles[T]):
    """A plain tar archive: one look at its headers, then only those layers that are asked for."""

    def __init__(self, path: Path, measure: Callable[[ByteStream], T], budget: Budget, watch: Watch) -> None:
        super().__init__(path, measure, budget, watch)
        self._places: dict[str, tuple[int, int]] = {}
        self._links = _Links()
        with path.open("rb", buffering=0) as file:
            self._look(file_stream(file, watch=self._count))

    def _look(self, stream: ByteStream) -> None:
        outer = TarStream(stream, self._budget)
        for entry in outer:
            name = posixpath.normpath(entry.name)
            if entry.kind in "12":
                self._links.add(name, entry)
            elif entry.is_file:
                place = self._passed - stream.at_hand
                if (document := _document(outer, entry.stored)) is not None:
                    self._documents[name] = document
                self._places[name] = place, entry.stored
            if len(self._places) + len(self._links) > _MOST_FILES:
                raise TarError(f"it holds more than {_MOST_FILES} layers and documents")

    _passed = 0

    def _count(self, size: int) -> None:
        self._passed += size
        self._watch(0)

    def has_layer(self, name: str) -> bool:
        """Whether there is a file of that name."""
        return self._links.end(name) in self._places

    @contextmanager
    def open_layer(self, name: str) -> Iterator[ByteStream]:
        """The tar archive of a layer, unpacked."""
        found = self._places.get(self._links.end(name))
        if found is None:
            raise _MissingLayerError(name)
        place, size = found
        with self._path.open("rb", buffering=0) as file:
            file.seek(place)
            stream = file_stream(file, size, self._watch)
            yield self._unpacked(stream)


class PackedFiles(ImageFiles[T]):
    """A compressed tar archive: there is no way back in it, so every layer is measured as it passes."""

    def __init__(self, path: Path, measure: Callable[[ByteStream], T], budget: Budget, watch: Watch) -> None:
        super().__init__(path, measure, budget, watch)
        self._passing = Passing(measure, budget)
        with self._outer() as stream:
            self._passing.take(stream)
        self._documents = self._passing.documents

    def layer(self, name: str) -> T:
        """What `measure` made of a layer when it passed."""
        return self._passing.layer(name)

    @contextmanager
    def open_layer(self, name: str) -> Iterator[ByteStream]:
        """The tar archive of a layer, unpacked; everything before it is read again."""
        name = self._passing.links.end(name)
        with self._outer() as stream:
            outer = TarStream(stream, self._budget)
            for entry in outer:
                if entry.is_file and posixpath.normpath(entry.name) == name:
                    yield self._unpacked(outer)
                    return
        raise _MissingLayerError(name)

    @contextmanager
    def _outer(self) -> Iterator[ByteStream]:
        with self._path.open("rb", buffering=0) as file:
            yield self._unpacked(file_stream(file, watch=self._watch))


class Passing(Generic[T]):
    """The files of an archive that passes by once: documents kept, layers measured.

    Args:
        measure: Reads a layer's tar archive, unpacked.
        budget: Bounds what is read.
        on_layer: Told of each layer that was measured.
    """

    def __init__(
        self, measure: Callable[[ByteStream], T], budget: Budget, on_layer: Callable[[str, T], object] | None = None
    ) -> None:
        self._measure = measure
        self._budget = budget
        self._on_layer = on_layer
        self.documents: dict[str, bytes] = {}
        self.links = _Links()
        self._measured: dict[str, T] = {}
        self._problems: dict[str, TarError] = {}

    def take(self, stream: ByteStream) -> None:
        """Read the archive to its end.

        Raises:
            TarError: when it is damaged, cut short, or breaks a bound.
        """
        outer = TarStream(stream, self._budget)
        for entry in outer:
            name = posixpath.normpath(entry.name)
            if entry.kind in "12":
                self.links.add(name, entry)
            elif entry.is_file:
                self._take_file(name, entry, outer)
            if len(self.documents) + len(self._measured) + len(self._problems) + len(self.links) > _MOST_FILES:
                raise TarError(f"it holds more than {_MOST_FILES} layers and documents")
        while stream.skip(_CHUNK_BYTES):
            pass

    def layer(self, name: str) -> T:
        """What `measure` made of a layer.

        Raises:
            TarError: when it did not pass or could not be read.
        """
        end = self.links.end(name)
        if end in self._problems:
            raise _in_layer(name, self._problems[end])
        if end not in self._measured:
            raise _MissingLayerError(name)
        return self._measured[end]

    def _take_file(self, name: str, entry: TarEntry, content: TarStream) -> None:
        head, stream = head_of(content, _HEAD_BYTES)
        if (document := _document_in(head, stream, entry.stored)) is not None:
            self.documents[name] = document
            return
        try:
            packed = unpacked(stream, head, self._budget)
            if packed is None and not is_header(head):
                return
            layer = packed or stream
            measured = self._measure(layer)
            while layer.skip(_CHUNK_BYTES):
                pass
        except TarError as error:
            self._problems[name] = error
            return
        self._measured[name] = measured
        if self._on_layer is not None:
            self._on_layer(name, measured)


class FolderFiles(ImageFiles[T]):
    """An OCI layout in a folder."""

    @property
    def documents(self) -> Mapping[str, bytes]:
        """Its JSON documents, read when they are asked for."""
        return _FolderDocuments(self._path)

    def has_layer(self, name: str) -> bool:
        """Whether there is a file of that name."""
        return bool(_BLOB.fullmatch(name)) and (self._path / name).is_file()

    @contextmanager
    def open_layer(self, name: str) -> Iterator[ByteStream]:
        """The tar archive of a layer, unpacked."""
        path = self._path / name
        if not self.has_layer(name):
            raise _MissingLayerError(name)
        with path.open("rb", buffering=0) as file:
            yield self._unpacked(file_stream(file, watch=self._watch))


class _FolderDocuments(Mapping[str, bytes]):
    """Documents by name; no other name is a file's."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __getitem__(self, name: str) -> bytes:
        path = self._folder / name
        if (name not in {"index.json", "manifest.json"} and not _BLOB.fullmatch(name)) or not path.is_file():
            raise KeyError(name)
        with path.open("rb") as file:
            content = file.read(LARGEST_DOCUMENT_BYTES + 1)
        if len(content) > LARGEST_DOCUMENT_BYTES or content[:1] not in {b"{", b"["}:
            raise KeyError(name)
        return content

    def __iter__(self) -> Iterator[str]:
        return (name for name in ("index.json", "manifest.json") if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def open_files(
    path: Path, measure: Callable[[ByteStream], T], budget: Budget, watch: Watch = lambda _: None
) -> ImageFiles[T]:
    """The files of an image archive or layout.

    Args:
        path: A file or a folder.
        measure: Reads a layer's tar archive, unpacked.
        budget: Bounds what is read.
        watch: Told how many bytes of the archive were passed.

    Raises:
        ArchiveError: when there is no such file, or it can be no archive.
        TarError: when it is damaged, cut short, or breaks a bound.
        OSError: when it cannot be read.
    """
    where = printable(str(path))
    mode = path.stat().st_mode
    if S_ISDIR(mode):
        if not (path / "index.json").is_file():
            raise ArchiveError(
                f"{where} is a folder without an index.json, so no OCI layout", "name the folder that holds oci-layout"
            )
        return FolderFiles(path, measure, budget, watch)
    if not S_ISREG(mode):  # opening a pipe would wait for its writer
        raise ArchiveError(f"{where} is not a file")
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if is_packed(head):
        return PackedFiles(path, measure, budget, watch)
    if not head or not is_header(head):
        raise TarError("it is no tar archive")
    return TarFiles(path, measure, budget, watch)


def _document(content: TarStream, size: int) -> bytes | None:
    """The newest entry's content if it is JSON; nothing is read of what is too long."""
    if not 0 < size <= LARGEST_DOCUMENT_BYTES:
        return None
    head, stream = head_of(content, _HEAD_BYTES)
    return _document_in(head, stream, size)


def _document_in(head: bytes, stream: ByteStream, size: int) -> bytes | None:
    if head[:1] not in {b"{", b"["} or size > LARGEST_DOCUMENT_BYTES or (len(head) == _HEAD_BYTES and is_header(head)):
        return None
    return b"".join(iter(lambda: stream.read(size), b""))
