"""A recorded session, played back as a world of its own."""

import heapq
import time
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from workbench.errors import NotFound, RecordingError, WorkbenchError
from workbench.measure.instants import unix_nanoseconds
from workbench.measure.text import printable, shorten
from workbench.model.containers import ContainerDetail, FleetSnapshot
from workbench.model.images import ImageDetail, ImageSummary
from workbench.sources.base import Clock
from workbench.sources.recorded_focus import RecordedFocus
from workbench.sources.recording_file import RecordingBytes
from workbench.sources.recording_format import MOST_LINES, Header, decode_header, decode_line

if TYPE_CHECKING:
    from threading import Event

    from workbench.model.acquired import AcquiredImage, AcquireProgress
    from workbench.model.actions import Action
    from workbench.model.gpu import GpuSnapshot
    from workbench.model.host import HostSnapshot
    from workbench.model.logs import LogLine
    from workbench.model.runs import RunSummary
    from workbench.model.verdicts import Verdict

T = TypeVar("T")

REWOUND = ("fleet", "host", "gpu", "focus")
"""The sources whose every moment can be shown again."""
_LONGEST_NAME = 80
_MOST_KINDS = 10_000
_MOST_DETAILS = 100_000
"""Names of images and containers together."""


class Track:
    """What one source gave, or what was known of one image or container: when, and on which line.

    Args:
        file: Where the lines are.
    """

    def __init__(self, file: RecordingBytes) -> None:
        self._file = file
        self._times = array("d")
        self._lines = array("q")
        """Offset, length and number of each line, one after another: 32 bytes a reading in all."""
        self._decoded: tuple[int, Any] = (-1, None)

    @property
    def begin(self) -> float:
        """When the first line was written, in seconds since the start."""
        return self._times[0]

    @property
    def end(self) -> float:
        """When the last line was written, in seconds since the start."""
        return self._times[-1]

    def add(self, t: float, offset: int, length: int, number: int) -> None:
        """Add a line.

        Raises:
            ValueError: when it is older than the one before.
        """
        if self._times and t < self.end:
            raise ValueError("it is older than the line before it")
        self._times.append(t)
        self._lines.extend((offset, length, number))

    def repeat(self, t: float) -> None:
        """The source was read again and gave the same.

        Raises:
            ValueError: when it had given nothing, or gave it later.
        """
        if not self._times:
            raise ValueError("the same as nothing")
        self.add(t, *self._lines[-3:])

    def taken_at(self, position: float) -> float:
        """When that was recorded which is the newest at a position; before the first, the first."""
        return self._times[self._index(position)]

    def value(self, position: float) -> Any:  # noqa: ANN401  the caller knows what it filed here
        """The newest value at a position; before the first, the first.

        Raises:
            WorkbenchError: what was recorded instead of a value.
            RecordingError: when the file changed since it was opened.
        """
        start = 3 * self._index(position)
        offset, length, number = self._lines[start : start + 3]
        decoded_offset, value = self._decoded
        if decoded_offset == offset:
            return value
        try:
            line, value = decode_line(self._file.at(offset, length))
        except ValueError as error:
            raise RecordingError(f"{self._file.where}, line {number}: it changed while it was played") from error
        if line.missing is not None:
            raise WorkbenchError(line.missing.reason, line.missing.hint)
        self._decoded = (offset, value)
        return value

    def values(self) -> Iterator[tuple[float, Any]]:
        """Every value with its time, without what was missing.

        Raises:
            RecordingError: when the file changed since it was opened.
        """
        decoded: tuple[int, Any] = (-1, None)
        for index, t in enumerate(self._times):
            offset, length, number = self._lines[3 * index : 3 * index + 3]
            if offset != decoded[0]:
                try:
                    line, value = decode_line(self._file.at(offset, length))
                except ValueError as error:
                    raise RecordingError(f"{self._file.where}, line {number}: it changed while it was read") from error
                decoded = (offset, None if line.missing else value)
            if decoded[1] is not None:
                yield t, decoded[1]

    def _index(self, position: float) -> int:
        return max(0, bisect_right(self._times, position) - 1)


class RecordedSource(Generic[T]):
    """Gives what the recorded source gave at the same moment of its session.

    Args:
        track: What it gave; `None` when it was not recorded.
        position: Seconds into the recording, now.
        title: How to call it in an error.
    """

    def __init__(self, track: Track | None, position: Callable[[], float], title: str) -> None:
        self._track = track
        self._position = position
        self._title = title

    def read(self) -> T:
        """The newest value at this moment.

        Raises:
            WorkbenchError: what was recorded instead of a value, or that nothing was.
        """
        if self._track is None:
            raise RecordingError(f"the recording holds no readings of the {self._title}")
        return cast("T", self._track.value(self._position()))

    def age(self) -> float:
        """Seconds, in the recorded session, since the newest value was taken."""
        if self._track is None:
            return 0.0
        position = self._position()
        return max(0.0, position - self._track.taken_at(position))

    def close(self) -> None:
        """Nothing is held: the file is closed by the world."""


