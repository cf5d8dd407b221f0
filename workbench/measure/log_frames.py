"""A container's log as engines send it: frames of standard output and standard error, taken apart into lines.

Without a terminal each message is a frame: a byte for the stream, three zeros, the payload's length in four bytes,
big end first, then the payload. With a terminal there are no frames. Either way each message begins with its time.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from workbench.measure.instants import unix_nanoseconds

LONGEST_LINE = 16 * 1024
"""Bytes of one line that are kept; engines themselves cut lines there, into several messages."""
STDIN, STDOUT, STDERR, ENGINE = range(4)
"""Streams. On the last one the engine itself speaks: it cannot read on."""

_HEADER_BYTES = 8
_STAMP = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) ")
_LONGEST_STAMP = 40


@dataclass(frozen=True, slots=True)
class RawLine:
    """One line without its end."""

    at: float | None
    """Unix time in seconds; `None` when the engine gave none."""
    content: bytes
    stream: int
    is_cut: bool = False
    """Whether more came than is kept."""


@dataclass(slots=True)
class _Assembly:
    """A line of one stream that is not whole yet."""

    stamp: bytearray | None = None
    """The beginning of a message, until it is known whether it is a time; `None` inside a message."""
    at: float | None = None
    content: bytearray = field(default_factory=bytearray)
    """One byte more than is kept tells that it is cut."""
    is_begun: bool = False

    def expect_stamp(self) -> None:
        """Another message begins: a long line comes in several, each with its time."""
        self.settle()
        self.stamp = bytearray()

    def append(self, part: bytes) -> None:
        self.is_begun = True
        if self.stamp is not None:
            blank = part.find(b" ", 0, _LONGEST_STAMP - len(self.stamp))
            end = blank + 1 if blank >= 0 else _LONGEST_STAMP - len(self.stamp)
            self.stamp += part[:end]
            part = part[end:]
            if blank >= 0 or len(self.stamp) == _LONGEST_STAMP:
                self.settle()
        self._add(part)

    def settle(self) -> None:
        """Take what came for a time, or for text."""
        if self.stamp is None:
            return
        match = _STAMP.fullmatch(self.stamp)
        nanoseconds = unix_nanoseconds(match[1].decode()) if match else None
        if nanoseconds is None:
            self._add(self.stamp)
        elif self.at is None:
            seconds, rest = divmod(nanoseconds, 1_000_000_000)  # all of it at once has too many digits
            self.at = seconds + rest / 1e9
        self.stamp = None

    def whole(self, stream: int) -> RawLine:
        self.settle()
        content = bytes(self.content[:LONGEST_LINE])
        return RawLine(self.at, content.removesuffix(b"\r"), stream, len(self.content) > LONGEST_LINE)

    def _add(self, part: bytes | bytearray) -> None:
        self.content += part[: LONGEST_LINE + 1 - len(self.content)]


class LogFrames:
    """Takes the bytes of a log as they come, in pieces of any size, and holds a line per stream at most.

    Bytes that cannot be a frame's header are taken for a log without frames: nothing is lost.

    Args:
        framed: Whether there are frames: the container has no terminal.
    """

    def __init__(self, *, framed: bool) -> None:
        self._framed = framed
        self._header = bytearray()
        self._left = 0
        """Bytes of the frame that have not come yet."""
        self._stream = STDOUT
        self._lines: dict[int, _Assembly] = {}

    def feed(self, data: bytes) -> Iterator[RawLine]:
        """The lines that have become whole with this piece."""
        at = 0
        while at < len(data):
            if not self._framed:
                yield from self._take(STDOUT, data[at:])
                return
            if self._left:
                piece = data[at : at + self._left]
                at += len(piece)
                self._left -= len(piece)
                yield from self._take(self._stream, piece)
                continue
            wanted = _HEADER_BYTES - len(self._header)
            self._header += data[at : at + wanted]
            at += wanted
            if len(self._header) == _HEADER_BYTES:
                header, self._header = bytes(self._header), bytearray()
                if header[0] > ENGINE or header[1:4] != b"\0\0\0":
                    self._framed = False
                    yield from self._take(STDOUT, header)
                else:
                    self._stream, self._left = header[0], int.from_bytes(header[4:], "big")
                    self._line(self._stream).expect_stamp()

    def finish(self) -> Iterator[RawLine]:
        """What was left without an end."""
        lines, self._lines = self._lines, {}
        for stream, line in lines.items():
            if line.is_begun:
                yield line.whole(stream)

    def _line(self, stream: int) -> _Assembly:
        line = self._lines.get(stream)
        if line is None:
            # Without frames each line is a message; with them a message is a frame
            line = self._lines[stream] = _Assembly(stamp=None if self._framed else bytearray())
        return line

    def _take(self, stream: int, piece: bytes) -> Iterator[RawLine]:
        *ended, rest = piece.split(b"\n")
        for part in ended:
            line = self._line(stream)
            line.append(part)
            del self._lines[stream]
            yield line.whole(stream)
        if rest:
            self._line(stream).append(rest)
