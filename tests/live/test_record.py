"""`workbench record` against a real engine: what it writes plays, however it ends."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.live.conftest import ContainerFactory
from tests.live.engines import Engine
from workbench.errors import WorkbenchError
from workbench.model.containers import Container, ContainerDetail
from workbench.sources.recording import RecordedWorld
from workbench.store import Store

BUSY = ["python3", "-c", "while True: sum(range(1000))"]


@pytest.fixture
def environ(engine: Engine, tmp_path: Path) -> dict[str, str]:
    """The engine's environment, with a store and settings of the test's own."""
    return {**engine.environ, "XDG_DATA_HOME": str(tmp_path / "data"), "XDG_CONFIG_HOME": str(tmp_path / "config")}


@contextmanager
def recording(environ: dict[str, str], *arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    """A running `workbench record`, killed when the test is over before it is."""
    command = [sys.executable, "-m", "workbench", "record", *map(str, arguments)]
    with subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def played(path: Path, at: float = 1e6) -> RecordedWorld:
    return RecordedWorld(path, still_at=at)


def the_container(path: Path, name: str, at: float = 1e6) -> tuple[Container, ContainerDetail]:
    """What a recording says of one container."""
    world = played(path, at)
    try:
        [found] = [each for each in world.fleet.read().containers if each.name == name]
        return found, world.container(found.id)
    finally:
        world.close()


def wait_until(what: Callable[[], object], process: subprocess.Popen[str]) -> None:
    """Wait for a fact, as long as the process lives."""
    while process.poll() is None:
        try:
            if what():
                return
        except (WorkbenchError, ValueError):
            pass  # the file is not there yet, or does not say it yet
        time.sleep(0.05)
    raise AssertionError(f"it ended too early: {process.stderr.read() if process.stderr else ''}")


def is_measured(path: Path, name: str) -> bool:
    usage = the_container(path, name)[0].usage
    return usage is not None and usage.cpu_percent is not None and usage.cpu_percent > 0


@pytest.mark.parametrize("suffix", [".ndjson", ".ndjson.gz"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_what_is_recorded_until_a_signal_plays(
    environ: dict[str, str],
    base_image: str,
    container_factory: ContainerFactory,
    tmp_path: Path,
    number: signal.Signals,
    suffix: str,
) -> None:
    container = container_factory(
        base_image, BUSY, nano_cpus=int(1e8), mem_limit=50_000_000, environment={"DB_PASSWORD": "hunter2"}
    )
    path = tmp_path / f"session{suffix}"
    with recording(environ, path) as process:
        wait_until(lambda: is_measured(path, str(container.name)), process)
        process.send_signal(number)
        _, told = process.communicate()
    assert process.returncode == 0, told
    assert f"play it: workbench --replay {path}" in told
    assert "\r" not in told, "no progress in a pipe"
    found, detail = the_container(path, str(container.name))
    assert found.usage is not None
    assert found.usage.memory_limit_bytes == 50_000_000 // 4096 * 4096
    assert detail.cpu_limit_cores == pytest.approx(0.1)
    world = played(path)
    assert world.images.read()
    assert world.image(base_image).layers
    world.close()
    raw = path.read_bytes()
    assert raw.startswith(b"\x1f\x8b") == (suffix == ".ndjson.gz")
    assert b"hunter2" not in raw


def test_the_run_is_kept_in_the_store(environ: dict[str, str], engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "session.ndjson"
    with recording(environ, path, "--seconds", "0.5") as process:
        _, told = process.communicate()
    assert process.returncode == 0, told
    with Store.open(tmp_path / "data/workbench/runs.db") as store:
        [run] = store.runs()
        assert (run.kind, run.label, run.status, run.target.name) == ("recording", path.name, "complete", engine.host)
        assert f"kept as run {run.id}" in told
        [artifact] = store.run(run.id).artifacts
        assert store.artifact(artifact).read_bytes() == path.read_bytes()


def test_a_store_that_cannot_be_used_costs_only_the_run(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "data/workbench").mkdir(parents=True)
    (tmp_path / "data/workbench/runs.db").write_text("not a database at all, but something precious")
    path = tmp_path / "session.ndjson"
    with recording(environ, path, "--seconds", "0.5") as process:
        _, told = process.communicate()
    assert process.returncode == 0, told
    assert "not kept among the runs: " in told
    played(path).close()
    assert "precious" in (tmp_path / "data/workbench/runs.db").read_text()


def test_a_recorder_that_is_killed_leaves_a_recording(environ: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "session.ndjson.gz"

    def says_something() -> bool:
        world = played(path)
        try:
            return bool(world.host.read().memory_total_bytes and world.images.read() is not None)
        finally:
            world.close()

    with recording(environ, path) as process:
        wait_until(says_something, process)
        process.kill()
    assert process.wait() == -signal.SIGKILL
    assert says_something()


def test_a_container_that_is_killed_for_its_memory_is_seen_to_be(
    environ: dict[str, str], base_image: str, container_factory: ContainerFactory, tmp_path: Path
) -> None:
    hungry = (
        "import os, time\nwhile not os.path.exists('/go'): time.sleep(0.05)\n[bytearray(10**6) for _ in range(10**5)]"
    )
    container = container_factory(base_image, ["python3", "-c", hungry], mem_limit="24m", memswap_limit="24m")
    path = tmp_path / "session.ndjson"
    with recording(environ, path) as process:
        wait_until(lambda: the_container(path, str(container.name))[1].state == "running", process)
        container.exec_run(["touch", "/go"])
        wait_until(lambda: the_container(path, str(container.name))[1].exit_code is not None, process)
        process.send_signal(signal.SIGINT)
        process.communicate()
    before, detail_before = the_container(path, str(container.name), at=0)
    after, detail_after = the_container(path, str(container.name))
    assert (before.state, detail_before.exit_code) == ("running", None)
    assert (after.state, detail_after.exit_code, detail_after.out_of_memory_killed) == ("exited", 137, True)


def test_without_an_engine_nothing_is_left_and_nothing_is_lost(environ: dict[str, str], tmp_path: Path) -> None:
    environ["DOCKER_HOST"] = f"unix://{tmp_path}/nobody.sock"
    new, old = tmp_path / "new.ndjson", tmp_path / "old.ndjson"
    old.write_text("precious")
    for path in (new, old):
        with recording(environ, path, "--force") as process:
            _, told = process.communicate()
        assert process.returncode == 3
        assert "no engine" in told
        assert "hint: " in told
        assert "Traceback" not in told
    assert not new.exists()
    assert old.read_text() == "precious"


def test_a_file_that_exists_is_only_replaced_by_force(environ: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "session.ndjson"
    path.write_text("precious")
    with recording(environ, path, "--seconds", "0.5") as process:
        _, told = process.communicate()
    assert process.returncode == 3
    assert "--force" in told
    assert path.read_text() == "precious"
    with recording(environ, path, "--seconds", "0.5", "--force") as process:
        process.communicate()
    assert process.returncode == 0
    played(path).close()


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "inf", "soon"])
def test_a_time_that_is_none_is_a_mistake(environ: dict[str, str], tmp_path: Path, seconds: str) -> None:
    with recording(environ, tmp_path / "x", f"--seconds={seconds}") as process:
        _, told = process.communicate()
    assert process.returncode == 2
    assert "is not a number of seconds above 0" in told
    assert list(tmp_path.iterdir()) == []
