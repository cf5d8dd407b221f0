"""What py-spy has gathered is kept, whatever fails after it; what is sent before it can be given up."""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Event
from types import SimpleNamespace
from typing import Any

import docker.errors
import pytest
import requests

from tests.workbench.profilers.test_routes import FACTS, PYTHON
from workbench.errors import EngineError, EngineTimeout, Stopped, WorkbenchError
from workbench.profilers import own_image
from workbench.profilers.base import Patient, Recorded, Wish
from workbench.profilers.py_spy import dump, local, record
from workbench.profilers.py_spy.samplers import EngineSampler
from workbench.profilers.py_spy.segment import Segment
from workbench.sources.container_run import Ran

SEGMENT = Segment(Ran(0, b"Samples: 90 Errors: 0"), "main (/m.py:1) 90\n")
STACKS = json.dumps([{"pid": 7, "thread_id": 7, "frames": [{"name": "f"}]}]).encode()
GONE = EngineError("the engine hung up")
SEEN_NOWHERE = replace(PYTHON, host_pid=None)
TWO = replace(FACTS, processes=(SEEN_NOWHERE, replace(SEEN_NOWHERE, pid=8)))


class Place:
    """Where py-spy gives these answers, one after another."""

    def __init__(self, *answers: Segment | Ran | Exception, is_alive: bool = True) -> None:
        self.answers = iter(answers)
        self.alive = is_alive

    def record(self, *_: object) -> Any:
        answer = next(self.answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    dump = record

    def is_alive(self) -> bool:
        return self.alive

    def cpu_seconds(self) -> None:
        """It is not told."""


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Recorded]:
    def run(what: Any, place: Place, wish: Wish, stop: Event, *, at_the_end: Callable[[], object] = list) -> Recorded:
        @contextmanager
        def sampler(*_: object) -> Iterator[Place]:
            yield place
            at_the_end()

        monkeypatch.setattr(what, "sampler", sampler)
        take = {record: record.record, dump: dump.dump}[what]
        return take(Patient(TWO), wish, lambda _: None, stop)

    return run


def test_samples_are_kept_when_the_engine_goes_away(runs: Callable[..., Recorded]) -> None:
    found = runs(record, Place(SEGMENT, GONE), Wish(seconds=60), Event())
    assert found.samples == 90
    assert not found.complete
    assert "the recording broke off: the engine hung up" in found.warnings
    with pytest.raises(EngineError):
        runs(record, Place(GONE), Wish(seconds=60), Event())


def test_target_that_ended_is_not_the_engines_failure(runs: Callable[..., Recorded]) -> None:
    found = runs(record, Place(SEGMENT, GONE, is_alive=False), Wish(seconds=60), Event())
    assert any(warning.startswith("the target ended after") for warning in found.warnings)
    with pytest.raises(WorkbenchError, match="ended within the first second"):
        runs(record, Place(GONE, is_alive=False), Wish(seconds=60), Event())


def test_stop_that_comes_when_it_has_ended_leaves_it_complete(
    runs: Callable[..., Recorded], monkeypatch: pytest.MonkeyPatch
) -> None:
    def gathers(*arguments: Any) -> None:
        arguments[5].stacks.add(SEGMENT.content)

    monkeypatch.setattr(record, "_gather", gathers)
    stop = Event()
    assert runs(record, Place(), Wish(), stop, at_the_end=stop.set).complete


def test_sampled_has_a_rate_and_a_look_has_none(runs: Callable[..., Recorded]) -> None:
    assert runs(record, Place(SEGMENT, GONE), Wish(seconds=60, rate=250), Event()).rate == 250
    assert runs(dump, Place(Ran(0, STACKS), Ran(0, STACKS)), Wish(rate=250), Event()).rate is None


def test_stacks_are_kept_when_the_next_look_fails(runs: Callable[..., Recorded]) -> None:
    wish = Wish(subprocesses=True)
    found = runs(dump, Place(Ran(0, STACKS), EngineTimeout("it does not end")), wish, Event())
    assert found.samples == 1
    assert not found.complete
    assert "1 of 2 processes were not looked at: it does not end" in found.warnings
    with pytest.raises(EngineTimeout):
        runs(dump, Place(EngineTimeout("it does not end")), wish, Event())


def test_stop_after_the_last_look_leaves_it_complete(runs: Callable[..., Recorded]) -> None:
    stop = Event()
    answers = Place(Ran(0, STACKS), Ran(0, STACKS))
    assert runs(dump, answers, Wish(subprocesses=True), stop, at_the_end=stop.set).complete


@pytest.mark.parametrize("error", [requests.ReadTimeout(), docker.errors.APIError("no"), ConnectionResetError()])
def test_engine_that_fails_is_told_as_one(error: Exception) -> None:
    def fails(*_: object, **__: object) -> None:
        raise error

    client: Any = SimpleNamespace(stats=fails, inspect_container=fails, exec_create=fails)
    place = EngineSampler(client, "unix:///run/docker.sock", "a", "a", "t", "", "0")
    assert place.cpu_seconds() is None
    assert place.is_alive(), "nobody says that it has ended"
    with pytest.raises(EngineError):
        place.record(("--pid", "1"), 1.0, Event())
    with pytest.raises(EngineError):
        place.dump(("--pid", "1"))


def test_container_that_has_gone_is_not_alive() -> None:
    answer: Any = SimpleNamespace(status_code=404, url="", reason="")

    def fails(*_: object) -> None:
        raise docker.errors.NotFound("no such container", answer)

    client: Any = SimpleNamespace(inspect_container=fails)
    assert not EngineSampler(client, "unix:///run/docker.sock", "a", "a", "t", "", "0").is_alive()


def test_py_spy_that_does_not_end_or_start_here_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def stuck(*_: object, **__: object) -> None:
        raise subprocess.TimeoutExpired("py-spy", 30)

    def full(*_: object, **__: object) -> None:
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(subprocess, "run", stuck)
    with pytest.raises(WorkbenchError, match="did not come to its end"):
        local.LocalSampler(1).dump(("--pid", "1"))
    monkeypatch.setattr(subprocess, "run", full)
    monkeypatch.setattr(subprocess, "Popen", full)
    with pytest.raises(WorkbenchError, match="cannot be run: Cannot allocate memory"):
        local.LocalSampler(1).dump(("--pid", "1"))
    with pytest.raises(WorkbenchError, match="cannot be run: Cannot allocate memory"):
        local.LocalSampler(1).record(("--pid", "1"), 1.0, Event())


@pytest.mark.parametrize("what", [record, dump])
def test_sending_py_spy_is_given_up(monkeypatch: pytest.MonkeyPatch, what: Any) -> None:
    stop = Event()
    removed: list[str] = []

    def uploads(_: object, __: str, ___: bytes, ____: object, watch: Callable[[int, int], object]) -> None:
        stop.set()
        watch(0, 100)

    @contextmanager
    def talk() -> Iterator[Any]:
        client = SimpleNamespace(remove_image=lambda name, **_: removed.append(name))
        yield SimpleNamespace(client=client, info=SimpleNamespace(endpoint="unix:///run/docker.sock"))

    monkeypatch.setattr(own_image, "upload_image", uploads)
    engine: Any = SimpleNamespace(talk=talk)
    take = {record: record.record, dump: dump.dump}[what]
    with pytest.raises(Stopped):
        take(Patient(TWO, engine), Wish(route="sidecar"), lambda _: None, stop)
    assert len(removed) == 1
