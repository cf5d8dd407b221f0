"""Keeps the last seconds of every container and says why it is slow."""

import heapq
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Mapping
from threading import Lock
from typing import Any, TypeVar

from workbench.model.containers import Container, ContainerDetail, ContainerUsage, FleetSnapshot
from workbench.model.events import EngineEvent
from workbench.model.gpu import GpuSnapshot
from workbench.model.host import HostSnapshot
from workbench.model.processes import FocusSnapshot
from workbench.model.reading import Fresh, Reading
from workbench.model.verdicts import Situation, Verdict
from workbench.verdicts import judge
from workbench.verdicts.window import SURE_SECONDS

T = TypeVar("T")
Inspect = Callable[[str, Callable[[Reading[ContainerDetail]], object]], object]
"""Fetches one container's configuration and hands it on, on another thread: `Session.inspect_container`."""

WINDOW_SECONDS = 30.0
EVENT_SECONDS = 600.0
MOST_READINGS = 120
"""Of one source: the window at four readings a second."""
MOST_EVENTS = 50
"""Of one container."""
MOST_NEIGHBOURS = 20
MOST_DETAILS = 50
MOST_JUDGED = 15
"""Containers whose verdict is renewed at one reading of the fleet, longest ago first: a hundred take seven readings."""
MOST_QUIET_JUDGED = 3
"""The same for those that do nothing, as they did when they were judged: only what is around them can change what is
said."""
DETAIL_SECONDS = 30.0
"""How long a container's configuration is believed, unless an event says that it changed."""
_ALIVE = ("running", "paused")
_CHANGES = ("create", "start", "die", "oom", "restart", "update", "rename")
_KILLED = "(137)"


