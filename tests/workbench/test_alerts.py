"""A threshold that is crossed is told once, and once more when it is over."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.screens.worlds import ENGINE, PlainWorld, container, usage
from workbench.alerts import HOLD_SECONDS, Alerts
from workbench.model.containers import Container, ContainerUsage, FleetSnapshot, Pressure
from workbench.model.reading import Fresh, Missing
from workbench.session import Session
from workbench.settings import Settings, Thresholds

if TYPE_CHECKING:
    from workbench.model.events import EngineEvent

API = container("api", 1)


class Told:
    """Alerts over a clock that a test turns."""

    def __init__(self) -> None:
        self.events: list[EngineEvent] = []
        self.now = 0.0
        self._alerts = Alerts(Thresholds(), self.events.append, lambda at: 1000.0 + at)

    def seconds(self, count: float, *containers: Container) -> list[str]:
        """Hear this once a second, and return what was told meanwhile."""
        before = len(self.events)
        for _ in range(int(count)):
            self.now += 1
            self._alerts.hear("fleet", Fresh(FleetSnapshot(ENGINE, containers), self.now))
        return [f"{event.kind} {event.detail}" for event in self.events[before:]]

    def hear_nothing(self) -> None:
        """The engine is lost."""
        self._alerts.hear("fleet", Missing("no engine"))


def using(share: float, **more: Any) -> Container:
    """A container that uses so much of its memory."""
    return replace(API, usage=ContainerUsage(1.0, memory_used_bytes=int(share * 1000), memory_limit_bytes=1000, **more))


def test_a_figure_that_stays_beyond_its_threshold_is_told_once_with_the_moment_at_which_it_crossed() -> None:
    told = Told()
    assert told.seconds(10, using(0.5)) == []
    assert told.seconds(60, using(0.95)) == ["alert memory above 90% of its limit"]
    assert told.events[0].at == 1011.0
    assert (told.events[0].container_id, told.events[0].name) == (API.id, "api")


def test_between_the_two_thresholds_nothing_is_told_however_often_one_is_crossed() -> None:
    told = Told()
    told.seconds(10, using(0.95))
    for _ in range(10):
        assert told.seconds(10, using(0.85)) == []
        assert told.seconds(10, using(0.95)) == []
    assert told.seconds(10, using(0.79)) == ["eased memory below 80% of its limit"]
    assert told.seconds(10, using(0.85)) == []


def test_what_lasts_for_a_moment_is_not_told() -> None:
    told = Told()
    for _ in range(10):
        assert told.seconds(HOLD_SECONDS, using(0.95)) == []
        assert told.seconds(1, using(0.2)) == []


def test_cpu_is_of_the_quota_or_of_the_machine_and_pressure_is_the_worst() -> None:
    told = Told()
    busy = ContainerUsage(1.0, cpu_percent=95.0, pressure=Pressure(cpu_some=1.0, io_some=21.0))
    assert sorted(told.seconds(10, replace(API, cpu_limit_cores=1.0, usage=busy))) == [
        "alert cpu above 90% of its limit",
        "alert waiting above 20% of the time",
    ]
    assert told.seconds(10, replace(API, cpu_limit_cores=None, usage=busy)) == ["eased cpu below 70% of its limit"]


def test_what_is_not_measured_crosses_nothing_and_a_container_that_ended_begins_anew() -> None:
    told = Told()
    assert told.seconds(10, replace(API, usage=None), replace(API, usage=ContainerUsage(1.0))) == []
    told.seconds(10, using(0.95))
    assert told.seconds(1, replace(API, usage=None)) == []
    assert told.seconds(10, using(0.95)) == ["alert memory above 90% of its limit"]
    told.hear_nothing()
    assert len(told.events) == 2


def test_a_session_keeps_them_among_what_happened() -> None:
    world = PlainWorld((replace(API, usage=usage(5.0, 31_000_000_000)),))
    times = iter(range(1000))
    session = Session(world, Settings(), clock=lambda: float(next(times)))
    for second in range(20):
        for listener in session._listeners:
            listener("fleet", Fresh(world.fleet.value, float(second)))
    kinds = [event.kind for event in session.history.events(0, 1e12, API.id)]
    session.close()
    assert kinds == ["alert"]
