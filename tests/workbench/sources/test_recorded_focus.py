"""Recorded processes, and what a recording cannot do."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, cast

import pytest

from workbench.errors import RecordingError, WorkbenchError
from workbench.model.processes import FocusSnapshot
from workbench.sources.demo import DemoWorld
from workbench.sources.recorded_focus import RecordedFocus
from workbench.sources.recording import RecordedWorld

if TYPE_CHECKING:
    from workbench.sources.recording import RecordedSource


class Recorded:
    """A recorded source."""

    def read(self) -> FocusSnapshot:
        return FocusSnapshot("a")

    def age(self) -> float:
        return 0.5


@pytest.fixture
def demo() -> Iterator[DemoWorld]:
    world = DemoWorld(still_at=10.0)
    yield world
    world.close()


def test_only_the_container_that_was_looked_at_then() -> None:
    focus = RecordedFocus(cast("RecordedSource[FocusSnapshot]", Recorded()))
    with pytest.raises(WorkbenchError, match="no container is looked at"):
        focus.read()
    focus.look_at("a")
    assert (focus.read(), focus.age()) == (FocusSnapshot("a"), 0.5)
    focus.look_at("b")
    with pytest.raises(WorkbenchError, match="were not recorded at this moment"):
        focus.read()


def test_the_demo_has_the_processes_of_one_container(demo: DemoWorld) -> None:
    demo.look_at("a")
    with pytest.raises(WorkbenchError, match="were not recorded at this moment"):
        demo.focus.read()
    api = next(each for each in demo.fleet.read().containers if each.name == "shop-api-1")
    demo.look_at(api.id)
    assert [process.inner_pid for process in demo.focus.read().processes] == [1]


def test_a_recording_without_processes_or_logs(tmp_path: Path) -> None:
    path = tmp_path / "bare.ndjson"
    path.write_text(
        '{"workbench_recording": 1, "started": "2026-01-01T00:00:00+00:00", "name": "x", "interval": 1.0}\n'
    )
    world = RecordedWorld(path)
    try:
        world.look_at("a")
        with pytest.raises(RecordingError, match="holds no readings of the processes"):
            world.focus.read()
        with pytest.raises(WorkbenchError, match="holds no log"):
            list(world.logs("a", tail=1))
    finally:
        world.close()


def test_the_demo_has_logs_up_to_its_moment(demo: DemoWorld) -> None:
    api = next(each for each in demo.fleet.read().containers if each.name == "shop-api-1")
    lines = list(demo.logs(api.id, tail=5, since=None, follow=False, stop=Event()))
    assert lines
    assert all(line.at <= demo.now() for line in lines)


def test_nothing_can_be_done_to_what_has_been(demo: DemoWorld) -> None:
    container = demo.fleet.read().containers[0].id
    calls: list[Any] = [
        lambda: demo.act(container, "stop"),
        lambda: demo.shell_command(container),
        lambda: demo.container_file(container, "/etc/passwd", 100),
    ]
    for call in calls:
        with pytest.raises(WorkbenchError, match=r"recorded|recording"):
            call()
