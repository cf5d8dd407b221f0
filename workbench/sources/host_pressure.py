"""How long the machine's tasks waited for CPU, memory and disks: the kernel's pressure stall information."""

import re
from pathlib import Path

from workbench.model.containers import Pressure

_TOTAL = re.compile(r"^(some|full) .*\btotal=(\d+)$", re.MULTILINE)
_MICROSECONDS = 1e-6


class HostPressure:
    """Shares of time between two looks.

    By the counters and not by the kernel's own averages, which look back 10 s and longer.

    Args:
        folder: The kernel's files.
    """

    def __init__(self, folder: Path = Path("/proc/pressure")) -> None:
        self._files = {name: folder / name for name in ("cpu", "memory", "io")}
        self._before: tuple[float, dict[str, int]] | None = None

    def since_last(self, now: float) -> Pressure | None:
        """Pressure since the last look.

        Args:
            now: Seconds of a clock that only goes forward.

        Returns:
            `None` at the first look, and where the kernel does not tell.
        """
        totals = self._totals()
        before, self._before = self._before, (now, totals)
        if not totals or before is None or now <= before[0]:
            return None
        seconds = now - before[0]

        def share(name: str) -> float | None:
            then, this = before[1].get(name), totals.get(name)
            if then is None or this is None or this < then:
                return None
            return min(100.0 * (this - then) * _MICROSECONDS / seconds, 100.0)

        return Pressure(
            cpu_some=share("cpu some"),
            cpu_full=None,  # for a whole machine the kernel always gives 0: somebody is running then
            memory_some=share("memory some"),
            memory_full=share("memory full"),
            io_some=share("io some"),
            io_full=share("io full"),
        )

    def _totals(self) -> dict[str, int]:
        """Microseconds since the machine started, by resource and kind."""
        totals: dict[str, int] = {}
        for name, file in self._files.items():
            try:
                text = file.read_text()
            except (OSError, ValueError):  # switched off, absent, or not for this user
                continue
            totals.update((f"{name} {kind}", int(total)) for kind, total in _TOTAL.findall(text))
        return totals
