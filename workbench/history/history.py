"""What was read, for as long as it is kept: every pane can be shown any moment of it."""

from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any, Literal, TypeVar

from workbench.errors import WorkbenchError
from workbench.history.event_log import EventLog
from workbench.history.kept_fleet import KeptFleet
from workbench.history.kept_gpus import KeptGpus
from workbench.history.kept_machine import MINUTE_BYTES, SECOND_BYTES, SNAPSHOTS, KeptHost
from workbench.history.snapshots import Snapshots
from workbench.measure.secrets import mask_text
from workbench.measure.series import Series
from workbench.model.containers import FleetSnapshot
from workbench.model.events import EngineEvent
from workbench.model.gpu import GpuSnapshot
from workbench.model.host import HostSnapshot
from workbench.model.processes import FocusSnapshot
from workbench.model.reading import Fresh, Reading
from workbench.sources.base import Clock, Rewindable

T = TypeVar("T")

STEP = 1.0
"""Seconds between two readings that are kept; what comes more often is left out."""
_EARLY = 0.25
"""A reading may come so much earlier than it is due and be kept."""
GAP_SECONDS = 5.0
"""A moment so long after a reading was not measured, unless readings come as seldom as that."""
Mark = Literal["A", "B"]
Kept = Literal["fleet", "host", "gpu", "focus"]
KEPT: tuple[Kept, ...] = ("fleet", "host", "gpu", "focus")
"""The feeds whose readings are kept."""


