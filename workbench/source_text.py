"""The source of a profiled function, from this machine, when it is there."""

import os
import stat
from collections.abc import Callable, Sequence
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.measure.excerpts import excerpts_of
from workbench.measure.secrets import mask_text
from workbench.model.profile import LineFigures, SourceExcerpt
from workbench.model.reading import Fresh, Missing, Reading
from workbench.sources.base import World

MOST_BYTES = 4 * 2**20
_MOST_FILES = 100
_MOST_IN_ALL = 2 * MOST_BYTES
"""Characters."""
SUFFIXES = (".py", ".pyw", ".pyx", ".pxd", ".pyi")
"""A profile names whatever files it likes: only Python's are opened."""


def container_source(world: World, container_id: str, file: str) -> Reading[str]:
    """Read a source file of a container, whatever this machine has at that path.

    Args:
        world: Where the container is.
        container_id: Id or name.
        file: As the profile names it.
    """
    return source_through(lambda path: world.container_file(container_id, path, MOST_BYTES), file)


def source_through(read: Callable[[str], bytes], file: str) -> Reading[str]:
    """Read a source file in a way of the caller's, secrets masked.

    Args:
        read: Gives a file's first `MOST_BYTES`, or raises a WorkbenchError.
        file: As the profile names it.
    """
    if not file.endswith(SUFFIXES) or not file.startswith("/"):
        return Missing(f"{file or 'it'} is no Python source of the container")
    try:
        content = read(file)
    except WorkbenchError as error:
        return Missing(error.reason, error.hint)
    return Fresh(mask_text(content.decode("utf-8", "replace")), 0.0)


def excerpts_through(
    read: Callable[[str], bytes], lines: Sequence[LineFigures], goes_on: Callable[[], bool] = lambda: True
) -> tuple[SourceExcerpt, ...]:
    """The functions in which lines were counted, as far as their files can be read, secrets masked.

    Args:
        read: As for `source_through`.
        lines: What was counted. Hostile: no more files are read than people profile at once.
        goes_on: Whether to read another file.
    """
    found: dict[str, str] = {}
    left = _MOST_IN_ALL
    for file in list(dict.fromkeys(line.place.file for line in lines))[:_MOST_FILES]:
        if left <= 0 or not goes_on():
            break
        source = source_through(read, file)
        if isinstance(source, Fresh):
            found[file] = source.value
            left -= len(source.value)
    return excerpts_of(lines, found)


def local_source(file: str) -> Reading[str]:
    """Read a source file of this machine; a container's file of the same path may be another one.

    Args:
        file: As the profile names it.
    """
    if not file.endswith(SUFFIXES):
        return Missing(f"{file or 'it'} is no Python source")
    if not file.startswith("/"):
        return Missing(
            f"the profile names {file} without its folder", "py-spy writes whole paths with --full-filenames"
        )
    try:
        # Not blocking: a named pipe of that name would hold up whoever opens it.
        number = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(number, "rb") as opened:  # noqa: PTH123  the file is open already
            found = os.fstat(number)
            if not stat.S_ISREG(found.st_mode):
                return Missing(f"{file} is no regular file")
            if found.st_size > MOST_BYTES:
                return Missing(f"{file} is larger than {MOST_BYTES >> 20} MiB")
            content = opened.read(MOST_BYTES)
            changed = found.st_mtime
    except (OSError, ValueError):
        return Missing(f"{Path(file).name} is not on this machine")
    return Fresh(mask_text(content.decode("utf-8", "replace")), changed)
