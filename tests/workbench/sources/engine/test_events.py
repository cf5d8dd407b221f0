"""Events of a fake engine: decoded, in order, without noise, and none lost when the stream breaks."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest

from tests.workbench.sources.engine.fake_engine import FakeEngine
from workbench.measure.secrets import MASK
from workbench.model.events import EngineEvent, EventKind
from workbench.sources.engine import Engine
from workbench.sources.engine_event import decode_event
from workbench.sources.events import MOST_WAITING, Events
from workbench.sources.fleet import FleetSource

Wait = Callable[[Callable[[], object]], None]
A, B = "a" * 64, "b" * 64
NANO = 1_000_000_000


def message(action: str, second: float = 1, container_id: str = A, **attributes: str) -> dict[str, Any]:
    actor = {"ID": container_id, "Attributes": {"name": "api", "image": "app:1", **attributes}}
    at = 1_700_000_000 * NANO + round(second * NANO)
    return {"Type": "container", "Action": action, "Actor": actor, "time": at // NANO, "timeNano": at}


@pytest.mark.parametrize(
    ("action", "attributes", "kind", "detail"),
    [
        ("start", {}, "start", ""),
        ("create", {}, "create", "app:1"),
        ("die", {"exitCode": "137"}, "die", "exit 137"),
        ("died", {"containerExitCode": "1"}, "die", "exit 1"),
        ("die", {"exitCode": "\x1b[2J"}, "die", ""),
        ("kill", {"signal": "15"}, "kill", "signal 15"),
        ("oom", {}, "oom", ""),
        ("restart", {}, "restart", ""),
        ("pause", {}, "pause", ""),
        ("unpause", {}, "unpause", ""),
        ("update", {}, "update", ""),
        ("stop", {}, "stop", ""),
        ("destroy", {}, "destroy", ""),
        ("rename", {"oldName": "/old"}, "rename", "was old"),
        ("health_status: unhealthy", {}, "health", "unhealthy"),
        ("exec_start: psql --password hunter2 -c 'select 1'", {}, "exec", f"psql --password {MASK} -c 'select 1'"),
    ],
)
def test_what_is_told(action: str, attributes: dict[str, str], kind: EventKind, detail: str) -> None:
    event = decode_event(message(action, 2.5, **attributes))
    assert event == EngineEvent(1_700_000_002.5, kind, A, "api", detail)


@pytest.mark.parametrize("action", ["exec_die", "exec_create: ls", "exec_detach", "top", "attach", "resize", "", "odd"])
def test_noise(action: str) -> None:
    assert decode_event(message(action)) is None


def test_other_things_than_containers_and_messages_without_a_time() -> None:
    assert decode_event(message("create") | {"Type": "network"}) is None
    assert decode_event({"Type": "container", "Action": "start", "timeNano": "soon"}) is None
    assert decode_event({"Type": "container", "Action": "start", "time": 5, "Actor": None}) == EngineEvent(5.0, "start")


def test_long_text_is_cut() -> None:
    event = decode_event(message("exec_start: " + "x " * 100_000, name="n" * 10_000))
    assert event is not None
    assert len(event.detail) <= 500
    assert len(event.name) <= 255


def test_the_engines_clock_may_be_ahead() -> None:
    event = decode_event(message("start", 100), skew_seconds=90)
    assert event is not None
    assert event.at == 1_700_000_010


@pytest.fixture
def told(fake_engine: FakeEngine) -> FakeEngine:
    fake_engine.tells_events = True
    return fake_engine


@pytest.fixture
def events(told: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Events]:
    monkeypatch.setattr("workbench.sources.events.PAUSE_SECONDS", 0.01)
    engine = Engine(told.endpoint)
    with engine.talk() as connection:
        events = Events(connection.client)
    yield events
    events.close()
    engine.close()


def collect(events: Events, eventually: Wait, count: int) -> list[EngineEvent]:
    found: list[EngineEvent] = []

    def enough() -> bool:
        found.extend(events.drain())
        return len(found) >= count

    eventually(enough)
    return found


def test_events_come_once_and_in_order(told: FakeEngine, events: Events, eventually: Wait) -> None:
    for action, second in (("start", 1), ("unpause", 3), ("pause", 2), ("top", 4)):
        told.send("events", message(action, second))
    told.send("events", b"no json\n[]\n{}\n")
    told.send("events", message("die", 5))
    eventually(lambda: len(events._waiting) == 4)
    assert [event.kind for event in events.drain()] == ["start", "pause", "unpause", "die"]
    assert events.drain() == ()


def test_nothing_is_lost_or_told_twice_when_the_stream_breaks(
    told: FakeEngine, events: Events, eventually: Wait
) -> None:
    told.send("events", message("start", 1))
    collect(events, eventually, 1)
    told.send("events", None)
    eventually(lambda: told.asked.count("events") == 2)
    again = parse_qs(told.queries[len(told.asked) - 1 - told.asked[::-1].index("events")])
    assert float(again["since"][0]) >= 1_700_000_001
    told.send("events", message("start", 1))
    told.send("events", message("die", 1.5))
    assert [event.kind for event in collect(events, eventually, 1)] == ["die"]


def test_what_waits_is_bounded(told: FakeEngine, events: Events, eventually: Wait) -> None:
    lines = b"".join(
        b'{"Type":"container","Action":"start","Actor":{"ID":"x"},"timeNano":%d}\n' % (NANO + number)
        for number in range(MOST_WAITING + 100)
    )
    told.send("events", lines)
    told.send("events", message("die"))
    eventually(lambda: any(event.kind == "die" for event in tuple(events._waiting)))
    assert len(events.drain()) == MOST_WAITING


def test_health_checks_are_no_execs_of_anybody(told: FakeEngine, events: Events, eventually: Wait) -> None:
    told.inspected[A] = {"Config": {"Healthcheck": {"Test": ["CMD-SHELL", "curl -f localhost"]}}}
    told.inspected[B] = {"Config": {"Healthcheck": {"Test": ["CMD", "probe", "--fast"]}}}
    told.send("events", message("exec_start: /bin/sh -c curl -f localhost", 1))
    told.send("events", message("exec_start: probe --fast", 2, B))
    told.send("events", message("exec_start: probe --fast", 3, A))
    told.send("events", message("exec_start: ls", 4, "c" * 64))
    found = collect(events, eventually, 2)
    assert [(event.container_id, event.detail) for event in found] == [(A, "probe --fast"), ("c" * 64, "ls")]
    assert told.asked.count(f"containers/{A}/json") == 1


def test_the_list_is_asked_for_only_when_something_changed(told: FakeEngine, eventually: Wait) -> None:
    engine, now = Engine(told.endpoint), [0.0]
    fleet = FleetSource(engine, clock=lambda: now[0])
    entry = told.add(A, "api", "created")
    try:
        fleet.read()
        eventually(lambda: fleet._events is not None and fleet._events.listening)

        def lists_of_next_reading() -> int:
            before = told.asked.count("containers/json")
            now[0] += 1
            fleet.read()
            return told.asked.count("containers/json") - before

        eventually(lambda: lists_of_next_reading() == 0)
        entry["State"] = "paused"
        told.send("events", message("pause"))
        eventually(lambda: fleet._events is not None and fleet._events._waiting)
        assert lists_of_next_reading() == 1
        assert fleet.read().containers[0].state == "paused"
        assert lists_of_next_reading() == 1, "some events are told before the list knows"
        assert lists_of_next_reading() == 0
        told.send("events", message("exec_start: ls"))
        eventually(lambda: fleet._events is not None and fleet._events._waiting)
        assert lists_of_next_reading() == 0
        told.containers.clear()
        told.send("events", message("destroy"))
        told.add(B, "web")
        eventually(lambda: fleet._events is not None and fleet._events._waiting)
        assert lists_of_next_reading() == 1
        assert fleet.read().containers == (), "only what changed is asked for"
        now[0] += 30
        assert lists_of_next_reading() == 1
        assert [container.name for container in fleet.read().containers] == ["web"]
    finally:
        fleet.close()
        engine.close()
    eventually(lambda: told.streams["events"] == 0)


def test_a_reading_has_the_events_since_the_one_before(told: FakeEngine, eventually: Wait) -> None:
    engine = Engine(told.endpoint)
    fleet = FleetSource(engine)
    try:
        assert fleet.read().events == ()
        told.send("events", message("oom", 1))
        told.send("events", message("die", 2, exitCode="137"))
        eventually(lambda: fleet._events is not None and len(fleet._events._waiting) == 2)
        assert [event.detail for event in fleet.read().events] == ["", "exit 137"]
        assert fleet.read().events == ()
    finally:
        fleet.close()
        engine.close()