class RecordedWorld:
    """Plays a recording. Time runs from the first look at it; at the end the last readings stay.

    Args:
        path: The recording. It is checked whole at once; values are decoded again when they are asked for.
        loop: Begin again at the end.
        clock: Moves the position.
        still_at: Seconds into the recording to stand still at.
        start_at: Seconds into the recording to begin at.

    Raises:
        RecordingError: when the file is not a recording, with the line that is wrong.
    """

    def __init__(
        self,
        path: Path,
        loop: bool = False,
        clock: Clock = time.monotonic,
        still_at: float | None = None,
        start_at: float = 0.0,
    ) -> None:
        self._loop = loop
        self._clock = clock
        self._still_at = still_at
        self._start_at = start_at
        self._began: float | None = None
        self._file = RecordingBytes(path)
        self._tracks: dict[str, Track] = {}
        self._images: dict[str, Track] = {}
        self._containers: dict[str, Track] = {}
        self._kinds: dict[tuple[str, str], Track] = {}
        """What is no reading, by its kind and the container it is of."""
        try:
            self.header = self._read_all()
        except BaseException:
            self._file.close()
            raise
        everything = [*self._tracks.values(), *self._images.values(), *self._containers.values()]
        everything += self._kinds.values()
        last = max((track.end for track in everything), default=0.0)
        self.duration = last + min(max(self.header.interval, 0.1), 60.0)
        """Seconds of the recording, the last reading standing for one interval."""
        self.name = f"recording of {shorten(printable(self.header.name), _LONGEST_NAME)}"
        self.recorded = True
        if self.header.bundle and still_at is None:
            self._still_at = last
        self._started = (unix_nanoseconds(self.header.started) or 0) / 1e9
        self.fleet: RecordedSource[FleetSnapshot] = self._source("fleet", "containers")
        self.host: RecordedSource[HostSnapshot] = self._source("host", "host")
        self.gpu: RecordedSource[GpuSnapshot] = self._source("gpu", "GPUs")
        self.images: RecordedSource[tuple[ImageSummary, ...]] = self._source("images", "images")
        self.focus = RecordedFocus(self._source("focus", "processes"))

    def now(self) -> float:
        """The recorded moment that is played, Unix time in seconds; counted from 0 when its start is not told."""
        return self._started + self.position()

    def span(self) -> tuple[float, float] | None:
        """From when to when there are readings, Unix time in seconds; `None` when there are none."""
        tracks = [self._tracks[name] for name in REWOUND if name in self._tracks]
        if not tracks:
            return None
        return self._started + min(track.begin for track in tracks), self._started + max(track.end for track in tracks)

    def value_at(self, name: str, at: float) -> object:
        """What the source of this name gave at a moment, Unix time in seconds.

        Raises:
            WorkbenchError: what was recorded instead of a value, or that nothing was.
        """
        if name not in self._tracks:
            raise RecordingError(f"the recording holds no readings of the {name}")
        return self._tracks[name].value(at - self._started)

    def readings(self) -> Iterator[tuple[str, float, object]]:
        """Every value of the fleet, the machine, its GPUs and processes, and every event, in the order of time.

        Raises:
            RecordingError: when the file cannot be read any more.
        """
        tracks = {name: self._tracks[name] for name in REWOUND if name in self._tracks}
        tracks |= {kind: track for (kind, _), track in self._kinds.items() if kind == "events"}

        def told(name: str, track: Track) -> Iterator[tuple[float, str, object]]:
            for t, value in track.values():
                yield self._started + t, name, value

        streams = [told(name, track) for name, track in tracks.items()]
        for at, name, value in heapq.merge(*streams, key=lambda each: each[0]):
            yield name, at, value

    def logs(
        self,
        container_id: str,
        *,
        tail: int,
        since: float | None = None,
        follow: bool = False,
        stop: "Event | None" = None,
    ) -> "Iterator[LogLine]":
        """The lines of a container's log that were recorded up to this moment.

        Raises:
            NotFound: when none were.
        """
        del follow  # nothing comes any more
        track = self._kinds.get(("log", container_id))
        if track is None:
            raise NotFound(f"the recording holds no log of the container {printable(container_id)}")
        now = self.now()
        lines = [line for _, part in track.values() for line in part if line.at <= now and line.at >= (since or 0.0)]
        for line in lines[max(0, len(lines) - tail) :]:
            if stop is not None and stop.is_set():
                return
            yield line

    def verdicts(self, container_id: str) -> "tuple[Verdict, ...]":
        """What was said of a container; nothing when it was not recorded."""
        track = self._kinds.get(("verdicts", container_id))
        return cast("tuple[Verdict, ...]", track.value(self.position())) if track else ()

    def runs(self, container_id: str) -> "tuple[RunSummary, ...]":
        """The runs of the store that concerned a container; nothing when they were not recorded."""
        track = self._kinds.get(("runs", container_id))
        return cast("tuple[RunSummary, ...]", track.value(self.position())) if track else ()

    def position(self) -> float:
        """Seconds into the recording, now."""
        if self._still_at is not None:
            return self._still_at
        now = self._clock()
        if self._began is None:
            self._began = now
        passed = self._start_at + now - self._began
        return passed % self.duration if self._loop else min(passed, self.duration)

    def image(self, reference: str) -> ImageDetail:
        """What was recorded of one image, by id or reference.

        Raises:
            NotFound: when it was not recorded.
        """
        for name in (reference, f"sha256:{reference}", f"{reference}:latest"):
            if track := self._images.get(name):
                return cast("ImageDetail", track.value(self.position()))
        raise NotFound(f"the recording holds no details of the image {printable(reference)}")

    def acquire(
        self, reference: str, progress: "Callable[[AcquireProgress], object]", stop: "Event"
    ) -> "AcquiredImage":
        """Nothing: a recording holds what an image is said to be made of, not what is in it.

        Raises:
            WorkbenchError: always.
        """
        del reference, progress, stop
        raise WorkbenchError("what is in this image was not recorded", "open it on an engine, or save it to a file")

    def image_stacks(self) -> Sequence[tuple[str, Sequence[str]]]:
        """Nothing: layers are recorded only of images that were looked at."""
        return ()

    def container(self, container_id: str) -> ContainerDetail:
        """What was recorded of one container, by id or name, as it was at this moment of the recording.

        Raises:
            NotFound: when it was not recorded.
        """
        if track := self._containers.get(container_id):
            return cast("ContainerDetail", track.value(self.position()))
        raise NotFound(f"the recording holds no details of the container {printable(container_id)}")

    def look_at(self, container_id: str | None) -> None:
        """Choose the container whose recorded processes are told. Callable from any thread."""
        self.focus.look_at(container_id)

    def container_file(self, container_id: str, path: str, most_bytes: int) -> bytes:
        """Nothing: files were not recorded.

        Raises:
            WorkbenchError: always.
        """
        del container_id, path, most_bytes
        raise WorkbenchError("files of containers were not recorded")

    def act(self, container_id: str, action: "Action") -> None:
        """Nothing: what is recorded has been.

        Raises:
            WorkbenchError: always.
        """
        del container_id, action
        raise WorkbenchError("nothing can be done to the containers of a recording")

    def shell_command(self, container_id: str) -> tuple[tuple[str, ...], dict[str, str]]:
        """Nothing: what is recorded does not run.

        Raises:
            WorkbenchError: always.
        """
        del container_id
        raise WorkbenchError("there is no shell in the containers of a recording")

    def tidy(self) -> None:
        """A recording leaves nothing anywhere."""

    def close(self) -> None:
        """Let go of the file. Callable from another thread, and twice."""
        self._file.close()

    def _source(self, name: str, title: str) -> RecordedSource[Any]:
        return RecordedSource(self._tracks.get(name), self.position, title)

    def _read_all(self) -> Header:
        header: Header | None = None
        number = 0
        for number, (offset, text) in enumerate(self._file.lines(), start=1):
            if number > MOST_LINES:
                raise RecordingError(f"{self._file.where} is too large to play: more than {MOST_LINES} lines")
            if header is None:
                header = decode_header(text, self._file.where)
                continue
            try:
                self._file_line(text, offset, number)
            except ValueError as error:
                if not text.endswith(b"\n"):
                    break  # its writer was killed in the middle of it
                reason = f"{self._file.where}, line {number}: {printable(str(error))}"
                raise RecordingError(reason, "the file is damaged, or was changed by hand") from error
        if header is None:
            raise RecordingError(f"{self._file.where} is empty", "make a recording with workbench record FILE")
        return header

    def _file_line(self, text: bytes, offset: int, number: int) -> None:
        line, value = decode_line(text)
        if not line.known:
            return  # a newer workbench's
        if line.kind is not None:
            if len(self._kinds) >= _MOST_KINDS and (line.kind, line.of) not in self._kinds:
                raise ValueError(f"more than {_MOST_KINDS} logs, verdicts and runs")
            self._kinds.setdefault((line.kind, line.of), Track(self._file)).add(line.t, offset, len(text), number)
        elif line.source is not None:
            track = self._tracks.setdefault(line.source, Track(self._file))
            if line.same:
                track.repeat(line.t)
            else:
                track.add(line.t, offset, len(text), number)
        elif line.image is not None:
            self._add_detail(self._images, (line.image, value.id, *value.references), line.t, offset, len(text), number)
        else:
            names = (str(line.container), value.id, value.name)
            self._add_detail(self._containers, names, line.t, offset, len(text), number)

    def _add_detail(
        self, shelf: dict[str, Track], names: tuple[str, ...], t: float, offset: int, length: int, number: int
    ) -> None:
        for name in dict.fromkeys(names):
            if len(self._images) + len(self._containers) > _MOST_DETAILS:
                raise ValueError(f"more than {_MOST_DETAILS} images and containers")
            shelf.setdefault(name, Track(self._file)).add(t, offset, length, number)
