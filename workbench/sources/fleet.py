"""Every container of an engine, and what the running ones use."""

from threading import Lock
from typing import Any

from workbench.errors import EngineTimeout
from workbench.measure.rates import Counters, usage_between
from workbench.model.containers import Container, ContainerUsage, FleetSnapshot
from workbench.sources.answers import Answer, number, part, text, texts
from workbench.sources.container_state import container_state
from workbench.sources.engine import Connection, Engine
from workbench.sources.stats import decode_counters
from workbench.sources.watch import Samples, Watch

_MEASURED = frozenset({"running", "paused"})
_PROJECT_LABEL = "com.docker.compose.project"
_LONGEST_PROJECT = 255
"""Characters. A label may hold megabytes, and this one is carried in every reading."""


class FleetSource:
    """Reads the list of containers, and keeps a `Watch` on each that runs.

    Args:
        engine: Shared with others; closed by whoever made it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = Lock()
        self._meters: dict[str, _Meter] = {}
        self._connection: Connection | None = None
        self._closed = False

    def read(self) -> FleetSnapshot:
        """List all containers, the running ones first, then by name.

        A container's memory shows up about a second after it was first listed, its rates a second later.

        Raises:
            EngineError: one of its kinds; the next call tries anew.
        """
        listed, connection = self._list()
        entries = [entry for entry in listed if isinstance(entry, dict)]
        measured = (entry for entry in entries if container_state(text(entry, "State")) in _MEASURED)
        self._watch({text(entry, "Id") for entry in measured}, connection)
        memory = connection.info.memory_bytes
        containers = [_container_of(entry, self._meters.get(text(entry, "Id")), memory) for entry in entries]
        containers.sort(key=lambda container: (container.state != "running", container.name, container.id))
        return FleetSnapshot(connection.info, tuple(containers))

    def close(self) -> None:
        """Stop watching, at once. Callable from another thread, and twice."""
        with self._lock:
            self._closed = True
            self._drop_meters()

    def _list(self) -> tuple[list[Any], Connection]:
        try:
            with self._engine.talk() as connection:
                listed: list[Any] = connection.client.containers(all=True)
        except EngineTimeout:
            # Whether the engine hangs or only the way to it, an old connection proves nothing any more
            if self._connection is not None:
                self._engine.forget(self._connection)
            raise
        return listed, connection

    def _watch(self, running: set[str], connection: Connection) -> None:
        """Have exactly the running containers watched, through this connection."""
        with self._lock:
            if connection is not self._connection:
                self._drop_meters()
                self._connection = connection
            for container_id in self._meters.keys() - running:
                self._meters.pop(container_id).watch.close()
            if not self._closed:
                for container_id in running - self._meters.keys():
                    self._meters[container_id] = _Meter(Watch(connection.client, container_id, connection.info.cpus))

    def _drop_meters(self) -> None:
        for meter in self._meters.values():
            meter.watch.close()
        self._meters.clear()


class _Meter:
    """Turns what a watch saw since the last look into usage."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self._seen: Samples | None = None
        self._before: Counters | None = None
        self._usage: ContainerUsage | None = None

    def usage(self, machine_memory_bytes: int) -> ContainerUsage | None:
        """Over the time since the last look that brought something new; `None` when nothing was measured."""
        samples = self.watch.samples
        if samples is None:
            return None
        if samples is self._seen:
            return self._usage
        now = decode_counters(samples.newest)
        if self._seen is None or self._seen.run != samples.run:
            self._before = None if samples.first is samples.newest else decode_counters(samples.first)
        self._seen = samples
        self._usage = usage_between(self._before, now, machine_memory_bytes) if now else None
        self._before = now
        return self._usage


def _container_of(entry: Answer, meter: _Meter | None, machine_memory_bytes: int) -> Container:
    names = [name.lstrip("/") for name in texts(entry, "Names")]
    return Container(
        id=text(entry, "Id"),
        # A legacy link adds names such as `other/alias`; the container's own has no slash inside
        name=min(names, key=lambda name: name.count("/"), default=""),
        image=text(entry, "Image"),
        image_id=text(entry, "ImageID"),
        state=container_state(text(entry, "State")),
        status=text(entry, "Status"),
        created_at=float(number(entry, "Created") or 0),
        project=text(part(entry, "Labels"), _PROJECT_LABEL)[:_LONGEST_PROJECT] or None,
        cpu_limit_cores=meter.watch.cpu_limit_cores if meter else None,
        usage=meter.usage(machine_memory_bytes) if meter else None,
    )
