"""What the workbench itself costs: CPU, and bytes to the terminal."""

import time

from screens.slow_link import LinkMeter
from screens.terminal import Written
from workbench.measure.units import percent, quantity

EVERY_LOOKS = 5
"""Looks between two tellings: telling costs bytes too."""


class OwnCost:
    """Looks once a second, tells now and then."""

    def __init__(self) -> None:
        self.link = LinkMeter()
        self._looks = 0
        self._before: tuple[float, float] | None = None

    def look(self, written: Written) -> str | None:
        """Note what was written so far; every few looks, tell: `own 0.6% cpu, 2.10 kB/s`.

        Args:
            written: Totals of the terminal.
        """
        now = time.monotonic()
        self.link.look(now, written)
        self._looks += 1
        if self._looks % EVERY_LOOKS:
            return None
        used = time.process_time()
        before, self._before = self._before, (now, used)
        if before is None or now <= before[0]:
            return None
        share = 100 * (used - before[1]) / (now - before[0])
        rate = self.link.bytes_per_second
        sent = "" if rate is None else f", {quantity(rate, 'B/s')}"
        return f"own {percent(share)} cpu{sent}"
