"""The demo: a recorded session and a sample image, both shipped with the workbench. Needs no engine."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.measure.instants import unix_nanoseconds
from workbench.model.images import ImageDetail, ImageSummary
from workbench.sources.archive import read_archive
from workbench.sources.base import Clock
from workbench.sources.recording import RecordedSource, RecordedWorld

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from threading import Event

    from workbench.model.acquired import AcquiredImage, AcquireProgress
    from workbench.model.actions import Action
    from workbench.model.containers import ContainerDetail
    from workbench.model.logs import LogLine

SHIPPED = Path(__file__).parents[1] / "demo"
SESSION = SHIPPED / "session.ndjson.gz"
SAMPLE_IMAGE = SHIPPED / "sample-image.tar.gz"

START_SECONDS = 30.0
"""Into the session: so that there is something behind the first screen already."""


class DemoWorld:
    """The recorded session, again and again, with the sample image among its images.

    Args:
        clock: Moves the position in the recording.
        still_at: Seconds into the recording to stand still at.

    Raises:
        RecordingError: when the shipped session was damaged.
        ArchiveError: when the shipped image was.
    """

    def __init__(self, clock: Clock = time.monotonic, still_at: float | None = None) -> None:
        self._sample = read_archive(SAMPLE_IMAGE)
        self._session = RecordedWorld(SESSION, loop=True, clock=clock, still_at=still_at, start_at=START_SECONDS)
        self.name = "demo"
        self.recorded = True
        self.duration = self._session.duration
        """Seconds after which it begins again."""
        self.fleet = self._session.fleet
        self.host = self._session.host
        self.gpu = self._session.gpu
        self.focus = self._session.focus
        self.images = _ImagesAndSample(self._session.images, self._sample)

    def image(self, reference: str) -> ImageDetail:
        """One image: the sample out of its archive, any other as it was recorded.

        Raises:
            NotFound: when it is neither.
        """
        if reference in (self._sample.id, *self._sample.references):
            return self._sample
        return self._session.image(reference)

    def now(self) -> float:
        """The recorded moment that is played, Unix time in seconds."""
        return self._session.now()

    def span(self) -> tuple[float, float] | None:
        """From when to when the recorded session goes."""
        return self._session.span()

    def value_at(self, name: str, at: float) -> object:
        """What a source gave at a moment of the recorded session.

        Raises:
            WorkbenchError: what was recorded instead of a value, or that nothing was.
        """
        return self._session.value_at(name, at)

    def readings(self) -> "Iterator[tuple[str, float, object]]":
        """Every value of the recorded session in the order of time."""
        return self._session.readings()

    def acquire(
        self, reference: str, progress: "Callable[[AcquireProgress], object]", stop: "Event"
    ) -> "AcquiredImage":
        """The sample image out of its archive.

        Raises:
            WorkbenchError: for any other: what was in it was not recorded.
            Stopped: as soon as `stop` is set.
        """
        if reference not in (self._sample.id, *self._sample.references):
            return self._session.acquire(reference, progress, stop)
        from workbench.sources.acquire_archive import acquire_archive

        return acquire_archive(SAMPLE_IMAGE, progress=progress, stop=stop)

    def image_stacks(self) -> "Sequence[tuple[str, Sequence[str]]]":
        """What is known of the recorded images."""
        return self._session.image_stacks()

    def container(self, container_id: str) -> "ContainerDetail":
        """What was recorded of one container.

        Raises:
            NotFound: when nothing was.
        """
        return self._session.container(container_id)

    def look_at(self, container_id: str | None) -> None:
        """Choose the container whose recorded processes are told. Callable from any thread."""
        self._session.look_at(container_id)

    def logs(
        self, container_id: str, *, tail: int, since: float | None, follow: bool, stop: "Event"
    ) -> "Iterator[LogLine]":
        """What was recorded of a container's log.

        Raises:
            WorkbenchError: when nothing was.
        """
        return self._session.logs(container_id, tail=tail, since=since, follow=follow, stop=stop)

    def act(self, container_id: str, action: "Action") -> None:
        """Nothing: what is recorded has been.

        Raises:
            WorkbenchError: always.
        """
        self._session.act(container_id, action)

    def shell_command(self, container_id: str) -> tuple[tuple[str, ...], dict[str, str]]:
        """Nothing: what is recorded does not run.

        Raises:
            WorkbenchError: always.
        """
        return self._session.shell_command(container_id)

    def container_file(self, container_id: str, path: str, most_bytes: int) -> bytes:
        """Nothing: files were not recorded.

        Raises:
            WorkbenchError: always.
        """
        return self._session.container_file(container_id, path, most_bytes)

    def tidy(self) -> None:
        """A recording leaves nothing anywhere."""

    def close(self) -> None:
        """Let go of the recording. Callable from another thread, and twice."""
        self._session.close()


class _ImagesAndSample:
    """The recorded list of images, and the sample in its place among them."""

    def __init__(self, recorded: RecordedSource[tuple[ImageSummary, ...]], sample: ImageDetail) -> None:
        self._recorded = recorded
        created_at = (unix_nanoseconds(sample.created) or 0) / 1e9
        self._sample = ImageSummary(sample.id, sample.references, sample.size_bytes, created_at, containers=0)

    def read(self) -> tuple[ImageSummary, ...]:
        """The images at this moment of the recording, the biggest first.

        Raises:
            WorkbenchError: what was recorded instead of a list.
        """
        return tuple(sorted((*self._recorded.read(), self._sample), key=lambda image: -image.size_bytes))

    def age(self) -> float:
        """Seconds, in the recorded session, since the list was taken."""
        return self._recorded.age()

    def close(self) -> None:
        """Nothing is held."""
