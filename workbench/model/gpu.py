"""GPUs as NVML describes them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GpuDevice:
    """One GPU. `None` is a figure that this chip or driver does not give."""

    index: int
    name: str
    uuid: str
    utilisation_percent: float | None = None
    """Share of time in which at least one kernel ran; says nothing of how full the chip was."""
    memory_used_bytes: int | None = None
    memory_total_bytes: int | None = None
    temperature_celsius: float | None = None
    power_watts: float | None = None
    power_limit_watts: float | None = None
    problem: str = ""
    """Why this GPU cannot be read (lost, no permission); empty when it can."""


@dataclass(frozen=True, slots=True)
class GpuSnapshot:
    """Every GPU of the machine at one moment."""

    driver_version: str
    devices: tuple[GpuDevice, ...]
