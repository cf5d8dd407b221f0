"""The processes and tasks of one control group, and the time that each task ran and waited."""

import os

from workbench.measure.task_times import TaskTimes
from workbench.sources.cgroups.kept_file import LONGEST, read_once

MOST_TASKS = 200
"""Of one container. With more, the time its tasks waited is not measured: a part of them would not be the sum."""
_NESTED_FOLDERS = 64


def first_process(folder: str, proc: str) -> int | None:
    """A process of the group: the container's own first one where that can be told, else any; `None` without any.

    Args:
        folder: The group's directory.
        proc: The process file system.
    """
    pids = _pids(folder) or _nested_pids(folder)
    for pid in pids[:_NESTED_FOLDERS]:
        status = read_once(f"{proc}/{pid}/status") or b""
        at = status.find(b"\nNSpid:")
        if at >= 0 and status[at + 1 :].split(b"\n", 1)[0].split()[-1] == b"1":
            return pid
    return pids[0] if pids else None


def has_nested(folder: str) -> bool:
    """Whether there are groups below this one, whose tasks its own list does not name."""
    try:
        return os.stat(folder).st_nlink > 2  # noqa: PTH116  runs each second
    except OSError:
        return False


def read_tasks(path: str, proc: str, taken_ns: int) -> TaskTimes | None:
    """Time on a CPU and time waiting for one, of each task: the first two numbers of `/proc/TID/schedstat`.

    `None` when they are too many, or when the kernel keeps no such times.

    Args:
        path: The file that lists the group's tasks.
        proc: The process file system.
        taken_ns: The moment, in nanoseconds of the reader's clock.
    """
    listed = read_once(path)
    if listed is None or len(listed) >= LONGEST:
        return None
    tids = listed.split()
    if len(tids) > MOST_TASKS:
        return None
    times: dict[int, tuple[int, int]] = {}
    for tid in tids:
        figures = (read_once(f"{proc}/{int(tid)}/schedstat") or b"").split()
        if len(figures) >= 2:  # a task that ended in between has none
            times[int(tid)] = (int(figures[0]), int(figures[1]))
    return TaskTimes(taken_ns, times) if times or not tids else None


def _pids(folder: str) -> list[int]:
    """Those in this very group; 0 stands for one outside our own process namespace."""
    listed = read_once(f"{folder}/cgroup.procs") or b""
    return [int(word) for word in listed.split() if word.isdigit() and word != b"0"]


def _nested_pids(folder: str) -> list[int]:
    """Those of the first group below that has any: a container with control groups of its own has none above."""
    for count, (path, _, _) in enumerate(os.walk(folder)):
        if count >= _NESTED_FOLDERS:
            break
        if pids := _pids(path):
            return pids
    return []
