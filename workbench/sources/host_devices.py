"""What goes through the machine's disks and network interfaces, through psutil."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import psutil

from workbench.model.host import Disk

_NO_DISKS = ("loop", "ram", "zram", "sr", "fd")
_OWN_BRIDGES = ("veth", "docker", "br-", "virbr", "cni", "flannel", "cali", "podman", "ifb", "dummy", "vnet", "lxc")


class Traffic(NamedTuple):
    """Bytes per second; `None` is not measured."""

    received: float | None = None
    sent: float | None = None


class DiskRates:
    """Rates of every whole disk between two looks; partitions and what stands on other disks are left out.

    Args:
        sys: The kernel's tree of devices.
    """

    def __init__(self, sys: Path = Path("/sys")) -> None:
        self._all = sys / "block"
        self._virtual = sys / "devices/virtual/block"
        self._known: frozenset[str] = frozenset()
        self._whole: frozenset[str] = frozenset()
        """Which of the known are whole disks."""
        self._before: tuple[float, dict[str, tuple[int, int, int]]] | None = None

    def since_last(self, now: float) -> tuple[Disk, ...]:
        """Every disk, the busiest first; without rates at the first look.

        Args:
            now: Seconds of a clock that only goes forward.
        """
        counters = psutil.disk_io_counters(perdisk=True, nowrap=False) or {}
        if counters.keys() != self._known:
            self._known, self._whole = frozenset(counters), self._find_whole()
        counts = {
            name: (each.read_bytes, each.write_bytes, getattr(each, "busy_time", -1))
            for name, each in counters.items()
            if name in self._whole
        }
        before, self._before = self._before, (now, counts)
        seconds = now - before[0] if before else 0.0
        disks = [_disk(name, before[1].get(name) if before else None, count, seconds) for name, count in counts.items()]
        return tuple(sorted(disks, key=lambda disk: (-(disk.busy_percent or 0.0), disk.name)))

    def _find_whole(self) -> frozenset[str]:
        names = _names(self._all)
        # Device mapper, RAID and compressed memory stand on other disks, whose figures hold theirs.
        real = frozenset(name for name in names - _names(self._virtual) if not name.startswith(_NO_DISKS))
        return real or frozenset(name for name in names if not name.startswith(_NO_DISKS))


def _disk(name: str, before: tuple[int, int, int] | None, now: tuple[int, int, int], seconds: float) -> Disk:
    if before is None or seconds <= 0 or any(this < then for then, this in zip(before, now, strict=True)):
        return Disk(name)
    read, written, busy_ms = (this - then for then, this in zip(before, now, strict=True))
    return Disk(
        name,
        read_bytes_per_second=read / seconds,
        written_bytes_per_second=written / seconds,
        busy_percent=None if now[2] < 0 else min(100.0 * busy_ms / 1000 / seconds, 100.0),
    )


class NetworkRates:
    """Rates over the interfaces that lead out of the machine.

    Those that have hardware are counted; where none has, as in some virtual machines and containers, all but loopback
    and what engines make for their containers: what goes through those goes through the others too.

    Args:
        sys: The kernel's tree of devices.
    """

    def __init__(self, sys: Path = Path("/sys")) -> None:
        self._interfaces = sys / "class/net"
        self._known: frozenset[str] = frozenset()
        self._counted: frozenset[str] = frozenset()
        """Which of the known lead out of the machine: each container brings one more, and each costs a look."""
        self._before: tuple[float, frozenset[str], int, int] | None = None

    def since_last(self, now: float) -> Traffic:
        """Bytes per second since the last look; none at the first one.

        Args:
            now: Seconds of a clock that only goes forward.
        """
        counters = psutil.net_io_counters(pernic=True, nowrap=False) or {}
        if counters.keys() != self._known:
            self._known, self._counted = frozenset(counters), self._find_counted(counters)
        counted = self._counted
        received = sum(counters[name].bytes_recv for name in counted)
        sent = sum(counters[name].bytes_sent for name in counted)
        before, self._before = self._before, (now, counted, received, sent)
        if before is None or not counted or counted != before[1] or now <= before[0]:
            return Traffic()
        if received < before[2] or sent < before[3]:
            return Traffic()
        seconds = now - before[0]
        return Traffic((received - before[2]) / seconds, (sent - before[3]) / seconds)

    def _find_counted(self, names: Iterable[str]) -> frozenset[str]:
        real = frozenset(name for name in names if (self._interfaces / name / "device").exists())
        return real or frozenset(
            name
            for name in names
            if name != "lo" and not name.startswith(_OWN_BRIDGES) and not (self._interfaces / name / "bridge").exists()
        )


def _names(folder: Path) -> set[str]:
    try:
        return {entry.name for entry in folder.iterdir()}
    except OSError:
        return set()
