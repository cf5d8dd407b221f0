"""What a container may use, as the kernel enforces it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """`None` is no limit, or none that can be read."""

    cpu_cores: float | None = None
    memory_bytes: int | None = None
    memory_high_bytes: int | None = None
    pids: int | None = None


NO_LIMITS = Limits()
