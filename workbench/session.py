"""One open workbench: a world, its feeds, and the one place that closes them all. Both fronts hold one."""

import time
from collections.abc import Callable
from contextlib import suppress
from threading import Event
from typing import TYPE_CHECKING, Any, TypeVar

from workbench.alerts import Alerts
from workbench.batches import hand_over
from workbench.errors import WorkbenchError
from workbench.feed import Feed
from workbench.history import History
from workbench.image_jobs import ImageJobs
from workbench.job import start_job
from workbench.model.logs import LogLine
from workbench.model.reading import Fresh, Reading
from workbench.session_builds import SessionBuilds
from workbench.session_comparisons import SessionComparisons
from workbench.session_profiles import SessionProfiles
from workbench.settings import CALM_INTERVAL, Settings
from workbench.sources.base import Clock, MeasuresPcie, Rewindable, Source, World

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from threading import Thread

    from workbench.bundle import Bundle, Findings
    from workbench.judgement import Judge
    from workbench.model.actions import Action
    from workbench.model.containers import Container, ContainerDetail
    from workbench.run_book import RunBook
    from workbench.session_recording import Recorded, SessionRecording

T = TypeVar("T")

IMAGES_INTERVAL, IMAGES_SELDOM = 5.0, 30.0
"""Seconds between two looks at the list of images: it changes when somebody builds or pulls, and costs a call. The
latter while nobody looks at it."""


HEARD_SECONDS = 15
"""Of a recording, before its first moment that is shown: enough to say why a container is slow."""
TIDY_SECONDS = 0.3
"""How long quitting waits for images that are being read to tidy up."""
RECORDING_SECONDS = 5.0
"""How long the end of a recording waits for details that are on their way."""


