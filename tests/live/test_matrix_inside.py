"""Every way into an interpreter, as it runs and once more, in every kind of container: counts and lines are exact.

One container of each kind is entered by all ways, one after another: what one leaves, the next would see.
"""

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from docker.models.containers import Container

from tests.live.conftest import ContainerFactory, remove_container
from tests.live.engines import Engine
from tests.live.patients import EATER
from tests.live.test_attach import profiling, unharmed
from tests.live.test_matrix import KINDS, Options, Way, await_python, options, pause
from tests.live.test_py_spy import ours
from workbench.errors import WorkbenchError
from workbench.measure.flame.functions import figures_of
from workbench.profilers.base import Impossible, Progress, Wish
from workbench.profiling import Outcome, Profiling

__all__ = ["options", "profiling"]  # fixtures

EATS = EATER.replace("held", "eaten")
PROGRAM = """
import os, signal, sys, threading, time

held = []

def step(n):
    return n * 2

def planted():
    for n in range(3):
        step(n)
    held.append(bytearray(15_000))

def light():
    step(1)
    held.append(bytearray(5_000))

def answer():
    while True:
        print("alive", flush=True)
        time.sleep(0.2)

def main(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        planted()
        light()
        time.sleep(0.01)

def eat(*_):
    $EATER

signal.signal(signal.SIGUSR1, lambda *_: os._exit(0))
signal.signal(signal.SIGUSR2, eat)
threading.Thread(target=answer, daemon=True).start()
""".replace("$EATER", EATS.replace("\n", "\n    "))
"""Three quarters of what it holds, and of its steps, are of `planted`. It ends, or eats its memory, at a signal."""
LEAK = PROGRAM.splitlines().index("    held.append(bytearray(15_000))") + 1
STEP = PROGRAM.splitlines().index("        step(n)") + 1
SHARE = 0.75
SECONDS = 1.0
LONG = 60.0
MEMORY = "128m"
WRITTEN_SECONDS = 4.5
"""What is attached writes its figures every two seconds, by its own clock."""
ATTACHED = (Way("cprofile", "gdb"), Way("memray", "gdb"), Way("lines", "gdb"))
ENTERED = (Way("cprofile", "remote-exec"), Way("memray", "remote-exec"), Way("lines", "remote-exec"))
FRESH = (Way("memray", "fresh"), Way("lines", "fresh"))
MUSL = "musl and no shell"
NEWER = [kind for kind in KINDS if kind != MUSL]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the program."""
    folder = tmp_path_factory.mktemp("program")
    folder.chmod(0o755)
    (folder / "program.py").write_text(PROGRAM + "main(1e9)\n")
    return folder


@pytest.fixture(scope="module", params=KINDS)
def target(request: pytest.FixtureRequest, engine: Engine, base_image: str, options: Options) -> Iterator[Container]:
    """One container of each kind, with Python 3.11."""
    image = request.getfixturevalue("musl_image") if request.param == MUSL else base_image
    yield from running(engine, image, options(**KINDS[request.param]))


@pytest.fixture(scope="module", params=NEWER)
def newer(request: pytest.FixtureRequest, engine: Engine, sid_image: str, options: Options) -> Iterator[Container]:
    """The same with Python 3.14."""
    yield from running(engine, sid_image, options(**KINDS[request.param]))


def running(engine: Engine, image: str, made: dict[str, Any]) -> Iterator[Container]:
    """A container that runs the program, until it is not needed any more."""
    container = engine.client.containers.create(image, **made)
    container.start()
    await_python(container)
    yield container
    remove_container(container)


def look(
    profiling: Profiling, container: Container, way: Way, meanwhile: Callable[[], object] | None = None, **wish: Any
) -> Outcome:
    """Go that way; do something as soon as it records."""
    has_begun = Event()

    def hear(progress: Progress) -> None:
        if progress.note == "recording" and not has_begun.is_set():
            has_begun.set()
            if meanwhile is not None:
                meanwhile()

    functions = ("__main__:planted", "__main__:light") if way.profiler == "lines" else ()
    chosen = {"seconds": SECONDS, "route": way.route, "accepts_risk": True, "functions": functions, **wish}
    outcome = profiling.run(way.profiler, profiling.probe(str(container.id)), Wish(**chosen), hear, Event())
    assert outcome.recorded.how == way.route
    return outcome


def holds_what_is_known(outcome: Outcome, file: str = "/app/program.py") -> None:
    """Calls and hits agree with each other to one round, bytes have their share, and lines are the planted ones."""
    figures = {one.place.name: one for one in figures_of(outcome.profile)}
    said = " ".join(outcome.recorded.warnings)
    match outcome.recorded.profiler:
        case "cprofile":
            rounds, others, steps = (figures[name].calls or 0 for name in ("planted", "light", "step"))
            assert rounds > 10
            assert abs(rounds - others) <= 1
            assert abs(steps - 4 * rounds) <= 4
            assert figures["planted"].place.file == file
            assert (outcome.recorded.overhead_percent is None) == ("what the profiler cost is not known" in said)
        case "memray":
            planted, light = figures["planted"], figures["light"]
            assert (planted.calls or 0) > 10
            assert planted.own / (planted.own + light.own) == pytest.approx(SHARE, abs=0.05)
            assert (planted.place.file, planted.place.line) == (file, LEAK)
            assert "what memray cost is not known" in said
            assert "here one took" in said
        case "lines":
            hits = {line.place.line: line.hits for line in outcome.profile.lines}
            assert hits[LEAK] > 10
            assert abs(hits[STEP] - 3 * hits[LEAK]) <= 3
            assert {line.place.file for line in outcome.profile.lines} == {file}
            assert "what line_profiler cost is not known" in said
            assert "one that is counted took" in said


@pytest.mark.parametrize("way", ATTACHED + FRESH, ids=" by ".join)
def test_planted_function_is_found(
    request: pytest.FixtureRequest, engine: Engine, target: Container, profiling: Profiling, way: Way
) -> None:
    lacks_ctypes = request.node.callspec.params["target"] == MUSL and way in ATTACHED and way.profiler != "memray"
    with unharmed(engine, target):
        if lacks_ctypes:
            with pytest.raises(WorkbenchError, match=r"lacks ctypes, and before 3\.12 it takes that") as told:
                look(profiling, target, way)
            assert "py-spy" in told.value.hint
            return
        outcome = look(profiling, target, way)
    assert outcome.recorded.complete
    holds_what_is_known(outcome)
    assert outcome.recorded.python == "3.11"


@pytest.mark.parametrize("way", ENTERED, ids=" by ".join)
def test_planted_function_is_found_by_a_python_that_lets_itself_be_entered(
    engine: Engine, newer: Container, profiling: Profiling, way: Way
) -> None:
    holds_of_a_newer_python(engine, newer, profiling, way)


@pytest.mark.parametrize("newer", ["root", "read-only"], indirect=True)
@pytest.mark.parametrize("way", FRESH, ids=" by ".join)
def test_planted_function_is_found_by_a_newer_python_that_is_run_once_more(
    engine: Engine, newer: Container, profiling: Profiling, way: Way
) -> None:
    holds_of_a_newer_python(engine, newer, profiling, way)


def holds_of_a_newer_python(engine: Engine, newer: Container, profiling: Profiling, way: Way) -> None:
    """The same of Python 3.14."""
    with unharmed(engine, newer):
        outcome = look(profiling, newer, way)
    assert outcome.recorded.complete
    holds_what_is_known(outcome)
    assert outcome.recorded.python == "3.14"


def test_older_python_is_not_entered_by_its_own_door(engine: Engine, target: Container, profiling: Profiling) -> None:
    for way in ENTERED:
        said = r"needs Python 3\.14 or newer, and this is 3\.11"
        with unharmed(engine, target), pytest.raises(Impossible, match=said):
            look(profiling, target, way)


# -- targets that do not go on ----------------------------------------------------------------------------


def image_of(request: pytest.FixtureRequest, way: Way) -> str:
    """With a Python that can be entered that way."""
    return str(request.getfixturevalue("sid_image" if way.route == "remote-exec" else "base_image"))


@pytest.fixture(scope="module")
def paused(engine: Engine, base_image: str, options: Options) -> Iterator[Container]:
    """A paused container."""
    for container in running(engine, base_image, options()):
        pause(container)
        yield container


@pytest.mark.parametrize("way", ATTACHED + FRESH, ids=" by ".join)
def test_paused_target_is_run_once_more_or_the_way_out_is_told(
    engine: Engine, paused: Container, profiling: Profiling, way: Way
) -> None:
    if way.route == "fresh":
        holds_what_is_known(look(profiling, paused, way))
    else:
        with pytest.raises(Impossible, match="is paused, and nothing of it runs") as told:
            look(profiling, paused, way)
        assert told.value.exit_code == 3
        assert "open: fresh" in told.value.hint
    paused.reload()
    assert paused.status == "paused"
    assert ours(engine) == []
    paused.unpause()
    with unharmed(engine, paused):
        pass
    pause(paused)


def at_a_signal(container: Container, number: str) -> Callable[[], None]:
    """Has the program end, or eat its memory, once what is attached has written its first figures."""

    def tell() -> None:
        time.sleep(WRITTEN_SECONDS)
        container.kill(number)

    return tell


@pytest.mark.parametrize("way", ATTACHED + ENTERED + FRESH, ids=" by ".join)
def test_target_ends_within_the_recording(
    request: pytest.FixtureRequest,
    engine: Engine,
    container_factory: ContainerFactory,
    profiling: Profiling,
    program: Path,
    options: Options,
    way: Way,
) -> None:
    (program / "ends.py").write_text(PROGRAM + f"main({1 if way.route == 'fresh' else 1e9})\n")
    container = container_factory(image_of(request, way), **options("ends.py"))
    await_python(container)
    outcome = look(profiling, container, way, at_a_signal(container, "USR1"), seconds=LONG)
    holds_what_is_known(outcome, "/app/ends.py")
    if way.route != "fresh":
        assert any("ended meanwhile" in warning for warning in outcome.recorded.warnings)
        assert outcome.recorded.overhead_percent is None
    assert container.wait()["StatusCode"] == 0, "it ended by itself"
    assert ours(engine) == []


@pytest.mark.parametrize("way", ATTACHED + ENTERED + FRESH, ids=" by ".join)
def test_target_is_killed_for_its_memory_within_the_recording(
    request: pytest.FixtureRequest,
    engine: Engine,
    container_factory: ContainerFactory,
    profiling: Profiling,
    program: Path,
    options: Options,
    way: Way,
) -> None:
    limits = {"mem_limit": MEMORY, "memswap_limit": MEMORY}
    after = f"main(2.5)\n{EATS}\n" if way.route == "fresh" else "main(1e9)\n"
    (program / "eats.py").write_text(PROGRAM + after)
    container = container_factory(image_of(request, way), **options("eats.py", **limits))
    await_python(container)
    outcome = look(profiling, container, way, at_a_signal(container, "USR2"), seconds=LONG)
    assert "planted" in {one.place.name for one in figures_of(outcome.profile)}
    said = " ".join(outcome.recorded.warnings)
    if way.route == "fresh":
        assert "killed for its memory" in said or "exit code 137" in said, "the engine may learn the reason later"
    else:
        assert "ended meanwhile" in said
        assert container.wait()["StatusCode"] == 128 + signal.SIGKILL
    assert ours(engine) == []
