"""What containers use as a table for people, fitted to their terminal."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from workbench.cli.stats_json import Look, container_gpus
from workbench.measure.text import printable, shorten
from workbench.measure.units import NOT_MEASURED, percent, quantity
from workbench.model.containers import Container, ContainerUsage, Pressure
from workbench.model.verdicts import Verdict

LEAST_VERDICT = 32
"""Characters that a verdict keeps beside other columns."""
LONGEST_NAME = 24
"""Characters of a name on a terminal; in a pipe nothing is cut."""
_GAP = 2


@dataclass(frozen=True, slots=True)
class _Column:
    heading: str
    cell: Callable[[Container, ContainerUsage, Look], str]
    rank: int
    """Columns of a higher rank go first where there is little room."""
    left: bool = False


def lines(
    look: Look, verdicts: Mapping[str, Verdict], width: int | None = None, height: int | None = None
) -> list[str]:
    """The table's lines: one for each container, the one that uses most CPU first, those that do not run last.

    Args:
        look: What was measured.
        verdicts: The most telling one by container id.
        width: Columns of the terminal, to which it is fitted; `None` cuts nothing.
        height: Lines of the terminal, or `None` for all.
    """
    ordered = sorted(look.containers, key=lambda each: (-_cpu(each), each.name))
    left_out = 0
    if height is not None and len(ordered) > height - 2:
        left_out = len(ordered) - max(0, height - 3)
        ordered = ordered[: len(ordered) - left_out]
    columns = [column for column in _COLUMNS if column.heading != "GPU" or (look.gpu and look.gpu.devices)]
    cells = [_cells(column, ordered, look, width) for column in columns]
    told = [_verdict(container, verdicts) for container in ordered]
    while width is not None and _wide(cells) + LEAST_VERDICT > width:
        worst = max(range(len(columns)), key=lambda index: columns[index].rank)
        if not columns[worst].rank:
            break
        del cells[worst], columns[worst]
    room = None if width is None else max(0, width - _wide(cells))
    padded = [_padded(column, its) for column, its in zip(columns, cells, strict=True)]
    rows = [(" " * _GAP).join(row) for row in zip(*padded, strict=True)]
    table = [
        f"{row}{' ' * _GAP}{text if room is None else shorten(text, room)}".rstrip()
        for row, text in zip(rows, ["VERDICT", *told], strict=True)
    ]
    return [*table, f"and {left_out} more"] if left_out else table


def _cells(column: _Column, containers: Sequence[Container], look: Look, width: int | None) -> list[str]:
    told = [printable(column.cell(each, each.usage or ContainerUsage(0.0), look)) for each in containers]
    return [column.heading, *(shorten(text, LONGEST_NAME) if width is not None else text for text in told)]


def _wide(cells: Sequence[Sequence[str]]) -> int:
    """Characters of the columns with the gap behind each."""
    return sum(max(map(len, column)) + _GAP for column in cells)


def _padded(column: _Column, cells: Sequence[str]) -> list[str]:
    width = max(map(len, cells))
    return [cell.ljust(width) if column.left else cell.rjust(width) for cell in cells]


def _verdict(container: Container, verdicts: Mapping[str, Verdict]) -> str:
    verdict = verdicts.get(container.id)
    if verdict is not None:
        return printable(verdict.word)
    return printable(container.status) if container.state != "running" else ""


def _cpu(container: Container) -> float:
    usage = container.usage
    return -1.0 if usage is None or usage.cpu_percent is None else usage.cpu_percent


def _of_limit(container: Container, usage: ContainerUsage, look: Look) -> str:
    limit, used = container.cpu_limit_cores or look.engine.cpus, usage.cpu_cores
    return percent(100 * used / limit if used is not None and limit else None)


def _of_memory(_: Container, usage: ContainerUsage, __: Look) -> str:
    used, limit = usage.memory_used_bytes, usage.memory_limit_bytes
    return percent(100 * used / limit if used is not None and limit else None)


def _pressure(_: Container, usage: ContainerUsage, __: Look) -> str:
    told = usage.pressure or Pressure()
    shares = (told.cpu_some, told.memory_some, told.io_some)
    return "/".join(NOT_MEASURED if share is None else f"{share:.0f}" for share in shares)


def _gpus(container: Container, _: ContainerUsage, look: Look) -> str:
    held = [f"{each['index']}: {percent(each['sm_percent'])}" for each in container_gpus(container, look.gpu)]
    return ", ".join(held) or NOT_MEASURED


def _pair(one: float | None, other: float | None) -> str:
    return NOT_MEASURED if one is None and other is None else f"{quantity(one, 'B')}/{quantity(other, 'B')}"


_COLUMNS = (
    _Column("NAME", lambda each, _, __: each.name, 0, left=True),
    _Column("CPU", lambda _, usage, __: percent(usage.cpu_percent), 0),
    _Column("OF LIMIT", _of_limit, 1),
    _Column("THROTTLED", lambda _, usage, __: percent(usage.throttled_percent), 5),
    _Column("MEMORY", lambda _, usage, __: quantity(usage.memory_used_bytes, "B"), 0),
    _Column("OF LIMIT", _of_memory, 2),
    _Column("PSI C/M/I", _pressure, 4),
    _Column(
        "NET IN/OUT",
        lambda _, its, __: _pair(its.network_received_bytes_per_second, its.network_sent_bytes_per_second),
        6,
    ),
    _Column(
        "DISK R/W", lambda _, its, __: _pair(its.block_read_bytes_per_second, its.block_written_bytes_per_second), 7
    ),
    _Column("PIDS", lambda _, usage, __: NOT_MEASURED if usage.pids is None else str(usage.pids), 8),
    _Column("GPU", _gpus, 3, left=True),
)
