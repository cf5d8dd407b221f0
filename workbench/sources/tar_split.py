"""What an engine keeps of a layer's tar to write it again: every header, and for each file's content its checksum.

A line of JSON per piece: type 2 is raw bytes of the archive, type 1 the content of one file, of which only the size
and the CRC-64 are told. Read in order they are the whole archive, so the tar reader reads them as one.
"""

from collections.abc import Iterator

import msgspec

from workbench.sources.byte_stream import CHUNK_BYTES, ByteSource, TarError

_LONGEST_LINE_BYTES = 4 * 1024**2
_FILE, _RAW = 1, 2
_NOTHING = memoryview(b"")


class _Piece(msgspec.Struct, gc=False):
    """One line."""

    type: int
    size: int = 0
    payload: bytes | None = None


class TarSplitStream:
    """A layer's tar archive of which the contents can be passed over, not read.

    Args:
        source: The unpacked `tar-split.json`.
    """

    def __init__(self, source: ByteSource) -> None:
        self._pieces = _pieces(source)
        self._raw = _NOTHING
        self._content = 0
        self._crc = b""

    def chunk(self, size: int) -> memoryview:
        """At most `size` bytes of the archive, none at its end.

        Raises:
            TarError: when the content of a file comes next, or the pieces are damaged.
        """
        if not self._raw:
            self._next()
            if self._content and size:
                raise TarError("it is damaged: the content of a file stands where a header should")
        view, self._raw = self._raw[:size], self._raw[size:]
        return view

    def read(self, size: int) -> bytes:
        """At most `size` bytes of the archive, none at its end.

        Raises:
            TarError: when the content of a file comes next, or the pieces are damaged.
        """
        return bytes(self.chunk(size))

    def skip(self, size: int) -> int:
        """Pass over at most `size` bytes, contents included, and return how many there were.

        Raises:
            TarError: when the pieces are damaged.
        """
        left = size
        while left:
            if not self._raw and not self._content:
                self._next()
                if not self._raw and not self._content:
                    break
            if self._raw:
                passed = min(left, len(self._raw))
                self._raw = self._raw[passed:]
            else:
                passed = min(left, self._content)
                self._content -= passed
            left -= passed
        return size - left

    def crc(self, size: int) -> tuple[int, int]:
        """Pass over the content of a file of `size` bytes and return that and its CRC-64.

        Raises:
            TarError: when no content of that size comes next.
        """
        if not size:
            return 0, 0
        if not self._raw:
            self._next()
        if self._raw or self._content != size or len(self._crc) != 8:
            raise TarError("it is damaged: the size of a file's content is not what its header says")
        self._content = 0
        return size, int.from_bytes(self._crc, "big")

    def _next(self) -> None:
        """Go on to the next piece that is not empty, unless a content is at hand."""
        while not self._raw and not self._content:
            piece = next(self._pieces, None)
            if piece is None:
                return
            if piece.type == _RAW:
                self._raw = memoryview(piece.payload or b"")
            elif piece.type == _FILE and piece.size > 0:
                self._content, self._crc = piece.size, piece.payload or b""
            elif piece.type != _FILE:
                raise TarError("it is damaged: a piece of it is neither a header nor a content")


def _pieces(source: ByteSource) -> Iterator[_Piece]:
    decoder = msgspec.json.Decoder(_Piece)
    rest = b""
    while chunk := source.read(CHUNK_BYTES):
        whole, newline, rest_of_chunk = chunk.rpartition(b"\n")
        if newline:
            lines, rest = rest + whole, rest_of_chunk
            yield from _decoded(decoder, lines)
        else:
            rest += chunk
        if len(rest) > _LONGEST_LINE_BYTES:
            raise TarError("it is damaged: one of its lines has no end")
    yield from _decoded(decoder, rest)


def _decoded(decoder: msgspec.json.Decoder[_Piece], lines: bytes) -> list[_Piece]:
    try:
        return decoder.decode_lines(lines)
    except (ValueError, RecursionError) as error:
        raise TarError(f"it is damaged: {error}") from error
