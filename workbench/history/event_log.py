"""What happened and what the user wrote down, in the order of time, bounded."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable

from workbench.model.events import EngineEvent

MOST_EVENTS = 5000


def _when(event: EngineEvent) -> float:
    return event.at


class EventLog:
    """The newest events.

    Args:
        most: How many are kept.
    """

    def __init__(self, most: int = MOST_EVENTS) -> None:
        self._most = most
        self._events: list[EngineEvent] = []

    def add(self, events: Iterable[EngineEvent]) -> None:
        """Keep these; one that is there already is not kept twice."""
        for event in events:
            known = self._events
            low, high = bisect_left(known, event.at, key=_when), bisect_right(known, event.at, key=_when)
            if event not in known[low:high]:
                insort(known, event, key=_when)
        del self._events[: -self._most]

    def between(self, since: float, until: float, container_id: str | None = None) -> tuple[EngineEvent, ...]:
        """Those from `since` to `until`, both included, oldest first.

        Args:
            since: Unix time in seconds.
            until: Unix time in seconds.
            container_id: Only those of this container, what GPUs report, and the user's notes; `None` for all.
        """
        low, high = bisect_left(self._events, since, key=_when), bisect_right(self._events, until, key=_when)
        return tuple(
            event
            for event in self._events[low:high]
            if container_id is None or event.container_id == container_id or event.kind in ("note", "gpu")
        )

    def clear(self) -> None:
        """Forget all of them."""
        self._events.clear()
