"""The machine that the workbench runs on."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HostSnapshot:
    """CPU and memory of this machine over the last interval."""

    cpu_percent: float | None
    """Of all cores together, 0 to 100; `None` in the first reading, which has no interval behind it."""
    cpu_cores: int
    load_1_minute: float
    memory_used_bytes: int
    """Total minus available: what cannot be had without swapping."""
    memory_total_bytes: int
    swap_used_bytes: int
    swap_total_bytes: int
