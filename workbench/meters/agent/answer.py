"""HTTP/1 answers, read as their bytes come; the body is counted and never kept."""

from __future__ import annotations

LONGEST_HEAD = 65536
_LONGEST_LINE = 4096
_NO_BODY = (204, 304)


class MalformedError(Exception):
    """What came is no HTTP/1 answer."""


class Answer:
    """One answer.

    Args:
        to_head: Whether it answers a HEAD request, and so has no body whatever it says.
    """

    __slots__ = (
        "_buffer",
        "_left",
        "_mode",
        "_to_head",
        "body_bytes",
        "complete",
        "head",
        "head_bytes",
        "keeps",
        "status",
    )

    def __init__(self, to_head: bool) -> None:
        self._buffer = b""
        self._mode = "head"
        self._left = 0
        self._to_head = to_head
        self.status = 0
        self.head: dict[bytes, bytes] = {}
        """Names in small letters; of several of a name the last."""
        self.head_bytes = 0
        self.body_bytes = 0
        """As it came: compressed, without the frame of chunks."""
        self.complete = False
        self.keeps = False
        """Whether the connection can be used again."""

    @property
    def begun(self) -> bool:
        """Whether anything came."""
        return bool(self._buffer) or self._mode != "head"

    def feed(self, data: bytes) -> None:
        """Take what came.

        Raises:
            MalformedError: when it is no answer, or more than one.
        """
        if self._mode == "length":
            self._count(data)
        elif self._mode == "end":
            self.body_bytes += len(data)
        else:
            self._buffer += data
            if self._mode == "head":
                self._read_head()
            if self._mode == "chunks":
                self._read_chunks()

    def end(self) -> bool:
        """Take that the other side closes; whether the answer is whole."""
        if self._mode == "end":
            self.complete = True
        return self.complete

    def _read_head(self) -> None:
        while not self.complete and self._mode == "head":
            at = self._buffer.find(b"\r\n\r\n")
            if at < 0:
                if len(self._buffer) > LONGEST_HEAD or not b"HTTP/1."[: len(self._buffer)] == self._buffer[:7]:
                    raise MalformedError
                return
            head, self._buffer = self._buffer[:at], self._buffer[at + 4 :]
            lines = head.split(b"\r\n")
            words = lines[0].split(None, 2)
            if len(words) < 2 or not words[0].startswith(b"HTTP/1.") or len(words[1]) != 3 or not words[1].isdigit():
                raise MalformedError
            self.status = int(words[1])
            if 100 <= self.status < 200 and self.status != 101:
                continue  # the answer proper follows
            self.head_bytes = at + 4
            for line in lines[1:]:
                name, _, value = line.partition(b":")
                self.head[name.strip().lower()] = value.strip()
            self._choose(words[0])

    def _choose(self, version: bytes) -> None:
        connection = self.head.get(b"connection", b"").lower()
        self.keeps = b"close" not in connection if version != b"HTTP/1.0" else b"keep-alive" in connection
        rest, self._buffer = self._buffer, b""
        if self._to_head or self.status in _NO_BODY:
            self._mode = "length"
            self._count(rest)
        elif b"chunked" in self.head.get(b"transfer-encoding", b"").lower():
            self._mode, self._buffer = "chunks", rest
        elif b"content-length" in self.head:
            length = self.head[b"content-length"]
            if not length.isdigit() or len(length) > 15:
                raise MalformedError
            self._mode, self._left = "length", int(length)
            self._count(rest)
        else:
            self._mode, self.keeps = "end", False
            self.body_bytes = len(rest)

    def _count(self, data: bytes) -> None:
        if len(data) > self._left:
            raise MalformedError  # nothing more was asked for
        self._left -= len(data)
        self.body_bytes += len(data)
        self.complete = self._left == 0

    def _read_chunks(self) -> None:
        """`_left` is what is left of a chunk and its line end; 0 before a chunk's length, −1 among the trailers."""
        while self._buffer and not self.complete:
            if self._left > 0:
                taken = min(self._left, len(self._buffer))
                self.body_bytes += max(0, min(taken, self._left - 2))
                self._left -= taken
                self._buffer = self._buffer[taken:]
                continue
            at = self._buffer.find(b"\r\n")
            if at < 0:
                if len(self._buffer) > _LONGEST_LINE:
                    raise MalformedError
                return
            line, self._buffer = self._buffer[:at], self._buffer[at + 2 :]
            if self._left < 0:
                self.complete = not line
                continue
            try:
                size = int(line.partition(b";")[0].strip()[:16], 16)
            except ValueError:
                raise MalformedError from None
            if size < 0:
                raise MalformedError
            self._left = size + 2 if size else -1
        if self.complete and self._buffer:
            raise MalformedError
