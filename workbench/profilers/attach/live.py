"""A recording by a payload in a process that runs: into it, until the time is over, and out again."""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event

import docker

from workbench.errors import Stopped, WorkbenchError
from workbench.measure.text import printable
from workbench.model.probe import How, ProcessFacts, TargetFacts
from workbench.profilers import proc_facts
from workbench.profilers.attach.boot import boot, payload
from workbench.profilers.attach.gdb_image import SHELL, SLEEP, gdb_image
from workbench.profilers.attach.helper import Helper, Wait, helper
from workbench.profilers.attach.inject import by_gdb, by_remote_exec, take_back_remote_exec
from workbench.profilers.attach.routes import entered
from workbench.profilers.base import Heard, Patient, Progress, Wish
from workbench.profilers.sending import Fetching, Sending, later
from workbench.sources.upload import Watch

_BEGIN_SECONDS = 15.0
_MOST_BEGIN_SECONDS = 1800.0
"""How long the main thread may take to come by, for it may be asleep: as long as it is recorded, within these."""
_WAY_IN_SECONDS = 60.0
"""What the way in may take, from the helper's start."""
_END_SECONDS = 15.0
"""How long the payload may take to write what it has."""
_LOOK_SECONDS = 0.25
_MOST_NUMBERS_BYTES = 200
_BOOT = "boot.py"
_BY_SHELL = (SHELL, "-c", f"echo $$ >{{folder}}/out/pid; exec {SLEEP} {{seconds}}")
_BY_PYTHON = """import os, time
with open("{folder}/out/pid", "w") as file: print(os.getpid(), file=file)
time.sleep({seconds})"""
_ELSEWHERE = "--with py-spy looks at all of it without going in"
_REFUSALS = {
    "busy": ("somebody profiles it already", "wait until that has ended"),
    "profiled": ("the program profiles itself, and Python has room for one profiler", _ELSEWHERE),
    "no ctypes": (
        "its Python lacks ctypes, and before 3.12 it takes that to be entered",
        f"a run from its start does without: --fresh; {_ELSEWHERE}",
    ),
    "asleep": ("its main thread waits, and only that can be profiled before Python 3.12", _ELSEWHERE),
    "full": ("its main thread waits, and more waits for it than Python has room for", _ELSEWHERE),
}
_Tell = Callable[..., None]
"""Told what it is doing, and the seconds that have passed."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a payload has left."""

    files: Mapping[str, bytes]
    """By name. Hostile."""
    seconds: float
    """How long it recorded."""
    cpu_seconds: float | None
    """What the process computed meanwhile; `None` when it did not live to tell."""
    taken_at: float
    """Unix time in seconds when it began."""
    process: ProcessFacts
    has_ended: bool
    """Whether the payload had its last word; without it the process has gone, or stands still."""
    was_stopped: bool = False
    """Whether the user ended it early."""
    left_out: int = 0
    """How many files at least were not fetched."""
    was_given_up: bool = False
    """Whether that was because the user did not wait for them."""

    @property
    def complete(self) -> bool:
        """Whether it recorded for as long as it was asked to, and all of it was fetched."""
        return self.has_ended and not self.was_stopped and not self.left_out


def record_live(
    patient: Patient,
    wish: Wish,
    how: How,
    name: str,
    heard: Heard,
    stop: Event,
    *,
    arguments: tuple[object, ...] = (),
    files: Mapping[str, bytes] | None = None,
) -> Taken:
    """Run a payload in the wished process of a container; blocks.

    Args:
        patient: What is profiled.
        wish: What the user chose.
        how: `remote-exec` or `gdb`.
        name: The payload's.
        heard: Told how far it is.
        stop: Set to end it; what was gathered is the result.
        arguments: What the payload is given besides.
        files: What it reads, by path below the helper's `code`.

    Raises:
        Stopped: when it was stopped before it began.
        WorkbenchError: when it cannot be entered, or does not begin.
        docker.errors.APIError: when the engine refuses; a requests exception when it does not answer.
    """
    process = entered(patient.facts, wish)
    target = patient.facts.id
    patience = min(max(_BEGIN_SECONDS, wish.seconds), _MOST_BEGIN_SECONDS)

    def tell(note: str, passed: float = 0.0) -> None:
        heard(Progress(how, passed, wish.seconds, note=note))

    def sending(what: str) -> Sending:
        return Sending(what, how, wish, heard, stop)

    tell("making what it takes")
    with (
        patient.connected.talk() as connection,
        _place(connection.client, how, patient.facts, process, sending("gdb")) as wait,
    ):
        client = connection.client
        content = {**payload(name), **(files or {})}
        needed = patience + wish.seconds
        with helper(client, target, process, wait, content, needed, sending("the profiler"), stop) as beside:
            statement = boot(beside.seen, name, arguments, wish.seconds, patience + _WAY_IN_SECONDS)
            tell("going in")
            try:
                if how == "gdb":
                    by_gdb(client, target, process, wait.image, statement, stop)
                else:
                    path = beside.give(_BOOT, statement.encode())
                    by_remote_exec(client, target, process, wait.image, path, stop)
                _begins(beside, process, patience, tell, stop)
            except WorkbenchError:
                if how == "remote-exec" and beside.is_alive():
                    take_back_remote_exec(client, target, process, wait.image)
                raise
            taken_at = time.time()
            began = time.monotonic()
            has_ended, was_stopped = _ends(beside, process, wish.seconds, tell, stop)
            took = min(time.monotonic() - began, wish.seconds)
            later_stop = later(stop)
            found = beside.results(Fetching(how, wish, heard, later_stop))
    seconds, cpu_seconds = _told(found.files, took)
    return Taken(
        found.files,
        seconds,
        cpu_seconds,
        taken_at,
        process,
        has_ended,
        was_stopped,
        found.left_out,
        later_stop.is_set(),
    )


