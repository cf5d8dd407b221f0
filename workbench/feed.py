"""A source on its own daemon thread; only its newest reading is kept."""

import logging
import time
from collections.abc import Callable
from threading import Event, Lock, Thread
from typing import Generic, TypeVar

from workbench.errors import WorkbenchError
from workbench.model.reading import Fresh, Missing, Reading
from workbench.sources.base import Clock, Replayed, Source

T = TypeVar("T")
_log = logging.getLogger(__name__)


def as_missing(error: Exception) -> Missing:
    """The reading that stands for a failure. One of ours speaks for itself; any other is a bug and says so."""
    if isinstance(error, WorkbenchError):
        return Missing(error.reason, error.hint)
    _log.error("unexpected failure", exc_info=error)
    return Missing(f"the workbench stumbled: {type(error).__name__}: {error}", "please report this")


class Feed(Generic[T]):
    """Reads a source at a steady pace and keeps the newest reading for whoever asks.

    Not a Textual worker on purpose: those share one small pool and hold up quitting. The thread is a daemon, so a
    source that hangs never holds up the process.

    Args:
        source: Read on the feed's own thread.
        interval: Seconds from one reading's start to the next one's; a slow source is simply late.
        on_news: Called on the feed's thread, once, until `take` is called again. Must not block. That the same is still
            missing is no news.
        clock: Stamps the readings.
        on_reading: Called on the feed's thread with every reading, for whoever must not miss one. Must not block.
    """

    def __init__(
        self,
        source: Source[T],
        interval: float,
        on_news: Callable[[], object],
        clock: Clock = time.monotonic,
        on_reading: Callable[[Reading[T]], object] | None = None,
    ) -> None:
        self._source = source
        self._usual = self._interval = interval
        self._on_news = on_news
        self._clock = clock
        self._on_reading = on_reading
        self._lock = Lock()
        self._latest: Reading[T] | None = None
        self._told = False
        self._stop = Event()
        self._nudge = Event()
        self._thread = Thread(target=self._run, name=f"feed:{type(source).__name__}", daemon=True)

    def start(self) -> None:
        """Begin to read, at once."""
        self._thread.start()

    def read_every(self, interval: float) -> None:
        """Read so often from now on, in seconds; never more often than it was made for."""
        self._interval = max(self._usual, interval)

    def refresh(self) -> None:
        """Read again now rather than when it is due."""
        self._nudge.set()

    def newest(self) -> Reading[T] | None:
        """The newest reading without taking it; `None` before the first."""
        with self._lock:
            return self._latest

    def take(self) -> Reading[T] | None:
        """The newest reading; `None` before the first. The next reading after this call gives news again."""
        with self._lock:
            self._told = False
            return self._latest

    def close(self) -> None:
        """Stop without waiting for a reading in flight. Callable twice."""
        self._stop.set()
        self._nudge.set()
        self._source.close()

    def _read(self) -> Reading[T]:
        try:
            value = self._source.read()
            age = self._source.age() if isinstance(self._source, Replayed) else 0.0
            return Fresh(value, self._clock() - age)
        except Exception as error:  # noqa: BLE001  whatever a source does, the feed lives on and says so
            return as_missing(error)

    def _run(self) -> None:
        due = time.monotonic()
        while not self._stop.is_set():
            reading = self._read()
            if self._stop.is_set():
                return
            with self._lock:
                is_news = not (isinstance(reading, Missing) and reading == self._latest)
                wake = is_news and not self._told
                self._latest, self._told = reading, self._told or is_news
            if self._on_reading is not None:
                self._on_reading(reading)
            if wake:
                self._on_news()
            due = max(due + self._interval, time.monotonic())
            self._nudge.wait(due - time.monotonic())
            self._nudge.clear()
