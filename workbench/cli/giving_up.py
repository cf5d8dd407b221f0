"""Ctrl-C, a hang-up and a polite kill as an event, so that what was made in the engine is removed first."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

from workbench.errors import Stopped


@contextmanager
def until_told(*, keeps: bool = False) -> Iterator[Event]:
    """The event, instead of what these signals do otherwise. The second one does not wait.

    Args:
        keeps: Whether what was gathered until then is a result.

    Raises:
        KeyboardInterrupt: when the work was given up, or there was nothing to keep.
    """
    stop = Event()

    def give_up(*_: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [(number, signal.signal(number, give_up)) for number in numbers]
    try:
        yield stop
    except Stopped:
        raise KeyboardInterrupt from None
    finally:
        for number, handler in before:
            signal.signal(number, handler)
    if stop.is_set() and not keeps:
        raise KeyboardInterrupt
