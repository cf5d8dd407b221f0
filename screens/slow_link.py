"""How fast the terminal is, judged from what it took and how long it kept us waiting: pure, no widgets."""

from collections import deque

from screens.terminal import Written

WINDOW_SECONDS = 10.0
SLOW_SHARE = 0.2
"""A terminal that keeps us waiting for more of the time than this is slow."""
LEAST_SECONDS = 3.0
"""Before so much was seen nothing is judged: the first screen is large."""


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
