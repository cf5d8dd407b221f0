"""Bytes that come in order: from a file, out of a compressor, or as the content of a tar entry; each byte once.

What comes is handed on in views of the buffer it was read into, so content that is only measured is never copied.
"""

import zlib
from collections.abc import Callable
from typing import IO, Protocol

import fastcrc
import zstandard

from workbench.measure.units import quantity

CHUNK_BYTES = 1024**2
_UNPACKED_BYTES = 256 * 1024
_LARGEST_WINDOW_BYTES = 128 * 1024**2
_ZSTD_SLICE_BYTES = 512
_NOTHING = memoryview(b"")

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_FOREIGN = {b"\xfd7zX": "xz", b"BZh": "bzip2"}


class TarError(ValueError):
    """The archive is damaged, cut short, or breaks a bound. The message says which, without naming the file."""


class ByteSource(Protocol):
    """What a tar archive can be read from."""

    def chunk(self, size: int) -> memoryview:
        """At most `size` bytes, none at the end. The view holds until the source is used again."""
        ...

    def read(self, size: int) -> bytes:
        """At most `size` bytes; none at the end."""
        ...

    def skip(self, size: int) -> int:
        """Pass over at most `size` bytes and return how many there were."""
        ...

    def crc(self, size: int) -> tuple[int, int]:
        """Pass over at most `size` bytes and return how many there were, and their CRC-64."""
        ...


class ByteStream:
    """Hands out the bytes of one chunk after another.

    Args:
        fill: The next chunk; empty at the end. The one before need not hold any more.
        leap: Passes over bytes that were not filled in yet and returns how many there were; without it they are read.
    """

    def __init__(self, fill: Callable[[], memoryview], leap: Callable[[int], int] | None = None) -> None:
        self._fill = fill
        self._leap = leap
        self._view = _NOTHING
        self._start = self._end = 0

    @property
    def at_hand(self) -> int:
        """Bytes that were filled in and not handed out yet."""
        return self._end - self._start

    def chunk(self, size: int) -> memoryview:
        """At most `size` bytes, none at the end. The view holds until the stream is used again."""
        start = self._start
        if start == self._end:
            self._view = self._fill()
            start, self._end = 0, len(self._view)
        self._start = min(start + size, self._end)
        return self._view[start : self._start]

    def read(self, size: int) -> bytes:
        """At most `size` bytes; none at the end."""
        return bytes(self.chunk(size))

    def skip(self, size: int) -> int:
        """Pass over at most `size` bytes and return how many there were."""
        start = self._start
        if start + size <= self._end:
            self._start = start + size
            return size
        passed = self._end - start
        self._start = self._end
        if self._leap is not None:
            return passed + self._leap(size - passed)
        while passed < size and (view := self.chunk(size - passed)):
            passed += len(view)
        return passed

    def crc(self, size: int) -> tuple[int, int]:
        """Pass over at most `size` bytes and return how many there were, and their CRC-64."""
        passed = value = 0
        while passed < size and (view := self.chunk(size - passed)):
            value = fastcrc.crc64.go_iso(view, value)
            passed += len(view)
        return passed, value


def file_stream(
    file: IO[bytes], size: int | None = None, watch: Callable[[int], object] = lambda _: None
) -> ByteStream:
    """A seekable file from where it stands. Skips by seeking.

    Args:
        file: Opened without a buffer of its own.
        size: How much of it; `None` for all that is left.
        watch: Told how many bytes were passed, each time; may raise.
    """
    place = file.tell()
    end = file.seek(0, 2) if size is None else min(place + size, file.seek(0, 2))
    file.seek(place)
    view = memoryview(bytearray(max(1, min(CHUNK_BYTES, end - place))))
    readinto: Callable[[memoryview], int] = file.readinto  # type: ignore[attr-defined]  # every binary file has it

    def fill() -> memoryview:
        nonlocal place
        size = readinto(view[: end - place])
        place += size
        watch(size)
        return view[:size]

    def leap(size: int) -> int:
        nonlocal place
        passed = min(size, end - place)
        place = file.seek(passed, 1)
        watch(passed)
        return passed

    return ByteStream(fill, leap)


def hashed(source: ByteSource, update: Callable[[memoryview], object]) -> ByteStream:
    """The same bytes, each given to `update` on its way."""

    def fill() -> memoryview:
        view = source.chunk(CHUNK_BYTES)
        update(view)
        return view

    return ByteStream(fill)


class Budget:
    """How much of an archive may be read, its layers included.

    Args:
        entries: Headers in all.
        unpacked_bytes: Bytes that come out of compressed data.
        name_bytes: Length of all names that are kept.
    """

    def __init__(self, entries: int, unpacked_bytes: int, name_bytes: int = 512 * 1024**2) -> None:
        self._most_entries, self._entries = entries, 0
        self._most_bytes, self._bytes = unpacked_bytes, 0
        self._most_names, self._names = name_bytes, 0

    def spend_entry(self) -> None:
        """Count one header.

        Raises:
            TarError: when there are too many.
        """
        self._entries += 1
        if self._entries > self._most_entries:
            raise TarError(f"it has more than {self._most_entries} entries")

    def spend_bytes(self, size: int) -> None:
        """Count unpacked bytes.

        Raises:
            TarError: when there are too many.
        """
        self._bytes += size
        if self._bytes > self._most_bytes:
            raise TarError(f"it unpacks to more than {quantity(self._most_bytes, 'B')}")

    def spend_name(self, size: int) -> None:
        """Count the bytes of a name that is kept.

        Raises:
            TarError: when there are too many.
        """
        self._names += size
        if self._names > self._most_names:
            raise TarError(f"the names of its files come to more than {quantity(self._most_names, 'B')}")


