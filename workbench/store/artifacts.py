"""Files kept with runs, named by what is in them: `artifacts/ab/cdef…` holds the content of SHA-256 `abcdef…`."""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_CHUNK_BYTES = 1 << 20
_INCOMING = ".incoming-"
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Staged:
    """Content that is safely on disk and does not have its name yet."""

    file: Path
    sha256: str
    size_bytes: int


class Artifacts:
    """A folder of files by content. Whoever places or removes one holds the store's write lock."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def stage(self, content: bytes | Path) -> Staged:
        """Copy content into the folder, under a name that a crash leaves recognisable.

        Raises:
            OSError: when it cannot be read or written.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=_INCOMING, dir=self._folder)
        file = Path(name)
        try:
            with os.fdopen(handle, "wb") as out:
                digest = hashlib.sha256()
                size = 0
                for chunk in _chunks(content):
                    digest.update(chunk)
                    size += out.write(chunk)
                out.flush()
                os.fsync(out.fileno())
        except BaseException:
            file.unlink(missing_ok=True)
            raise
        return Staged(file, digest.hexdigest(), size)

    def place(self, staged: Staged) -> None:
        """Give staged content its name. An equal file that is there already is replaced, which mends a damaged one."""
        file = self.path(staged.sha256)
        file.parent.mkdir(mode=0o700, exist_ok=True)
        staged.file.replace(file)
        for folder in (file.parent, self._folder):
            _sync(folder)

    def discard(self, staged: Staged) -> None:
        """Remove staged content that was not placed."""
        staged.file.unlink(missing_ok=True)

    def path(self, sha256: str) -> Path:
        """Where content lies, or would lie.

        Raises:
            ValueError: when it is no SHA-256 in lower-case hexadecimal.
        """
        if not _SHA256.fullmatch(sha256):
            raise ValueError(f"not a SHA-256: {sha256!r}")
        return self._folder / sha256[:2] / sha256[2:]

    def remove(self, sha256: str) -> None:
        """Remove content if it is there."""
        file = self.path(sha256)
        file.unlink(missing_ok=True)
        with suppress(OSError):  # others lie beside it
            file.parent.rmdir()

    def remove_interrupted(self, before: float) -> None:
        """Remove what was being staged when a workbench died.

        Args:
            before: Unix time in seconds; what was written to since is left to whoever writes it.
        """
        for file in self._folder.glob(f"{_INCOMING}*"):
            with suppress(FileNotFoundError):
                if file.stat().st_mtime < before:
                    file.unlink()

    def written_between(self, after: float, before: float) -> Iterator[str]:
        """The SHA-256 of every file last written in a span of Unix time in seconds. Other files are passed over."""
        for file in self._folder.glob("[0-9a-f][0-9a-f]/*"):
            sha256 = file.parent.name + file.name
            if _SHA256.fullmatch(sha256):
                with suppress(FileNotFoundError):
                    if after <= file.stat().st_mtime < before:
                        yield sha256


def _chunks(content: bytes | Path) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with content.open("rb") as source:
        while chunk := source.read(_CHUNK_BYTES):
            yield chunk


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
