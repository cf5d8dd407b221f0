"""Main threads that come late or have no room, signals while gdb is there, and what is given up on its way."""

from threading import Event

import pytest

from tests.live.conftest import ContainerFactory
from tests.live.engines import Engine
from tests.live.test_attach import CALLS, PROGRAM, calls, profiling, record, unharmed, wait_for, work
from tests.live.test_py_spy import ours
from workbench.errors import Stopped, WorkbenchError
from workbench.model.probe import How
from workbench.profilers.attach.gdb_image import gdb_image
from workbench.profilers.base import Progress, Wish
from workbench.profilers.sending import Sending
from workbench.profiling import Profiling

__all__ = ["profiling"]
LATE = """
import sys, threading, time

def answer():
    while True:
        print("alive", flush=True)
        time.sleep(0.2)

def leaf(n):
    return n * 2

threading.Thread(target=answer, daemon=True).start()
while True:
    time.sleep(15)
    for i in range(1000): leaf(i)
    print("worked", flush=True)
"""
"""The main thread sleeps, and works between two sleeps."""


@pytest.mark.parametrize("route", ["gdb", "remote-exec"])
def test_main_thread_that_sleeps_is_waited_for(
    engine: Engine,
    base_image: str,
    sid_image: str,
    container_factory: ContainerFactory,
    profiling: Profiling,
    route: How,
) -> None:
    image = base_image if route == "gdb" else sid_image
    container = container_factory(image, ["python3", "-c", LATE], network_mode="none")
    wait_for(container, "alive")
    notes: list[str] = []

    def heard(progress: Progress) -> None:
        notes.append(progress.note)

    with unharmed(engine, container):
        wish = Wish(seconds=40, route=route, accepts_risk=True)
        outcome = profiling.run("cprofile", profiling.probe(str(container.id)), wish, heard, Event())
    assert calls(outcome)["leaf"] in {2000, 3000}
    assert outcome.recorded.complete
    waited = [note for note in notes if "waits for its main thread" in note]
    assert waited[-1].endswith("of 40 s")


def test_who_does_not_wait_for_it_gives_up_at_once(
    engine: Engine, base_image: str, container_factory: ContainerFactory, profiling: Profiling
) -> None:
    container = container_factory(base_image, ["python3", "-c", LATE], network_mode="none")
    wait_for(container, "alive")
    stop = Event()

    def heard(progress: Progress) -> None:
        if "waits for its main thread" in progress.note:
            stop.set()

    wish = Wish(seconds=600, route="gdb", accepts_risk=True)
    with pytest.raises(Stopped):
        profiling.run("cprofile", profiling.probe(str(container.id)), wish, heard, stop)
    assert ours(engine) == []
    said = container.logs(stdout=False)
    wait_for(container, "worked")  # it wakes, and finds nothing
    assert container.logs(stdout=False) == said == b""
    assert len(container.top()["Processes"]) == 1


FULL = """
import ctypes, threading, time

def fill():
    library = ctypes.PyDLL(None)
    run = ctypes.cast(library.PyRun_SimpleString, ctypes.c_void_p)
    nothing = ctypes.create_string_buffer(b"pass")
    time.sleep(1)
    while library.Py_AddPendingCall(run, nothing) == 0: pass
    while True:
        print("alive", flush=True)
        time.sleep(0.2)

threading.Thread(target=fill, daemon=True).start()
time.sleep(1000)
"""


def test_main_thread_that_has_no_room_for_more_says_so(
    engine: Engine, base_image: str, container_factory: ContainerFactory, profiling: Profiling
) -> None:
    container = container_factory(base_image, ["python3", "-c", FULL], network_mode="none")
    wait_for(container, "alive", 0)
    with unharmed(engine, container), pytest.raises(WorkbenchError, match="no room to ask it for more") as told:
        record(profiling, container)
    assert "py-spy" in told.value.hint


SIGNALS = PROGRAM.replace(
    "signal.signal(signal.SIGUSR1, on_signal)\n",
    """signal.signal(signal.SIGUSR1, on_signal)
for number in range(signal.SIGRTMIN, signal.SIGRTMIN + 8): signal.signal(number, lambda *_: None)

def storm():
    import itertools, os
    for number in itertools.cycle(range(signal.SIGRTMIN, signal.SIGRTMIN + 8)):
        os.kill(os.getpid(), number)
        time.sleep(0.0002)

threading.Thread(target=storm, daemon=True).start()
""",
)


def test_signals_of_real_time_pass_gdb_by(
    engine: Engine, base_image: str, container_factory: ContainerFactory, profiling: Profiling
) -> None:
    container = container_factory(base_image, ["python3", "-c", SIGNALS], network_mode="none")
    wait_for(container, "alive")
    for _ in range(3):
        with unharmed(engine, container):
            assert calls(record(profiling, container, meanwhile=work(container)))["leaf"] == 7 * CALLS


def test_image_of_gdb_is_given_up_on_its_way(engine: Engine) -> None:
    client, told = engine.client.api, []
    stop = Event()

    def watch(done: int, whole: int) -> None:
        told.append((done, whole))
        if done > whole / 2:
            stop.set()
        Sending("gdb", "gdb", Wish(), lambda _: None, stop)(done, whole)

    with pytest.raises(Stopped), gdb_image(client, watch):
        pass
    assert told[-1][0] < told[-1][1]
    assert ours(engine) == []
    with gdb_image(client, lambda done, whole: told.append((done, whole))) as image:
        assert engine.client.images.get(image)
    assert told[-1][0] == told[-1][1] > 10_000_000
    assert ours(engine) == []
