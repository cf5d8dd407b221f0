"""The files of /proc about one process or thread, each read in one go: a second has hundreds of them."""

import os
import re
from contextlib import suppress
from dataclasses import dataclass

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")

_LONGEST_FILE = 4096
_LONGEST_COMMAND_LINE = 32768
_EFFECTIVE_USER = re.compile(rb"^Uid:\s+\d+\s+(\d+)", re.MULTILINE)
_PIDS_BY_NAMESPACE = re.compile(rb"^NSpid:([\s\d]+)$", re.MULTILINE)
_BYTES_READ = re.compile(rb"^read_bytes: (\d+)$", re.MULTILINE)
_BYTES_WRITTEN = re.compile(rb"^write_bytes: (\d+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Stat:
    """`stat` of a process or a thread, proc_pid_stat(5)."""

    name: str
    state: str
    parent_pid: int
    threads: int
    started_ticks: int
    """Since the machine started."""
    cpu_ticks: int
    resident_bytes: int


def read_file(path: str, limit: int = _LONGEST_FILE) -> bytes:
    """The beginning of a file.

    Raises:
        OSError: when the process is gone, or not ours to look at.
    """
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(file, limit)
    finally:
        os.close(file)


def read_whole(path: str, limit: int) -> bytes:
    """A file that the kernel gives a page at a time.

    Raises:
        OSError: when it cannot be read.
    """
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        content = b""
        while len(content) < limit and (piece := os.read(file, 1 << 16)):
            content += piece
        return content
    finally:
        os.close(file)


def read_stat(folder: str) -> Stat:
    """`stat` in a process's or a thread's folder.

    Raises:
        OSError: when it is gone.
        ValueError: when it is no such file.
    """
    raw = read_file(f"{folder}/stat")
    # The name stands in brackets and may hold brackets itself
    head, bracket, tail = raw.rpartition(b")")
    fields = tail.split()
    if not bracket or len(fields) < 22:
        raise ValueError(f"{folder}/stat is no process's")
    return Stat(
        name=head.partition(b"(")[2].decode("utf-8", "replace"),
        state=fields[0].decode("ascii", "replace"),
        parent_pid=int(fields[1]),
        threads=int(fields[17]),
        started_ticks=int(fields[19]),
        cpu_ticks=int(fields[11]) + int(fields[12]),
        resident_bytes=max(0, int(fields[21])) * PAGE_BYTES,
    )


def read_schedstat(folder: str) -> tuple[int | None, int | None]:
    """Nanoseconds that a thread ran, and that it waited for a CPU; `None` where the kernel does not count."""
    try:
        fields = read_file(f"{folder}/schedstat").split()
        ran, waited, times = (int(field) for field in fields[:3])
    except (FileNotFoundError, PermissionError, ValueError):
        return None, None
    # A thread that is there has run at least once: a kernel that does not count writes zeros
    return (ran, waited) if times else (None, None)


def read_io(folder: str) -> tuple[int | None, int | None]:
    """Bytes that a process had read from and written to a disk; `None` when they are not ours to know."""
    try:
        raw = read_file(f"{folder}/io")
    except (PermissionError, FileNotFoundError):
        return None, None
    read, written = _BYTES_READ.search(raw), _BYTES_WRITTEN.search(raw)
    return int(read[1]) if read else None, int(written[1]) if written else None


def read_user_and_inner_pid(folder: str) -> tuple[int | None, int | None]:
    """The effective user and the process's id in its innermost namespace."""
    raw = read_file(f"{folder}/status")
    user, pids = _EFFECTIVE_USER.search(raw), _PIDS_BY_NAMESPACE.search(raw)
    numbers = pids[1].split() if pids else []
    return int(user[1]) if user else None, int(numbers[-1]) if numbers else None


def read_command_line(folder: str) -> tuple[str, ...]:
    """A process's arguments as it shows them; none for a zombie or a thread of the kernel."""
    raw = read_file(f"{folder}/cmdline", _LONGEST_COMMAND_LINE)
    is_cut = len(raw) == _LONGEST_COMMAND_LINE
    arguments = [each.decode("utf-8", "replace") for each in raw.rstrip(b"\0").split(b"\0")]
    if is_cut and len(arguments) > 1:
        arguments[-1] = "…"  # half a secret is not known for one
    return tuple(arguments) if raw.strip(b"\0") else ()


def read_waits_in(folder: str) -> str:
    """The kernel function that a thread sleeps in; empty when it runs, or when the kernel does not tell."""
    with suppress(OSError):
        name = read_file(f"{folder}/wchan").decode("ascii", "replace").strip()
        return "" if name == "0" else name
    return ""


def booted_at(root: str) -> float:
    """When the machine started, Unix time in seconds; 0 when the kernel does not tell."""
    with suppress(OSError, ValueError, IndexError):
        # On a machine of many cores the line stands behind a long list of interrupts' counts
        return float(read_file(f"{root}/stat", 1 << 20).partition(b"\nbtime ")[2].split()[0])
    return 0.0
