"""`workbench record FILE`: writes down what a live session reads, to be played again anywhere."""

import argparse
import math
import shlex
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, cast, get_args

from workbench.cli import talk
from workbench.cli.readings import length_of_time
from workbench.cli.verb import Call, Verb
from workbench.errors import RecordingError, StoreError
from workbench.measure.text import printable
from workbench.measure.units import duration, quantity
from workbench.session import Session

if TYPE_CHECKING:
    from workbench.model.containers import EngineInfo
    from workbench.model.runs import RunStatus
    from workbench.recorder import Recorder


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="recording to make; compressed when it ends in .gz")
    parser.add_argument("--seconds", type=length_of_time, metavar="N", help="stop after N seconds (default: at Ctrl-C)")
    parser.add_argument("--force", action="store_true", help="replace FILE when it exists")


def _run(call: Call) -> int:
    path: Path = call.arguments.file
    seconds: float | None = call.arguments.seconds
    if path.exists() and not call.arguments.force:
        raise RecordingError(f"{printable(str(path))} exists", "choose another name, or add --force")
    session = Session.live(call.settings)
    try:
        engine = session.world.fleet.read().engine  # no engine, no file; and rates need a first look anyway
        started_at = time.time()
        with _until_told() as stop:
            recorder = _record(session, path, seconds, stop, overwrite=call.arguments.force)
            passed = time.time() - started_at
    finally:
        session.close()
    size = quantity(recorder.bytes_written, "B")
    talk.say(f"wrote {path}: {recorder.readings} readings of {duration(passed)}, {size}")
    talk.say(f"play it: workbench --replay {shlex.quote(str(path))}")
    too_short = seconds is not None and passed < seconds
    _keep(path, engine, started_at, passed, recorder, "interrupted" if too_short or recorder.failure else "complete")
    if recorder.failure:
        raise recorder.failure
    return 0


def _keep(
    path: Path, engine: "EngineInfo", started_at: float, passed: float, recorder: "Recorder", status: "RunStatus"
) -> None:
    """Keep a copy as a run. The recording is there either way, so that this fails is only told."""
    from workbench.recording_run import keep_recording

    try:
        run = keep_recording(path, engine, started_at, passed, recorder.readings, status)
    except StoreError as error:
        talk.say(f"not kept among the runs: {error.reason}")
        if error.hint:
            talk.say(f"  hint: {error.hint}")
    else:
        talk.say(f"kept as run {run}")


def _record(session: Session, path: Path, seconds: float | None, stop: Event, *, overwrite: bool) -> "Recorder":
    from workbench.recorder import Recorder  # msgspec takes 26 ms to import
    from workbench.sources.recording_format import SourceName

    recorder = Recorder(path, session.world, session.settings.interval, overwrite=overwrite, clock=session.clock)

    def write_down(name: str) -> None:
        reading = session.feeds[name].take()
        if reading is not None and name in get_args(SourceName):
            recorder.note(cast("SourceName", name), reading)

    session.history.on_note = recorder.note_events
    started = time.monotonic()
    try:
        talk.say(f"recording {session.world.name} into {path}; Ctrl-C ends it")
        session.start(write_down)
        while not stop.is_set() and not recorder.failed.is_set():
            passed = time.monotonic() - started
            if seconds is not None and passed >= seconds:
                break
            left = math.inf if seconds is None else seconds - passed
            _show(recorder, passed, left)
            stop.wait(min(1.0, left))
    finally:
        talk.end_progress()
        recorder.close()
    return recorder


def _show(recorder: "Recorder", passed: float, left: float) -> None:
    written = f"{recorder.readings} readings · {quantity(recorder.bytes_written, 'B')}"
    until = "" if left == math.inf else f" · {duration(left)} left"
    talk.progress(f"{duration(passed)} · {written}{until}")


@contextmanager
def _until_told() -> Iterator[Event]:
    """An event that Ctrl-C, a hang-up and a polite kill set, instead of what they do otherwise."""
    stop = Event()
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [(number, signal.signal(number, lambda *_: stop.set())) for number in numbers]
    try:
        yield stop
    finally:
        for number, handler in before:
            signal.signal(number, handler)


VERB = Verb("record", "Write a live session into a file that plays anywhere", _add_arguments, _run)
