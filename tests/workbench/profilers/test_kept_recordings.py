"""What is measured or read beside a recording may fail: the recording is kept, and the reason told."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Event
from types import SimpleNamespace
from typing import Any

import docker.errors
import pytest
import requests

from tests.workbench.profilers.test_attach import NEW
from workbench.profilers import tooled
from workbench.profilers.asking import Answers
from workbench.profilers.base import Patient, Wish
from workbench.profilers.import_cost import STOPPED, cost_of_an_import
from workbench.profilers.kinds import imports
from workbench.profilers.sending import Sending
from workbench.profilers.tooled import Agent
from workbench.sources.container_files import Gathered

TOLD = b"import time: self [us] | cumulative | imported package\nimport time:       100 |        100 | json\n"
SILENT = requests.ReadTimeout("read timed out")
REFUSED = docker.errors.APIError("", None, "no space left on device")
NO_ANSWER = "the engine at /run/docker.sock took too long to answer"
NO_SPACE = "the engine says: no space left on device"


class Run:
    """A fresh run that has ended, as far as the recording goes; beside it other things are run."""

    def __init__(self, *answers: tuple[int | None, bytes] | Exception, stops: Event | None = None) -> None:
        self.address = "unix:///run/docker.sock"
        self.notes = ()
        self.started_at = 0.0
        self.stops = stops
        self.beside: list[str] = []
        self.fetched: list[str] = []
        self._answers = iter(answers)

    def has_ended(self) -> bool:
        return True

    def errors(self, *_: object) -> bytes:
        return TOLD

    def ending(self) -> None:
        """It tells of none."""

    def put(self, *_: object) -> None:
        """It is put there."""

    def run_beside(self, command: list[str], *_: object) -> tuple[int | None, bytes]:
        self.beside.append(command[-1] if len(command) < 3 else command[2].rpartition("/")[2])
        answer = next(self._answers)
        if self.stops is not None:
            self.stops.set()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def results(self, _: object) -> Gathered:
        self.fetched.append("all")
        return Gathered({"7-1.bin": b"bin", "8-1.bin": b"bin"})

    def result(self, name: str, *_: object) -> Gathered:
        self.fetched.append(name)
        return Gathered({name: b"read"})


@pytest.mark.parametrize(
    ("answer", "seconds", "why"),
    [
        ((0, b"2e-6"), 2e-6, ""),
        ((1, b"Traceback"), None, "the image's Python did not time one"),
        ((0, b"nan"), None, "the image's Python did not time one"),
        (SILENT, None, NO_ANSWER),
        (requests.ConnectionError(ConnectionResetError()), None, "the engine at /run/docker.sock hung up"),
        (REFUSED, None, NO_SPACE),
    ],
)
def test_cost_of_an_import_fails_as_a_value(answer: Any, seconds: float | None, why: str) -> None:
    run: Any = Run(answer)
    cost = cost_of_an_import(run, NEW, (), Event())
    assert (cost.seconds, cost.why) == (seconds, why)


def test_cost_of_an_import_is_given_up() -> None:
    stop = Event()
    run: Any = Run((None, b""), stops=stop)
    assert cost_of_an_import(run, NEW, (), stop).why == STOPPED


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    def records(run: Run, stop: Event) -> Any:
        @contextmanager
        def fresh(*_: object, **__: object) -> Iterator[Run]:
            yield run

        @contextmanager
        def talk() -> Iterator[None]:
            yield None

        monkeypatch.setattr(imports, "fresh_run", fresh)
        engine: Any = SimpleNamespace(talk=talk)
        return imports.PROFILER.run(Patient(NEW, engine), Wish(route="fresh"), lambda _: None, stop)

    return records


def test_imports_are_kept_when_their_cost_is_not_to_be_had(recorded: Callable[..., Any]) -> None:
    found = recorded(Run(SILENT), Event())
    assert found.duration_seconds == pytest.approx(1e-4)
    assert found.complete
    assert f"what it cost to tell the imports is not known: {NO_ANSWER}" in found.warnings
    impossible = recorded(Run((0, b"0.5")), Event())
    assert impossible.overhead_percent is None
    assert impossible.warnings[-1].endswith("the one that was timed took longer than these can have taken")


def test_nothing_is_timed_after_a_stop(recorded: Callable[..., Any]) -> None:
    stop = Event()
    stop.set()
    run = Run()
    found = recorded(run, stop)
    assert not run.beside
    assert not found.complete
    assert found.warnings[-1].endswith(STOPPED)


def native(run: Run, stop: Event) -> tuple[Mapping[str, bytes], bool, list[str]]:
    agent = Agent("memory", {}, "it", "memray", reads="memray_reader.py", ending=".bin")
    wish = Wish(native=True)
    answers = Answers("memray", wish, lambda _: None, stop)
    sending = Sending("memray", "fresh", wish, lambda _: None, stop)
    fresh: Any = run
    return tooled._results(fresh, tooled._Recording(agent, wish, lambda _: None, stop, answers, sending))


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (SILENT, NO_ANSWER),
        (REFUSED, NO_SPACE),
        ((1, b"it crashed"), "it crashed"),
        ((None, b""), "it took too long"),
    ],
)
def test_memory_is_kept_when_native_frames_cannot_be_read(answer: Any, why: str) -> None:
    files, is_whole, said = native(Run((0, b""), answer), Event())
    assert set(files) == {"7-1.bin", "8-1.bin", "7-1.bin.json"}
    assert is_whole
    assert said == [f"native frames could not be read: {why}"]


def test_what_was_read_beside_is_fetched_and_nothing_twice() -> None:
    run = Run((0, b""), (0, b""))
    files, _, said = native(run, Event())
    assert set(files) == {"7-1.bin", "8-1.bin", "7-1.bin.json", "8-1.bin.json"}
    assert run.fetched == ["all", "7-1.bin.json", "8-1.bin.json"]
    assert said == []


def test_native_frames_are_given_up() -> None:
    stop = Event()
    files, _, said = native(Run((None, b""), stops=stop), stop)
    assert set(files) == {"7-1.bin", "8-1.bin"}
    assert said == ["native frames were not read: it was given up"]
