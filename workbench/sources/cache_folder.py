"""A directory of files that can be made again, bounded: when all come to more, those untouched the longest go.

Each file is written aside and renamed, so that a reader in another process finds all of it or nothing.
"""

import contextlib
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

_ABANDONED_SECONDS = 3600


class CacheFolder:
    """The directory, as far as it can be used: what cannot be written is forgotten.

    Args:
        path: Where it is; made when first written to.
        most_bytes: Bound on all its files.
        largest_bytes: Bound on one of them.
    """

    def __init__(self, path: Path, most_bytes: int, largest_bytes: int) -> None:
        self.path = path
        self._most_bytes = most_bytes
        self.largest_bytes = min(largest_bytes, most_bytes)

    def write(self, name: str, write: Callable[[BinaryIO], object]) -> None:
        """Put a file in its place, unless it is too large, and forget the longest unused ones.

        Args:
            name: Of the file.
            write: Writes its content; what it raises is raised, and nothing is left.
        """
        with contextlib.suppress(OSError):
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, aside = tempfile.mkstemp(dir=self.path, prefix=".new-")
            try:
                with open(handle, "wb") as file:  # noqa: PTH123  an open handle, not a path
                    write(file)
                    size = file.tell()
                if size > self.largest_bytes:
                    Path(aside).unlink()
                    return
                Path(aside).rename(self.path / name)
            except BaseException:
                Path(aside).unlink(missing_ok=True)
                raise
            self._evict(name, size)

    def _evict(self, newest: str, total: int) -> None:
        files = []
        for entry in os.scandir(self.path):
            with contextlib.suppress(OSError):  # another process may have evicted it
                found = entry.stat(follow_symlinks=False)
                if entry.name.startswith(".new-"):
                    if found.st_mtime < time.time() - _ABANDONED_SECONDS:
                        Path(entry.path).unlink()
                elif entry.name != newest:
                    files.append((found.st_mtime_ns, found.st_size, entry.path))
        total += sum(size for _, size, _ in files)
        for _, size, name in sorted(files):
            if total <= self._most_bytes:
                break
            Path(name).unlink(missing_ok=True)
            total -= size