class Judge:
    """Listens to a session. Callable from any thread.

    Args:
        inspect: Asked for the configuration of the containers that are looked at, never of all.
        unix_time: Turns the time of a reading into Unix time in seconds.
    """

    def __init__(self, inspect: Inspect, unix_time: Callable[[float], float]) -> None:
        self._inspect = inspect
        self._unix_time = unix_time
        self._lock = Lock()
        self._fleet: FleetSnapshot | None = None
        self._now = 0.0
        self._containers: dict[str, Container] = {}
        self._busiest: list[Container] = []
        self._usages: dict[str, deque[tuple[float, ContainerUsage]]] = {}
        self._host: HostSnapshot | None = None
        self._gpus: deque[tuple[float, GpuSnapshot]] = deque(maxlen=MOST_READINGS)
        self._focus: deque[tuple[float, FocusSnapshot]] = deque(maxlen=MOST_READINGS)
        self._events: dict[str, deque[EngineEvent]] = {}
        self._details: OrderedDict[str, tuple[float, ContainerDetail | None]] = OrderedDict()
        self._top: dict[str, Verdict] = {}
        self._judged_at: dict[str, float] = {}
        self._judged: dict[str, Container] = {}
        """What each was when it was judged last, over enough seconds to be sure."""

    def hear(self, name: str, reading: Reading[Any]) -> None:
        """Take one reading of a feed. Never blocks on the world and never raises for what is missing."""
        fresh = isinstance(reading, Fresh)
        with self._lock:
            if name == "host":
                self._host = reading.value if isinstance(reading, Fresh) else None
            elif name == "gpu":
                self._keep_gpus(reading)
            elif name == "focus" and isinstance(reading, Fresh):
                self._keep_focus(reading)
            elif name == "fleet" and isinstance(reading, Fresh):
                self._keep_fleet(reading)
        if fresh and name == "fleet":
            self._renew()

    def situation(self, container_id: str) -> Situation | None:
        """All that is known of one container now; `None` when the engine does not list it.

        Its configuration is asked for, and is there a moment later.
        """
        self._ask(container_id)
        with self._lock:
            return self._situation(container_id)

    def verdicts(self, container_id: str) -> tuple[Verdict, ...]:
        """Why it is slow, the most telling first; empty when the engine does not list it."""
        situation = self.situation(container_id)
        return judge(situation) if situation else ()

    def top(self) -> Mapping[str, Verdict]:
        """The most telling verdict of every running container, and of those that were killed for memory, by id.

        Renewed for some containers at a time, so one of many may be a few seconds old.
        """
        with self._lock:
            return dict(self._top)

    # -- what is kept ---------------------------------------------------------------------------------------

    def _keep_fleet(self, reading: Fresh[FleetSnapshot]) -> None:
        fleet, at = reading.value, reading.taken_at
        told_before = self._fleet is fleet
        self._fleet, self._now = fleet, at
        self._containers = {container.id: container for container in fleet.containers}
        self._busiest = []
        for event in () if told_before else fleet.events:
            self._keep_event(event)
        for container in fleet.containers:
            if container.usage is None or container.state not in _ALIVE:
                if container.state not in _ALIVE:
                    self._usages.pop(container.id, None)
                continue
            kept = self._usages.setdefault(container.id, deque(maxlen=MOST_READINGS))
            if not kept or not (told_before or _is_repeated(kept[-1][1], container)):
                kept.append((at, container.usage))
            _drop_old(kept, at)
        for shelf in (self._usages, self._events, self._top, self._judged_at, self._judged):
            for gone in shelf.keys() - self._containers.keys() if len(shelf) > len(self._containers) else ():
                del shelf[gone]

    def _keep_event(self, event: EngineEvent) -> None:
        if event.container_id in self._containers or (event.kind == "gpu" and not event.container_id):
            self._events.setdefault(event.container_id, deque(maxlen=MOST_EVENTS)).append(event)
            self._judged_at.pop(event.container_id, None)
        if event.kind in _CHANGES:
            self._details.pop(event.container_id, None)

    def _keep_gpus(self, reading: Reading[GpuSnapshot]) -> None:
        if isinstance(reading, Fresh):
            told_before = bool(self._gpus) and self._gpus[-1][1] is reading.value
            for event in () if told_before else reading.value.events:
                self._keep_event(event)
            self._gpus.append((reading.taken_at, reading.value))
            _drop_old(self._gpus, reading.taken_at)
        else:
            self._gpus.clear()

    def _keep_focus(self, reading: Fresh[FocusSnapshot]) -> None:
        if self._focus and self._focus[-1][1].container_id != reading.value.container_id:
            self._focus.clear()
        self._focus.append((reading.taken_at, reading.value))
        _drop_old(self._focus, reading.taken_at)

    def _ask(self, container_id: str) -> None:
        """Have its configuration fetched, unless it is known or on its way."""
        with self._lock:
            known = self._details.get(container_id)
            if container_id not in self._containers or (known and self._now - known[0] < DETAIL_SECONDS):
                return
            self._details[container_id] = (self._now, known[1] if known else None)
            self._details.move_to_end(container_id)
            while len(self._details) > MOST_DETAILS:
                self._details.popitem(last=False)
            asked = self._now

        def learn(reading: Reading[ContainerDetail]) -> None:
            with self._lock:
                if isinstance(reading, Fresh) and container_id in self._details:
                    self._details[container_id] = (asked, reading.value)

        self._inspect(container_id, learn)

    # -- what is made of it ---------------------------------------------------------------------------------

    def _situation(self, container_id: str) -> Situation | None:
        container, fleet = self._containers.get(container_id), self._fleet
        if container is None or fleet is None:
            return None
        usages = tuple(usage for _, usage in self._usages.get(container_id, ()))
        if not self._busiest:
            self._busiest = heapq.nlargest(MOST_NEIGHBOURS + 1, self._containers.values(), key=_cpu)
        now = self._unix_time(self._now)
        host = self._host if self._host and _is_machine_of(self._host, fleet) else None
        detail = self._details.get(container_id)
        events = (*self._events.get(container_id, ()), *(self._gpu_events(container_id) if self._gpus else ()))
        return Situation(
            container,
            usages,
            sum(usage.interval_seconds for usage in usages),
            fleet.engine.cpus,
            host,
            tuple(each for each in self._busiest if each.id != container_id and each.state == "running"),
            detail[1] if detail else None,
            tuple(look for _, look in self._focus if look.container_id == container_id),
            tuple(snapshot for _, snapshot in self._gpus) if host or self._host is None else (),
            tuple(event for event in events if event.at > now - EVENT_SECONDS),
            now,
        )

    def _gpu_events(self, container_id: str) -> tuple[EngineEvent, ...]:
        """Errors of a GPU itself, for the containers that have a process on one."""
        newest = self._gpus[-1][1]
        processes = (process for device in newest.devices for process in device.processes)
        return tuple(self._events.get("", ())) if any(each.container_id == container_id for each in processes) else ()

    def _renew(self) -> None:
        """Judge a few containers anew: who is looked at, who had an event, and who was judged longest ago."""
        with self._lock:
            looked_at = self._focus[-1][1].container_id if self._focus else ""
            self._judged_at.pop(looked_at, None)
            living = [each for each in self._containers.values() if each.state in _ALIVE]
            ended = [each for each in self._containers.values() if each.state not in _ALIVE]
            suspects = [each for each in ended if _KILLED in each.status or each.id in self._events][:MOST_JUDGED]
            for each in ended:
                self._top.pop(each.id, None)
            # A stopped container changes no more, but its configuration may come late; only the engine knows why
            asking = next((each for each in suspects if each.id not in self._details), None)
            quiet, others = self._by_quietness(living)
            turn = (*self._longest_ago(others, MOST_JUDGED), *self._longest_ago(quiet, MOST_QUIET_JUDGED))
            situations = [self._situation(each.id) for each in (*turn, *suspects)]
        if asking is not None:
            self._ask(asking.id)
        told = {it.container.id: judge(it) for it in situations if it is not None}
        sure = {it.container.id: it.container for it in situations if it is not None and it.seconds >= SURE_SECONDS}
        with self._lock:
            self._judged |= sure
            for container_id, verdicts in told.items():
                self._judged_at[container_id] = self._now
                container = self._containers.get(container_id)
                alive = container is not None and container.state in _ALIVE
                if verdicts and (alive or verdicts[0].rule == "oom-killed"):
                    self._top[container_id] = verdicts[0]

    def _by_quietness(self, living: Iterable[Container]) -> tuple[list[Container], list[Container]]:
        """Those that are the very same as when they were judged, and all others: those that something happened to."""
        quiet: list[Container] = []
        others: list[Container] = []
        for each in living:
            same = self._judged.get(each.id) is each and each.id in self._judged_at
            (quiet if same else others).append(each)
        return quiet, others

    def _longest_ago(self, containers: Iterable[Container], most: int) -> list[Container]:
        """A few of the containers: those that were judged longest ago."""
        return heapq.nsmallest(most, containers, key=lambda each: self._judged_at.get(each.id, -1.0))


def _cpu(container: Container) -> float:
    return (container.usage.cpu_percent or 0.0) if container.usage else -1.0


def _is_repeated(before: ContainerUsage, container: Container) -> bool:
    """Whether a reading tells what one before it told, for nothing was measured in between."""
    return container.usage_age_seconds > 0 and before == container.usage


def _drop_old(kept: deque[tuple[float, T]], now: float) -> None:
    while kept and (now - kept[0][0] >= WINDOW_SECONDS or kept[0][0] > now):
        kept.popleft()


def _is_machine_of(host: HostSnapshot, fleet: FleetSnapshot) -> bool:
    """Whether the engine runs on the machine whose figures these are: a remote one has other cores or memory."""
    engine = fleet.engine
    same_memory = abs(host.memory_total_bytes - engine.memory_bytes) <= 0.02 * engine.memory_bytes
    return (not engine.memory_bytes or same_memory) and (not engine.cpus or host.cpu_cores == engine.cpus)
