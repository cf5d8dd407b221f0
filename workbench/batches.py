"""What comes one by one, handed on many at a time: a log can have ten thousand lines a second."""

from collections.abc import Callable, Iterable, Sequence
from queue import Empty, Queue
from threading import Event, Thread
from typing import TypeVar

T = TypeVar("T")

MOST_WAITING = 4096
"""What is read ahead; whoever writes faster has to wait."""
MOST_AT_ONCE = 1000
PAUSE_SECONDS = 0.05
"""Between two batches: shorter than an eye notices, and long enough that a busy log comes in few of them."""


def hand_over(things: Iterable[T], on_batch: Callable[[Sequence[T]], object], stop: Event) -> None:
    """Read `things` on a thread of its own, and give `on_batch` on this one all that came since it was called last.

    Args:
        things: Ends soon after `stop` is set; what it raises is raised here.
        on_batch: Never gets an empty batch, and none after `stop` is set.
        stop: Set to give up, from any thread.
    """
    queue: Queue[T | _End] = Queue(MOST_WAITING)

    def read() -> None:
        end = _End()
        try:
            for thing in things:
                queue.put(thing)
        except BaseException as error:  # noqa: BLE001  raised again by who waits
            end.error = error
        queue.put(end)

    Thread(target=read, name="batches", daemon=True).start()
    end: _End | None = None
    failure: Exception | None = None
    while end is None:
        batch, end = _take(queue)
        if batch and not stop.is_set():
            try:
                on_batch(batch)
            except Exception as error:  # noqa: BLE001  raised below, once the reader has let go
                failure = error
                stop.set()
        if end is None:
            stop.wait(PAUSE_SECONDS)
    if failure is not None:
        raise failure
    if end.error is not None and not stop.is_set():
        raise end.error


class _End:
    """Stands behind the last thing."""

    error: BaseException | None = None


def _take(queue: "Queue[T | _End]") -> tuple[list[T], _End | None]:
    """Wait for one thing, and take those that are there with it."""
    batch: list[T] = []
    thing = queue.get()
    while not isinstance(thing, _End):
        batch.append(thing)
        if len(batch) == MOST_AT_ONCE:
            return batch, None
        try:
            thing = queue.get_nowait()
        except Empty:
            return batch, None
    return batch, thing
