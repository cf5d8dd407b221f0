"""Targets that are killed while they are recorded: what was gathered is kept, and never called complete."""

import os
import signal
import time
from threading import Event
from typing import Any

import pytest
from docker.models.containers import Container

from tests.live.conftest import ContainerFactory
from tests.live.engines import Engine
from tests.live.test_attach import profiling, record, wait_for
from tests.live.test_py_spy import ours
from workbench.measure.flame.functions import figures_of
from workbench.profilers.base import Progress, Wish
from workbench.profiling import Outcome, Profiling
from workbench.sources.ours import PROFILER

__all__ = ["profiling"]
PROFILERS = ("cprofile", "memray", "lines")
ROUNDS = 50
PROGRAM = f"""
import signal, time

held = []
asked = {{signal.SIGUSR1: 0, signal.SIGUSR2: 0}}

def on_signal(number, _):
    asked[number] += 1

for number in asked:
    signal.signal(number, on_signal)

def leaf(number):
    held.append(bytearray(20_000))

def work():
    for number in range({ROUNDS}):
        leaf(number)

def devour():
    while True:
        held.append(bytearray(10_000_000))
        time.sleep(0.01)

done = 0
print("alive", flush=True)
while True:
    time.sleep(0.02)
    if asked[signal.SIGUSR1] > done:
        work()
        done += 1
        print("worked", flush=True)
    if asked[signal.SIGUSR2]:
        devour()
"""
BY_ITSELF = PROGRAM.replace('print("alive", flush=True)\n', "began = time.monotonic()\nwork()\n").replace(
    "    time.sleep(0.02)\n", "    time.sleep(0.02)\n    if time.monotonic() - began > 4: devour()\n"
)
"""The same without being told: it works once, and four seconds later it takes all memory that there is."""
IGNORES = 'python3 -c "$0" & exec sleep 1000'
"""Leaves it as a zombie when it ends."""
LITTLE_MEMORY = {"mem_limit": "200m", "memswap_limit": "200m"}
FUNCTIONS = ("__main__:work", "__main__:leaf")


def tell(container: Container, number: signal.Signals) -> None:
    found = container.top(ps_args="-eo pid,comm")["Processes"]
    os.kill(next(int(pid) for pid, name in found if name.startswith("python")), number)


def saw_work(outcome: Outcome) -> bool:
    return any(one.place.name in {"work", "leaf"} and one.total > 0 for one in figures_of(outcome.profile))


@pytest.mark.parametrize("end", ["killed", "out of memory"])
@pytest.mark.parametrize("profiler", PROFILERS)
def test_process_that_is_killed_while_it_is_recorded(
    engine: Engine,
    base_image: str,
    container_factory: ContainerFactory,
    profiling: Profiling,
    profiler: str,
    end: str,
) -> None:
    container = container_factory(base_image, ["python3", "-c", PROGRAM], network_mode="none", **LITTLE_MEMORY)
    wait_for(container, "alive", 0)

    def meanwhile() -> None:
        said = container.logs().count(b"worked")
        tell(container, signal.SIGUSR1)
        wait_for(container, "worked", said)
        time.sleep(5)  # figures are written every two seconds
        if end == "killed":
            container.kill()
        else:
            tell(container, signal.SIGUSR2)
        container.wait()

    wish: dict[str, Any] = {"functions": FUNCTIONS} if profiler == "lines" else {}
    outcome = record(profiling, container, profiler, meanwhile, stops=False, **wish)
    container.reload()
    assert container.attrs["State"]["OOMKilled"] is (end == "out of memory")
    assert saw_work(outcome)
    assert not outcome.recorded.complete
    assert any("ended meanwhile" in warning for warning in outcome.recorded.warnings)
    assert outcome.recorded.duration_seconds < 60
    assert ours(engine) == []


@pytest.mark.parametrize("init", [["sh", "-c", 'python3 -c "$0"; echo ended; sleep 1000'], ["sh", "-c", IGNORES]])
def test_worker_that_is_killed_is_not_waited_for(
    engine: Engine, base_image: str, container_factory: ContainerFactory, profiling: Profiling, init: list[str]
) -> None:
    container = container_factory(base_image, [PROGRAM], entrypoint=init, network_mode="none")
    wait_for(container, "alive", 0)

    def meanwhile() -> None:
        tell(container, signal.SIGUSR1)
        wait_for(container, "worked", 0)
        time.sleep(3)
        tell(container, signal.SIGKILL)

    outcome = record(profiling, container, "lines", meanwhile, stops=False, functions=FUNCTIONS)
    assert saw_work(outcome)
    assert not outcome.recorded.complete
    assert outcome.recorded.duration_seconds < 60
    assert ours(engine) == []


@pytest.mark.parametrize("end", ["killed", "out of memory"])
@pytest.mark.parametrize("profiler", PROFILERS)
def test_fresh_run_that_is_killed_while_it_is_recorded(
    engine: Engine,
    base_image: str,
    container_factory: ContainerFactory,
    profiling: Profiling,
    profiler: str,
    end: str,
) -> None:
    program = PROGRAM.replace('print("alive", flush=True)\n', "work()\n") if end == "killed" else BY_ITSELF
    container = container_factory(base_image, ["python3", "-c", program], network_mode="none", **LITTLE_MEMORY)
    names: dict[str, str | list[str] | bool] = {"label": f"{PROFILER}={os.getpid()}"}

    def heard(progress: Progress) -> None:
        if end == "killed" and progress.elapsed_seconds > 3:
            for clone in engine.client.containers.list(filters=names):
                if "-fresh-" in str(clone.name):
                    clone.kill()

    functions = FUNCTIONS if profiler == "lines" else ()
    facts = profiling.probe(str(container.id))
    outcome = profiling.run(profiler, facts, Wish(seconds=60, route="fresh", functions=functions), heard, Event())
    assert saw_work(outcome)
    assert not outcome.recorded.complete
    said = "killed for its memory" if end == "out of memory" else "exit code 137"
    (warning,) = (warning for warning in outcome.recorded.warnings if said in warning)
    assert ("of its last second nothing is known" in warning) == (profiler != "memray")
    assert ours(engine) == []


def test_fresh_run_that_ends_by_itself_is_complete(
    base_image: str, container_factory: ContainerFactory, profiling: Profiling
) -> None:
    program = PROGRAM.partition("done = 0")[0] + "work()\nraise SystemExit(3)\n"
    container = container_factory(base_image, ["python3", "-c", program], network_mode="none")
    container.wait()
    facts = profiling.probe(str(container.id))
    outcome = profiling.run("memray", facts, Wish(seconds=60, route="fresh"), lambda _: None, Event())
    assert outcome.recorded.complete
    assert "the fresh run ended by itself with exit code 3" in outcome.recorded.warnings