@contextmanager
def _place(
    client: docker.APIClient, how: How, facts: TargetFacts, process: ProcessFacts, watch: Watch
) -> Iterator[Wait]:
    """What the helper is made of: gdb's image, or the target's own, whose Python is of the same version."""
    if how == "gdb":
        with gdb_image(client, watch) as image:
            yield Wait(image, _BY_SHELL)
    else:
        yield Wait(facts.image_id, (process.executable, "-ISc", _BY_PYTHON))


def _begins(beside: Helper, process: ProcessFacts, patience: float, tell: _Tell, stop: Event) -> None:
    began = time.monotonic()
    while (passed := time.monotonic() - began) < patience:
        if beside.has("began"):
            return
        if (why := beside.read("ended")) is not None:
            raise _refused(why)
        if stop.is_set():
            raise Stopped("stopped")
        if _has_gone(beside, process):
            raise WorkbenchError(f"process {process.pid} ended before the recording began", "docker logs tells why")
        tell(f"waits for its main thread, {passed:.0f} of {patience:.0f} s")
        stop.wait(_LOOK_SECONDS)
    raise WorkbenchError(
        f"the main thread of process {process.pid} has run no Python for {patience:.0f} s, and it must to begin",
        f"wait for longer: --for {2 * patience:.0f}; {_ELSEWHERE}; a thread that waits is woken by work",
    )


def _ends(beside: Helper, process: ProcessFacts, seconds: float, tell: _Tell, stop: Event) -> tuple[bool, bool]:
    """Wait for the payload's last word: whether it came, and whether the user meant to end the recording.

    A stop that comes when it is ending already does not mean that.
    """
    began = time.monotonic()
    told_at: float | None = None
    was_stopped = False
    while True:
        passed = time.monotonic() - began
        has_ended = beside.has("ended")
        has_gone = not has_ended and _has_gone(beside, process)
        if told_at is None:
            was_stopped = stop.is_set()
        if has_ended or has_gone:
            return has_ended or beside.has("ended"), was_stopped
        if told_at is None and (was_stopped or passed > seconds):
            told_at = passed
            beside.tell_to_stop()
        if told_at is not None and passed - told_at > _END_SECONDS:
            return False, was_stopped
        tell("recording" if told_at is None else "ending", min(passed, seconds))
        if told_at is None:
            stop.wait(_LOOK_SECONDS)
        else:
            time.sleep(_LOOK_SECONDS)


def _has_gone(beside: Helper, process: ProcessFacts) -> bool:
    """Whether the process has ended, as far as can be told: beside it, of its container; on this machine, of itself."""
    if not beside.is_alive():
        return True
    if process.host_pid is None:
        return False
    try:
        stat = proc_facts.read(f"/proc/{process.host_pid}/stat", 1024)
    except OSError:
        return True
    return stat[stat.rfind(b")") + 2 :][:1] in (b"Z", b"X")


def _told(files: Mapping[str, bytes], took: float) -> tuple[float, float | None]:
    """How long the payload says it took, no longer than it was waited for, and what the process computed meanwhile.

    Raises:
        WorkbenchError: when it says that it failed.
    """
    if why := files.get("ended"):
        raise _refused(why)
    told = _numbers(files.get("took", b""))
    return min([took, *told[:1]]), told[1] if len(told) > 1 else None


def _numbers(text: bytes) -> list[float]:
    """Numbers above zero, read as hostile."""
    if len(text) > _MOST_NUMBERS_BYTES:
        return []
    try:
        found = [float(word) for word in text.split()]
    except ValueError:
        return []
    return found if all(0 < number < math.inf for number in found) else []


def _refused(why: bytes) -> WorkbenchError:
    word = why.decode("utf-8", "replace")
    if word in _REFUSALS:
        return WorkbenchError(*_REFUSALS[word])
    return WorkbenchError(f"the profiler failed inside the process: {printable(word[:200])}", _ELSEWHERE)
