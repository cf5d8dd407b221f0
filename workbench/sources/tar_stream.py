"""Headers of a tar archive, read strictly and one after another: nothing is extracted and memory is bounded.

Python's own `tarfile` ends silently at a damaged header in the middle, keeps every header, and reads extended headers
of any size into memory. An image archive may come from anybody.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple
from zlib import adler32

from workbench.sources.byte_stream import Budget, ByteSource, TarError, exactly

_BLOCK = 512
_ZEROS = bytes(_BLOCK)
_LONGEST_EXTENSION_BYTES = 1024**2
"""Of one extended header: a long name, or extended attributes."""
_LARGEST_SIZE = 1 << 62
_EXTENSIONS = "xgLK"
_EMPTY_KINDS = "123456"
"""Links, devices, folders and pipes: nothing follows their header, whatever size it names."""


class TarEntry(NamedTuple):
    """One header, the extended headers before it applied."""

    name: str
    """As the archive gives it; bytes that are no UTF-8 are surrogate escapes. Hostile: never a path to open."""
    kind: str
    """The type flag: `0` a regular file, `1` a hard link, `2` a symbolic link, `5` a folder, …"""
    size: int
    """Bytes of the file, the holes of a sparse one included."""
    link: str
    """Where a link points."""
    mode: int = 0
    uid: int = 0
    gid: int = 0
    mtime: int = 0
    """Unix time in whole seconds."""
    stored: int = 0
    """Bytes that the archive holds of it, without holes."""

    @property
    def is_file(self) -> bool:
        """Whether it is a regular file, sparse or not."""
        return self.kind in "07S"


class TarStream:
    """The entries of a tar archive. The content of the newest can be read from the stream, once.

    Args:
        source: The archive.
        budget: Bounds the number of headers.
    """

    def __init__(self, source: ByteSource, budget: Budget) -> None:
        self._source = source
        self._budget = budget
        self._content = 0
        self._padding = 0
        self.ended = False
        """Whether the block of zeros that ends an archive was seen."""

    def __iter__(self) -> Iterator[TarEntry]:
        """Go through the entries in the archive's order.

        Raises:
            TarError: when the archive is damaged, cut short, or breaks a bound.
        """
        source = self._source
        spend_entry = self._budget.spend_entry
        extended: dict[str, str] = {}
        while True:
            if self._content:
                self.skip(self._content)
            if self._padding:
                source.skip(self._padding)
                self._padding = 0
            block = exactly(source, _BLOCK, or_end=True)
            if not block or block == _ZEROS:
                self.ended = bool(block)
                return
            spend_entry()
            entry = _decode(block)
            if entry.kind in _EXTENSIONS:
                self._start_content(entry.size)
                extended |= self._extension(entry)
                continue
            if extended.get("path", entry.name).endswith("/") and entry.kind == "0":  # as the oldest tar wrote folders
                entry = entry._replace(kind="5")
            if entry.size and entry.kind not in _EMPTY_KINDS:
                self._start_content(entry.size)
            if extended or entry.kind == "S":
                entry = self._extend(entry, block, extended)
                extended = {}
            elif self._content != entry.size:
                entry = entry._replace(size=self._content, stored=self._content)
            yield entry

    def chunk(self, size: int) -> memoryview:
        """At most `size` bytes of the newest entry's content, none at its end; held until the next use.

        Raises:
            TarError: when the archive ends inside of it.
        """
        wanted = min(size, self._content)
        view = self._source.chunk(wanted)
        if not view and wanted:
            raise TarError("it is cut short")
        self._content -= len(view)
        return view

    def read(self, size: int) -> bytes:
        """At most `size` bytes of the newest entry's content; none at its end.

        Raises:
            TarError: when the archive ends inside of it.
        """
        return bytes(self.chunk(size))

    def skip(self, size: int) -> int:
        """Pass over at most `size` bytes of the newest entry's content and return how many there were.

        Raises:
            TarError: when the archive ends inside of it.
        """
        wanted = min(size, self._content)
        if self._source.skip(wanted) < wanted:
            raise TarError("it is cut short")
        self._content -= wanted
        return wanted

    def crc(self, size: int) -> tuple[int, int]:
        """Pass over at most `size` bytes of the newest entry's content: how many there were, and their CRC-64.

        Raises:
            TarError: when the archive ends inside of it.
        """
        wanted = min(size, self._content)
        passed, value = self._source.crc(wanted)
        if passed < wanted:
            raise TarError("it is cut short")
        self._content -= wanted
        return wanted, value

    def _start_content(self, size: int) -> None:
        self._content, self._padding = size, -size % _BLOCK

    def _extension(self, entry: TarEntry) -> dict[str, str]:
        if entry.size > _LONGEST_EXTENSION_BYTES:
            raise TarError(f"it has an extended header of more than {_LONGEST_EXTENSION_BYTES >> 20} MiB")
        content = exactly(self, entry.size)
        if entry.kind == "x":
            return _pax_records(content)
        if entry.kind in "LK":
            return {"path" if entry.kind == "L" else "linkpath": _text(content)}
        return {}

    def _extend(self, entry: TarEntry, block: bytes, extended: dict[str, str]) -> TarEntry:
        """Apply what extended headers say, with `_content` at the start of the content afterwards."""
        if extended.get("size") and entry.kind not in _EMPTY_KINDS:
            self._start_content(_decimal(extended["size"]))
        size = self._file_size(entry, block, extended)
        return TarEntry(
            extended.get("GNU.sparse.name") or extended.get("path") or entry.name,
            entry.kind,
            size,
            extended.get("linkpath") or entry.link,
            entry.mode,
            _decimal(extended["uid"]) if extended.get("uid") else entry.uid,
            _decimal(extended["gid"]) if extended.get("gid") else entry.gid,
            _seconds(extended["mtime"]) if extended.get("mtime") else entry.mtime,
            self._content,
        )

    def _file_size(self, entry: TarEntry, block: bytes, extended: dict[str, str]) -> int:
        """How long the file is; a sparse one ships less than that."""
        if entry.kind == "S":
            is_extended = block[482]
            while is_extended:
                more = exactly(self._source, _BLOCK)
                is_extended = more[504]
            return _number(block[483:495])
        for key in ("GNU.sparse.realsize", "GNU.sparse.size"):
            if key in extended:
                return _decimal(extended[key])
        return self._content


def is_header(block: bytes) -> bool:
    """Whether a tar archive may begin with these bytes."""
    if len(block) != _BLOCK:
        return not block
    try:
        return block == _ZEROS or bool(_decode(block))
    except TarError:
        return False


def _decode(block: bytes) -> TarEntry:
    """Read one header block as it stands.

    Raises:
        TarError: when its checksum is wrong, so it is no header.
    """
    # The low half of an Adler-32 is one more than the sum of the bytes, exactly for as few as 256.
    total = (adler32(block[:256]) & 0xFFFF) + (adler32(block[256:]) & 0xFFFF) - 2
    told = _number(block[148:156])
    # The checksum is made with spaces in its own field.
    if told != total - sum(block[148:156]) + 256 and told != _signed_sum(block):
        raise TarError("it is damaged: where a tar header should be there is none")
    name = _text(block[:100])
    is_ustar = block[257:263] == b"ustar\0"
    if is_ustar and block[345]:
        name = f"{_text(block[345:500])}/{name}"
    kind = chr(block[156]) if block[156] else "0"
    size = _number(block[124:136])
    link = _text(block[157:257]) if block[157] else ""
    owner = _signed(block[108:116]), _signed(block[116:124])
    return TarEntry(name, kind, size, link, _number(block[100:108]), *owner, _signed(block[136:148]), size)


def _signed_sum(block: bytes) -> int:
    """The checksum as some old writers made it, of signed bytes."""
    rest = block[:148] + b" " * 8 + block[156:]
    return sum(byte - 256 if byte > 127 else byte for byte in rest)


@lru_cache(8192)
def _number(field: bytes) -> int:
    """A number in a header: octal digits, or binary when the first bit is set."""
    if field[0] & 0x80:
        value = int.from_bytes(bytes([field[0] & 0x7F]) + field[1:], "big")
    else:
        digits = field.split(b"\0", 1)[0].strip()
        if digits.strip(b"01234567"):
            raise TarError("it is damaged: where a tar header should be there is none")
        value = int(digits, 8) if digits else 0
    if value > _LARGEST_SIZE:
        raise TarError("it is damaged: a file is larger than any file can be")
    return value


def _signed(field: bytes) -> int:
    """A number that may be below zero, as times before 1970 are; then it is binary."""
    if field[0] & 0xC0 == 0xC0:
        return max(int.from_bytes(field, "big", signed=True), -_LARGEST_SIZE)
    return _number(field)


def _decimal(digits: str) -> int:
    if not (digits.isascii() and digits.isdigit() and len(digits) < 20) or int(digits) > _LARGEST_SIZE:
        raise TarError("it is damaged: the size or owner of a file is no number")
    return int(digits)


def _seconds(text: str) -> int:
    """Whole seconds of a decimal time, rounded down."""
    whole, _, fraction = text.partition(".")
    digits = whole.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 19):
        raise TarError("it is damaged: the time of a file is no number")
    return int(whole) - (whole.startswith("-") and bool(fraction.strip("0")))


def _text(field: bytes) -> str:
    return field.split(b"\0", 1)[0].decode("utf-8", "surrogateescape")


def _pax_records(content: bytes) -> dict[str, str]:
    """The records `length key=value` of an extended header."""
    records = {}
    start = 0
    while start < len(content):
        digits = content[start : start + 8].partition(b" ")[0]
        end = start + int(digits) if digits.isdigit() and len(digits) < 8 else 0
        if not start + len(digits) + 3 <= end <= len(content):
            raise TarError("it is damaged: an extended header cannot be read")
        key, _, value = content[start + len(digits) + 1 : end - 1].partition(b"=")
        if b"\0" in value and key in {b"path", b"linkpath"}:
            raise TarError("it is damaged: a name in it holds a zero byte")
        records[key.decode("utf-8", "surrogateescape")] = value.decode("utf-8", "surrogateescape")
        start = end
    return records