def exactly(source: ByteSource, size: int, *, or_end: bool = False) -> bytes:
    """Read `size` bytes, or none where the source ends and `or_end` allows it.

    Raises:
        TarError: when the source ends before.
    """
    content = source.read(size)
    if len(content) == size:
        return content
    if content or not or_end:
        pieces = bytearray(content)
        while content and len(pieces) < size and (content := source.read(size - len(pieces))):
            pieces += content
        if len(pieces) < size:
            raise TarError("it is cut short")
        return bytes(pieces)
    return b""


def head_of(source: ByteSource, size: int) -> tuple[bytes, ByteStream]:
    """The first bytes of a source, fewer where it ends, and a stream of all of it."""
    head = bytearray()
    while len(head) < size and (more := source.chunk(size - len(head))):
        head += more
    first = [memoryview(bytes(head))]
    stream = ByteStream(lambda: first.pop() if first else source.chunk(CHUNK_BYTES), source.skip)
    stream.chunk(0)
    return bytes(head), stream


def unpacked(source: ByteSource, head: bytes, budget: Budget) -> ByteStream | None:
    """What comes out of a compressed source, or `None` where its first bytes are not a compressor's.

    Raises:
        TarError: when it is compressed with something that is not understood; later, from the stream, when the packed
            bytes are damaged, cut short, or too many once unpacked.
    """
    if not is_packed(head):
        return None
    return ByteStream((_Gunzip if head.startswith(_GZIP) else _Unzstd)(source, budget).fill)


def is_packed(head: bytes) -> bool:
    """Whether these are the first bytes of something compressed.

    Raises:
        TarError: when it is compressed with something that is not understood.
    """
    for magic, name in _FOREIGN.items():
        if head.startswith(magic):
            raise TarError(f"it is compressed with {name}: unpack it first")
    return head.startswith((_GZIP, _ZSTD))


class _Gunzip:
    """Members of gzip one after another are one stream; zeros after the last are padding."""

    def __init__(self, packed: ByteSource, budget: Budget) -> None:
        self._packed = packed
        self._budget = budget
        self._gunzip = zlib.decompressobj(wbits=31)
        self._fed: bytes | memoryview = b""

    def fill(self) -> memoryview:
        while True:
            if self._gunzip.eof:
                rest = self._gunzip.unused_data.lstrip(b"\0")
                while not rest:
                    more = self._packed.chunk(_UNPACKED_BYTES)
                    if not more:
                        return _NOTHING
                    rest = bytes(more).lstrip(b"\0")
                self._gunzip, self._fed = zlib.decompressobj(wbits=31), rest
            if not self._fed:
                self._fed = self._packed.chunk(_UNPACKED_BYTES)
                if not self._fed:
                    raise TarError("it is cut short: its compressed data have no end")
            try:
                content = self._gunzip.decompress(self._fed, _UNPACKED_BYTES)
            except zlib.error as error:
                raise TarError("it is damaged: its compressed data do not add up") from error
            self._fed = self._gunzip.unconsumed_tail
            if content:
                self._budget.spend_bytes(len(content))
                return memoryview(content)


class _Unzstd:
    """Frames one after another are one stream."""

    def __init__(self, packed: ByteSource, budget: Budget) -> None:
        self._packed = packed
        self._budget = budget
        self._decompressor = zstandard.ZstdDecompressor(max_window_size=_LARGEST_WINDOW_BYTES)
        self._frame = self._decompressor.decompressobj()
        self._fed: bytes | memoryview = b""
        self._is_inside = False

    def fill(self) -> memoryview:
        while True:
            if self._frame.eof:
                rest = self._frame.unused_data
                self._fed = rest + bytes(self._fed)
                self._frame, self._is_inside = self._decompressor.decompressobj(), False
            if not self._fed:
                self._fed = self._packed.chunk(CHUNK_BYTES)
                if not self._fed:
                    if self._is_inside:
                        raise TarError("it is cut short: its compressed data have no end")
                    return _NOTHING
            # Four packed bytes can unpack to 128 KiB, and the library has no bound: it gets little at a time.
            slice_, self._fed = self._fed[:_ZSTD_SLICE_BYTES], self._fed[_ZSTD_SLICE_BYTES:]
            self._is_inside = True
            try:
                content = self._frame.decompress(slice_)
            except zstandard.ZstdError as error:
                raise TarError("it is compressed with zstd, and damaged: its compressed data do not add up") from error
            if content:
                self._budget.spend_bytes(len(content))
                return memoryview(content)
