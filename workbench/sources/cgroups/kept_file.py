"""Small kernel files that are read again and again: opened once, and parsed only when their bytes changed."""

import os
import resource
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Generic, TypeVar

T = TypeVar("T")

LONGEST = 1 << 14
"""Bytes of one file that are read. The longest that we know, `memory.stat`, has two thousand."""
STILL_LOOKS = 5
_CLOSED, _ABSENT = -1, -2


class GroupGoneError(Exception):
    """The control group is not there any more: its container has ended, or was started anew."""


class Allowance:
    """How many files may be held open at once, all groups together; what exceeds it is opened for every read.

    Reading a file that is held open takes a sixth of the time that opening it takes.

    Args:
        limit: Files; `None` takes half of what this process may open.
    """

    def __init__(self, limit: int | None = None) -> None:
        soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        self._left = limit if limit is not None else (soft // 2 if soft != resource.RLIM_INFINITY else 1 << 16)

    def take(self) -> bool:
        """Ask to hold one more."""
        self._left -= 1
        if self._left >= 0:
            return True
        self._left += 1
        return False

    def give_back(self) -> None:
        """Tell that one is held no more."""
        self._left += 1


class Stillness:
    """Tells when a container did nothing since the last look, so that what cannot have changed need not be read."""

    def __init__(self) -> None:
        self._before: tuple[int | None, ...] = ()
        self._looks = 0

    def holds(self, *figures: int | None) -> bool:
        """Whether these are what they were; never more than `STILL_LOOKS` times in a row, for what ages by itself."""
        self._looks += 1
        if figures == self._before and self._looks < STILL_LOOKS:
            return True
        self._before, self._looks = figures, 0
        return False

    def goes_on(self, *figures: int | None) -> bool:
        """Whether these are what they were at the last look, which this is none of."""
        return figures == self._before


class KeptFile(Generic[T]):
    """One file and what it says.

    Args:
        path: Opened at the first read, so that a group that vanished in between is noticed then.
        parse: Reads the bytes; `ValueError`, `IndexError` and `KeyError` mean that they say nothing.
        allowance: Shared by all files.
        essential: Whether the group is gone when this file is. Any other that cannot be opened is not measured.
    """

    __slots__ = ("_allowance", "_bytes", "_descriptor", "_essential", "_parse", "_path", "_value")

    def __init__(
        self, path: str, parse: Callable[[bytes], T | None], allowance: Allowance, *, essential: bool = False
    ) -> None:
        self._path = path
        self._parse = parse
        self._allowance = allowance
        self._essential = essential
        self._descriptor = _CLOSED
        self._bytes = b""
        self._value: T | None = None

    def read(self, *, again: bool = True) -> T | None:
        """What it says now; `None` when there is no such file, or nothing that can be understood.

        Args:
            again: `False` for what it said the last time.

        Raises:
            GroupGoneError: when the kernel says so.
        """
        if self._descriptor == _ABSENT:
            return None
        if not again and self._bytes:
            return self._value
        try:
            content = os.pread(self._descriptor, LONGEST, 0) if self._descriptor >= 0 else self._open_and_read()
        except OSError as error:
            # The kernel answers ENODEV for a file that outlived its group, and 95 where pressure is switched off
            if self._essential or self._descriptor >= 0:
                raise GroupGoneError(self._path) from error
            self._descriptor = _ABSENT
            return None
        if content != self._bytes:
            self._bytes = content
            try:
                self._value = self._parse(content)
            except (ValueError, IndexError, KeyError):
                self._value = None
        return self._value

    def close(self) -> None:
        """Hold it no more; the next read opens it again."""
        descriptor, self._descriptor = self._descriptor, _CLOSED
        if descriptor >= 0:
            self._allowance.give_back()
            with suppress(OSError):
                os.close(descriptor)

    def _open_and_read(self) -> bytes:
        descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        keep = False
        try:
            content = os.read(descriptor, LONGEST)
            keep = self._allowance.take()
        finally:
            if not keep:
                os.close(descriptor)
        if keep:
            self._descriptor = descriptor
        return content


def close_all(*files: KeptFile[Any]) -> None:
    """Hold none of them open."""
    for file in files:
        file.close()


def read_once(path: str) -> bytes | None:
    """A small file that is not worth holding open; `None` when it cannot be read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        return os.read(descriptor, LONGEST)
    except OSError:
        return None
    finally:
        os.close(descriptor)
