"""Every container of an engine, and what the running ones use."""

import time
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Any

from workbench.errors import EngineTimeout
from workbench.model.containers import Container, FleetSnapshot
from workbench.sources.answers import Answer, number, part, text, texts
from workbench.sources.cgroups.find import Hierarchy
from workbench.sources.container_state import container_state
from workbench.sources.engine import Connection, Engine
from workbench.sources.events import Events
from workbench.sources.meters import Measured, Meters

if TYPE_CHECKING:
    from workbench.model.events import EngineEvent

LIST_EVERY_SECONDS = 30.0
"""Between two lists when no event asks for one: for the engine's own sentences, and in case an event was lost."""
LIST_AGAIN_SECONDS = 1.5
"""After an event its container is asked for twice: engines tell some before their own list knows."""
MOST_ASKED_FOR = 20
"""Containers that are asked for by name; when more have changed, the whole list is quicker."""

_MEASURED = frozenset({"running", "paused"})
_PROJECT_LABEL = "com.docker.compose.project"
_LONGEST_PROJECT = 255
"""Characters. A label may hold megabytes, and this one is carried in every reading."""


class FleetSource:
    """Lists the containers when something changed, follows the engine's events, and measures what runs.

    Args:
        engine: Shared with others; closed by whoever made it.
        hierarchy: This machine's control groups.
        clock: Seconds that only go forward.
    """

    def __init__(
        self, engine: Engine, hierarchy: Hierarchy | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._engine = engine
        self._hierarchy = hierarchy or Hierarchy()
        self._clock = clock
        self._lock = Lock()
        self._connection: Connection | None = None
        self._events: Events | None = None
        self._meters: Meters | None = None
        self._looked_at: str | None = None
        self._entries: dict[str, Answer] = {}
        self._listed: list[Container] = []
        self._shown: dict[str, tuple[Container, Container]] = {}
        """By id: as the list told it at the last reading, and with its figures."""
        self._running: dict[str, Answer] = {}
        self._listed_at = float("-inf")
        self._changed_at: dict[str, float] = {}
        self._since_ns = 0
        self._waiting: list[EngineEvent] = []
        self._closed = False

    def read(self) -> FleetSnapshot:
        """All containers, the running ones first, then by name.

        A container's memory shows up when it is first seen, or a second later, and its rates a second after that.

        Raises:
            EngineError: one of its kinds; the next call tries anew.
        """
        connection = self._list_if_due()
        with self._lock:
            meters = self._meters
            if self._events is not None:
                self._waiting += self._events.drain()
            events, self._waiting = tuple(self._waiting), []
        found = meters.measure(self._running, events) if meters else {}
        before, self._shown = self._shown, {}
        for each in self._listed:
            listed, shown = before.get(each.id, (None, each))
            shown = _with_figures(each, found.get(each.id), shown if listed is each else None)
            self._shown[each.id] = each, shown
        containers = tuple(shown for _, shown in self._shown.values())
        if meters is None:
            return FleetSnapshot(connection.info, containers, events)
        cost = meters.engine_cost_percent(len(containers))
        return FleetSnapshot(connection.info, containers, events, meters.in_words(), cost)

    def look_at(self, container_id: str | None) -> None:
        """Measure this container as often as can be. At once, and callable from any thread."""
        self._looked_at = container_id
        if self._meters is not None:
            self._meters.looked_at = container_id

    def close(self) -> None:
        """Stop watching, at once. Callable from another thread, and twice."""
        with self._lock:
            self._closed = True
            self._drop()

    def _list_if_due(self) -> Connection:
        now = self._clock()
        changed = self._events.changed() if self._events is not None else None
        self._changed_at |= dict.fromkeys(changed or (), now)
        self._changed_at = {each: at for each, at in self._changed_at.items() if now - at <= LIST_AGAIN_SECONDS}
        connection = self._connection
        whole = changed is None or len(self._changed_at) > MOST_ASKED_FOR or now - self._listed_at >= LIST_EVERY_SECONDS
        if whole or connection is None:
            self._entries, connection = self._ask({})
            self._listed_at = now
        elif self._changed_at:
            found, connection = self._ask({"id": list(self._changed_at)})
            rest = {each: entry for each, entry in self._entries.items() if each not in self._changed_at}
            self._entries = rest | found
        else:
            return connection
        before = {container.id: container for container in self._listed}
        listed = map(_without_figures, self._entries.values())
        self._listed = [known if (known := before.get(each.id)) == each else each for each in listed]
        self._listed.sort(key=lambda container: (container.state != "running", container.name, container.id))
        measured = (container for container in self._listed if container.state in _MEASURED)
        self._running = {container.id: self._entries[container.id] for container in measured}
        with self._lock:
            if connection is not self._connection:
                self._attach(connection)
        return connection

    def _ask(self, filters: dict[str, list[str]]) -> tuple[dict[str, Answer], Connection]:
        """What the engine lists, by id."""
        try:
            with self._engine.talk() as connection:
                listed: list[Any] = connection.client.containers(all=True, filters=filters)
        except EngineTimeout:
            # Whether the engine hangs or only the way to it, an old connection proves nothing any more
            if self._connection is not None:
                self._engine.forget(self._connection)
            raise
        return {text(entry, "Id"): entry for entry in listed if isinstance(entry, dict)}, connection

    def _attach(self, connection: Connection) -> None:
        """Follow and measure through this connection from now on."""
        self._drop()
        self._connection = connection
        self._listed_at = float("-inf")  # another connection, perhaps to an engine that was started anew
        if not self._closed:
            self._events = Events(connection.client, self._since_ns)
            self._meters = Meters(connection, self._hierarchy if self._engine.endpoint.is_local else None)
            self._meters.looked_at = self._looked_at

    def _drop(self) -> None:
        if self._events is not None:
            self._events.close()
            self._waiting += self._events.drain()
            self._since_ns = self._events.since_ns
            self._events = None
        if self._meters is not None:
            self._meters.close()
            self._meters = None


def _without_figures(entry: Answer) -> Container:
    """A container as the list tells it; the same until the list is asked for again."""
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
    )


def _with_figures(listed: Container, measured: Measured | None, before: Container | None) -> Container:
    """The container as it is now: the very same as before when nothing about it is new."""
    if measured is None:
        return listed
    if (
        before is not None
        and before.usage is measured.usage
        and before.usage_age_seconds == measured.age_seconds
        and before.cpu_limit_cores == measured.cpu_limit_cores
    ):
        return before
    return Container(  # several times as quick as `replace`, and made for each container at each reading
        listed.id,
        listed.name,
        listed.image,
        listed.image_id,
        listed.state,
        listed.status,
        listed.created_at,
        listed.project,
        measured.cpu_limit_cores,
        measured.usage,
        measured.age_seconds,
    )
