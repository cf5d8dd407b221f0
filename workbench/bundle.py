"""An incident in one file: the last minutes, the verdicts, the log, the configuration. It opens with no engine."""

import re
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from workbench.errors import RecordingError, WorkbenchError
from workbench.history import History
from workbench.measure.file_names import dated_name
from workbench.measure.secrets import mask_text
from workbench.measure.text import printable
from workbench.model.containers import Container, FleetSnapshot
from workbench.model.events import EngineEvent
from workbench.model.logs import LogLine
from workbench.model.runs import RunSummary
from workbench.model.verdicts import Verdict
from workbench.places import store_file
from workbench.sources.base import Details
from workbench.sources.recording_file import RecordingWriter, header_of
from workbench.sources.recording_format import Line, encode, encode_value
from workbench.store import Store

SECONDS = 600.0
"""How far back a bundle goes."""
MOST_READINGS = 100_000
"""Containers times readings: where there are more, fewer readings a minute are written."""
MOST_LOG_LINES = 1000
_LONGEST_LOG_LINE = 4000
MOST_DETAILS = 300
"""Containers whose configuration is written, the one that it is about first."""
DETAILS_SECONDS = 10.0
"""How long the engine is asked for them."""
MOST_PLAIN_BYTES = 256 * 1024**2
"""Before compression; what comes after that is left out."""
MOST_OLDER_EVENTS = 200
MOST_RUNS = 20
SUFFIX = ".ndjson.gz"
_STORE_ID = re.compile(r"^sha256:")


@dataclass(frozen=True, slots=True)
class Findings:
    """What is known of the container beside its readings."""

    verdicts: tuple[Verdict, ...] = ()
    log: tuple[LogLine, ...] = ()
    """The last lines, oldest first."""
    runs: tuple[RunSummary, ...] = ()


@dataclass(frozen=True, slots=True)
class Bundle:
    """One that was written."""

    path: Path
    bytes_written: int
    readings: int


def bundle_path(folder: Path, container: Container, at: float) -> Path:
    """A name in a folder that is not taken.

    Raises:
        RecordingError: when the folder cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise RecordingError(f"{printable(str(folder))} cannot be made: {error.strerror}") from error
    name = dated_name("incident", container.name, at, "")
    for number in range(1, 100):
        path = folder / f"{name}{f'-{number}' if number > 1 else ''}{SUFFIX}"
        if not path.exists():
            return path
    raise RecordingError(f"{printable(str(folder))} is full of bundles of this second")


def write_bundle(
    path: Path,
    history: History,
    world: Details,
    container_id: str,
    findings: Findings,
    *,
    until: float,
    interval: float,
    seconds: float = SECONDS,
) -> Bundle:
    """Write one. Nobody else may read it, and no file is overwritten.

    Args:
        path: The file to make; compressed when it ends in `.gz`.
        history: Where the readings are.
        world: Asked for the configuration of the containers, secrets masked.
        container_id: What it is about.
        findings: What else is known of that container.
        until: Its last moment, Unix time in seconds.
        interval: Seconds between two readings.
        seconds: How far it goes back.

    Raises:
        RecordingError: when there is nothing to write, or the file cannot be made; nothing is left of it then.
    """
    moments = history.moments(until - seconds, until)
    newest = history.fleet_at(moments[-1]) if moments else None
    if newest is None:
        raise RecordingError("nothing is kept of these minutes yet", "try again when there are readings")
    step = max(1, -(-len(moments) * len(newest.containers) // MOST_READINGS))
    wanted = moments[::-1][::step][::-1]
    header = header_of(world.name, interval * step, wanted[0], about=container_id)
    writer = RecordingWriter(path, world.name, interval, header=header, private=True)
    try:
        readings = _write_readings(writer, history, container_id, wanted)
        last = round(wanted[-1] - wanted[0], 3)
        for line in _findings(container_id, findings, last):
            writer.write(encode(line))
        events = _events(history, container_id, wanted[0], until)
        writer.write(encode(Line(last, kind="events", value=encode_value(events))))
        for line in _details(world, newest, container_id, last):
            if writer.plain_bytes > MOST_PLAIN_BYTES:
                break
            writer.write(encode(line))
        writer.close()
    except BaseException:
        with suppress(RecordingError):
            writer.close()
        path.unlink(missing_ok=True)
        raise
    return Bundle(path, writer.bytes_written, readings)


def runs_of(container: Container) -> tuple[RunSummary, ...]:
    """The newest runs of the store that concern a container or its image; none when there is no store to ask."""
    file = store_file()
    if not file.exists():
        return ()
    names = dict.fromkeys((container.name, container.image, container.id, _STORE_ID.sub("", container.image_id)))
    found: dict[int, RunSummary] = {}
    with suppress(WorkbenchError), Store.open(file) as store:
        for name in names:
            found |= {run.id: run for run in store.runs(MOST_RUNS, target=name)}
    return tuple(sorted(found.values(), key=lambda run: -run.started_at)[:MOST_RUNS])


def _write_readings(writer: RecordingWriter, history: History, container_id: str, moments: tuple[float, ...]) -> int:
    before: dict[str, object] = {}
    written = 0
    for at in moments:
        t = round(at - moments[0], 3)
        for name in ("fleet", "host", "gpu", "focus"):
            value = history.at(name, at, container_id)
            if value is None or writer.plain_bytes > MOST_PLAIN_BYTES:
                continue
            line = Line(t, name)
            if before.get(name) == value:
                line.same = True
            else:
                line.value = encode_value(value)
                before[name] = value
            writer.write(encode(line))
            written += 1
    return written


def _findings(container_id: str, findings: Findings, t: float) -> Iterator[Line]:
    if findings.verdicts:
        yield Line(t, kind="verdicts", of=container_id, value=encode_value(findings.verdicts))
    if findings.log:
        log = tuple(
            replace(line, text=mask_text(line.text)[:_LONGEST_LOG_LINE]) for line in findings.log[-MOST_LOG_LINES:]
        )
        yield Line(t, kind="log", of=container_id, value=encode_value(log))
    if findings.runs:
        yield Line(t, kind="runs", of=container_id, value=encode_value(findings.runs))


def _events(history: History, container_id: str, since: float, until: float) -> tuple[EngineEvent, ...]:
    older = history.events(0.0, since, container_id)[-MOST_OLDER_EVENTS:]
    events: Iterable[EngineEvent] = dict.fromkeys((*older, *history.events(since, until)))
    return tuple(replace(event, detail=mask_text(event.detail)) for event in events)


def _details(world: Details, fleet: FleetSnapshot, container_id: str, t: float) -> Iterator[Line]:
    """The configuration of the containers, and the image of the one that it is about."""
    ends = time.monotonic() + DETAILS_SECONDS
    about = [container for container in fleet.containers if container.id == container_id]
    others = [container for container in fleet.containers if container.id != container_id]
    for container in (*about, *others)[:MOST_DETAILS]:
        if time.monotonic() > ends:
            return
        with suppress(WorkbenchError):
            yield Line(t, container=container.id, value=encode_value(world.container(container.id)))
    for container in about:
        with suppress(WorkbenchError):
            yield Line(t, image=container.image_id, value=encode_value(world.image(container.image_id)))