class History:
    """Hears of every reading of a session. Safe from several threads. Times are Unix seconds.

    Args:
        now: The moment that the world is at, Unix time in seconds.
        clock: The one that stamps the readings.
        interval: Seconds between two readings.
        recorded: What can give any moment again by itself, where this is a recording.
    """

    def __init__(
        self, now: Callable[[], float], clock: Clock, interval: float = 1.0, recorded: Rewindable | None = None
    ) -> None:
        self._now = now
        self._clock = clock
        self._gap = max(GAP_SECONDS, 3 * interval)
        self._recorded = recorded
        self._offset: float | None = None
        self._lock = Lock()
        self._due: dict[str, float] = {}
        self._newest: dict[str, float] = {}
        self._fleet = KeptFleet(self._gap)
        self._host = KeptHost(self._gap)
        self._gpus = KeptGpus()
        self._focus = Snapshots(FocusSnapshot, 6 * SNAPSHOTS, SECOND_BYTES + MINUTE_BYTES)
        self._events = EventLog()
        self._marks: dict[str, EngineEvent] = {}
        self.on_note: Callable[[EngineEvent], object] = _nobody_listens
        """Told of the user's notes and marks and of crossed thresholds, on their thread."""

    # --- what comes in ---------------------------------------------------------------------------------------------

    def heard(self, name: str, reading: Reading[Any]) -> None:
        """Keep a reading of a feed. Never raises, never blocks for long. What is missing leaves a gap."""
        if isinstance(reading, Fresh) and name in KEPT and self._recorded is None:
            self.add(name, self._unix(reading.taken_at), reading.value)

    def add(self, name: str, at: float, value: object) -> None:
        """Keep a value that a feed of this name read at a moment."""
        with self._lock:
            if isinstance(value, FleetSnapshot | GpuSnapshot):
                self._events.add(value.events)
            elif name == "events" and isinstance(value, tuple):
                self._keep(value)
                return
            if at <= self._newest.get(name, -1.0) or at < self._due.get(name, at) - _EARLY:
                return
            self._newest[name] = at
            self._due[name] = max(self._due.get(name, at), at - STEP) + STEP
            if isinstance(value, FleetSnapshot):
                self._fleet.add(at, value)
            elif isinstance(value, HostSnapshot):
                self._host.add(at, value)
            elif isinstance(value, GpuSnapshot):
                self._gpus.add(at, value)
            elif isinstance(value, FocusSnapshot):
                self._focus.add(at, value)

    def choose(self, container_id: str | None) -> None:
        """Keep an hour by the second of this container."""
        if container_id:
            with self._lock:
                self._fleet.choose(container_id)

    def add_events(self, events: tuple[EngineEvent, ...]) -> None:
        """Keep events that came in no reading."""
        with self._lock:
            self._keep(events)

    def _keep(self, events: tuple[EngineEvent, ...]) -> None:
        """With the lock held."""
        self._events.add(events)
        self._marks |= {event.detail: event for event in events if event.kind == "mark"}

    def note(self, text: str, at: float | None = None, container_id: str = "", name: str = "") -> EngineEvent:
        """Write the user's words down at a moment; `None` is now."""
        return self.tell(EngineEvent(self.now() if at is None else at, "note", container_id, name, mask_text(text)))

    def mark(self, label: Mark, container_id: str = "", at: float | None = None, name: str = "") -> EngineEvent:
        """Mark a moment as A or B, the two sides of a comparison; `None` is now. A label moves when it is set again."""
        return self.tell(EngineEvent(self.now() if at is None else at, "mark", container_id, name, label))

    # --- what was --------------------------------------------------------------------------------------------------

    def now(self) -> float:
        """The newest moment that there can be."""
        return self._now() if self._recorded is not None else self._unix(self._clock())

    @property
    def ended(self) -> bool:
        """Whether nothing more will come: it is a recording."""
        return self._recorded is not None

    def span(self) -> tuple[float, float] | None:
        """From when to when there is something to show; `None` when nothing is kept yet."""
        if self._recorded is not None:
            return self._recorded.span()
        with self._lock:
            return self._fleet.span()

    def at(self, name: str, at: float, container_id: str | None = None) -> object | None:
        """The snapshot that a feed of this name would have shown at a moment; `None` when none is kept."""
        if name == "fleet":
            return self.fleet_at(at)
        if name == "host":
            return self.host_at(at)
        if name == "gpu":
            return self.gpu_at(at)
        return self.focus_at(at, container_id or "") if name == "focus" else None

    def fleet_at(self, at: float) -> FleetSnapshot | None:
        """The containers at a moment, without events: by the second, or further back with the means of the minute."""
        if self._recorded is not None:
            return _exact(self._recorded, FleetSnapshot, "fleet", at)
        with self._lock:
            return self._fleet.at(at)

    def host_at(self, at: float) -> HostSnapshot | None:
        """The machine at a moment."""
        if self._recorded is not None:
            return _exact(self._recorded, HostSnapshot, "host", at)
        with self._lock:
            return self._host.at(at)

    def gpu_at(self, at: float) -> GpuSnapshot | None:
        """The GPUs at a moment; further back than ten minutes, as they were within the minute before."""
        if self._recorded is not None:
            return _exact(self._recorded, GpuSnapshot, "gpu", at)
        with self._lock:
            return self._gpus.at(at, self._gap)

    def focus_at(self, at: float, container_id: str) -> FocusSnapshot | None:
        """The processes of a container at a moment at which it was looked at."""
        if self._recorded is not None:
            found = _exact(self._recorded, FocusSnapshot, "focus", at)
        else:
            with self._lock:
                kept = self._focus.at(at)
            found = kept[1] if kept and at - kept[0] <= self._gap else None
        return found if found and found.container_id == container_id else None

    def series(self, container_id: str, metric: str, since: float, until: float) -> Series:
        """A metric of `METRICS` over time; empty when nothing is kept of the container.

        Raises:
            KeyError: when there is no such metric.
        """
        with self._lock:
            return self._fleet.series(container_id, metric, since, until)

    def host_series(self, metric: str, since: float, until: float) -> Series:
        """A metric of `HOST_METRICS` over time.

        Raises:
            KeyError: when there is no such metric.
        """
        with self._lock:
            return self._host.series(metric, since, until)

    def gpu_series(self, index: int, figure: str, since: float, until: float) -> Series:
        """A figure of a GPU over time.

        Args:
            index: The GPU's.
            figure: One of `kept_gpus.DEVICE_FIGURES`.
            since: Unix time in seconds.
            until: Unix time in seconds.

        Raises:
            ValueError: when there is no such figure.
        """
        with self._lock:
            return self._gpus.device_series(index, figure, since, until)

    def container_gpu_series(self, container_id: str, figure: str, since: float, until: float) -> Series:
        """What a container used of all GPUs over time.

        Args:
            container_id: Whose.
            figure: One of `kept_gpus.CONTAINER_FIGURES`.
            since: Unix time in seconds.
            until: Unix time in seconds.

        Raises:
            ValueError: when there is no such figure.
        """
        with self._lock:
            return self._gpus.container_series(container_id, figure, since, until)

    def events(self, since: float, until: float, container_id: str | None = None) -> tuple[EngineEvent, ...]:
        """What happened, oldest first: to one container, with the user's notes, or to all."""
        with self._lock:
            return self._events.between(since, until, container_id)

    def marks(self) -> Mapping[str, EngineEvent]:
        """The user's marks, by `A` and `B`."""
        with self._lock:
            return dict(self._marks)

    def moments(self, since: float, until: float) -> tuple[float, ...]:
        """When the containers were read from `since` to `until`, by the second."""
        with self._lock:
            return tuple(self._fleet.ticks_between(since, until))

    @property
    def data_bytes(self) -> int:
        """About the memory that all of it takes."""
        with self._lock:
            kept = (self._fleet, self._host, self._gpus, self._focus)
            return sum(each.data_bytes for each in kept)

    # --- inside ----------------------------------------------------------------------------------------------------

    def _unix(self, taken_at: float) -> float:
        """A reading's moment. The time of day may be set back; the history's never is."""
        offset = self._now() - self._clock()
        if self._offset is None or offset > self._offset:
            self._offset = offset
        return self._offset + taken_at

    def tell(self, event: EngineEvent) -> EngineEvent:
        """Keep what the engine does not tell, and hand it on to a recording."""
        self.add_events((event,))
        self.on_note(event)
        return event


def _exact(recorded: Rewindable, kind: type[T], name: str, at: float) -> T | None:
    span = recorded.span()
    if span is None or not span[0] <= at <= span[1]:
        return None
    try:
        value = recorded.value_at(name, at)
    except WorkbenchError:
        return None
    return value if isinstance(value, kind) else None


def _nobody_listens(event: EngineEvent) -> None:
    """Before anybody asks."""
    del event
