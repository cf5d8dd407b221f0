"""A meter for each running container: the kernel's files where they can be read, else the engine's statistics."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from threading import Lock

from workbench.model.containers import ContainerUsage
from workbench.model.events import EngineEvent
from workbench.sources.answers import Answer, part, text
from workbench.sources.cgroups.find import Hierarchy
from workbench.sources.engine import Connection
from workbench.sources.poll import Poller
from workbench.sources.stream_meter import StreamMeter
from workbench.sources.swept_meter import TASKS_PER_PASS, SweptMeter, TaskBudget
from workbench.sources.watch import Place, Watch

MOST_STREAMS = 50
"""Containers with a stream of their own, the first by name: each costs the engine 2.4 ms a second."""
LISTED_COST, STREAM_COST, POLL_COST = 0.0024, 0.2, 0.2
"""What the engine spends, in percent of a core: on lists and events for each container, on a stream for each of those,
and on one sample each second. From `benchmarks/fleet_cost.py`: a hundred containers cost it 0.24 %, and 19 % when
`docker stats` streams all of them."""
STREAMED = "the engine's statistics"
POLLED = "the engine's statistics now and then"
GIVE_UP_AFTER = 3
"""Passes without control groups until a container that is still listed as running is measured in another way."""
_SWEPT = {1: "cgroup v1 and /proc", 2: "cgroup v2 and /proc"}
_NOWHERE = Place(0, "")


@dataclass(frozen=True, slots=True)
class Measured:
    """What one pass found out about a container."""

    usage: ContainerUsage | None
    cpu_limit_cores: float | None
    age_seconds: float = 0.0
    """How long ago it was measured."""


class Meters:
    """Keeps a meter for each running container, and changes its kind when a better one is found.

    Args:
        connection: To the engine.
        hierarchy: This machine's control groups; `None` for an engine that runs elsewhere.
    """

    def __init__(self, connection: Connection, hierarchy: Hierarchy | None) -> None:
        self._connection = connection
        self._hierarchy = hierarchy
        self._lock = Lock()
        self._budget = TaskBudget()
        self._first = 0
        self._meters: dict[str, SweptMeter | StreamMeter] = {}
        self._places: dict[str, Place] = {}
        self._passes_gone: dict[str, int] = {}
        self._poller: Poller | None = None
        self._closed = False
        self.looked_at: str | None = None
        """The container that has a stream before all others. Set from any thread."""

    def measure(self, running: Mapping[str, Answer], events: Iterable[EngineEvent]) -> dict[str, Measured]:
        """One pass over exactly these containers.

        Args:
            running: What the list says of each, by id; the first get the better meters where those are scarce.
            events: What happened since the last call.
        """
        with self._lock:
            if self._closed:
                return {}
            for container_id in self._meters.keys() - running.keys():
                self._drop(container_id)
                self._places.pop(container_id, None)
            for event in events:
                meter = self._meters.get(event.container_id)
                if event.kind == "update" and isinstance(meter, SweptMeter):
                    meter.look_at_limits()
            for container_id in running.keys() - self._meters.keys():
                self._passes_gone.pop(container_id, None)
            for container_id, entry in running.items():
                self._settle(container_id, entry)
            return self._pass()

    def in_words(self) -> str:
        """Where the figures come from; when they come from several places, for how many containers each."""
        with self._lock:
            counted = self._sources().most_common()
        if len(counted) <= 1:
            return "".join(source for source, _ in counted)
        return ", ".join(f"{source} for {count}" for source, count in counted)

    def engine_cost_percent(self, listed: int) -> float:
        """About what asking costs the engine, in percent of one of its cores.

        Args:
            listed: Containers in its list.
        """
        with self._lock:
            kinds = self._sources()
            often = 1 / self._poller.interval if self._poller else 0.0
        return listed * LISTED_COST + kinds[STREAMED] * STREAM_COST + kinds[POLLED] * often * POLL_COST

    def close(self) -> None:
        """Stop all of them, at once. Callable from another thread, and twice."""
        with self._lock:
            self._closed = True
            for container_id in list(self._meters):
                self._drop(container_id)
            if self._poller is not None:
                self._poller.close()

    def _pass(self) -> dict[str, Measured]:
        """Measure, beginning where the budget for tasks was used up the last time."""
        self._budget.left = TASKS_PER_PASS
        ids = list(self._meters)
        start = self._first = self._first % len(ids) if ids else 0
        memory = self._connection.info.memory_bytes
        found: dict[str, Measured] = {}
        for container_id in ids[start:] + ids[:start]:
            meter = self._meters[container_id]
            if self._budget.left > 0:
                self._first += 1
            usage = meter.usage(memory)
            found[container_id] = Measured(usage, meter.cpu_limit_cores, meter.age_seconds)
        return found

    def _settle(self, container_id: str, entry: Answer) -> None:
        meter = self._meters.get(container_id)
        if meter is None:
            found = self._swept(container_id, entry)
        elif isinstance(meter, SweptMeter):
            if not meter.gone:
                return
            found = self._swept(container_id, entry)
            passes = self._passes_gone[container_id] = self._passes_gone.get(container_id, 0) + 1
            if found is None and passes < GIVE_UP_AFTER:
                return  # it has ended, most likely, and the list does not know yet
        else:
            place = meter.place or _NOWHERE
            known = self._places.get(container_id, _NOWHERE)
            self._places[container_id] = place
            found = self._swept(container_id, entry) if place != known else None
            if found is None and self._may_stream(container_id) == (meter.source == STREAMED):
                return
        if meter is not None:
            self._drop(container_id)
        self._meters[container_id] = found or self._told(container_id)

    def _swept(self, container_id: str, entry: Answer) -> SweptMeter | None:
        if self._hierarchy is None or self._hierarchy.version is None:
            return None
        place = self._places.get(container_id, _NOWHERE)
        group = self._hierarchy.find(container_id, place.cgroup_parent, place.pid)
        if group is None:
            return None
        self._passes_gone.pop(container_id, None)
        return SweptMeter(
            group,
            source=_SWEPT[self._hierarchy.version],
            proc=self._hierarchy.proc,
            machine_cpus=self._connection.info.cpus,
            budget=self._budget,
            host_network=text(part(entry, "HostConfig"), "NetworkMode") == "host",
        )

    def _told(self, container_id: str) -> StreamMeter:
        """A meter that the engine tells figures to."""
        self._places.pop(container_id, None)
        info = self._connection.info
        if self._may_stream(container_id):
            return StreamMeter(Watch(self._connection.client, container_id, info.cpus), STREAMED)
        if self._poller is None:
            self._poller = Poller(self._connection.client, info.cpus)
        return StreamMeter(self._poller.add(container_id), POLLED)

    def _may_stream(self, container_id: str) -> bool:
        """Whether there is a stream left for it: it has one, is looked at, or there are fewer than there may be."""
        meter = self._meters.get(container_id)
        has_one = meter is not None and meter.source == STREAMED
        return container_id == self.looked_at or self._sources()[STREAMED] < MOST_STREAMS + has_one

    def _sources(self) -> Counter[str]:
        return Counter(meter.source for meter in self._meters.values())

    def _drop(self, container_id: str) -> None:
        self._meters.pop(container_id).close()
