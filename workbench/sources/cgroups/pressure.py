"""Pressure stall information of one control group: `cpu.pressure`, `memory.pressure` and `io.pressure`.

Documentation/accounting/psi.rst: `some avg10=0.00 avg60=0.00 avg300=0.00 total=0`, then the same for `full`; `total`
counts microseconds. Only differences of `total` are used: the averages lag, and are over other spans than ours.
"""

from workbench.measure.rates import PressureTotals
from workbench.sources.cgroups.kept_file import Allowance, KeptFile

Stalls = tuple[int | None, int | None]
"""Microseconds of `some` and of `full`."""
_NONE: Stalls = (None, None)


def parse_pressure(content: bytes) -> Stalls:
    """Both totals; a `cpu.pressure` of before Linux 5.13 has no `full`.

    Raises:
        ValueError: when a total is no number.
    """
    some = full = None
    for line in content.splitlines():
        total = int(line[line.rindex(b"total=") + 6 :])
        if line.startswith(b"some"):
            some = total
        elif line.startswith(b"full"):
            full = total
    return some, full


class PressureFiles:
    """The three files of one group.

    Args:
        folder: The group's directory in the v2 hierarchy; `None` where there is none.
        allowance: Of open files.
    """

    def __init__(self, folder: str | None, allowance: Allowance) -> None:
        names = ("cpu", "memory", "io") if folder is not None else ()
        self.files = [KeptFile(f"{folder}/{name}.pressure", parse_pressure, allowance) for name in names]
        self._stalls: list[Stalls | None] = []
        self._totals: PressureTotals | None = None

    def read(self, *, still: bool = False) -> PressureTotals | None:
        """All totals; `None` when the kernel gives none.

        Args:
            still: Whether no process of the group ran since the last time: then none ended a wait for a CPU either.

        Raises:
            GroupGoneError: when the group has vanished.
        """
        if not self.files:
            return None
        cpu, memory, io = self.files
        stalls = [cpu.read(again=not still), memory.read(), io.read()]
        if stalls != self._stalls:
            self._stalls = stalls
            known = [stall or _NONE for stall in stalls]
            self._totals = PressureTotals(*known[0], *known[1], *known[2]) if any(stalls) else None
        return self._totals
