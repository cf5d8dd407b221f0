"""When unreachable cycles are looked for: not by the count of objects, but when nobody is typing.

Readings hold no cycles, so reference counts free them; but a thousand containers keep a hundred thousand objects, and a
full run over these stops everything for 50 to 200 ms, in the middle of a key.
"""

import gc
import time

BEFORE_FULL = (20_000, 10, 1_000_000)
"""Thresholds of Python's own collector: young objects seldom, all of them in effect never."""
IDLE_SECONDS = 2.0
"""Nobody has typed for so long."""
EVERY_SECONDS = 60.0


class GarbageTimes:
    """Takes over from Python's own collector; asked once a second on the app's thread."""

    def __init__(self) -> None:
        gc.set_threshold(*BEFORE_FULL)
        self.typed_at = self._due = time.monotonic()
        self._settled = False

    def typed(self) -> None:
        """A key was pressed."""
        self.typed_at = time.monotonic()

    def look(self) -> None:
        """Collect when it is time and nobody waits."""
        now = time.monotonic()
        if now - self.typed_at < IDLE_SECONDS or now < self._due:
            return
        self._due = now + EVERY_SECONDS
        gc.collect()
        if not self._settled:
            self._settled = True
            gc.freeze()  # modules and classes stay: no later run looks at them
