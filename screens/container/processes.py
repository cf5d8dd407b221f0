"""A container's processes as table rows: pure, no widgets."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from screens.levels import level
from screens.widgets.live_table import Cell, Column, Row
from workbench.measure.units import NOT_MEASURED, percent, quantity
from workbench.model.processes import Process

_COLUMNS = (
    Column("inner", "pid in", 6, "right"),
    Column("cpu", "cpu", 6, "right"),
    Column("thread", "busiest", 7, "right", importance=5),
    Column("memory", "memory", 7, "right"),
    Column("state", "state", 9, importance=1),
    Column("delay", "waits", 6, "right", importance=3),
    Column("gpu", "gpu mem", 7, "right", importance=2),
    Column("command", "command", 16, grow=1, most=400),
    Column("threads", "threads", 7, "right", importance=4),
    Column("io", "io MB/s", 7, "right", importance=6),
    Column("pid", "pid", 8, "right", importance=7),
    Column("user", "uid", 6, "right", importance=8),
)
SORTS: dict[str, Callable[[Process], float]] = {
    "tree": lambda _: 0.0,
    "cpu": lambda process: -(process.cpu_percent or 0.0),
    "memory": lambda process: -(process.memory_bytes or 0),
    "delay": lambda process: -(process.run_delay_percent or 0.0),
}
"""What the processes can be sorted by; `tree` keeps parents before their children."""
_STATES = {
    "R": ("running", "plain"),
    "S": ("sleeping", "dim"),
    "D": ("disk wait", "watch"),
    "T": ("stopped", "watch"),
    "t": ("traced", "watch"),
    "Z": ("zombie", "watch"),
    "I": ("idle", "dim"),
    "X": ("dead", "dim"),
}
_WAITING = (20.0, 50.0)
"""Percent of time ready and without a CPU: yellow, red."""


def columns(*, gpu: bool) -> tuple[Column, ...]:
    """The table's columns; the GPU's only where there is one."""
    return tuple(column for column in _COLUMNS if gpu or column.key != "gpu")


def rows(processes: Sequence[Process], gpu_memory: Mapping[int, int] | None, sort: str = "tree") -> list[Row]:
    """One row for each process, in the order of `columns`.

    Args:
        processes: Parents before their children.
        gpu_memory: Bytes on all GPUs by host pid; `None` on a machine without GPUs.
        sort: One of `SORTS`.
    """
    depths = _depths(processes) if sort == "tree" else {}
    ordered = processes if sort == "tree" else sorted(processes, key=SORTS[sort])
    return [_row(process, gpu_memory, depths.get(process.pid, 0)) for process in ordered]


def _depths(processes: Iterable[Process]) -> dict[int, int]:
    depths: dict[int, int] = {}
    for process in processes:
        depths[process.pid] = depths[process.parent_pid] + 1 if process.parent_pid in depths else 0
    return depths


def _row(process: Process, gpu_memory: Mapping[int, int] | None, depth: int) -> Row:
    busy = process.cpu_percent
    word, look = _STATES.get(process.state, (process.state or NOT_MEASURED, "plain"))
    if process.waits_in and process.state == "D":
        word = process.waits_in
    io = None
    if process.read_bytes_per_second is not None or process.written_bytes_per_second is not None:
        io = (process.read_bytes_per_second or 0.0) + (process.written_bytes_per_second or 0.0)
    return Row(
        str(process.pid),
        (
            _count(process.inner_pid),
            Cell(percent(busy), "plain" if busy else "dim"),
            Cell(percent(process.busiest_thread_percent), "dim"),
            Cell(quantity(process.memory_bytes)),
            Cell(word, look),
            Cell(percent(process.run_delay_percent), _waiting(process.run_delay_percent)),
            *(() if gpu_memory is None else (Cell(quantity(gpu_memory.get(process.pid))),)),
            Cell("  " * depth + (process.command or process.name), "plain"),
            _count(process.threads),
            Cell(NOT_MEASURED if io is None else f"{io / 1e6:.1f}", "plain" if io else "dim"),
            _count(process.pid),
            _count(process.user_id),
        ),
    )


def _count(value: int | None) -> Cell:
    return Cell(NOT_MEASURED if value is None else str(value), "dim")


def _waiting(value: float | None) -> str:
    look = level(value, *_WAITING)
    return "dim" if look == "plain" else look
