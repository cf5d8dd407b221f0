"""The machine that the workbench runs on."""

from dataclasses import dataclass

from workbench.model.containers import Pressure


@dataclass(frozen=True, slots=True)
class Disk:
    """One disk over the last interval. `None` is not measured."""

    name: str
    read_bytes_per_second: float | None = None
    written_bytes_per_second: float | None = None
    busy_percent: float | None = None
    """Share of time in which it had something to do."""


@dataclass(frozen=True, slots=True)
class HostSnapshot:
    """This machine over the last interval. `None` is not measured."""

    cpu_percent: float | None
    """Of all cores together, 0 to 100; `None` in the first reading, which has no interval behind it."""
    cpu_cores: int
    load_1_minute: float
    memory_used_bytes: int
    """Total minus available: what cannot be had without swapping."""
    memory_total_bytes: int
    swap_used_bytes: int
    swap_total_bytes: int
    load_5_minutes: float | None = None
    load_15_minutes: float | None = None
    cpu_percent_by_core: tuple[float, ...] = ()
    """0 to 100 each; empty in the first reading."""
    pressure: Pressure | None = None
    """Of the whole machine."""
    disks: tuple[Disk, ...] = ()
    """Whole disks, the busiest first."""
    network_received_bytes_per_second: float | None = None
    """Over all interfaces but loopback and the bridges' own; so is the next."""
    network_sent_bytes_per_second: float | None = None
