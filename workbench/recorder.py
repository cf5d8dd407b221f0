"""Writes what a session reads into a recording, with the details of every container and image that it meets."""

import logging
import time
from collections.abc import Sequence
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import Any, cast

from workbench.errors import NotFound, RecordingError
from workbench.model.containers import FleetSnapshot
from workbench.model.events import EngineEvent
from workbench.model.images import ImageSummary
from workbench.model.logs import LogLine
from workbench.model.reading import Missing, Reading
from workbench.sources.base import Clock, Details
from workbench.sources.recording_file import RecordingWriter
from workbench.sources.recording_format import Line, SourceName, encode, encode_value

MOST_IMAGES = 50
"""Images whose details are recorded: each costs the engine two calls."""
_SECONDS_FOR_LAST_DETAILS = 5.0

_log = logging.getLogger(__name__)


class Recorder:
    """Writes readings as they are handed to it, from any thread. Details are fetched on a thread of its own.

    Args:
        path: The file to make; compressed when it ends in `.gz`.
        world: Asked for the details of the containers and images in the readings.
        interval: Seconds between two readings, for the header.
        overwrite: Whether an existing file may be replaced.
        private: Whether nobody else may read the file.
        clock: The one that stamps the readings.

    Raises:
        RecordingError: when the file exists or cannot be made.
    """

    def __init__(
        self,
        path: Path,
        world: Details,
        interval: float = 1.0,
        *,
        overwrite: bool = False,
        private: bool = False,
        clock: Clock = time.monotonic,
    ) -> None:
        self.path = path
        self._world = world
        self._clock = clock
        self._lock = Lock()
        self._previous: dict[str, object] = {}
        self._asked: set[tuple[str, ...]] = set()
        self._images_asked = 0
        self._questions: SimpleQueue[tuple[str, ...] | None] = SimpleQueue()
        self._writer = RecordingWriter(path, world.name, interval, overwrite=overwrite, private=private)
        self._started = clock()
        self.readings = 0
        """Readings written."""
        self.failed = Event()
        """Set when nothing more can be written; `failure` says why."""
        self.failure: RecordingError | None = None
        self._thread = Thread(target=self._fetch_details, name="recorder", daemon=True)
        self._thread.start()

    @property
    def bytes_written(self) -> int:
        """Size of the file so far."""
        return self._writer.bytes_written

    def note(self, source: SourceName, reading: Reading[Any]) -> None:
        """Write one reading. Takes far less than a millisecond and never raises: see `failed`."""
        if isinstance(reading, Missing):
            self._write_reading(Line(self._time(self._clock()), source, missing=reading), source, reading)
            return
        line = Line(self._time(reading.taken_at), source)
        if not self._write_reading(line, source, reading.value):
            return
        if source == "fleet":
            self._ask_about_containers(cast("FleetSnapshot", reading.value))
        elif source == "images":
            self._ask_about_images(cast("tuple[ImageSummary, ...]", reading.value))

    def note_events(self, *events: EngineEvent) -> None:
        """Write what came in no reading: the user's notes and marks. Never raises."""
        line = Line(self._time(self._clock()), kind="events", value=encode_value(events))
        with self._lock:
            self._write(line)

    def note_log(self, container_id: str, lines: Sequence[LogLine]) -> None:
        """Write the lines of a container's log, secrets masked already. Never raises."""
        line = Line(self._time(self._clock()), kind="log", of=container_id, value=encode_value(tuple(lines)))
        with self._lock:
            self._write(line)

    def close(self, patience: float = _SECONDS_FOR_LAST_DETAILS) -> None:
        """Wait some seconds for details that are on their way, and end the file. Callable twice."""
        self._questions.put(None)
        self._thread.join(patience)
        with self._lock:
            try:
                self._writer.close()
            except RecordingError as error:
                self._fail(error)

    def _time(self, taken_at: float) -> float:
        return round(max(0.0, taken_at - self._started), 3)

    def _write_reading(self, line: Line, source: str, content: object) -> bool:
        with self._lock:
            if source in self._previous and self._previous[source] == content:
                line.missing, line.same = None, True
            elif line.missing is None:
                line.value = encode_value(content)
            self._previous[source] = content
            if self._write(line):
                self.readings += 1
            return not self.failed.is_set()

    def _write(self, line: Line) -> bool:
        """Write a line, with the lock held; whether it was written."""
        if self._writer.closed:
            return False
        try:
            self._writer.write(encode(line))
        except RecordingError as error:
            self._fail(error)
        return not self.failed.is_set()

    def _fail(self, error: RecordingError) -> None:
        if self.failure is None:
            self.failure = error
        self.failed.set()

    def _ask_about_containers(self, fleet: FleetSnapshot) -> None:
        for container in fleet.containers:
            # Asked again when it changes, so that a replay shows the exit code of what exits.
            health = container.status.rpartition("(")[2] if container.status.endswith(")") else ""
            self._ask("container", container.id, container.state, health)

    def _ask_about_images(self, images: tuple[ImageSummary, ...]) -> None:
        for image in images:
            if self._images_asked < MOST_IMAGES and self._ask("image", image.id):
                self._images_asked += 1

    def _ask(self, *question: str) -> bool:
        """Have details fetched: the kind, the id, and what makes it worth asking again."""
        with self._lock:
            if question in self._asked:
                return False
            self._asked.add(question)
        self._questions.put(question)
        return True

    def _fetch_details(self) -> None:
        while question := self._questions.get():
            try:
                self._fetch(question)
            except NotFound:
                continue  # gone between the list and the question
            except Exception as error:  # noqa: BLE001  the recording goes on without these details
                _log.debug("no details of %s: %s", question, error)
                with self._lock:
                    self._asked.discard(question)  # asked again when it is next seen
                    self._images_asked -= question[0] == "image"

    def _fetch(self, question: tuple[str, ...]) -> None:
        kind, name = question[:2]
        if kind == "image":
            line = Line(0.0, image=name, value=encode_value(self._world.image(name)))
        else:
            line = Line(0.0, container=name, value=encode_value(self._world.container(name)))
        line.t = self._time(self._clock())
        with self._lock:
            self._write(line)
