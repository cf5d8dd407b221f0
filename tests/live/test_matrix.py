"""Every way into every kind of container: the planted function is named, and the target is as it was.

The containers are shared: what one look does to a target, the next one would see.
"""

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Any, NamedTuple, Protocol

import msgspec
import pytest
from docker.errors import APIError
from docker.models.containers import Container

from tests.live.conftest import ContainerFactory, remove_container
from tests.live.engines import Engine
from tests.live.patients import EATER, PLANTED_SHARE, SHARE_ERROR, busy
from tests.live.test_py_spy import ours, profiling, share, unharmed
from workbench.measure.flame.functions import figures_of
from workbench.model.probe import How
from workbench.profilers.base import Impossible, Progress, Wish
from workbench.profiling import Outcome, Profiling

__all__ = ["profiling"]  # a fixture

CALLS_ERROR = 0.1
"""Of a share of time over all calls: no sampling, but a loaded machine still stops the program where it likes."""
SAMPLES = 150
SLOW_IMPORT_SECONDS = 0.2
CPU_SHARES = 16384
"""Before others: where a busy machine stops a program for long, every sample finds it at the same place."""


class Way(NamedTuple):
    """A profiler, and the way in that it takes."""

    profiler: str
    route: How


WAYS = (
    Way("py-spy", "sidecar"),
    Way("py-spy", "exec"),
    Way("py-spy", "host"),
    Way("dump", "sidecar"),
    Way("dump", "exec"),
    Way("dump", "host"),
    Way("cprofile", "fresh"),
    Way("imports", "fresh"),
)
KINDS: dict[str, dict[str, Any]] = {
    "root": {},
    "uid 1000": {"user": "1000:1000"},
    "no capabilities": {"cap_drop": ["ALL"]},
    "read-only": {"read_only": True, "user": "1000:1000", "cap_drop": ["ALL"]},
    "no new privileges": {"security_opt": ["no-new-privileges"], "user": "1000:1000"},
    "an init": {"init": True},
    "a shell": {"command": ["sh", "-c", "python3 -u /app/program.py; true"]},
    "musl and no shell": {"read_only": True, "user": "1000:1000", "cap_drop": ["ALL"]},
}


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a program whose profile is known, and with a module that is slow to import."""
    folder = tmp_path_factory.mktemp("program")
    folder.chmod(0o755)
    (folder / "slow_import.py").write_text(f"import time\ntime.sleep({SLOW_IMPORT_SECONDS})\n")
    (folder / "program.py").write_text("import slow_import\n" + busy())
    return folder


class Options(Protocol):
    """How a container is made that runs a program of the folder `/app`."""

    def __call__(self, name: str = "program.py", **more: Any) -> dict[str, Any]: ...


@pytest.fixture(scope="module")
def options(program: Path, labels: dict[str, str]) -> Options:
    """As containers are made here."""

    def made(name: str = "program.py", **more: Any) -> dict[str, Any]:
        usual: dict[str, Any] = {
            "command": ["python3", "-u", f"/app/{name}"],
            "cpu_shares": CPU_SHARES,
            "labels": labels,
            "network_mode": "none",
            "volumes": [f"{program}:/app:ro"],
        }
        return usual | more

    return made


def await_python(container: Container) -> None:
    """Until the program says that it runs."""
    while b"alive" not in container.logs():
        container.reload()
        assert container.status == "running"
        time.sleep(0.05)


@pytest.fixture(scope="module", params=KINDS)
def target(request: pytest.FixtureRequest, engine: Engine, base_image: str, options: Options) -> Iterator[Container]:
    """One container of each kind, busy."""
    image = request.getfixturevalue("musl_image") if request.param == "musl and no shell" else base_image
    container = engine.client.containers.create(image, **options(**KINDS[request.param]))
    container.start()
    await_python(container)
    yield container
    remove_container(container)


def look(
    profiling: Profiling, container: Container, way: Way, enough: Callable[[], object] | None = None, **wish: Any
) -> Outcome:
    """Go that way, and hold that it was taken.

    Args:
        profiling: The engine's.
        container: The target.
        way: Which.
        enough: Called when there are samples enough, however long a busy machine takes for them; else it stops then.
        wish: Other than the usual.
    """
    assert container.id
    stop, is_told = Event(), Event()

    def hear(progress: Progress) -> None:
        if progress.samples >= SAMPLES and not is_told.is_set():
            is_told.set()
            (enough or stop.set)()

    facts = profiling.probe(container.id)
    limit = {"cprofile": 2.0, "imports": 60.0}.get(way.profiler, 600.0)
    outcome = profiling.run(way.profiler, facts, Wish(**{"seconds": limit, "route": way.route} | wish), hear, stop)
    assert outcome.recorded.how == way.route
    return outcome


def holds_what_is_known(outcome: Outcome) -> None:
    """The planted function has its share of time, its file is named; of the imports the slow one is."""
    figures = {one.place.name: one for one in figures_of(outcome.profile)}
    overhead = outcome.recorded.overhead_percent
    match outcome.recorded.profiler:
        case "py-spy":
            assert share(outcome.profile, "planted", ("planted", "light")) == pytest.approx(
                PLANTED_SHARE, abs=SHARE_ERROR
            )
            assert figures["planted"].place.file == "/app/program.py"
            assert overhead is not None
            assert 0 < overhead < 100, "it takes a core at the most, and the process was not stopped"
            sleeping = share(outcome.profile, "sleeper", ("sleeper", "main"))
            if outcome.recorded.how == "host":
                assert sleeping > 0.3
                assert any("idle threads count as busy" in warning for warning in outcome.recorded.warnings)
            else:
                assert sleeping < 0.1
        case "dump":
            assert {"sleeper", "answer", "main"} <= figures.keys()
            threads = msgspec.json.decode(outcome.recorded.files[0].content)
            asleep = next(one["frames"] for one in threads if any(f["name"] == "sleeper" for f in one["frames"]))
            assert asleep[0]["filename"] == "/app/program.py"
        case "cprofile":
            planted, light = figures["planted"], figures["light"]
            assert planted.calls
            assert light.calls
            assert planted.calls - light.calls in {0, 1}, "it was ended in between"
            assert planted.total / (planted.total + light.total) == pytest.approx(PLANTED_SHARE, abs=CALLS_ERROR)
            assert planted.place.file == "/app/program.py"
        case "imports":
            assert figures["slow_import"].own >= SLOW_IMPORT_SECONDS
            assert overhead is not None
            assert 0 < overhead < 20
    assert outcome.recorded.python == "3.11"


@pytest.mark.parametrize("way", WAYS, ids=" by ".join)
def test_planted_function_is_found(engine: Engine, target: Container, profiling: Profiling, way: Way) -> None:
    with unharmed(engine, target):
        outcome = look(profiling, target, way)
    assert outcome.recorded.complete == (way.profiler != "py-spy"), "which was stopped when it had samples enough"
    told = [warning for warning in outcome.recorded.warnings if "stood still for at most" in warning]
    assert len(told) == (way.profiler == "dump"), "what it cost"
    holds_what_is_known(outcome)


def test_musl_is_told(musl_image: str, container_factory: ContainerFactory, profiling: Profiling) -> None:
    container = container_factory(musl_image, ["python3", "-c", "import time; time.sleep(1000)"], network_mode="none")
    assert container.id
    while not (pythons := profiling.probe(container.id).pythons):
        time.sleep(0.05)
    version = tuple(int(part) for part in pythons[0].libc_version.split("."))
    assert pythons[0].libc == "musl"
    assert (1, 2, 4) <= version < (2,)
    assert pythons[0].abi.startswith("cpython-311-") or not pythons[0].abi


# -- targets that do not go on ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def paused(engine: Engine, base_image: str, options: Options) -> Iterator[Container]:
    """A paused container."""
    container = engine.client.containers.create(base_image, **options())
    container.start()
    await_python(container)
    pause(container)
    yield container
    remove_container(container)


def pause(container: Container) -> None:
    """Pause it; on a busy machine the kernel may not come to it in the time that the engine leaves it."""
    while True:
        try:
            return container.pause()
        except APIError as error:
            if "unable to freeze" not in str(error):
                raise


@pytest.mark.parametrize("way", WAYS, ids=" by ".join)
def test_paused_target_is_looked_at_or_the_way_out_is_told(
    engine: Engine, paused: Container, profiling: Profiling, way: Way
) -> None:
    if way.route == "fresh" or way == ("dump", "sidecar"):
        holds_what_is_known(look(profiling, paused, way))
    else:
        with pytest.raises(Impossible, match="is paused, and nothing of it runs") as told:
            look(profiling, paused, way)
        assert told.value.exit_code == 3
        assert ("open: sidecar" if way.profiler == "dump" else "docker unpause") in told.value.hint
    paused.reload()
    assert paused.status == "paused"
    assert ours(engine) == []
    paused.unpause()
    with unharmed(engine, paused):
        pass
    pause(paused)


AT_A_SIGNAL = f"""
import os, signal, slow_import
def eat(*_):
    exec({EATER!r})
