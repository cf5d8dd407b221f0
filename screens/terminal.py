"""The terminal as a device with a speed: how many bytes it took, and how long it kept us waiting."""

import time
from threading import Lock, Thread
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from textual.drivers.linux_driver import LinuxDriver

from screens.quiet_input import QuietInput

if TYPE_CHECKING:
    from textual.app import App

STUCK_SECONDS = 3.0
"""A frame of 3 kB takes a link of 1.5 kB a second two seconds."""


class Written(NamedTuple):
    """Totals since the start."""

    bytes: int
    blocked_seconds: float
    """Time that writes took, the one that is under way included: a terminal that keeps up takes next to none."""


class MeteredTerminal:
    """What Textual's writer thread writes to: passes everything on, and counts.

    Args:
        file: The terminal.
    """

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._lock = Lock()
        self._bytes = 0
        self._blocked = 0.0
        self._since: float | None = None

    @property
    def written(self) -> Written:
        """So far. Callable from any thread."""
        with self._lock:
            waiting = 0.0 if self._since is None else time.monotonic() - self._since
            return Written(self._bytes, self._blocked + waiting)

    @property
    def is_stuck(self) -> bool:
        """Whether the terminal has taken nothing of what is being written for so long that it never may."""
        with self._lock:
            return self._since is not None and time.monotonic() - self._since > STUCK_SECONDS

    def write(self, text: str) -> int:
        """Pass text on."""
        self._begin()
        try:
            return self._file.write(text)
        finally:
            self._end(len(text.encode(errors="replace")))

    def flush(self) -> None:
        """Have the terminal take what was written."""
        self._begin()
        try:
            self._file.flush()
        finally:
            self._end(0)

    def fileno(self) -> int:
        """The terminal's file descriptor."""
        return self._file.fileno()

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return self._file.isatty()

    def _begin(self) -> None:
        with self._lock:
            self._since = time.monotonic()

    def _end(self, size: int) -> None:
        with self._lock:
            self._bytes += size
            if self._since is not None:
                self._blocked += time.monotonic() - self._since
            self._since = None


class MeteredDriver(LinuxDriver):
    """Textual's driver on a metered terminal."""

    _file: Any
    """Textual's own: what its writer thread writes to."""
    abandoned = False
    """Whether something is still being written to a terminal that takes nothing."""

    def __init__(
        self,
        app: "App[Any]",
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self.exit_event = QuietInput(self.fileno)

    def start_application_mode(self) -> None:
        """Put the meter between the writer thread, which this starts, and the terminal."""
        if self._file is not None and not isinstance(self._file, MeteredTerminal):
            self._file = MeteredTerminal(self._file)
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual left its annotation out
        if self._writer_thread is not None:
            # Thirty writes at most would hold up the keys of an app whose terminal does; ours slows down by itself.
            self._writer_thread._queue.maxsize = 0

    def close(self) -> None:
        """Write what is left, unless the terminal takes nothing."""
        thread = self._writer_thread
        if thread is not None and isinstance(self._file, MeteredTerminal):
            Thread(target=thread.stop, daemon=True).start()
            while thread.is_alive() and not self._file.is_stuck:
                thread.join(0.05)
            self.abandoned = thread.is_alive()
            if self.abandoned:
                self._writer_thread = None
        super().close()

    @property
    def written(self) -> Written:
        """Totals since the start."""
        return self._file.written if isinstance(self._file, MeteredTerminal) else Written(0, 0.0)
