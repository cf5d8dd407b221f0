"""Which readings are shown, and when: no more of them than the terminal keeps up with, and in as few paints as can be.

Pure, no widgets.
"""

from collections.abc import Callable
from math import inf

from screens.slow_link import Pace

NEAR_SECONDS = (-0.1, 0.3)
"""How late or early a reading may be that another one waits for."""
EARLY_SECONDS = 0.5
"""A reading may come so much before it is due and be shown."""
LONGEST_BEAT = 5.0
"""Seconds for which a clock may stand still: where the fleet comes more seldom it goes by itself."""


class Arrivals:
    """Remembers when readings came.

    Args:
        pace: How often what moves is painted.
        clock: Seconds on any clock that only goes forward.
    """

    def __init__(self, pace: Pace, clock: Callable[[], float]) -> None:
        self._pace = pace
        self._clock = clock
        self._shown: dict[str, float] = {}
        """When each feed's reading was shown last."""
        self._fleet_came = -inf

    def is_early(self, feed: str, interval: float) -> bool:
        """Whether a reading comes before the terminal is due to be sent another one; else it counts as shown.

        Args:
            feed: Whose.
            interval: Seconds between two readings.
        """
        now, pace = self._clock(), self._pace.interval
        if pace > interval and now - self._shown.get(feed, -inf) < pace - EARLY_SECONDS:
            return True
        self._shown[feed] = now
        return False

    def hurry(self) -> None:
        """Somebody asked for something else to look at: that is not made to wait."""
        self._shown.clear()

    def fleet_came(self) -> None:
        """The fleet's reading is shown now."""
        self._fleet_came = self._clock()

    @property
    def fleet_is_near(self) -> bool:
        """Whether the fleet's next reading is due at about this moment: another one is then shown with it."""
        interval = self._pace.interval
        wait = self._fleet_came + interval - self._clock()
        return interval >= 2 * NEAR_SECONDS[1] and NEAR_SECONDS[0] < wait < NEAR_SECONDS[1]

    @property
    def fleet_comes_often(self) -> bool:
        """Whether what tells the time goes with the fleet, in one paint, and not by itself."""
        return self._clock() - self._fleet_came < min(self._pace.interval, LONGEST_BEAT) + 0.5
