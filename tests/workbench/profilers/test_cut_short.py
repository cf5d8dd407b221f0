"""What was cut short is never called complete, whatever recorded it; what was given up is kept as far as it came."""

import json
from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from tests.workbench.profilers.test_attach import NEW
from workbench.errors import ProfileError, Stopped
from workbench.model.probe import How
from workbench.profilers.attach import cprofile, live, tools
from workbench.profilers.attach.live import Taken
from workbench.profilers.base import Patient, Recorded, Wish
from workbench.profilers.kinds import cprofile as fresh_cprofile
from workbench.profilers.kinds import lines, memray
from workbench.profilers.sending import later
from workbench.profilers.tooled import Finished

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.profilers.base import Heard

PROCESS = replace(NEW.pythons[0], libc="glibc", libc_version="2.36", architecture="x86_64")
FACTS = replace(NEW, processes=(PROCESS,))
LINES = json.dumps(
    {"pid": 7, "unit": 1e-9, "functions": {"m:f": "found"}, "lines": [["/m.py", 1, "f", 2, 3, 4]]}
).encode()
TREES = json.dumps(
    {"version": 1, "pid": 7, "began": 1.0, "ended": 2.0, "peak": 5, "allocations": 1, "native": False,
     "frames": [["f", "/m.py", 2]], "aspects": {"peak": [[5, 1, [0]]]}, "heap": []}
).encode()  # fmt: skip
CALLS = b"(\x00\x00\x00\x00"
"""An empty tuple, as marshal writes it."""
FILES = {"calls": CALLS, "7-1.lines": LINES, "7-1.bin": b"bin", "7-1.pstats": b"{0"}


@pytest.fixture(autouse=True)
def reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memray, "read_memray", lambda *_: TREES)
    monkeypatch.setattr(tools, "tool_files", lambda *_: {})


def attached(monkeypatch: pytest.MonkeyPatch, profiler: str, taken: Taken) -> Recorded:
    """What a profiler makes of what a payload has left."""
    for module in (tools, cprofile):
        monkeypatch.setattr(module, "record_live", lambda *_, **__: taken)
    wish = Wish(route="remote-exec", functions=("m:f",))
    patient = Patient(FACTS)
    made: dict[str, Callable[[], Recorded]] = {
        "cprofile": lambda: fresh_cprofile.PROFILER.run(patient, wish, lambda _: None, Event()),
        "memray": lambda: memray.PROFILER.run(patient, wish, lambda _: None, Event()),
        "lines": lambda: lines.PROFILER.run(patient, wish, lambda _: None, Event()),
    }
    return made[profiler]()


TAKEN = Taken(FILES, 3.0, 1.0, 1_790_000_000.0, PROCESS, has_ended=True)


@pytest.mark.parametrize("profiler", ["cprofile", "memray", "lines"])
@pytest.mark.parametrize(
    ("taken", "complete", "warning"),
    [
        (TAKEN, True, ""),
        (replace(TAKEN, was_stopped=True), False, ""),
        (replace(TAKEN, has_ended=False), False, "process 7 ended meanwhile or answered no more"),
        (replace(TAKEN, left_out=2), False, "2 of its files or more left out"),
        (replace(TAKEN, left_out=1, was_given_up=True), False, "not all that was recorded was fetched"),
    ],
)
def test_attached(monkeypatch: pytest.MonkeyPatch, profiler: str, taken: Taken, complete: bool, warning: str) -> None:
    recorded = attached(monkeypatch, profiler, taken)
    assert recorded.complete == complete
    assert warning in " ".join(recorded.warnings)


def test_why_counted_calls_have_no_cost_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def said(taken: Taken) -> str:
        return attached(monkeypatch, "cprofile", taken).warnings[-1]

    assert "no process told" in said(replace(TAKEN, cpu_seconds=None))
    assert "took too little longer" in said(replace(TAKEN, files={**FILES, "cost": b"0.0 0.0"}))
    finished = Finished({**FILES, "7-1.cost": b"9 0.0 0.0 1.0"}, 3.0, 1_790_000_000.0, "3.12", ())
    monkeypatch.setattr(fresh_cprofile, "tooled_run", lambda *_: finished)
    fresh = fresh_cprofile.PROFILER.run(Patient(FACTS), Wish(route="fresh"), lambda _: None, Event())
    assert "took too little longer" in fresh.warnings[-1]


def test_recording_that_was_full_is_not_complete(monkeypatch: pytest.MonkeyPatch) -> None:
    recorded = attached(monkeypatch, "memray", replace(TAKEN, files={**FILES, "full": b""}))
    assert not recorded.complete
    assert any("ended early: 192 MiB" in warning for warning in recorded.warnings)


def test_threads_are_told_of_only_where_some_are_not_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def said(**files: bytes) -> str:
        old = replace(PROCESS, python="3.11", threads=9)
        return " ".join(attached(monkeypatch, "cprofile", replace(TAKEN, process=old, files=FILES | files)).warnings)

    assert "only the main thread is seen, of 9" in said()
    assert "thread" not in said(threads=b"")
    assert "so many threads that not all are seen" in said(threads=b"", missed=b"")


