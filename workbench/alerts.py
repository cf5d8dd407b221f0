"""Tells when a figure crosses a threshold that the user set: marks on the time axis."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from workbench.measure.units import percent
from workbench.model.containers import Container, FleetSnapshot
from workbench.model.events import EngineEvent, EventKind
from workbench.model.reading import Fresh, Reading
from workbench.settings import Thresholds

HOLD_SECONDS = 5.0
"""How long a figure must be beyond a threshold until it counts: containers are busy for a second all the time."""


class _Figure(NamedTuple):
    name: str
    of: str
    value: float | None
    watch: float
    act: float


class Alerts:
    """Listens to the fleet. A figure that reached `act` is told once, and once more when it is below `watch` again.

    Args:
        limits: The thresholds.
        tell: Gets each event, on the thread of the reading.
        unix_time: Turns the time of a reading into Unix time in seconds.
    """

    def __init__(
        self, limits: Thresholds, tell: Callable[[EngineEvent], object], unix_time: Callable[[float], float]
    ) -> None:
        self._limits = limits
        self._tell = tell
        self._unix_time = unix_time
        self._since: dict[tuple[str, str], float] = {}
        """By container and figure: since when it is where it would be told of."""
        self._raised: set[tuple[str, str]] = set()
        self._quiet: dict[str, Container] = {}
        """What had nothing to tell at the last reading; as long as it is the very same, it has not."""

    def hear(self, name: str, reading: Reading[Any]) -> None:
        """Take one reading of a feed. Never blocks and never raises for what is missing."""
        if name != "fleet" or not isinstance(reading, Fresh):
            return
        fleet: FleetSnapshot = reading.value
        quiet, self._quiet = self._quiet, {}
        for container in fleet.containers:
            if container.usage is None:
                continue
            if quiet.get(container.id) is container:
                self._quiet[container.id] = container
                continue
            crossed = [
                self._judge(container, figure, reading.taken_at)
                for figure in self._figures(container, fleet.engine.cpus)
            ]
            if not any(crossed):
                self._quiet[container.id] = container
        running = {container.id for container in fleet.containers if container.usage is not None}
        self._since = {key: at for key, at in self._since.items() if key[0] in running}
        self._raised = {key for key in self._raised if key[0] in running}

    def _judge(self, container: Container, figure: _Figure, now: float) -> bool:
        """Whether the figure is beyond a threshold, and so told of, if not now then when it has been for longer."""
        key = container.id, figure.name
        raised = key in self._raised
        crossed = figure.value is not None and (figure.value < figure.watch if raised else figure.value >= figure.act)
        if not crossed:
            self._since.pop(key, None)
            return False
        since = self._since.setdefault(key, now)
        if now - since < HOLD_SECONDS:
            return True
        del self._since[key]
        self._raised ^= {key}
        side, limit = ("below", figure.watch) if raised else ("above", figure.act)
        words = f"{figure.name} {side} {percent(limit)} {figure.of}"
        kind: EventKind = "eased" if raised else "alert"
        self._tell(EngineEvent(self._unix_time(since), kind, container.id, container.name, words))
        return True

    def _figures(self, container: Container, cpus: int) -> Iterator[_Figure]:
        usage, limits = container.usage, self._limits
        if usage is None:
            return
        cores, used = usage.cpu_cores, usage.memory_used_bytes
        at_hand, most = container.cpu_limit_cores or cpus, usage.memory_limit_bytes
        cpu = 100 * cores / at_hand if cores is not None and at_hand else None
        memory = 100 * used / most if used is not None and most else None
        yield _Figure("cpu", "of its limit", cpu, limits.cpu_watch, limits.cpu_act)
        yield _Figure("memory", "of its limit", memory, limits.memory_watch, limits.memory_act)
        if (waits := usage.pressure) is not None:
            stalls = [each for each in (waits.cpu_some, waits.memory_some, waits.io_some) if each is not None]
            stalled = max(stalls, default=None)
            yield _Figure("waiting", "of the time", stalled, limits.pressure_watch, limits.pressure_act)
