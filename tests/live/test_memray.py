"""memray in fresh runs on a real engine: the planted leak by its line, in every process, after any end."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from docker.models.containers import Container

from tests.live.conftest import ContainerFactory, ImageFactory
from tests.live.engines import Engine
from tests.live.test_py_spy import ours
from workbench.errors import WorkbenchError
from workbench.measure.flame.functions import functions_of
from workbench.model.frame_tree import FrameTree
from workbench.model.profile import Profile
from workbench.profilers.base import Impossible, Wish
from workbench.profiling import Outcome, Profiling
from workbench.settings import Settings

PYTHONS = Path.home() / ".pyenv/versions"
LEAK = """
import sys, time, os, signal
held = []
known = {}

def leak():
    held.append(bytearray(50_000))

def cached(number):
    if number % 20 not in known:
        known[number % 20] = bytearray(100_000)

def brief():
    return len(bytearray(300_000))

def work(rounds, seconds=0.002):
    for number in range(rounds):
        leak()
        cached(number)
        brief()
        time.sleep(seconds)
"""
LINE = LEAK.splitlines().index("    held.append(bytearray(50_000))") + 1
ROUNDS = 200
BYTES = 50_000
LONG = 60.0
_LOCKED = {"user": "1000:1000", "read_only": True, "cap_drop": ["ALL"]}


@pytest.fixture
def profiling(engine: Engine, monkeypatch: pytest.MonkeyPatch, wheel_cache: Path) -> Iterator[Profiling]:
    monkeypatch.setenv("DOCKER_HOST", engine.host)
    monkeypatch.setenv("DOCKER_CONTEXT", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(wheel_cache))
    opened = Profiling(Settings())
    yield opened
    opened.close()


def run(profiling: Profiling, container: Container, seconds: float = LONG, **wish: Any) -> Outcome:
    assert container.id
    facts = profiling.probe(container.id)
    return profiling.run("memray", facts, Wish(seconds=seconds, route="fresh", **wish), lambda _: None, Event())


def tree(profile: Profile, name: str) -> FrameTree:
    return next(aspect.tree for aspect in profile.aspects if aspect.name == name)


def held(found: FrameTree, name: str = "leak") -> tuple[float, int | None, int]:
    """Bytes, allocations and line of a function; nothing where it is not in the tree."""
    every = [one for one in functions_of(found) if one.place.name == name]
    return (every[0].own, every[0].calls, every[0].place.line) if every else (0.0, 0, 0)


@pytest.mark.parametrize(
    ("method", "kind"), [("none", {}), ("none", _LOCKED), ("fork", _LOCKED), ("spawn", {})], ids=str
)
def test_leak_is_named_with_its_line_in_every_process(
    engine: Engine,
    base_image: str,
    container_factory: ContainerFactory,
    profiling: Profiling,
    tmp_path: Path,
    method: str,
    kind: dict[str, Any],
) -> None:
    lines = ["if __name__ == '__main__':", f"    work({ROUNDS})"]
    if method != "none":
        lines += [
            "    import multiprocessing",
            f"    child = multiprocessing.get_context({method!r}).Process(target=work, args=({ROUNDS},))",
            "    child.start()",
            "    child.join()",
        ]
    (tmp_path / "program.py").write_text(LEAK + "\n".join(lines) + "\n")
    tmp_path.chmod(0o755)
    container = container_factory(
        base_image,
        ["python3", "/app/program.py"],
        network_mode="none",
        volumes=[f"{tmp_path}:/app:ro"],
        **({"tmpfs": {"/tmp": "mode=1777"}} | kind),
    )
    container.wait()
    outcome = run(profiling, container)
    processes = 1 if method == "none" else 2
    profile = outcome.profile
    tracker = method == "spawn"  # multiprocessing's own, of resources
    assert sum(file.kind == "memray" for file in outcome.recorded.files) == processes + tracker
    assert (profile.unit, profile.tree) == ("bytes", tree(profile, "peak"))
    size, count, line = held(tree(profile, "leaks" if method == "none" else "peak"))
    assert line == LINE
    assert ROUNDS * BYTES * processes <= size + 2 * BYTES < ROUNDS * BYTES * processes * 1.05
    assert count is not None
    assert ROUNDS * processes <= count + 2 <= ROUNDS * processes + 10, "bytearrays, and the list that grows"
    kinds = {place.kind for place in profile.tree.places}
    assert ("process" in kinds) == (processes > 1)
    assert any("its own peak" in warning for warning in outcome.recorded.warnings) == (processes > 1)
    assert not any("/.workbench/" in place.file for place in profile.tree.places)
    assert profile.heap
    assert max(moment.heap_bytes for moment in profile.heap) > ROUNDS * BYTES / 2
    assert ours(engine) == []


def test_what_grows_is_told_from_a_cache_and_from_what_is_brief(
    base_image: str, container_factory: ContainerFactory, profiling: Profiling
) -> None:
    code = LEAK + "work(100000)"
    container = container_factory(base_image, ["python3", "-c", code], network_mode="none")
    outcome = run(profiling, container, seconds=4)
    grown, brief = tree(outcome.profile, "growth"), tree(outcome.profile, "temporary")
    assert held(grown)[0] > 20 * BYTES, "and the recording was complete after SIGTERM to a first process"
    assert held(grown)[0] > 0.9 * grown.total[0]
    assert held(grown, "cached")[0] == 0
    assert held(tree(outcome.profile, "leaks"), "cached")[0] >= 20 * 100_000
    assert held(brief, "brief")[0] > 20 * 300_000
    assert held(brief, "leak")[0] == 0
    assert outcome.recorded.python == "3.11"


def test_native_frames_have_their_names(
    engine: Engine, base_image: str, container_factory: ContainerFactory, profiling: Profiling
) -> None:
    code = "import time, zlib\nheld = [zlib.compressobj(9) for _ in range(50)]\ntime.sleep(1000)"
    container = container_factory(base_image, ["python3", "-c", code], network_mode="none", **_LOCKED)
    outcome = run(profiling, container, seconds=2, native=True)
    peak = tree(outcome.profile, "peak")
    assert held(peak, "deflateInit2_")[0] > 50 * 200_000
    assert not any("native" in warning for warning in outcome.recorded.warnings)
    assert ours(engine) == []


def test_patient_leaks_where_its_readme_says(
    base_image: str, container_factory: ContainerFactory, image_factory: ImageFactory, profiling: Profiling
) -> None:
    patient = Path(__file__).parents[2] / "sample_projects/leaky_worker/before"
    image = image_factory(patient, buildargs={"BASE": base_image}, network_mode="none")
    assert image.id
    container = container_factory(image.id, network_mode="none")
    outcome = run(profiling, container, seconds=8)
    grown = functions_of(tree(outcome.profile, "growth"))
    assert (grown[0].place.name, grown[0].place.file) == ("render", "/app/leaky_worker/invoices.py")
    assert not any(one.place.file.endswith("layouts.py") for one in grown)


def test_recording_survives_a_kill(base_image: str, container_factory: ContainerFactory, profiling: Profiling) -> None:
    lines = (f"work({ROUNDS})", "if os.fork() == 0:", f"    work({ROUNDS})", "    os.kill(os.getpid(), signal.SIGKILL)")
    code = LEAK + "\n".join((*lines, "os.wait()"))
    container = container_factory(base_image, ["python3", "-c", code], network_mode="none")
    container.wait()
    outcome = run(profiling, container)
    size, _, _ = held(tree(outcome.profile, "peak"))
    assert size + 2 * BYTES >= 2 * ROUNDS * BYTES
    assert {place.name for place in outcome.profile.tree.places if place.kind == "process"} >= {"1"}


def test_servers_workers_that_are_forked_and_terminated(
    base_image: str, container_factory: ContainerFactory, profiling: Profiling
) -> None:
    code = LEAK + "\n".join(
        (
            "children = []",
            "for _ in range(2):",
            "    child = os.fork()",
            "    if child == 0:",
            "        work(100000)",
            "    children.append(child)",
            "def end(*_):",
            "    for child in children: os.kill(child, signal.SIGTERM)",
            "    for child in children: os.waitpid(child, 0)",
            "    sys.exit(0)",
            "signal.signal(signal.SIGTERM, end)",
            "while True: signal.pause()",
        )
    )
    container = container_factory(base_image, ["python3", "-c", code], network_mode="none")
    outcome = run(profiling, container, seconds=3)
    peak = tree(outcome.profile, "peak")
    processes = [node for node in range(1, len(peak)) if peak.at(node).kind == "process"]
    assert len(processes) == 3
    assert sum(peak.total[node] > 10 * BYTES for node in processes) == 2


@pytest.mark.parametrize("version", ["3.9", "3.13"])
def test_other_pythons_are_given_what_fits_when_they_ask(
    engine: Engine, base_image: str, container_factory: ContainerFactory, profiling: Profiling, version: str
) -> None:
    folder = next(iter(sorted(PYTHONS.glob(f"{version}.*"))), None)
    if folder is None:
        pytest.skip(f"no Python {version} on this machine")
    code = LEAK + f"work({ROUNDS})\nassert 'rich' not in sys.modules and 'typing_extensions' not in sys.modules"
    container = container_factory(
        base_image, [f"{folder}/bin/python3", "-c", code], network_mode="none", volumes=[f"{folder}:{folder}:ro"]
    )
    container.wait()
    outcome = run(profiling, container)
    assert outcome.recorded.python == version
    assert held(tree(outcome.profile, "leaks"))[2] == LINE
    assert not any("exit code" in warning for warning in outcome.recorded.warnings)
    assert ours(engine) == []


def test_python_without_a_wheel_is_refused_with_the_reason(
    engine: Engine, base_image: str, container_factory: ContainerFactory, profiling: Profiling
) -> None:
    folder = next(iter(sorted(PYTHONS.glob("3.8.*"))), None)
    if folder is None:
        pytest.skip("no Python 3.8 on this machine")
    command = [f"{folder}/bin/python3", "-c", "import time; time.sleep(1000)"]
    container = container_factory(base_image, command, network_mode="none", volumes=[f"{folder}:{folder}:ro"])
    with pytest.raises(Impossible, match=r"the last memray for Python 3\.8 is") as told:
        run(profiling, container)
    assert "pip install memray==" in told.value.hint
    container.kill()
    with pytest.raises(Impossible, match=r"the last memray for Python 3\.8 is"):
        run(profiling, container)
    assert ours(engine) == []


def test_python_that_takes_no_profiler_is_told(
    engine: Engine, base_image: str, container_factory: ContainerFactory, profiling: Profiling
) -> None:
    container = container_factory(base_image, ["python3", "-Ic", "raise SystemExit(4)"], network_mode="none")
    container.wait()
    with pytest.raises(WorkbenchError, match="no Python of the fresh run"):
        run(profiling, container)
    assert ours(engine) == []