@pytest.mark.parametrize("complete", [True, False])
def test_fresh(monkeypatch: pytest.MonkeyPatch, complete: bool) -> None:
    finished = Finished(FILES, 3.0, 1_790_000_000.0, "3.12", (), complete=complete)
    for module in (fresh_cprofile, memray, lines):
        monkeypatch.setattr(module, "tooled_run", lambda *_: finished)
    wish, stop = Wish(route="fresh", functions=("m:f",)), Event()
    runs: list[Callable[[Patient, Wish, Heard, Event], Recorded]] = [
        fresh_cprofile.PROFILER.run, memray.PROFILER.run, lines.PROFILER.run
    ]  # fmt: skip
    assert [run(Patient(FACTS), wish, lambda _: None, stop).complete for run in runs] == [complete] * 3
    full = replace(finished, files={**FILES, "7.problem": b"MemoryError: the recording is full"})
    monkeypatch.setattr(memray, "tooled_run", lambda *_: full)
    assert not memray.PROFILER.run(Patient(FACTS), wish, lambda _: None, stop).complete


def test_reading_that_is_given_up_keeps_what_was_read(monkeypatch: pytest.MonkeyPatch) -> None:
    finished = Finished({f"{pid}-1.bin": b"bin" for pid in (7, 8, 9)}, 3.0, 0.0, "3.12", ())
    stop, read = Event(), 0

    def reads(_: bytes, given_up: Event, __: Any) -> bytes:
        nonlocal read
        if given_up.is_set():
            raise Stopped("stopped")
        read += 1
        if read == 2:
            stop.set()
        return TREES

    monkeypatch.setattr(memray, "read_memray", reads)
    recorded = memray.recorded_memory(finished, Wish(), lambda _: None, later(stop))
    assert "of 3 processes only 2 were read: it was given up" in recorded.warnings
    assert not recorded.complete
    assert sum(file.kind == "memray" for file in recorded.files) == 2
    with pytest.raises(Stopped):
        memray.recorded_memory(finished, Wish(), lambda _: None, stop)
    read = 0
    later_recorded = memray.recorded_memory(finished, Wish(), lambda _: None, later(stop))
    assert sum(file.kind == "memray" for file in later_recorded.files) == 3, "who ends a recording wants it read"


@pytest.mark.parametrize("route", ["remote-exec", "fresh"])
def test_a_stop_that_came_before_reading_does_not_give_it_up(monkeypatch: pytest.MonkeyPatch, route: How) -> None:
    """It has ended the recording, or given up what is read beside it: what is there is wanted."""
    stop = Event()
    given_up: list[bool] = []

    def reads(_: bytes, reading: Event, __: Any) -> bytes:
        given_up.append(reading.is_set())
        return TREES

    def recorded(*_: object, **__: object) -> Any:
        stop.set()
        return TAKEN if route == "remote-exec" else Finished(FILES, 3.0, 1_790_000_000.0, "3.12", ())

    monkeypatch.setattr(memray, "read_memray", reads)
    monkeypatch.setattr(tools, "record_live", recorded)
    monkeypatch.setattr(memray, "tooled_run", recorded)
    assert memray.PROFILER.run(Patient(FACTS), Wish(route=route), lambda _: None, stop).files
    assert given_up == [False]


@pytest.mark.parametrize("profiler", ["cprofile", "memray", "lines"])
def test_fetching_that_is_given_up_before_anything_came_is_a_stop(
    monkeypatch: pytest.MonkeyPatch, profiler: str
) -> None:
    with pytest.raises(Stopped):
        attached(monkeypatch, profiler, replace(TAKEN, files={}, left_out=1, was_given_up=True))


class Beside:
    """A helper whose payload has its last word after some looks; a stop comes at one of them."""

    def __init__(self, ends_at: int, stop: Event, stops_at: int) -> None:
        self.looks = 0
        self.ends_at = ends_at
        self.stop = stop
        self.stops_at = stops_at

    def has(self, _: str) -> bool:
        self.looks += 1
        if self.looks == self.stops_at:
            self.stop.set()
        return self.looks >= self.ends_at

    def is_alive(self) -> bool:
        return True

    def tell_to_stop(self) -> None:
        """It is told."""


@pytest.mark.parametrize(
    ("seconds", "stops_at", "was_stopped"),
    [
        (60.0, 1, True),
        (60.0, 3, True),  # as it ends by itself
        (0.0, 2, False),  # when its time is over, and it is ending
        (60.0, 9, False),
    ],
)
def test_a_stop_ends_a_recording_only_while_that_goes_on(seconds: float, stops_at: int, was_stopped: bool) -> None:
    stop = Event()
    beside: Any = Beside(3, stop, stops_at)
    assert live._ends(beside, replace(PROCESS, host_pid=None), seconds, lambda *_: None, stop) == (True, was_stopped)


def test_one_that_cannot_be_read_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def reads(content: bytes, *_: object) -> bytes:
        if content == b"bad":
            raise ProfileError("memray cannot read it")
        return TREES

    monkeypatch.setattr(memray, "read_memray", reads)
    finished = Finished({"7-1.bin": b"bin", "8-1.bin": b"bad"}, 3.0, 0.0, "3.12", ())
    recorded = memray.recorded_memory(finished, Wish(), lambda _: None, Event())
    assert not recorded.complete
    assert "the recording of process 8 is left out: memray cannot read it" in recorded.warnings
