"""Which processes of this machine are a container's."""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import PurePosixPath

from workbench.sources.base import Clock
from workbench.sources.proc_files import TICKS_PER_SECOND, booted_at, read_file, read_stat, read_whole

SCAN_SECONDS = 2.0
"""Between two looks at all processes of the machine, where there is no shorter way."""
_SAME_START_SECONDS = 10.0
"""Between a process's start and the moment that the engine calls its container started."""
_LONGEST_LIST = 1 << 20
_MOST_GROUPS = 256
_MOST_CHILDREN = 5000


class ContainerPids:
    """Lists a container's processes: those of its control group and the groups below.

    The id in a process's `/proc/PID/cgroup` proves whose it is, whatever the engine said and wherever it runs. Where
    the group itself is out of sight, as from inside another container, all processes are asked for theirs. Without
    groups, as under some rootless engines, the first process and its descendants count.

    Args:
        container_id: In full.
        first_pid: What the engine says of its first process, `None` when that is not to be trusted: ids of another
            machine or namespace are those of anybody here.
        started_at: When the engine says that it started, Unix time in seconds.
        root: Where /proc is.
        groups: Where the control groups are.
        clock: Any seconds.
    """

    def __init__(
        self,
        container_id: str,
        first_pid: int | None,
        started_at: float | None,
        *,
        root: str = "/proc",
        groups: str = "/sys/fs/cgroup",
        clock: Clock = time.monotonic,
    ) -> None:
        self._id = container_id
        self._root = root
        self._groups = groups
        self._clock = clock
        self._folder: str | None = None
        self._first_pid: int | None = None
        self._scanned: tuple[int, ...] = ()
        self._scanned_at = float("-inf")
        self._find(first_pid, started_at)

    def read(self) -> tuple[int, ...]:
        """Their ids here, in order; none when it ended, or is not of this machine."""
        if self._folder is not None:
            return tuple(sorted(_members(self._folder)))
        if self._first_pid is not None:
            return tuple(self._family(self._first_pid))
        if self._clock() - self._scanned_at >= SCAN_SECONDS:
            self._scan()
        return self._scanned

    def _find(self, first_pid: int | None, started_at: float | None) -> None:
        pid = first_pid if first_pid is not None and self._is_member(first_pid) else None
        if pid is None:
            self._scan()
            pid = self._scanned[0] if self._scanned else None
        if pid is not None:
            self._folder = self._group_of(pid)
        elif first_pid is not None and started_at is not None and self._started_then(first_pid, started_at):
            self._first_pid = first_pid

    def _scan(self) -> None:
        pids = (int(name) for name in os.listdir(self._root) if name.isdecimal())  # noqa: PTH208  names are enough
        self._scanned = tuple(sorted(pid for pid in pids if self._is_member(pid)))
        self._scanned_at = self._clock()

    def _is_member(self, pid: int) -> bool:
        with suppress(OSError):
            return self._id.encode() in read_file(f"{self._root}/{pid}/cgroup")
        return False

    def _group_of(self, pid: int) -> str | None:
        """The folder of the container's own group, found by following a member's; checked, since mounts differ."""
        lines: list[str] = []
        with suppress(OSError):
            lines = read_file(f"{self._root}/{pid}/cgroup").decode("utf-8", "replace").splitlines()
        for _, controllers, path in (line.split(":", 2) for line in lines if line.count(":") >= 2):
            parts = PurePosixPath(path).parts[1:]
            own = next((index for index, part in enumerate(parts) if self._id in part), None)
            if own is None or ".." in parts:
                continue
            for mount in _mounts(controllers):
                folder = "/".join((self._groups, *mount, *parts[: own + 1]))
                if pid in _members(folder):
                    return folder
        return None

    def _started_then(self, pid: int, started_at: float) -> bool:
        with suppress(OSError, ValueError):
            begun = booted_at(self._root) + read_stat(f"{self._root}/{pid}").started_ticks / TICKS_PER_SECOND
            return abs(begun - started_at) < _SAME_START_SECONDS
        return False

    def _family(self, first: int) -> Iterator[int]:
        waiting, seen = [first], {first}
        while waiting:
            pid = waiting.pop(0)
            with suppress(OSError):
                for thread in os.listdir(f"{self._root}/{pid}/task"):  # noqa: PTH208  names are enough
                    raw = read_whole(f"{self._root}/{pid}/task/{thread}/children", _LONGEST_LIST)
                    children = [child for child in map(int, raw.split()) if child not in seen]
                    children = children[: max(0, _MOST_CHILDREN - len(seen))]
                    seen.update(children)
                    waiting += children
                yield pid


def _mounts(controllers: str) -> Sequence[tuple[str, ...]]:
    """Below which folders a hierarchy may be mounted; the one of version 2 has no controllers here."""
    if not controllers:
        return ((), ("unified",))
    name = controllers.removeprefix("name=")
    return ((name,), *((each,) for each in name.split(",") if each != name))


def _members(folder: str) -> set[int]:
    """The processes of a group and of the groups below it."""
    pids: set[int] = set()
    waiting, seen = [folder], 0
    while waiting and seen < _MOST_GROUPS:
        here = waiting.pop()
        seen += 1
        with suppress(OSError):
            with os.scandir(here) as entries:
                waiting += [entry.path for entry in entries if entry.is_dir(follow_symlinks=False)]
            # A group of threads lists none: its processes are listed further up
            pids.update(int(pid) for pid in read_whole(f"{here}/cgroup.procs", _LONGEST_LIST).split())
    return pids - {0}  # of another namespace