class Session:
    """Feeds over one world.

    Args:
        world: Live or recorded.
        settings: What the user set.
        clock: Stamps the readings; a test holds it still.
    """

    def __init__(self, world: World, settings: Settings, clock: Clock = time.monotonic) -> None:
        self.world = world
        self.settings = settings
        self.clock = clock
        self._on_news: Callable[[str], object] = _nobody_listens
        self._listeners: list[Callable[[str, Reading[Any]], object]] = []
        self._closed = False
        self._reading: list[tuple[Thread, Event]] = []
        self.image_jobs = ImageJobs(world, clock, self._note)
        self._judge: Judge | None = None
        self.profiles = SessionProfiles(world, settings, clock, self._note)
        """Records profiles, and has those that are kept."""
        self.builds = SessionBuilds(world, settings, clock, self._note)
        """Builds images, and has the builds that are kept."""
        self._book: RunBook | None = None
        self.recording: SessionRecording | None = None
        """The recording that is going on; `None` when none is."""

        def feed(name: str, source: Source[T], interval: float) -> Feed[T]:
            def heard(reading: Reading[T]) -> None:
                for listener in self._listeners:
                    listener(name, reading)

            return Feed(source, interval, lambda: self._on_news(name), clock, heard)

        pace = self.interval = settings.interval
        self.fleet = feed("fleet", world.fleet, pace)
        self.host = feed("host", world.host, pace)
        self.gpu = feed("gpu", world.gpu, pace)
        self.images = feed("images", world.images, max(pace, IMAGES_INTERVAL))
        self._images_interval = IMAGES_SELDOM
        self.images.read_every(IMAGES_SELDOM)
        self.focus = feed("focus", world.focus, pace)
        self._rewindable = world if isinstance(world, Rewindable) else None
        self.history = History(world.now, clock, pace, self._rewindable)
        self.comparisons = SessionComparisons(self.history, clock)
        self.listen(self.history.heard)
        if not world.recorded:  # a recording has its own
            self.listen(Alerts(settings.thresholds, self.history.tell, self._unix_time).hear)

    @classmethod
    def live(cls, settings: Settings) -> "Session":
        """A session on the engine that the settings and the environment name. Nothing is connected yet.

        Raises:
            ContextUnknown: when the named docker context does not exist.
        """
        from workbench.sources.live import LiveWorld  # docker takes 105 ms to import

        return cls(LiveWorld(settings.context, settings), settings)

    @classmethod
    def replay(cls, path: "Path", settings: Settings, *, loop: bool = False) -> "Session":
        """A session that plays a recording, with no engine.

        Raises:
            RecordingError: when the file is not a recording.
        """
        from workbench.sources.recording import RecordedWorld

        return cls(RecordedWorld(path, loop=loop), settings)

    @classmethod
    def demo(cls, settings: Settings) -> "Session":
        """A session on the recording and the sample image that come with the workbench."""
        from workbench.sources.demo import DemoWorld

        return cls(DemoWorld(), settings)

    @property
    def feeds(self) -> dict[str, Feed[Any]]:
        """Every feed by the name that `on_news` gives."""
        return {
            "fleet": self.fleet,
            "host": self.host,
            "gpu": self.gpu,
            "images": self.images,
            "focus": self.focus,
        }

    def listen(self, listener: Callable[[str, Reading[Any]], object]) -> None:
        """Hear of every reading: the feed's name and the reading, on that feed's thread, before the news of it.

        For what must not miss one (history, recorder). Must not block or raise. Callable at any time.
        """
        self._listeners = [*self._listeners, listener]

    @property
    def judge(self) -> "Judge":
        """Says why a container is slow. It listens from the first time it is asked for, best before `start`."""
        if self._judge is None:
            from workbench.judgement import Judge  # seventeen rules, which most verbs do not need

            self._judge = Judge(self.inspect_container, self._unix_time)
            self.listen(self._judge.hear)
        return self._judge

    def _unix_time(self, taken_at: float) -> float:
        """The moment of a reading."""
        return self.world.now() - (self.clock() - taken_at)

    def judge_past(
        self, moment: float, container_id: str | None, on_done: Callable[[Reading["Judge"]], object]
    ) -> None:
        """Work out what would have been said at a moment that has passed, and hand it on, on another thread.

        Args:
            moment: Unix time in seconds.
            container_id: Whose processes are looked at.
            on_done: Gets a judge who has heard nothing since.
        """

        def work() -> "Judge":
            from workbench.past_judgement import judge_at

            return judge_at(self.history, self.inspect_container, moment, container_id)

        start_job(work, on_done, name="judge", clock=self.clock)

    def calm(self, *, wanted: bool) -> None:
        """Read less often from now on, for what is shown goes to a slow terminal, or as often as is set."""
        self.interval = max(self.settings.interval, CALM_INTERVAL if wanted else 0.0)
        for feed in self.feeds.values():
            feed.read_every(self.interval)
        self.images.read_every(max(self.interval, self._images_interval))

    def look_at_images(self, *, wanted: bool) -> None:
        """Read the list of images now and often, or seldom again."""
        self._images_interval = IMAGES_INTERVAL if wanted else IMAGES_SELDOM
        self.images.read_every(max(self.interval, self._images_interval))
        if wanted:
            self.images.refresh()

    def unlisten(self, listener: Callable[[str, Reading[Any]], object]) -> None:
        """Hear of no more readings. Callable at any time."""
        self._listeners = [other for other in self._listeners if other != listener]

    def start(self, on_news: Callable[[str], object]) -> None:
        """Begin to read. `on_news` gets a feed's name, on that feed's thread, and must not block."""
        self._on_news = on_news
        if self._rewindable is not None and self._judge is not None:
            self._tell_judge(self._rewindable, self._judge)
        for feed in self.feeds.values():
            feed.start()
        if self._rewindable is not None:
            start_job(self._fill_history, _nobody_waits, name="history", clock=self.clock)
        # Where the engine is not there yet, what a killed run left goes before the next helper is made.
        start_job(self.world.tidy, _nobody_waits, name="tidy", clock=self.clock)

    def _tell_judge(self, recorded: Rewindable, judge: "Judge") -> None:
        """Let the judge hear what was recorded just before the first moment that is shown."""
        now, clock, span = self.world.now(), self.clock(), recorded.span()
        for back in range(HEARD_SECONDS, 0, -1):
            if span is None or now - back < span[0]:
                continue
            for name in ("host", "gpu", "focus", "fleet"):
                with suppress(WorkbenchError):
                    judge.hear(name, Fresh(recorded.value_at(name, now - back), clock - back))

    def _fill_history(self) -> None:
        """Put a whole recording into the history: all of it can be drawn at once."""
        for name, at, value in self._rewindable.readings() if self._rewindable else ():
            if self._closed:
                return
            self.history.add(name, at, value)
            time.sleep(0)  # whoever draws goes first

    def _note(self, thread: "Thread", stop: Event) -> None:
        """Remember a job that must be told when the session ends, until it has ended itself."""
        self._reading = [(other, its) for other, its in self._reading if other.is_alive()]
        self._reading.append((thread, stop))

    @property
    def runs(self) -> "RunBook":
        """The stored runs. Its methods block: `work_out` asks it."""
        if self._book is None:
            from workbench.run_book import RunBook  # sqlite3, 9 ms

            self._book = RunBook()
        return self._book

    def work_out(self, work: Callable[[], T], on_done: Callable[[Reading[T]], object]) -> None:
        """Run something pure that takes its time, and hand what it gives to `on_done`, on another thread."""
        start_job(work, on_done, name="work", clock=self.clock)

    def inspect_container(self, container_id: str, on_done: Callable[[Reading["ContainerDetail"]], object]) -> None:
        """Fetch one container's configuration and hand it to `on_done`, on another thread."""
        start_job(lambda: self.world.container(container_id), on_done, name="container", clock=self.clock)

    def look_at(self, container_id: str | None) -> None:
        """Read the processes of this container in the feed `focus` from now on; `None` reads none and costs nothing."""
        self.world.look_at(container_id)
        self.focus.refresh()

    def act(self, container_id: str, action: "Action", on_done: Callable[[Reading[None]], object]) -> None:
        """Do something to a container and tell `on_done` when it is done, on another thread.

        Args:
            container_id: Id or name.
            action: What to do.
            on_done: Gets why it was not done: refused when the session is read-only, or by the world.
        """

        def work() -> None:
            self._refuse_when_read_only()
            self.world.act(container_id, action)

        start_job(work, on_done, name=action, clock=self.clock)

    def source_of(self, container_id: str, file: str) -> Reading[str]:
        """The text of a source file of a container, secrets masked. Blocks.

        Args:
            container_id: Id or name.
            file: As the profile names it.
        """
        from workbench.source_text import container_source

        return container_source(self.world, container_id, file)

    def open_shell(
        self, container_id: str, on_done: Callable[[Reading[tuple[tuple[str, ...], dict[str, str]]]], object]
    ) -> None:
        """Find the program that opens a shell in a container, and hand it to `on_done`, on another thread.

        Args:
            container_id: Id or name.
            on_done: Gets its arguments and additions to its environment, to be run in this terminal.
        """

        def work() -> tuple[tuple[str, ...], dict[str, str]]:
            self._refuse_when_read_only()
            return self.world.shell_command(container_id)

        start_job(work, on_done, name="shell", clock=self.clock)

    def _refuse_when_read_only(self) -> None:
        if self.settings.read_only:
            raise WorkbenchError(
                "the workbench is read-only", "start it without --read-only, and read_only = false in its settings"
            )

    def follow_logs(
        self,
        container_id: str,
        on_lines: "Callable[[Sequence[LogLine]], object]",
        on_done: Callable[[Reading[None]], object],
        stop: "Event",
        *,
        tail: int = 1000,
        since: float | None = None,
        follow: bool = True,
    ) -> None:
        """Read a container's log and hand its lines to `on_lines` in batches, on another thread.

        Args:
            container_id: Id or name.
            on_lines: Gets the lines that came since it was called last, oldest first; must not block.
            on_done: Told on the same thread when the log has ended or `stop` was set, or why it cannot be read.
            stop: Set to end at once.
            tail: How many of the lines that are there; below 0 for all.
            since: Only lines from this moment on, Unix time in seconds.
            follow: Whether to wait for more, as long as the container runs.
        """

        def work() -> None:
            lines = self.world.logs(container_id, tail=tail, since=since, follow=follow, stop=stop)
            hand_over(lines, on_lines, stop)

        self._note(start_job(work, on_done, name="logs", clock=self.clock), stop)

    def start_recording(self) -> "SessionRecording":
        """Write every reading from now on into a file of the data folder.

        Raises:
            RecordingError: when the file cannot be made.
        """
        if self.recording is None:
            from workbench.places import recordings_dir
            from workbench.session_recording import SessionRecording  # the store, which only this needs

            recording = SessionRecording(recordings_dir(), self.world, self.settings.interval, self.clock)
            for name, feed in self.feeds.items():  # what is there already, so that it begins with a whole picture
                newest = feed.newest()
                if newest is not None:
                    recording.heard(name, newest)
            self.listen(recording.heard)
            self.history.on_note = recording.heard_event
            self.recording = recording
        return self.recording

    def stop_recording(self, on_done: Callable[[Reading["Recorded"]], object]) -> None:
        """End the recording, keep it among the runs, and hand what came of it to `on_done`, on another thread."""
        recording, self.recording = self.recording, None
        if recording is not None:
            self.unlisten(recording.heard)
            start_job(lambda: recording.finish(RECORDING_SECONDS), on_done, name="recording", clock=self.clock)

    def write_bundle(
        self, container: "Container", on_done: Callable[[Reading["Bundle"]], object], *, until: float | None = None
    ) -> None:
        """Write an incident bundle of a container into the data folder, on another thread.

        Args:
            container: What it is about.
            on_done: Gets what was written, or why nothing was.
            until: The bundle's last moment, Unix time in seconds; `None` is now.
        """
        end = self.history.now() if until is None else until

        def work() -> "Bundle":
            from workbench.bundle import bundle_path, write_bundle
            from workbench.places import bundles_dir

            return write_bundle(
                bundle_path(bundles_dir(), container, end),
                self.history,
                self.world,
                container.id,
                self.findings(container),
                until=end,
                interval=self.settings.interval,
            )

        start_job(work, on_done, name="bundle", clock=self.clock)

    def findings(self, container: "Container") -> "Findings":
        """The verdicts, the end of the log and the runs of a container, as far as they are there to have."""
        from workbench.bundle import MOST_LOG_LINES, Findings, runs_of

        try:
            log = tuple(self.world.logs(container.id, tail=MOST_LOG_LINES, since=None, follow=False, stop=Event()))
        except WorkbenchError as error:
            log = (LogLine(self.history.now(), f"the log could not be read: {error.reason}", "stderr"),)
        return Findings(self.judge.verdicts(container.id), log, runs_of(container))

    @property
    def about(self) -> str:
        """The id of the container that this session's bundle is about; empty when it is none."""
        header = getattr(self.world, "header", None)
        return header.about if header else ""

    def measure_pcie(self, *, wanted: bool) -> bool:
        """Have the GPUs' PCIe traffic measured from the next reading on, which takes 40 ms per GPU, or no more.

        Returns:
            Whether that can be measured here; a recording has what it has.
        """
        source = self.world.gpu
        if not isinstance(source, MeasuresPcie):
            return False
        source.measure_pcie = wanted
        return True

    def close(self) -> None:
        """Stop every feed and let go of the world, without waiting for what hangs. Callable twice.

        An image that is being read gets a moment to remove what it made in the engine.
        """
        if self._closed:
            return
        self._closed = True
        for _, stop in self._reading:
            stop.set()
        patience = time.monotonic() + TIDY_SECONDS
        for thread, _ in self._reading:
            thread.join(max(0.0, patience - time.monotonic()))
        recording, self.recording = self.recording, None
        for feed in self.feeds.values():
            feed.close()
        if recording is not None:
            recording.finish(TIDY_SECONDS)
        if self._book is not None:
            self._book.close()
        self.world.close()


def _nobody_listens(feed: str) -> None:
    """News before `start` has a listener."""
    del feed


def _nobody_waits(done: Reading[None]) -> None:
    """A job whose failure tells the user nothing that a feed does not tell."""
    del done
