"""The bytes of a recording: bounded and sniffed when read, never overwritten and flushed by the line when written."""

import os
import tempfile
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from stat import S_ISREG
from threading import Lock
from typing import IO

from workbench import __version__
from workbench.errors import RecordingError
from workbench.measure.text import printable
from workbench.sources.recording_format import (
    FORMAT,
    LONGEST_FILE_BYTES,
    LONGEST_LINE_BYTES,
    Header,
    encode,
)

_CHUNK_BYTES = 256 * 1024
_IN_MEMORY_BYTES = 32 * 1024**2
"""A decompressed recording up to this size stays in memory; a longer one goes to a file without a name."""


class RecordingBytes:
    """Random access to the lines of a recording, compressed or not.

    Args:
        path: The file. It is opened at once, and decompressed when it is compressed.

    Raises:
        RecordingError: when it cannot be read, or is larger than `LONGEST_FILE_BYTES`.
    """

    def __init__(self, path: Path) -> None:
        self.where = printable(str(path))
        self._lock = Lock()
        try:
            if not S_ISREG(path.stat().st_mode):  # opening a pipe would wait for its writer
                raise RecordingError(f"{self.where} is not a file")
            self._file: IO[bytes] = path.open("rb")
        except OSError as error:
            raise RecordingError(f"{self.where} cannot be read: {error.strerror}") from error
        try:
            if self._file.read(2) == b"\x1f\x8b":
                self._unpack()
            if self._file.seek(0, os.SEEK_END) > LONGEST_FILE_BYTES:
                raise self._too_large()
        except OSError as error:
            self._file.close()
            raise RecordingError(f"{self.where} cannot be read: {error.strerror}") from error
        except RecordingError:
            self._file.close()
            raise

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Each line with its offset, to be gone through before the first `at`. The last may lack its line feed.

        Raises:
            RecordingError: at a line longer than `LONGEST_LINE_BYTES`.
        """
        offset = self._file.seek(0)
        number = 0
        while line := self._file.readline(LONGEST_LINE_BYTES + 1):
            number += 1
            if len(line) > LONGEST_LINE_BYTES:
                raise RecordingError(f"{self.where}, line {number}: longer than {LONGEST_LINE_BYTES >> 20} MiB")
            yield offset, line
            offset += len(line)

    def at(self, offset: int, length: int) -> bytes:
        """The bytes of one line; fewer when the file was cut short since it was opened.

        Raises:
            RecordingError: when it is closed, or cannot be read any more.
        """
        with self._lock:
            if self._file.closed:
                raise RecordingError(f"{self.where} is closed")
            try:
                self._file.seek(offset)
                return self._file.read(length)
            except OSError as error:
                raise RecordingError(f"{self.where} cannot be read: {error.strerror}") from error

    def close(self) -> None:
        """Let go of the file. Callable from another thread, and twice."""
        with self._lock:
            self._file.close()

    def _unpack(self) -> None:
        """Put the unpacked file in the place of the packed one."""
        size = 0
        gunzip = zlib.decompressobj(wbits=31)
        with self._file as packed:
            packed.seek(0)
            self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES)  # noqa: SIM115  closed by `close`
            try:
                # A killed writer leaves no end: what is there up to then is used.
                while not gunzip.eof and (chunk := gunzip.unconsumed_tail or packed.read(_CHUNK_BYTES)):
                    size += self._file.write(gunzip.decompress(chunk, _CHUNK_BYTES))
                    if size > LONGEST_FILE_BYTES:
                        raise self._too_large()
            except zlib.error as error:
                raise RecordingError(
                    f"{self.where} is damaged: its compressed data do not add up",
                    "copy it again from where it was made",
                ) from error

    def _too_large(self) -> RecordingError:
        return RecordingError(
            f"{self.where} is too large to play: more than {LONGEST_FILE_BYTES >> 20} MiB of readings",
            "record fewer seconds at a time, or with a longer --interval",
        )


def header_of(name: str, interval: float, started: float | None = None, *, about: str | None = None) -> Header:
    """The first line of a recording.

    Args:
        name: Of the recorded world.
        interval: Seconds between two readings.
        started: Unix time in seconds; `None` is now.
        about: The container that a bundle is about; `None` for a recording.
    """
    moment = (datetime.now() if started is None else datetime.fromtimestamp(started)).astimezone()
    when = moment.isoformat(timespec="milliseconds")
    return Header(FORMAT, __version__, when, name, interval, about is not None, about or "")


class RecordingWriter:
    """Writes a recording line by line; what is written survives the death of the writer.

    Not thread-safe.

    Args:
        path: The file to make; compressed when it ends in `.gz`.
        name: Of the recorded world.
        interval: Seconds between two readings.
        overwrite: Whether an existing file may be replaced.
        header: What the first line says instead.
        private: Whether nobody else may read the file.

    Raises:
        RecordingError: when the file exists or cannot be made.
    """

    def __init__(
        self,
        path: Path,
        name: str,
        interval: float,
        *,
        overwrite: bool = False,
        header: Header | None = None,
        private: bool = False,
    ) -> None:
        self.where = printable(str(path))
        self._plain_bytes = 0
        flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | (os.O_TRUNC if overwrite else os.O_EXCL)
        try:
            self._fd = os.open(path, flags, 0o600 if private else 0o666)
        except FileExistsError as error:
            raise RecordingError(f"{self.where} exists", "choose another name, or add --force") from error
        except OSError as error:
            raise RecordingError(f"{self.where} cannot be written: {error.strerror}") from error
        self._gzip = zlib.compressobj(9, wbits=31) if path.suffix == ".gz" else None
        self.bytes_written = 0
        """Size of the file so far."""
        self.closed = False
        self.write(encode(header or header_of(name, interval)))

    @property
    def plain_bytes(self) -> int:
        """Size of what was written, before it is compressed."""
        return self._plain_bytes

    def write(self, line: bytes) -> None:
        """Write one line and hand it to the system.

        Raises:
            RecordingError: when the recording is full or the file cannot be written; the writer is closed then,
                and what it wrote so far is a whole recording.
        """
        if self.closed:
            raise RecordingError(f"{self.where} is closed")
        if len(line) > LONGEST_LINE_BYTES or self._plain_bytes + len(line) > LONGEST_FILE_BYTES:
            self.close()
            raise RecordingError(f"{self.where} is full: {LONGEST_FILE_BYTES >> 20} MiB of readings", "start another")
        self._plain_bytes += len(line)
        self._put(self._gzip.compress(line) + self._gzip.flush(zlib.Z_SYNC_FLUSH) if self._gzip else line)

    def close(self) -> None:
        """End the file properly. Callable twice.

        Raises:
            RecordingError: when the end cannot be written; the recording can be played all the same.
        """
        if self.closed:
            return
        self.closed = True
        try:
            if self._gzip:
                self._put(self._gzip.flush())
        finally:
            os.close(self._fd)

    def _put(self, data: bytes) -> None:
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(self._fd, rest) :]
        except OSError as error:
            if not self.closed:
                self.closed = True
                os.close(self._fd)
            raise RecordingError(f"{self.where} cannot be written: {error.strerror}") from error
        self.bytes_written += len(data)
