"""What a container used over a window: the mean of its rates, the newest of its levels."""

from collections.abc import Sequence
from operator import attrgetter, mul
from typing import Any

from workbench.model.containers import ContainerUsage, Pressure

RATES = (
    "cpu_percent",
    "network_received_bytes_per_second",
    "network_sent_bytes_per_second",
    "block_read_bytes_per_second",
    "block_written_bytes_per_second",
    "network_dropped_per_second",
    "network_errors_per_second",
    "throttled_percent",
    "throttled_seconds_per_second",
    "run_delay_seconds_per_second",
    "busiest_task_percent",
    "refaults_per_second",
    "major_faults_per_second",
)
"""Fields of `ContainerUsage` that are averaged over its interval."""
LEVELS = (
    "memory_used_bytes",
    "memory_limit_bytes",
    "pids",
    "pids_limit",
    "memory",
    "memory_high_bytes",
    "oom_kills",
)
"""Fields that stand for the end of the interval."""
PRESSURES = ("cpu_some", "cpu_full", "memory_some", "memory_full", "io_some", "io_full")

_rates = attrgetter(*RATES)
_levels = attrgetter(*LEVELS)
_pressures = attrgetter(*PRESSURES)


def mean_usage(usages: Sequence[ContainerUsage]) -> ContainerUsage | None:
    """One usage that stands for several: rates weighted by their intervals, levels the newest that were measured.

    What was measured in some of them only is averaged over those; what was measured in none stays `None`.

    Args:
        usages: Oldest first.

    Returns:
        `None` when there are none.
    """
    if not usages:
        return None
    seconds = [usage.interval_seconds for usage in usages]
    fields: dict[str, Any] = dict(zip(RATES, _means([_rates(usage) for usage in usages], seconds), strict=True))
    for name, value in zip(LEVELS, _levels(usages[-1]), strict=True):
        fields[name] = value if value is not None else _newest(usages, name)
    return ContainerUsage(sum(seconds), pressure=_mean_pressure(usages), **fields)


def _newest(usages: Sequence[ContainerUsage], name: str) -> object:
    for usage in reversed(usages):
        if (value := getattr(usage, name)) is not None:
            return value
    return None


def _mean_pressure(usages: Sequence[ContainerUsage]) -> Pressure | None:
    told = [usage for usage in usages if usage.pressure is not None]
    if not told:
        return None
    return Pressure(*_means([_pressures(usage.pressure) for usage in told], [usage.interval_seconds for usage in told]))


def _means(rows: Sequence[tuple[float | None, ...]], seconds: Sequence[float]) -> list[float | None]:
    """The mean of each column over the rows that have it, weighted by seconds."""
    whole = sum(seconds)
    return [_mean(column, seconds, whole) for column in zip(*rows, strict=True)]


def _mean(column: Sequence[Any], seconds: Sequence[float], whole: float) -> float | None:
    # Hundreds of columns a second, most of them of containers that do nothing: these are quickly told
    if not any(column):
        return 0.0 if 0 in column else None
    if None in column:
        seconds = [share for value, share in zip(column, seconds, strict=True) if value is not None]
        column, whole = [value for value in column if value is not None], sum(seconds)
    return float(sum(map(mul, column, seconds)) / whole if whole > 0 else sum(column) / len(column))
