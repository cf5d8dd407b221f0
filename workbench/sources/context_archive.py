"""A build's context as the archive that the classic builder takes: what `docker build` sends, owners and all."""

import io
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import IO

from workbench.errors import Stopped, UsageError
from workbench.measure.text import printable
from workbench.model.build_context import ContextEntry
from workbench.sources.build_context import read_context, read_ignore_file

_ELSEWHERE = ".dockerfile.workbench"
"""What a Dockerfile from outside of the context is called in it: always the same, for the cache's sake."""


@dataclass(frozen=True, slots=True)
class ContextArchive:
    """A context, packed."""

    file: IO[bytes]
    """At its beginning."""
    dockerfile: str
    """Its name in there."""
    bytes: int
    """Of the regular files in it."""


@contextmanager
def packed_context(context: Path, dockerfile: Path, stop: Event) -> Iterator[ContextArchive]:
    """Pack what passes `.dockerignore`, with root as the owner as docker's client does, so that the cache is the same.

    Raises:
        UsageError: when something cannot be read.
        Stopped: when told to stop.
    """
    listing = read_context(context, dockerfile, stop, builder="classic", weighs_left_out=False)
    if not listing.is_complete:
        raise UsageError("the context has more files than the workbench sends", "leave some out by .dockerignore")
    extra: dict[str, bytes] = {}
    root, outside = context.resolve(), dockerfile.resolve()
    if outside.is_relative_to(root):
        name = outside.relative_to(root).as_posix()
        if name not in listing.entries:  # left out: the builder needs it all the same, and removes it
            extra[name] = _read(outside)
    else:
        name = _ELSEWHERE
        ignored = read_ignore_file(context, dockerfile, builder="classic")[1] or ".dockerignore"
        extra = {name: _read(outside), ".dockerignore": f"{ignored}\n{name}\n".encode("utf-8", "surrogateescape")}
    if listing.ignore_file and ".dockerignore" not in listing.entries:
        extra.setdefault(".dockerignore", _read(context / ".dockerignore"))
    with tempfile.TemporaryFile(prefix="workbench-") as file:
        total = 0
        with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
            for entry in listing.entries.values():
                if stop.is_set():
                    raise Stopped("stopped while the context was packed")
                if entry.path not in extra:
                    total += _add(archive, context, entry)
            for path, content in extra.items():
                about = tarfile.TarInfo(path)
                about.size, about.mode = len(content), 0o644
                archive.addfile(about, io.BytesIO(content))
                total += len(content)
        file.seek(0)
        yield ContextArchive(file, name, total)


def _add(archive: tarfile.TarFile, context: Path, entry: ContextEntry) -> int:
    about = tarfile.TarInfo(entry.path)
    about.mode, about.mtime = entry.mode, entry.modified_ns // 10**9
    if entry.kind == "folder":
        about.type = tarfile.DIRTYPE
        archive.addfile(about)
    elif entry.kind == "link":
        about.type, about.linkname = tarfile.SYMTYPE, entry.target
        archive.addfile(about)
    else:
        try:
            with (context / entry.path).open("rb") as content:
                about.size = content.seek(0, io.SEEK_END)  # it may have grown meanwhile
                content.seek(0)
                archive.addfile(about, content)
        except OSError as error:
            raise UsageError(f"{printable(entry.path)} cannot be read: {error.strerror}") from error
    return about.size


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"{printable(str(file))} cannot be read: {error.strerror}") from error
