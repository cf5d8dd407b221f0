"""Running Pythons are entered: what is counted is exact, the target is as before, and nothing of ours is left."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from docker.models.containers import Container

from tests.live.attach_targets import Interpreter, mounted
from tests.live.conftest import ContainerFactory
from tests.live.engines import Engine
from tests.live.test_py_spy import changed_files, ours
from workbench.errors import WorkbenchError
from workbench.measure.flame.functions import figures_of
from workbench.model.probe import How
from workbench.profilers.attach import live
from workbench.profilers.base import Progress, RiskUnasked, Wish
from workbench.profiling import Outcome, Profiling
from workbench.settings import Settings
from workbench.sources.ours import PROFILER

ROOT = Path(__file__).parents[2]
LONG = 120.0
CALLS = 1000
PROGRAM = f"""
import signal, sys, threading, time

asked = 0

def leaf(n):
    return n * 2

def work():
    for i in range(7):
        leaf(i)
    len([])

def on_signal(*_):
    global asked
    asked += 1

def answer():
    while True:
        print("alive", flush=True)
        time.sleep(0.2)

signal.signal(signal.SIGUSR1, on_signal)
if "alone" not in sys.argv:
    threading.Thread(target=answer, daemon=True).start()
done = count = 0
while True:
    time.sleep(0.01)
    count += 1
    if asked > done:
        for _ in range({CALLS}): work()
        done += 1
        print("worked", done, flush=True)
    elif "alone" in sys.argv and count % 20 == 0:
        print("alive", flush=True)
"""
"""Works when it is told to by a signal; so it is known what runs within a recording."""
THREADS = (
    PROGRAM.partition("done = count")[0]
    + f"""
def serve():
    done = 0
    while True:
        time.sleep(0.01)
        if asked > done:
            for _ in range({CALLS}):
                work()
                brief = threading.Thread(target=work)
                brief.start()
                brief.join()
            done += 1
            print("worked", done, flush=True)

