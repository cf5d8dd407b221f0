"""A container's log as an engine streams it."""

from collections.abc import Iterator
from threading import Event, Thread
from typing import Any

import docker.errors
import pytest

from tests.workbench.measure.test_log_frames import AT, frame
from tests.workbench.sources.engine.fake_engine import FakeEngine
from workbench.errors import EngineError
from workbench.measure.log_frames import ENGINE, LONGEST_LINE, STDERR
from workbench.measure.secrets import MASK
from workbench.model.logs import LogLine
from workbench.sources.engine import Engine
from workbench.sources.logs import read_log


@pytest.fixture
def client(fake_engine: FakeEngine) -> Iterator[Any]:
    fake_engine.inspected["abc"] = {"Id": "abc", "Name": "/api", "Config": {"Tty": False}}
    engine = Engine(fake_engine.endpoint)
    with engine.talk() as connection:
        yield connection.client
    engine.close()


def read(client: Any, **more: Any) -> list[LogLine]:
    options: dict[str, Any] = {"tail": -1, "since": None, "follow": False, "stop": Event()} | more
    return list(read_log(client, "abc", **options))


def test_lines_of_both_streams_without_secrets(fake_engine: FakeEngine, client: Any) -> None:
    whole = frame(b"\x1b[31mred\xff\n") + frame(b"token=hunter2\n", STDERR) + frame(b"x" * 20_000 + b"\n")
    fake_engine.logs["abc"] = [whole[:5], whole[5:50], whole[50:]]
    red, secret, long = read(client)
    assert red == LogLine(AT, "\x1b[31mred�", "stdout")
    assert secret == LogLine(AT, f"token={MASK}", "stderr")
    assert long.text == "x" * (LONGEST_LINE - 1) + "…"


def test_a_terminals_log(fake_engine: FakeEngine, client: Any) -> None:
    fake_engine.inspected["abc"]["Config"]["Tty"] = True
    fake_engine.logs["abc"] = [b"2026-01-02T03:04:05.25Z one\r\nno time\r\n"]
    assert read(client) == [LogLine(AT, "one"), LogLine(AT, "no time")]


def test_what_is_asked_for(fake_engine: FakeEngine, client: Any) -> None:
    fake_engine.logs["abc"] = []
    read(client)
    read(client, tail=20, since=AT, follow=True)
    first, second = fake_engine.log_questions
    assert first == {"stdout": "1", "stderr": "1", "timestamps": "1", "tail": "all"}
    assert second == {**first, "tail": "20", "since": f"{AT:.9f}", "follow": "1"}


@pytest.mark.parametrize("is_answered", [True, False])
def test_stop_ends_it_while_nothing_comes(fake_engine: FakeEngine, client: Any, is_answered: bool) -> None:
    forever = Event()
    fake_engine.logs["abc"] = [frame(b"one\n"), forever] if is_answered else [forever]
    stop, come = Event(), Event()
    lines = []

    def follow() -> None:
        for line in read_log(client, "abc", tail=10, since=None, follow=True, stop=stop):
            lines.append(line.text)
            come.set()

    thread = Thread(target=follow)
    thread.start()
    if is_answered:
        come.wait()
    stop.set()
    thread.join()
    forever.set()
    assert lines == ["one"] * is_answered


def test_nobody_listens_any_more(fake_engine: FakeEngine, client: Any) -> None:
    forever = Event()
    fake_engine.logs["abc"] = [frame(b"one\n"), frame(b"two\n"), forever]
    lines = read_log(client, "abc", tail=10, since=None, follow=True, stop=Event())
    assert next(lines).text == "one"
    lines.close()  # type: ignore[attr-defined]  # it is a generator
    forever.set()


def test_the_engine_cannot_read_on(fake_engine: FakeEngine, client: Any) -> None:
    fake_engine.logs["abc"] = [frame(b"one\n") + frame(b"Error grabbing logs: bad disk\n", ENGINE, b"")]
    with pytest.raises(EngineError, match="cannot read the log on: Error grabbing logs: bad disk"):
        read(client)


def test_a_container_that_is_gone(client: Any) -> None:
    with pytest.raises(docker.errors.NotFound):
        list(read_log(client, "gone", tail=1, since=None, follow=False, stop=Event()))
