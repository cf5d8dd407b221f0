"""A recording of the session that is open: begun and ended by a key, kept among the runs."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from workbench.errors import RecordingError, WorkbenchError
from workbench.measure.file_names import dated_name
from workbench.measure.text import printable
from workbench.model.events import EngineEvent
from workbench.model.reading import Fresh, Reading
from workbench.recorder import Recorder
from workbench.recording_run import keep_recording
from workbench.sources.base import Clock, Details
from workbench.sources.recording_format import SOURCES, SourceName

if TYPE_CHECKING:
    from workbench.model.containers import EngineInfo, FleetSnapshot
    from workbench.model.runs import RunStatus

SUFFIX = ".ndjson.gz"


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording that has ended."""

    path: Path
    seconds: float
    bytes_written: int
    run: int | None
    """The number of its run; `None` when it could not be kept among the runs."""
    problem: str = ""
    """What went wrong, empty when nothing did. The file plays all the same."""


class SessionRecording:
    """Writes every reading of a session from now on.

    Args:
        folder: Where the file is made; it is made too.
        world: What is recorded.
        interval: Seconds between two readings.
        clock: The one that stamps the readings.

    Raises:
        RecordingError: when the file cannot be made.
    """

    def __init__(self, folder: Path, world: Details, interval: float, clock: Clock) -> None:
        self.started_at = time.time()
        self._clock = clock
        self._began = clock()
        self._engine: EngineInfo | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise RecordingError(f"{printable(str(folder))} cannot be made: {error.strerror}") from error
        self._recorder = self._open(folder, world, interval, clock)

    @property
    def path(self) -> Path:
        """The file."""
        return self._recorder.path

    @property
    def seconds(self) -> float:
        """How long it has been going."""
        return max(0.0, self._clock() - self._began)

    @property
    def bytes_written(self) -> int:
        """Size of the file so far."""
        return self._recorder.bytes_written

    @property
    def failure(self) -> RecordingError | None:
        """Why nothing more is written; `None` while all is well."""
        return self._recorder.failure

    def heard(self, name: str, reading: Reading[Any]) -> None:
        """Write a reading of a feed. Never raises."""
        if name not in SOURCES:
            return
        if name == "fleet" and isinstance(reading, Fresh):
            self._engine = cast("FleetSnapshot", reading.value).engine
        self._recorder.note(cast("SourceName", name), reading)

    def heard_event(self, event: EngineEvent) -> None:
        """Write what the engine did not tell: a note, a mark, a crossed threshold. Never raises."""
        self._recorder.note_events(event)

    def finish(self, patience: float) -> Recorded:
        """End the file and keep it as a run.

        Args:
            patience: Seconds to wait for details that are on their way.
        """
        seconds = self.seconds
        self._recorder.close(patience)
        run, problem = None, self.failure.reason if self.failure else ""
        if self._engine is None:
            problem = problem or "no engine was there to record"
        else:
            status: RunStatus = "interrupted" if self.failure else "complete"
            readings = self._recorder.readings
            try:
                run = keep_recording(self.path, self._engine, self.started_at, seconds, readings, status)
            except WorkbenchError as error:
                problem = problem or f"not kept among the runs: {error.reason}"
        return Recorded(self.path, seconds, self.bytes_written, run, problem)

    def _open(self, folder: Path, world: Details, interval: float, clock: Clock) -> Recorder:
        name = dated_name("session", world.name, self.started_at, "")
        for number in range(1, 100):
            path = folder / f"{name}{f'-{number}' if number > 1 else ''}{SUFFIX}"
            if not path.exists():
                return Recorder(path, world, interval, private=True, clock=clock)
        raise RecordingError(f"{printable(str(folder))} is full of recordings of this second")
