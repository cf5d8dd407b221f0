"""How fast the terminal is, judged from what it took and how long it kept us waiting, and how often to paint on it.

Pure, no widgets.
"""

from collections import deque

from screens.terminal import Written
from workbench.settings import CALM_INTERVAL

WINDOW_SECONDS = 10.0
SLOW_SHARE = 0.2
"""A terminal that keeps us waiting for more of the time than this is slow."""
LEAST_SECONDS = 3.0
"""Before so much was seen nothing is judged: the first screen is large."""
SLOWEST_PACE = 16.0
"""Seconds between two paints on the slowest terminal."""
QUIET_SECONDS, MOST_QUIET_SECONDS = 60.0, 1800.0
"""How long a terminal must have kept up until it is given more; each time that was too early, twice as long."""


class LinkMeter:
    """Looks at the totals from time to time and tells rates over the last seconds."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, Written]] = deque()

    def look(self, now: float, written: Written) -> None:
        """Note the totals.

        Args:
            now: Seconds on any clock that only goes forward.
            written: The totals then.
        """
        self._seen.append((now, written))
        while len(self._seen) > 2 and self._seen[1][0] <= now - WINDOW_SECONDS:
            self._seen.popleft()

    @property
    def _spans(self) -> tuple[float, Written, Written] | None:
        if len(self._seen) < 2:
            return None
        (start, before), (end, after) = self._seen[0], self._seen[-1]
        return (end - start, before, after) if end > start else None

    @property
    def bytes_per_second(self) -> float | None:
        """What the terminal took; `None` before there are two looks."""
        spans = self._spans
        return None if spans is None else (spans[2].bytes - spans[1].bytes) / spans[0]

    @property
    def slow(self) -> bool:
        """Whether the terminal kept us waiting for much of the time."""
        spans = self._spans
        if spans is None or spans[0] < LEAST_SECONDS:
            return False
        return (spans[2].blocked_seconds - spans[1].blocked_seconds) / spans[0] > SLOW_SHARE


class Pace:
    """How often what moves is painted: half as often each time the terminal is too slow for it, more later on.

    Args:
        usual: Seconds between two paints on a terminal that keeps up.
    """

    def __init__(self, usual: float) -> None:
        self.usual = usual
        self.interval = usual
        """Seconds between two paints."""
        self._judged_from = 0.0
        self._quiet_since = 0.0
        self._quiet = QUIET_SECONDS
        self._given_more_at = float("-inf")

    def look(self, now: float, *, slow: bool) -> bool:
        """Look at the terminal; whether the pace is another one now.

        Args:
            now: Seconds on any clock that only goes forward.
            slow: Whether the terminal kept us waiting.
        """
        if slow:
            self._quiet_since = now
            return now >= self._judged_from and self._slower(now)
        if self.interval == self.usual or now - self._quiet_since < self._quiet:
            return False
        half = self.interval / 2
        self.interval = half if half >= max(self.usual, CALM_INTERVAL) else self.usual
        self._quiet_since = self._given_more_at = now
        return True

    def _slower(self, now: float) -> bool:
        if self.interval >= SLOWEST_PACE:
            return False
        if now - self._given_more_at < self._quiet:
            self._quiet = min(2 * self._quiet, MOST_QUIET_SECONDS)
        self.interval = min(SLOWEST_PACE, max(CALM_INTERVAL, 2 * self.interval))
        self._judged_from = now + WINDOW_SECONDS  # what was sent before no longer counts
        return True
