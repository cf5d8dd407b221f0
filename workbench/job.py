"""One finite piece of work on its own daemon thread: an inspect, an export, later a profile or a build."""

import time
from collections.abc import Callable
from threading import Thread
from typing import TypeVar

from workbench.feed import as_missing
from workbench.model.reading import Fresh, Reading
from workbench.sources.base import Clock

T = TypeVar("T")


def start_job(
    work: Callable[[], T], on_done: Callable[[Reading[T]], object], *, name: str, clock: Clock = time.monotonic
) -> Thread:
    """Run `work` on a daemon thread and hand its reading to `on_done`, on that same thread.

    A daemon, so work that hangs on a dead engine never holds up quitting.
    """

    def run() -> None:
        try:
            reading: Reading[T] = Fresh(work(), clock())
        except Exception as error:  # noqa: BLE001  a failure is a reading too
            reading = as_missing(error)
        on_done(reading)

    thread = Thread(target=run, name=f"job:{name}", daemon=True)
    thread.start()
    return thread
