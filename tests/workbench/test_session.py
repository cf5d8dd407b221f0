"""One container looked at, acted on and listened to, through a session."""

from collections.abc import Callable, Iterator, Sequence
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from tests.screens.worlds import PlainWorld
from workbench.model.logs import LogLine
from workbench.model.processes import FocusSnapshot
from workbench.model.reading import Fresh, Missing, Reading
from workbench.session import Session
from workbench.settings import Settings

if TYPE_CHECKING:
    from workbench.model.actions import Action


class Answer:
    """What a job tells when it is done."""

    def __init__(self) -> None:
        self._told = Event()
        self._reading: Reading[Any] = Missing("not yet")

    def __call__(self, reading: Reading[Any]) -> None:
        self._reading = reading
        self._told.set()

    def wait(self) -> Reading[Any]:
        self._told.wait()
        return self._reading


@pytest.fixture
def world() -> PlainWorld:
    return PlainWorld()


@pytest.fixture
def open_session(world: PlainWorld) -> Iterator[Callable[..., Session]]:
    opened: list[Session] = []

    def open_it(**settings: Any) -> Session:
        opened.append(Session(world, Settings(**settings)))
        return opened[-1]

    yield open_it
    for session in opened:
        session.close()


def test_looking_at_a_container_reads_it_at_once(world: PlainWorld, open_session: Callable[..., Session]) -> None:
    session = open_session(interval=60.0)
    readings: list[Reading[FocusSnapshot]] = []
    first, second = Event(), Event()

    def hear(name: str, reading: Reading[Any]) -> None:
        if name == "focus":
            readings.append(reading)
            (first if len(readings) == 1 else second).set()

    session.listen(hear)
    session.start(lambda _: None)
    first.wait()
    assert readings == [Missing("no container is looked at")]
    world.focus.value = FocusSnapshot("a")
    session.look_at("a")
    second.wait()
    found = readings[1]
    assert isinstance(found, Fresh)
    assert found.value == FocusSnapshot("a")
    session.look_at(None)
    assert world.looked_at == ["a", None]


def test_an_action_is_done_and_told(world: PlainWorld, open_session: Callable[..., Session]) -> None:
    answer = Answer()
    open_session().act("a", "restart", answer)
    done = answer.wait()
    assert isinstance(done, Fresh)
    assert done.value is None
    assert world.acted == [("a", "restart")]


def test_a_read_only_session_does_nothing_but_look(world: PlainWorld, open_session: Callable[..., Session]) -> None:
    session = open_session(read_only=True)
    actions: list[Action] = ["start", "stop", "restart", "pause", "unpause", "kill", "remove"]
    for action in actions:
        answer = Answer()
        session.act("a", action, answer)
        told = answer.wait()
        assert isinstance(told, Missing)
        assert told.reason == "the workbench is read-only"
        assert "--read-only" in told.hint
    world.shells["a"] = ("sh",)
    answer = Answer()
    session.open_shell("a", answer)
    assert isinstance(answer.wait(), Missing)
    assert world.acted == []


def test_the_command_of_a_shell(world: PlainWorld, open_session: Callable[..., Session]) -> None:
    world.shells["a"] = ("docker", "exec", "-it", "a", "sh")
    answer = Answer()
    open_session().open_shell("a", answer)
    found = answer.wait()
    assert isinstance(found, Fresh)
    assert found.value == (("docker", "exec", "-it", "a", "sh"), {})


def test_a_log_comes_in_batches_and_ends_when_the_session_closes(
    world: PlainWorld, open_session: Callable[..., Session]
) -> None:
    world.log_lines["a"] = [LogLine(float(number), f"line {number}") for number in range(3000)]
    lines: list[LogLine] = []
    all_came = Event()
    answer, stop = Answer(), Event()

    def came(batch: Sequence[LogLine]) -> None:
        lines.extend(batch)
        if len(lines) == 2000:
            all_came.set()

    session = open_session()
    session.follow_logs("a", came, answer, stop, tail=2000)
    all_came.wait()
    assert lines == world.log_lines["a"][1000:]
    session.close()
    assert stop.is_set()
    assert isinstance(answer.wait(), Fresh)


def test_why_there_is_no_log(open_session: Callable[..., Session]) -> None:
    answer = Answer()
    open_session().follow_logs("gone", lambda _: None, answer, Event())
    assert answer.wait() == Missing("no container gone")