threading.Thread(target=serve, daemon=True).start()
while True: time.sleep(0.05)
"""
)
"""The same on a thread that was there before, which has half of it done by others that it starts."""


@pytest.fixture
def profiling(engine: Engine, monkeypatch: pytest.MonkeyPatch, wheel_cache: Path) -> Iterator[Profiling]:
    monkeypatch.setenv("DOCKER_HOST", engine.host)
    monkeypatch.setenv("DOCKER_CONTEXT", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(wheel_cache))
    opened = Profiling(Settings())
    yield opened
    opened.close()


@contextmanager
def unharmed(engine: Engine, container: Container) -> Iterator[None]:
    """Holds that a target answers after as before, has no process or file more, and that nothing of ours is left."""
    container.reload()
    before = container.attrs["State"]["Pid"], len(container.top()["Processes"]), changed_files(container)
    yield
    container.reload()
    assert (container.attrs["State"]["Pid"], len(container.top()["Processes"]), changed_files(container)) == before
    wait_for(container, "alive")
    assert ours(engine) == []


def wait_for(container: Container, word: str, said: int | None = None) -> None:
    """Wait until it says it once more."""
    said = container.logs().count(word.encode()) if said is None else said
    while container.logs().count(word.encode()) == said:
        container.reload()
        assert container.status == "running"
        time.sleep(0.1)


def record(
    profiling: Profiling,
    container: Container,
    name: str = "cprofile",
    meanwhile: Callable[[], object] = lambda: None,
    *,
    stops: bool = True,
    **wish: Any,
) -> Outcome:
    """Record, do something as soon as it is on, and stop."""
    stop, has_begun = Event(), Event()

    def heard(progress: Progress) -> None:
        if progress.note == "recording" and not has_begun.is_set():
            has_begun.set()
            meanwhile()
            if stops:
                stop.set()

    chosen = Wish(**{"seconds": LONG, "accepts_risk": True, **wish})
    return profiling.run(name, profiling.probe(str(container.id)), chosen, heard, stop)


def work(container: Container) -> Callable[[], None]:
    """Has the target work once."""

    def tell() -> None:
        said = container.logs().count(b"worked")
        python = int(container.top(ps_args="-eo pid,args")["Processes"][-1][0])
        os.kill(python, signal.SIGUSR1)
        wait_for(container, "worked", said)

    return tell


def calls(outcome: Outcome) -> dict[str, int | None]:
    return {one.place.name: one.calls for one in figures_of(outcome.profile)}


def interpreter(version: str, base_image: str, sid_image: str) -> Interpreter:
    if version in {"3.14", "3.15"}:
        return Interpreter(version, sid_image, "python3" if version == "3.14" else "python3.15")
    found = Interpreter(version, base_image, "python3") if version == "3.11" else mounted(version, base_image)
    if found is None:
        pytest.skip(f"no Python {version} on this machine")
    return found


@pytest.mark.parametrize(
    ("version", "route"),
    [
        ("3.8", "gdb"),
        ("3.11", "gdb"),
        ("3.13", "gdb"),
        ("3.14", "gdb"),
        ("3.14", "remote-exec"),
        ("3.15", "remote-exec"),
    ],
)
@pytest.mark.parametrize("threads", ["one thread", "two threads"])
def test_calls_are_exact(
    engine: Engine,
    base_image: str,
    sid_image: str,
    container_factory: ContainerFactory,
    profiling: Profiling,
    version: str,
    route: How,
    threads: str,
) -> None:
    python = interpreter(version, base_image, sid_image)
    words = ["alone"] if threads == "one thread" else []
    container = container_factory(
        python.image, [python.program, "-c", PROGRAM, *words], network_mode="none", volumes=list(python.volumes)
    )
    wait_for(container, "alive")
    for _ in range(2):
        with unharmed(engine, container):
            outcome = record(profiling, container, meanwhile=work(container), route=route)
        found = calls(outcome)
        assert (found["work"], found["leaf"], found["<built-in method builtins.len>"]) == (CALLS, 7 * CALLS, CALLS)
        assert not [name for name in found if "workbench" in name or "Profiler" in name]
        assert outcome.recorded.how == route
        assert outcome.recorded.python == version
        assert outcome.recorded.overhead_percent is not None
        told = " ".join(outcome.recorded.warnings)
        has_to_know = threads == "two threads" and version != "3.11"  # each of its threads is profiled for itself
        assert ("thread" in told) is has_to_know


@pytest.mark.parametrize("version", ["3.9", "3.10", "3.11"])
def test_every_thread_is_seen_whenever_it_started(
    engine: Engine,
    base_image: str,
    sid_image: str,
    container_factory: ContainerFactory,
    profiling: Profiling,
    version: str,
) -> None:
    python = interpreter(version, base_image, sid_image)
    container = container_factory(
        python.image, [python.program, "-c", THREADS], network_mode="none", volumes=list(python.volumes)
    )
    wait_for(container, "alive")
    for _ in range(2):
        with unharmed(engine, container):
            outcome = record(profiling, container, meanwhile=work(container))
        found = calls(outcome)
        assert (found["work"], found["leaf"]) == (2 * CALLS, 14 * CALLS)
        assert not [name for name in found if "workbench" in name or "Profiler" in name or name == "begin_thread"]
        assert not any("thread" in warning for warning in outcome.recorded.warnings)


KINDS: dict[str, dict[str, Any]] = {
    "nothing allowed": {
        "user": "1000:1000",
        "read_only": True,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges"],
    },
    "an init": {"init": True},
    "a shell": {"entrypoint": ["sh", "-c", 'python3 -c "$0" alone; true']},
}


@pytest.mark.parametrize("kind", KINDS)
def test_where_little_is_allowed_and_where_another_is_the_first_process(
    engine: Engine, base_image: str, container_factory: ContainerFactory, profiling: Profiling, kind: str
) -> None:
    command = [PROGRAM] if kind == "a shell" else ["python3", "-c", PROGRAM, "alone"]
    container = container_factory(base_image, command, network_mode="none", **KINDS[kind])
    wait_for(container, "alive")
    with unharmed(engine, container):
        outcome = record(profiling, container, meanwhile=work(container))
    assert calls(outcome)["leaf"] == 7 * CALLS
    assert outcome.recorded.how == "gdb"
    assert not outcome.recorded.complete, "it was stopped early"


def test_who_does_not_agree_is_asked_first(
    engine: Engine, base_image: str, container_factory: ContainerFactory, profiling: Profiling
) -> None:
    container = container_factory(base_image, ["python3", "-c", PROGRAM], network_mode="none")
    wait_for(container, "alive")
    with unharmed(engine, container):
        with pytest.raises(RiskUnasked, match="the process may die"):
            record(profiling, container, accepts_risk=False)
        ran = workbench(engine, container, "--with", "cprofile", stderr=subprocess.PIPE)
        assert b"--yes" in ran.communicate(timeout=60)[1]
        assert ran.returncode == 2


def test_a_second_one_is_refused_and_the_first_goes_on(
    engine: Engine, base_image: str, container_factory: ContainerFactory, profiling: Profiling
) -> None:
    container = container_factory(base_image, ["python3", "-c", PROGRAM], network_mode="none")
    wait_for(container, "alive")

    def meanwhile() -> None:
        with pytest.raises(WorkbenchError, match="somebody profiles it already"):
            record(profiling, container)
        work(container)()

    with unharmed(engine, container):
        assert calls(record(profiling, container, meanwhile=meanwhile))["leaf"] == 7 * CALLS


@pytest.mark.parametrize("route", ["remote-exec", "gdb"])
def test_main_thread_that_sleeps_is_not_waited_for_for_ever(
    engine: Engine,
    sid_image: str,
    container_factory: ContainerFactory,
    profiling: Profiling,
    monkeypatch: pytest.MonkeyPatch,
    route: How,
) -> None:
    monkeypatch.setattr(live, "_MOST_BEGIN_SECONDS", 2.0)
    asleep = PROGRAM.replace("time.sleep(0.01)", "time.sleep(20)")
    container = container_factory(sid_image, ["python3", "-c", asleep], network_mode="none")
    wait_for(container, "alive")
    with pytest.raises(WorkbenchError, match="has run no Python for 2 s") as told:
        record(profiling, container, route=route)
    assert "py-spy" in told.value.hint
    assert ours(engine) == []
    said = container.logs(stdout=False)
    time.sleep(20)  # it wakes, and finds nothing
    wait_for(container, "alive")
    assert container.logs(stdout=False) == said == b""
    assert len(container.top()["Processes"]) == 1


def test_python_without_its_own_door_says_so(
    engine: Engine, sid_image: str, container_factory: ContainerFactory, profiling: Profiling
) -> None:
    closed = {"PYTHON_DISABLE_REMOTE_DEBUG": "1"}
    container = container_factory(sid_image, ["python3", "-c", PROGRAM], network_mode="none", environment=closed)
    wait_for(container, "alive")
    with unharmed(engine, container):
        with pytest.raises(WorkbenchError, match="remote debugging off") as told:
            record(profiling, container)
        assert "--route gdb" in told.value.hint
        assert calls(record(profiling, container, meanwhile=work(container), route="gdb"))["leaf"] == 7 * CALLS


def test_python_without_ctypes_says_so(
    engine: Engine, musl_image: str, container_factory: ContainerFactory, profiling: Profiling
) -> None:
    container = container_factory(musl_image, ["python3", "-c", PROGRAM], network_mode="none")
    wait_for(container, "alive")
    with unharmed(engine, container), pytest.raises(WorkbenchError, match="lacks ctypes"):
        record(profiling, container)


def test_program_that_profiles_itself_keeps_its_profiler(
    engine: Engine, base_image: str, container_factory: ContainerFactory, profiling: Profiling
) -> None:
    own = "import cProfile\nown = cProfile.Profile()\nown.enable()\nprint('alive', flush=True)\nwhile True: len([])"
    container = container_factory(base_image, ["python3", "-c", own], network_mode="none")
    wait_for(container, "alive", 0)
    with pytest.raises(WorkbenchError, match="profiles itself"):
        record(profiling, container)
    container.reload()
    assert container.status == "running"
    assert ours(engine) == []


def test_target_that_ends_meanwhile_leaves_what_was_gathered(
    engine: Engine, base_image: str, container_factory: ContainerFactory, profiling: Profiling
) -> None:
    container = container_factory(base_image, ["python3", "-c", PROGRAM], network_mode="none")
    wait_for(container, "alive")

    def meanwhile() -> None:
        work(container)()
        time.sleep(5)
        container.kill()

    outcome = record(profiling, container, meanwhile=meanwhile)
    assert calls(outcome)["leaf"] == 7 * CALLS
    assert any("ended meanwhile" in warning for warning in outcome.recorded.warnings)
    assert ours(engine) == []


@pytest.mark.parametrize("route", ["gdb", "remote-exec"])
def test_planted_leak_is_found_in_a_process_that_runs(
    engine: Engine,
    base_image: str,
    sid_image: str,
    container_factory: ContainerFactory,
    profiling: Profiling,
    route: How,
) -> None:
    leaky = PROGRAM.replace("len([])", "held.append(bytearray(5000))").replace("asked = 0", "asked, held = 0, []")
    image = base_image if route == "gdb" else sid_image
    allowed = KINDS["nothing allowed"]
    container = container_factory(image, ["python3", "-c", leaky], network_mode="none", **allowed)
    wait_for(container, "alive")
    for _ in range(2):  # memray cannot be loaded twice
        with unharmed(engine, container):
            outcome = record(profiling, container, "memray", work(container), route=route)
        leak = next(one for one in figures_of(outcome.profile) if one.place.name == "work")
        assert leak.own == pytest.approx(CALLS * 5000, rel=0.1)
        assert leak.place.line == leaky.splitlines().index("    held.append(bytearray(5000))") + 1


@pytest.mark.parametrize("version", ["3.11", "3.14"])
def test_lines_are_counted_in_a_process_that_runs(
    engine: Engine,
    base_image: str,
    sid_image: str,
    container_factory: ContainerFactory,
    profiling: Profiling,
    version: str,
) -> None:
    python = interpreter(version, base_image, sid_image)
    container = container_factory(python.image, [python.program, "-c", PROGRAM], network_mode="none")
    wait_for(container, "alive")
    functions = ("__main__:work", "__main__:nothing")
    with unharmed(engine, container):
        outcome = record(profiling, container, "lines", work(container), functions=functions)
    content = next(file.content for file in outcome.recorded.files if file.kind == "lines").decode()
    line = PROGRAM.splitlines().index("    len([])") + 1
    assert f'"work", {line}, {CALLS}, ' in content
    assert any("nothing was not profiled" in warning for warning in outcome.recorded.warnings)


def workbench(engine: Engine, container: Container, *options: str, **run: Any) -> "subprocess.Popen[bytes]":
    """`workbench profile` as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "workbench", "profile", str(container.id), *options],
        cwd=ROOT,
        env={**engine.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        **{"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **run},
    )


@pytest.mark.parametrize("phase", ["helper", "gdb", "recording"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_workbench_that_ends_at_any_moment_leaves_the_target_unharmed(
    engine: Engine,
    base_image: str,
    container_factory: ContainerFactory,
    profiling: Profiling,
    phase: str,
    number: signal.Signals,
) -> None:
    container = container_factory(base_image, ["python3", "-c", PROGRAM], network_mode="none")
    wait_for(container, "alive")
    with unharmed(engine, container):
        ended = workbench(engine, container, "--with", "cprofile", "--yes", "--for", "4")
        try:
            seen = False
            while True:
                assert ended.poll() is None
                names: dict[str, str | list[str] | bool] = {"label": f"{PROFILER}={ended.pid}"}
                found = [str(one.name) for one in engine.client.containers.list(filters=names)]
                has_gdb = any("-gdb-" in name for name in found)
                seen = seen or has_gdb
                if has_gdb or (phase == "helper" and found):
                    if phase != "recording":
                        break
                elif seen:
                    break
                time.sleep(0.01)
        finally:
            ended.send_signal(number)
            ended.wait()
        if number == signal.SIGINT:
            assert engine.client.containers.list(all=True, filters=names) == []
        assert calls(_when_it_is_free(profiling, container))["leaf"] == 7 * CALLS
        assert engine.client.containers.list(all=True, filters=names) == [], "swept by the next"
        assert engine.client.images.list(filters=names) == []


def _when_it_is_free(profiling: Profiling, container: Container) -> Outcome:
    """What a killed workbench has left in a target ends by itself, when its time is over or its helper is swept."""
    while True:
        try:
            return record(profiling, container, meanwhile=work(container))
        except WorkbenchError as error:
            if "already" not in error.reason:
                raise
            time.sleep(0.5)
