"""The machine's own CPU, memory, pressure, disks and network, read through psutil and the kernel's files."""

import time
from collections.abc import Sequence
from itertools import starmap
from pathlib import Path
from typing import Any

import psutil

from workbench.model.host import HostSnapshot
from workbench.sources.base import Clock
from workbench.sources.host_devices import DiskRates, NetworkRates
from workbench.sources.host_pressure import HostPressure

_Core = tuple[float, float]
"""Seconds spent working, and in all, since the machine started."""


class HostSource:
    """Reads this machine. Rates are averages over the time between two readings of this very source.

    Args:
        clock: Measures the time between them.
        root: Where the kernel's `proc` and `sys` are.
    """

    def __init__(self, clock: Clock = time.monotonic, root: Path = Path("/")) -> None:
        self._clock = clock
        self._before: list[_Core] = []
        self._pressure = HostPressure(root / "proc/pressure")
        self._disks = DiskRates(root / "sys")
        self._network = NetworkRates(root / "sys")

    def read(self) -> HostSnapshot:
        """Read once; takes about a millisecond and never blocks."""
        now = self._clock()
        cores = [_busy_and_total(times) for times in psutil.cpu_times(percpu=True)]
        before, self._before = self._before, cores
        memory = psutil.virtual_memory()
        swap = psutil.swap_memory()
        loads = psutil.getloadavg()
        network = self._network.since_last(now)
        return HostSnapshot(
            cpu_percent=_percent_between(_sum(before), _sum(cores)) if before else None,
            cpu_cores=len(cores) or 1,
            load_1_minute=loads[0],
            memory_used_bytes=memory.total - memory.available,
            memory_total_bytes=memory.total,
            swap_used_bytes=swap.used,
            swap_total_bytes=swap.total,
            load_5_minutes=loads[1],
            load_15_minutes=loads[2],
            cpu_percent_by_core=_by_core(before, cores),
            pressure=self._pressure.since_last(now),
            disks=self._disks.since_last(now),
            network_received_bytes_per_second=network.received,
            network_sent_bytes_per_second=network.sent,
        )

    def close(self) -> None:
        """Nothing is held."""


def _busy_and_total(times: Any) -> _Core:  # noqa: ANN401  psutil's tuple has other fields on each system
    """Seconds of CPU spent working, and in all, since the machine started.

    The kernel counts a guest's time in `user` as well, and time waiting for a disk is not work.
    """
    idle = times.idle + getattr(times, "iowait", 0.0)
    total = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
    return total - idle, total


def _sum(cores: Sequence[_Core]) -> _Core:
    return sum(busy for busy, _ in cores), sum(total for _, total in cores)


def _percent_between(before: _Core, now: _Core) -> float | None:
    """Share of CPU time spent working; `None` when the counters have not moved, or ran backwards."""
    busy, total = now[0] - before[0], now[1] - before[1]
    if total <= 0:
        return None
    return min(max(100.0 * busy / total, 0.0), 100.0)


def _by_core(before: Sequence[_Core], now: Sequence[_Core]) -> tuple[float, ...]:
    """Each core's share; none at all when cores came, went or stood still, for then they cannot be told apart."""
    if len(before) != len(now):
        return ()
    shares = tuple(starmap(_percent_between, zip(before, now, strict=True)))
    return tuple(share for share in shares if share is not None) if None not in shares else ()
