"""A profile of a container under load: requests go to it at the rate of the comparison while py-spy looks on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Event, Thread
from typing import TYPE_CHECKING

from workbench.benching import Benching, Wish
from workbench.errors import Stopped, WorkbenchError
from workbench.measure.units import duration
from workbench.model.latency import LoadProgress
from workbench.model.runs import NewRun

if TYPE_CHECKING:
    from workbench.model.containers import EngineInfo
    from workbench.profilers.base import Progress
    from workbench.profiling import Profiling

LEAST_SECONDS = 5.0
"""A shorter profile tells too little."""
_SPARE_SECONDS = 60.0
"""That requests are sent for longer than is recorded: py-spy has its own container to start. It ends sooner."""
_LOOK_SECONDS = 0.1
_PROFILER = "py-spy"

Heard = Callable[[str], object]


def recorded_under_load(
    benching: Benching,
    profiling: "Profiling",
    container: str,
    name: str,
    load: Wish,
    engine: "EngineInfo",
    heard: Heard,
    stop: Event,
) -> NewRun:
    """Record a container for as long as its load is meant to be; blocks.

    Args:
        benching: Sends the requests.
        profiling: Records.
        container: Its id.
        name: What it is called in reasons.
        load: What is asked for, and how.
        engine: Where it runs.
        heard: Told how far it is; must not block.
        stop: Set to give up.

    Raises:
        Stopped: when it was stopped.
        WorkbenchError: when py-spy cannot look into it, it does not answer, or it ends meanwhile.
    """
    from workbench.profile_run import as_run
    from workbench.profilers.base import Wish as ProfileWish

    wish = ProfileWish(seconds=max(LEAST_SECONDS, load.plan.seconds))
    heard("looks for its Python")
    facts = replace(profiling.probe(container, stop), name=name)
    heard("warms up")
    with _asked(benching, load, wish.seconds, stop):
        recorded = profiling.run(_PROFILER, facts, wish, _words(heard), stop).recorded
    if stop.is_set():
        raise Stopped("stopped")
    if not recorded.complete:
        why = f": {recorded.warnings[0]}" if recorded.warnings else ""
        raise WorkbenchError(f"the recording of {name} ended early{why}", "start it by hand, and see its log")
    return as_run(recorded, facts, wish, engine)


@contextmanager
def _asked(benching: Benching, load: Wish, seconds: float, stop: Event) -> Iterator[None]:
    """Requests are sent for as long as the block runs, which begins when the service is warm."""
    over, warm = Event(), Event()
    failures: list[Exception] = []
    answered: list[int] = []
    wish = replace(load, plan=replace(load.plan, seconds=seconds + _SPARE_SECONDS))

    def heard(told: LoadProgress) -> None:
        if told.elapsed_seconds >= 0:
            warm.set()

    def send() -> None:
        try:
            answered.append(benching.run(wish, heard, over).result.answered)
        except Exception as error:  # noqa: BLE001  it is raised by the thread that waits
            failures.append(error)
        finally:
            warm.set()

    sender = Thread(target=send, name="compare:load", daemon=True)
    sender.start()
    try:
        while not warm.wait(_LOOK_SECONDS):
            if stop.is_set():
                raise Stopped("stopped")
        if failures:
            raise failures[0]
        yield
    finally:
        over.set()
        sender.join()
    if failures and not isinstance(failures[0], Stopped):
        raise failures[0]
    if answered == [0]:
        raise WorkbenchError("nothing was answered while it was recorded", "start it by hand, and see its log")


def _words(heard: Heard) -> "Callable[[Progress], object]":
    def tell(told: "Progress") -> None:
        how_far = f"{duration(told.elapsed_seconds)} of {duration(told.seconds)}, {told.samples} samples"
        heard(f"py-spy, {told.note or how_far}")

    return tell
