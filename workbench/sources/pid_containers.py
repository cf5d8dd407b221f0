"""The container that a process runs in, by its cgroup."""

import re
from collections import OrderedDict
from pathlib import Path
from threading import Lock
from typing import NamedTuple

_ID = re.compile(r"(?<![0-9a-f])(conmon-)?([0-9a-f]{64})(?![0-9a-f])")
"""`/docker/ID`, `/system.slice/docker-ID.scope`, `/kubepods/…/cri-containerd-ID.scope`, `libpod-ID.scope`, a bare
`/ID`, and `/../ID` as seen from a cgroup namespace of one's own. `libpod-conmon-ID` is outside of its container."""
_KEPT = 4096
_HOST_NAMESPACE = "pid:[4026531836]"
"""The kernel's fixed number of the first PID namespace (`PROC_PID_INIT_INO`)."""
_MOST = 65_536
"""Bytes read of a file below `/proc/PID`; real ones have some hundred."""


class _Known(NamedTuple):
    started: int
    name: str
    container_id: str | None


class PidContainers:
    """Looks processes up by their PID in the host's namespace. Callable from any thread.

    Args:
        proc: Where the kernel's files are.
    """

    def __init__(self, proc: Path = Path("/proc")) -> None:
        self._proc = str(proc)
        self._lock = Lock()
        self._known: OrderedDict[int, _Known] = OrderedDict()

    def container_of_pid(self, pid: int) -> str | None:
        """The full id of the container that a process is in.

        Returns:
            `None` when it is in none, has ended, or cannot be looked at.
        """
        return self.look(pid)[1]

    def look(self, pid: int) -> tuple[str, str | None]:
        """A process's name, and the full id of its container; an empty name when it has ended."""
        told = _name_and_start(self._read(pid, "stat"))
        if told is None:
            return "", None
        name, started = told
        with self._lock:
            known = self._known.get(pid)
            # A PID is given anew one day; together with the moment it started, in clock ticks, it is not.
            if known is not None and known.started == started and known.name == name:
                self._known.move_to_end(pid)
                return known.name, known.container_id
        container_id = container_in(self._read(pid, "cgroup"))
        with self._lock:
            self._known[pid] = _Known(started, name, container_id)
            self._known.move_to_end(pid)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return name, container_id

    def _read(self, pid: int, file: str) -> str:
        try:
            with open(f"{self._proc}/{pid}/{file}", "rb") as opened:  # noqa: PTH123  half the time of Path.open
                return opened.read(_MOST).decode(errors="replace")
        except OSError:
            return ""


def container_in(cgroup: str) -> str | None:
    """The container's id in the text of a `/proc/PID/cgroup`; the innermost one, when one is in another."""
    for line in cgroup.splitlines():
        found = _ID.findall(line.partition(":")[2])
        if found and not found[-1][0]:
            return str(found[-1][1])
    return None


def in_host_namespace(proc: Path = Path("/proc")) -> bool:
    """Whether PIDs mean here what they mean to the host's kernel modules; in a container without `--pid=host`, not."""
    try:
        return str((proc / "self/ns/pid").readlink()) == _HOST_NAMESPACE
    except OSError:
        return False


def _name_and_start(stat: str) -> tuple[str, int] | None:
    """Name and start time in clock ticks of a `/proc/PID/stat`; the name may hold anything, brackets and blanks too."""
    head, bracket, tail = stat.rpartition(")")
    fields = tail.split()
    if not bracket or len(fields) < 20 or not fields[19].isdigit():
        return None
    return head.partition("(")[2], int(fields[19])


container_of_pid = PidContainers().container_of_pid
"""The container of a process of this machine; see `PidContainers`."""