signal.signal(signal.SIGUSR1, lambda *_: os._exit(0))
signal.signal(signal.SIGUSR2, eat)
"""
"""A program that ends, or eats its memory, when it is told to; in a fresh run it does after a while by itself."""
ENDS = [way for way in WAYS if way.profiler != "dump"]


@pytest.mark.parametrize("way", ENDS, ids=" by ".join)
def test_target_ends_within_the_recording(
    engine: Engine,
    base_image: str,
    container_factory: ContainerFactory,
    profiling: Profiling,
    program: Path,
    options: Options,
    way: Way,
) -> None:
    (program / "ends.py").write_text(AT_A_SIGNAL + busy(1e9 if way.profiler == "py-spy" else 1))
    container = container_factory(base_image, **options("ends.py"))
    await_python(container)
    outcome = look(profiling, container, way, lambda: container.kill("USR1"), seconds=600)
    if way.profiler == "py-spy":
        assert not outcome.recorded.complete
        assert any("the target ended after" in warning for warning in outcome.recorded.warnings)
        assert outcome.recorded.overhead_percent
        assert share(outcome.profile, "planted", ("planted", "light")) == pytest.approx(PLANTED_SHARE, abs=SHARE_ERROR)
    else:
        assert outcome.recorded.complete
        names = {one.place.name for one in figures_of(outcome.profile)}
        assert {"cprofile": "planted", "imports": "slow_import"}[way.profiler] in names
    assert container.wait()["StatusCode"] == 0, "it ended by itself"
    assert ours(engine) == []


@pytest.mark.parametrize("way", ENDS, ids=" by ".join)
def test_target_is_killed_for_its_memory_within_the_recording(
    engine: Engine,
    base_image: str,
    container_factory: ContainerFactory,
    profiling: Profiling,
    program: Path,
    options: Options,
    way: Way,
) -> None:
    (program / "eats.py").write_text(AT_A_SIGNAL + busy(1e9 if way.profiler == "py-spy" else 2.5, EATER))
    container = container_factory(base_image, **options("eats.py", mem_limit="64m", memswap_limit="64m"))
    await_python(container)
    outcome = look(profiling, container, way, lambda: container.kill("USR2"), seconds=600)
    names = {one.place.name for one in figures_of(outcome.profile)}
    assert ("slow_import" if way.profiler == "imports" else "planted") in names
    if way.profiler == "py-spy":
        assert not outcome.recorded.complete
    if way.profiler == "cprofile":
        said = " ".join(outcome.recorded.warnings)
        assert "killed for its memory" in said or "exit code 137" in said, "the engine may learn the reason later"
    assert container.wait()["StatusCode"] == 128 + signal.SIGKILL
    assert ours(engine) == []
