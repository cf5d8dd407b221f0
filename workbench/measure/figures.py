"""The figures of a container and of the machine as flat rows of numbers, and back: what the history keeps."""

from collections.abc import Callable, Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any, TypeVar

from workbench.model.containers import Container, ContainerUsage, MemoryParts, Pressure
from workbench.model.host import HostSnapshot

T = TypeVar("T")

Figure = float | None
"""`None` is not measured."""


def _names(kind: type, *left_out: str) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kind) if f.name not in left_out)


USAGE = _names(ContainerUsage, "interval_seconds", "memory", "pressure")
PARTS = _names(MemoryParts)
PRESSURE = _names(Pressure)
CONTAINER_FIGURES = ("cpu_limit_cores", *USAGE, *PARTS, *(f"pressure_{name}" for name in PRESSURE))
"""Every figure of a container, by the name its column has."""
HOST_PLAIN = (
    "cpu_percent",
    "load_1_minute",
    "load_5_minutes",
    "load_15_minutes",
    "memory_used_bytes",
    "memory_total_bytes",
    "swap_used_bytes",
    "swap_total_bytes",
    "network_received_bytes_per_second",
    "network_sent_bytes_per_second",
)
HOST_FIGURES = (
    *HOST_PLAIN,
    *(f"pressure_{name}" for name in PRESSURE),
    "disk_read_bytes_per_second",
    "disk_written_bytes_per_second",
    "disk_busy_percent",
)
"""Every figure of the machine; the disks' are summed, and the busiest one's share of time."""
WHOLE = frozenset(
    name
    for name, kind in (
        *((f.name, f.type) for shape in (ContainerUsage, MemoryParts) for f in fields(shape)),
        *((f.name, f.type) for f in fields(HostSnapshot)),
    )
    if "int" in str(kind)
)
"""Figures that are whole numbers."""
DIGITS = 7
"""Decimal digits that single precision holds."""

_usage: Callable[[ContainerUsage], tuple[Figure, ...]] = attrgetter(*USAGE)
_parts: Callable[[MemoryParts], tuple[Figure, ...]] = attrgetter(*PARTS)
_pressure: Callable[[Pressure], tuple[Figure, ...]] = attrgetter(*PRESSURE)
_host: Callable[[HostSnapshot], tuple[Figure, ...]] = attrgetter(*HOST_PLAIN)
_NO_PARTS: tuple[Figure, ...] = (None,) * len(PARTS)
_NO_PRESSURE: tuple[Figure, ...] = (None,) * len(PRESSURE)
_PARTS_AT = 1 + len(USAGE)
_PRESSURE_AT = _PARTS_AT + len(PARTS)


def container_row(container: Container) -> tuple[Figure, ...] | None:
    """The figures of a container in the order of `CONTAINER_FIGURES`; `None` when nothing was measured."""
    usage = container.usage
    if usage is None:
        return None
    return (
        container.cpu_limit_cores,
        *_usage(usage),
        *(_NO_PARTS if usage.memory is None else _parts(usage.memory)),
        *(_NO_PRESSURE if usage.pressure is None else _pressure(usage.pressure)),
    )


def usage_of(row: Sequence[Figure], interval_seconds: float) -> ContainerUsage:
    """The usage that a row was made of."""
    shown = [rounded(name, value) for name, value in zip(CONTAINER_FIGURES, row, strict=True)]
    return ContainerUsage(
        interval_seconds,
        memory=_whole(MemoryParts, PARTS, shown[_PARTS_AT:_PRESSURE_AT]),
        pressure=_whole(Pressure, PRESSURE, shown[_PRESSURE_AT:]),
        **_named(USAGE, shown[1:_PARTS_AT]),
    )


def host_row(host: HostSnapshot) -> tuple[Figure, ...]:
    """The figures of the machine in the order of `HOST_FIGURES`."""
    read = [disk.read_bytes_per_second for disk in host.disks if disk.read_bytes_per_second is not None]
    written = [disk.written_bytes_per_second for disk in host.disks if disk.written_bytes_per_second is not None]
    busy = [disk.busy_percent for disk in host.disks if disk.busy_percent is not None]
    return (
        *_host(host),
        *(_NO_PRESSURE if host.pressure is None else _pressure(host.pressure)),
        sum(read) if read else None,
        sum(written) if written else None,
        max(busy, default=None),
    )


def host_figures(row: Sequence[Figure]) -> dict[str, Any]:
    """The plain fields of a `HostSnapshot`, and its pressure, from a row."""
    shown = [rounded(name, value) for name, value in zip(HOST_FIGURES, row, strict=True)]
    first = len(HOST_PLAIN)
    return {
        **_named(HOST_PLAIN, shown[:first]),
        "pressure": _whole(Pressure, PRESSURE, shown[first : first + len(PRESSURE)]),
    }


def rounded(name: str, value: Figure) -> Figure:
    """A kept figure as it was: whole where its kind is whole, else without the noise of single precision."""
    if value is None:
        return None
    if name in WHOLE:
        return round(value)
    return float(f"{value:.{DIGITS}g}") if value else 0.0


def _whole(kind: type[T], names: Sequence[str], values: Sequence[Figure]) -> T | None:
    """A part of a snapshot, or `None` when nothing of it was measured."""
    if all(value is None for value in values):
        return None
    return kind(**_named(names, values))


def _named(names: Sequence[str], values: Sequence[Figure]) -> dict[str, Any]:
    """Fields by name; which are whole numbers is held by `WHOLE`."""
    return dict(zip(names, values, strict=True))
