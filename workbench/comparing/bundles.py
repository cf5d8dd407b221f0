"""Two incident bundles or recordings: one container, all that was read of it in each."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from workbench.comparing.marks import window
from workbench.errors import UsageError
from workbench.history import History
from workbench.measure.compare.windows import Window, compare_windows
from workbench.measure.instants import local_minute
from workbench.measure.text import printable
from workbench.measure.units import duration
from workbench.model.comparison import Comparison, Flag
from workbench.model.containers import Container
from workbench.model.events import EngineEvent
from workbench.sources.recording import RecordedWorld


@dataclass(frozen=True, slots=True)
class _Opened:
    """A recording, all of it in a history."""

    path: Path
    history: History
    about: str
    """The id of the container that it is about; empty for none."""
    containers: tuple[Container, ...]


def compare_bundles(before: Path, after: Path, name: str = "") -> Comparison:
    """Judge what a container used in one recording against what it used in another.

    Args:
        before: The first.
        after: The second.
        name: The container's, in both; empty is the one that the bundles are about.

    Raises:
        RecordingError: when a file is no recording.
        UsageError: when the container cannot be told.
    """
    with _opened(before) as old, _opened(after) as new:
        container = _chosen(old, name)
        compared = compare_windows(_whole(old, container), _whole(new, _chosen(new, name or container.name)))
    flag = Flag("repeats", "two recordings: what their machines did otherwise is in the change too")
    return replace(compared, flags=(*compared.flags, flag))


@contextmanager
def _opened(path: Path) -> Iterator[_Opened]:
    world = RecordedWorld(path)
    try:
        history = History(world.now, lambda: 0.0, world.header.interval, world)
        found: dict[str, Container] = {}
        history.choose(world.header.about)
        for feed, at, value in world.readings():
            history.add(feed, at, value)
        span = history.span()
        fleet = history.fleet_at(span[1]) if span else None
        found = {container.id: container for container in (fleet.containers if fleet else ())}
        yield _Opened(path, history, world.header.about, tuple(found.values()))
    finally:
        world.close()


def _chosen(opened: _Opened, name: str) -> Container:
    where = printable(str(opened.path))
    matches = [
        container
        for container in opened.containers
        if (container.name == name if name else container.id == opened.about)
        or (name and container.id.startswith(name))
    ]
    if len(matches) != 1 and not name and len(opened.containers) == 1:
        matches = list(opened.containers)
    if len(matches) == 1:
        return matches[0]
    names = ", ".join(printable(container.name) for container in opened.containers[:10])
    reason = f"{where} has no container {printable(name)}" if name else f"{where} is about no single container"
    raise UsageError(reason, f"--container NAME chooses one: {names}")


def _whole(opened: _Opened, container: Container) -> Window:
    since, until = opened.history.span() or (0.0, 0.0)
    about = EngineEvent(until, "mark", container.id, container.name)
    return window(opened.history, about, (since, until), f"{duration(until - since)} up to {local_minute(until)}")
