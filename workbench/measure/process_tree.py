"""Processes in the order of their tree."""

from collections.abc import Iterable

from workbench.model.processes import Process


def parents_first(processes: Iterable[Process]) -> tuple[Process, ...]:
    """Each process once, right after its parent's older children; those whose parent is elsewhere begin a tree."""
    waiting = {process.pid: process for process in sorted(processes, key=lambda each: (each.started_at, each.pid))}
    children: dict[int, list[Process]] = {}
    roots = []
    for process in waiting.values():
        if process.parent_pid in waiting and process.parent_pid != process.pid:
            children.setdefault(process.parent_pid, []).append(process)
        else:
            roots.append(process)
    ordered: list[Process] = []
    stack = roots[::-1]
    while True:
        while stack:
            process = stack.pop()
            if waiting.pop(process.pid, None) is not None:
                ordered.append(process)
                stack += reversed(children.get(process.pid, ()))
        if not waiting:
            return tuple(ordered)
        # Process ids were used again while they were read, and now two are each other's parents
        stack.append(next(iter(waiting.values())))
