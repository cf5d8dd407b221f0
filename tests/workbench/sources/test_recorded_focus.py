"""Recorded processes, and what a recording cannot do."""

from collections.abc import Iterator
from threading import Event
from typing import TYPE_CHECKING, Any, cast

import pytest

from workbench.errors import RecordingError, WorkbenchError
from workbench.model.processes import FocusSnapshot
from workbench.sources.demo import DemoWorld
from workbench.sources.recorded_focus import RecordedFocus

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


def test_a_recording_without_processes(demo: DemoWorld) -> None:
    demo.look_at("a")
    with pytest.raises(RecordingError, match="holds no readings of the processes"):
        demo.focus.read()


def test_nothing_can_be_done_to_what_has_been(demo: DemoWorld) -> None:
    container = demo.fleet.read().containers[0].id
    calls: list[Any] = [
        lambda: demo.act(container, "stop"),
        lambda: demo.shell_command(container),
        lambda: list(demo.logs(container, tail=1, since=None, follow=True, stop=Event())),
    ]
    for call in calls:
        with pytest.raises(WorkbenchError, match=r"recorded|recording"):
            call()
