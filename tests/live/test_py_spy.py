"""py-spy on real containers: what may be asked of it, what is told, and that nothing is left or changed."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import msgspec
import pytest
from docker.models.containers import Container

from tests.live.conftest import ContainerFactory
from tests.live.engines import Engine
from tests.live.patients import PLANTED_SHARE, SHARE_ERROR, busy
from workbench.errors import Stopped, WorkbenchError
from workbench.measure.flame.functions import figures_of
from workbench.model.probe import How
from workbench.model.profile import Profile
from workbench.profilers.base import Impossible, Progress, Wish
from workbench.profiling import Outcome, Profiling
from workbench.settings import Settings
from workbench.sources.ours import PROFILER

ROOT = Path(__file__).parents[2]
SECONDS = 4.0


@pytest.fixture
def profiling(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Profiling]:
    monkeypatch.setenv("DOCKER_HOST", engine.host)
    monkeypatch.setenv("DOCKER_CONTEXT", "")
    opened = Profiling(Settings())
    yield opened
    opened.close()


def ours(engine: Engine, pid: int | None = None) -> list[str]:
    """All that a workbench has in the engine; only of this process or of one, for others may be at work too."""
    filters = {"label": f"{PROFILER}={pid or os.getpid()}"}
    api = engine.client.api
    found = [each["Id"] for each in api.containers(all=True, filters=filters)]
    found += [each["Id"] for each in api.images(all=True, filters=filters)]
    return found + [each["Name"] for each in api.volumes(filters=filters)["Volumes"] or []]


def changed_files(container: Container) -> list[tuple[str, str]]:
    """Every path that differs from the image, and how."""
    return sorted((str(change["Path"]), str(change["Kind"])) for change in container.diff() or ())


@contextmanager
def unharmed(engine: Engine, container: Container) -> Iterator[None]:
    """Holds that a target answers after as before, its files are the same, and that nothing of ours is left."""
    container.reload()
    before = container.attrs["State"]["Pid"], changed_files(container)
    yield
    container.reload()
    assert (container.attrs["State"]["Pid"], changed_files(container)) == before
    said = len(container.logs())
    while len(container.logs()) == said:
        container.reload()
        assert container.status == "running"
        time.sleep(0.05)
    assert [process[-1] for process in container.top()["Processes"] if "py-spy" in process[-1]] == []
    assert ours(engine) == []


def run(profiling: Profiling, container: Container, wish: Wish, name: str = "py-spy") -> Outcome:
    assert container.id
    return profiling.run(name, profiling.probe(container.id), wish, lambda _: None, Event())


def share(profile: Profile, function: str, among: tuple[str, ...]) -> float:
    """Of the time of some functions, what one of them takes."""
    totals = {one.place.name: one.total for one in figures_of(profile)}
    return totals.get(function, 0.0) / sum(totals.get(name, 0.0) for name in among)


def test_wall_time_counts_who_waits(base_image: str, container_factory: ContainerFactory, profiling: Profiling) -> None:
    container = container_factory(base_image, ["python3", "-uc", busy()], network_mode="none")
    outcome = run(profiling, container, Wish(seconds=SECONDS, idle=True))
    assert share(outcome.profile, "sleeper", ("sleeper", "main")) == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("route", ["exec"])
def test_native_frames_have_names(
    base_image: str, container_factory: ContainerFactory, profiling: Profiling, route: How
) -> None:
    code = (
        "import hashlib\ndef planted():\n    hashlib.pbkdf2_hmac('sha256', b'x', b'y', 200000)\nwhile True: planted()"
    )
    container = container_factory(base_image, ["python3", "-c", code], network_mode="none")
    outcome = run(profiling, container, Wish(seconds=SECONDS, native=True))
    assert outcome.recorded.how == route
    assert any("libcrypto" in one.place.file for one in figures_of(outcome.profile))


def test_children_are_sampled_and_told_apart(
    engine: Engine, base_image: str, container_factory: ContainerFactory, profiling: Profiling
) -> None:
    code = busy(0) + "\nimport os\nfor _ in range(2):\n    if not os.fork(): break\nwhile True: main(60)"
    container = container_factory(base_image, ["python3", "-uc", code], network_mode="none")
    assert container.id
    while len((facts := profiling.probe(container.id)).processes) < 3:
        time.sleep(0.05)
    assert facts.processes[0].pid == 1
    outcome = run(profiling, container, Wish(seconds=SECONDS))
    assert sum(place.kind == "process" for place in outcome.profile.tree.places) == 3
    one = run(profiling, container, Wish(seconds=2, pid=facts.processes[-1].pid, subprocesses=False))
    assert sum(place.kind == "process" for place in one.profile.tree.places) <= 1
    with pytest.raises(WorkbenchError, match="has no process 4000"):
        run(profiling, container, Wish(pid=4000))


def test_target_without_python_is_told(
    base_image: str, container_factory: ContainerFactory, profiling: Profiling
) -> None:
    container = container_factory(base_image, ["sleep", "1000"], network_mode="none")
    with pytest.raises(Impossible, match="no Python process"):
        run(profiling, container, Wish())


def test_target_that_has_ended_is_told(
    base_image: str, container_factory: ContainerFactory, profiling: Profiling
) -> None:
    container = container_factory(base_image, ["true"], network_mode="none")
    container.wait()
    with pytest.raises(Impossible, match="is not running") as told:
        run(profiling, container, Wish())
    assert "docker start" in told.value.hint


def test_a_stop_keeps_what_there_is_and_each_second_is_told(
    engine: Engine, base_image: str, container_factory: ContainerFactory, profiling: Profiling
) -> None:
    container = container_factory(base_image, ["python3", "-uc", busy()], network_mode="none")
    assert container.id
    stop, heard = Event(), list[Progress]()

    def hear(progress: Progress) -> None:
        heard.append(progress)
        if progress.samples > 100:
            stop.set()

    with unharmed(engine, container):
        outcome = profiling.run("py-spy", profiling.probe(container.id), Wish(seconds=600), hear, stop)
    assert not outcome.recorded.complete
    assert outcome.recorded.samples
    assert heard[-1].partial == outcome.recorded.collapsed
    assert [one.samples for one in heard] == sorted(one.samples for one in heard)


def test_locals_are_shown_when_asked_for_and_masked(
    base_image: str, container_factory: ContainerFactory, profiling: Profiling
) -> None:
    code = "import time\ndef wait(count, password):\n    time.sleep(1000)\nwait(42, '2retnuh'[::-1] * 2)"
    container = container_factory(base_image, ["python3", "-c", code], network_mode="none")
    content = b""
    while b"wait" not in content:
        content = run(profiling, container, Wish(locals=True), "dump").recorded.files[0].content
    frame = next(f for t in msgspec.json.decode(content) for f in t["frames"] if f["name"] == "wait")
    shown = {local["name"]: local["repr"] for local in frame["locals"]}
    assert shown["count"] == "42"
    assert "hunter2" not in content.decode()
    quiet = run(profiling, container, Wish(), "dump").recorded.files[0].content
    assert all(frame["locals"] is None for thread in msgspec.json.decode(quiet) for frame in thread["frames"])


@pytest.mark.parametrize("moment", ["the sidecar is there", "it samples"])
def test_killed_workbench_is_swept_at_the_next_start(
    engine: Engine, base_image: str, container_factory: ContainerFactory, profiling: Profiling, moment: str
) -> None:
    container = container_factory(base_image, ["python3", "-uc", busy()], network_mode="none")
    assert container.id
    with unharmed(engine, container):
        killed = subprocess.Popen(
            [sys.executable, "-m", "workbench", "profile", container.id, "--for", "600"],
            cwd=ROOT,
            env={**engine.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            filters: dict[str, str | list[str] | bool] = {"label": f"{PROFILER}={killed.pid}"}
            while not (found := engine.client.containers.list(filters=filters)):
                assert killed.poll() is None
            while moment == "it samples" and "record" not in str(found[0].top()["Processes"]):
                assert killed.poll() is None
        finally:
            killed.kill()
            killed.wait()
        assert engine.client.containers.list(filters=filters), "nothing of it could clean up"
        run(profiling, container, Wish(seconds=1.5))
        assert not engine.client.containers.list(all=True, filters=filters)
        assert not engine.client.images.list(all=True, filters=filters)


def test_local_process(profiling: Profiling) -> None:
    with subprocess.Popen([sys.executable, "-uc", busy()], stdout=subprocess.DEVNULL) as process:
        try:
            outcome = profiling.run(
                "py-spy", profiling.probe(process.pid), Wish(seconds=SECONDS), lambda _: None, Event()
            )
        finally:
            process.kill()
    assert outcome.recorded.how == "local"
    assert outcome.recorded.overhead_percent is not None
    assert share(outcome.profile, "planted", ("planted", "light")) == pytest.approx(PLANTED_SHARE, abs=SHARE_ERROR)


def test_verb_writes_schema_1(
    engine: Engine, base_image: str, container_factory: ContainerFactory, tmp_path: Path
) -> None:
    container = container_factory(base_image, ["python3", "-uc", busy()], network_mode="none")
    file = tmp_path / "out.json"
    done = subprocess.run(
        [sys.executable, "-m", "workbench", "profile", container.id or "", "--for", "3", "--json", "-o", file],
        cwd=ROOT,
        env={**engine.environ, "PYTHONPATH": str(ROOT), "XDG_DATA_HOME": str(tmp_path)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert b"kept as run 1: " in done.stderr
    told = msgspec.json.decode(done.stdout)
    assert (told["schema"], told["profiler"], told["how"], told["unit"]) == (1, "py-spy", "sidecar", "samples")
    assert told["artifacts"] == [{"kind": "speedscope", "path": str(file)}]
    top = {row["function"]: row for row in told["top"]}
    assert top["main"]["total_percent"] > 60
    assert sum(row["self"] for row in told["top"]) == told["total"]
    assert {frame["name"] for frame in msgspec.json.decode(file.read_bytes())["shared"]["frames"]} >= {"planted"}


def test_a_stop_before_the_first_sample_gives_nothing(profiling: Profiling) -> None:
    stop = Event()
    stop.set()
    with subprocess.Popen([sys.executable, "-c", busy()], stdout=subprocess.DEVNULL) as process:
        try:
            with pytest.raises(Stopped):
                profiling.run("py-spy", profiling.probe(process.pid), Wish(), lambda _: None, stop)
        finally:
            process.kill()
