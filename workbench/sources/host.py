"""The machine's own CPU and memory, read through psutil."""

from typing import Any

import psutil

from workbench.model.host import HostSnapshot


class HostSource:
    """Reads this machine. CPU is averaged over the time between two readings of this very source."""

    def __init__(self) -> None:
        self._before: tuple[float, float] | None = None

    def read(self) -> HostSnapshot:
        """Read once; takes about a millisecond and never blocks."""
        now = _busy_and_total(psutil.cpu_times())
        before, self._before = self._before, now
        memory = psutil.virtual_memory()
        swap = psutil.swap_memory()
        return HostSnapshot(
            cpu_percent=_percent_between(before, now) if before else None,
            cpu_cores=psutil.cpu_count(logical=True) or 1,
            load_1_minute=psutil.getloadavg()[0],
            memory_used_bytes=memory.total - memory.available,
            memory_total_bytes=memory.total,
            swap_used_bytes=swap.used,
            swap_total_bytes=swap.total,
        )

    def close(self) -> None:
        """Nothing is held."""


def _busy_and_total(times: Any) -> tuple[float, float]:  # noqa: ANN401  psutil's tuple has other fields on each system
    """Seconds of CPU spent working, and in all, since the machine started.

    The kernel counts a guest's time in `user` as well, and time waiting for a disk is not work.
    """
    idle = times.idle + getattr(times, "iowait", 0.0)
    total = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
    return total - idle, total


def _percent_between(before: tuple[float, float], now: tuple[float, float]) -> float | None:
    """Share of CPU time spent working; `None` when the counters have not moved, or ran backwards."""
    busy, total = now[0] - before[0], now[1] - before[1]
    if total <= 0:
        return None
    return min(max(100.0 * busy / total, 0.0), 100.0)
