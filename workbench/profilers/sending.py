"""What a profiler needs on its way to the engine and back: how far it is, and given up when the user says so."""

import time
from threading import Event

from workbench.errors import Stopped
from workbench.model.probe import How
from workbench.profilers.base import Heard, Progress, Wish

_TELL_SECONDS = 1.0


class Sending:
    """Watches an upload.

    Args:
        what: What is sent, for progress: `gdb`.
        how: The way in.
        wish: What is recorded.
        heard: Told how far it is, every second.
        stop: Set to give up.
    """

    def __init__(self, what: str, how: How, wish: Wish, heard: Heard, stop: Event) -> None:
        self._what = what
        self._how = how
        self._wish = wish
        self._heard = heard
        self._stop = stop
        self._told = time.monotonic()

    def __call__(self, done: int, whole: int) -> None:
        """Tell that so many bytes of so many are sent.

        Raises:
            Stopped: when the user gave up.
        """
        if self._stop.is_set():
            raise Stopped("stopped")
        now = time.monotonic()
        if now - self._told >= _TELL_SECONDS:
            self._told = now
            note = f"sending {self._what}: {done / 1e6:.1f} of {whole / 1e6:.1f} MB"
            self._heard(Progress(self._how, 0.0, self._wish.seconds, note=note))


class Fetching:
    """Watches a download of what was recorded. What came before the user gave up is kept.

    Args:
        how: The way in.
        wish: What was recorded.
        heard: Told how far it is, every second.
        stop: Set to give up, by `later`.
    """

    def __init__(self, how: How, wish: Wish, heard: Heard, stop: Event) -> None:
        self._how = how
        self._wish = wish
        self._heard = heard
        self._stop = stop
        self._told = time.monotonic()

    def __call__(self, came: int) -> bool:
        """Tell that so many bytes came; whether more are wanted."""
        now = time.monotonic()
        if now - self._told >= _TELL_SECONDS:
            self._told = now
            note = f"fetching what was recorded: {came / 1e6:.1f} MB"
            self._heard(Progress(self._how, self._wish.seconds, self._wish.seconds, note=note))
        return not self._stop.is_set()


def later(stop: Event) -> Event:
    """What gives up the next step of a recording: `stop`, unless that is set already.

    A stop gives up the step in which it comes; who ended a recording by it wants what was recorded.

    Args:
        stop: Set by the user, whenever that was.
    """
    return Event() if stop.is_set() else stop
