"""Fresh runs on a real engine: exact counts in every way that Python programs start others, and nothing left."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from docker.models.containers import Container

from tests.live.conftest import ContainerFactory
from tests.live.engines import Engine
from tests.live.test_py_spy import ours
from workbench.errors import WorkbenchError
from workbench.measure.flame.functions import figures_of
from workbench.measure.flame.pstats_file import from_pstats
from workbench.model.profile import FunctionFigures, Profile
from workbench.profilers.base import Progress, Wish
from workbench.profiling import Outcome, Profiling
from workbench.settings import Settings
from workbench.sources.ours import PROFILER

ROOT = Path(__file__).parents[2]
PYTHONS = Path.home() / ".pyenv/versions"
COUNTED = """
import sys, time
def leaf(n): return n * 2
def work(n):
    for i in range(n): leaf(i)
"""
LONG = 60.0


@pytest.fixture
def profiling(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Profiling]:
    monkeypatch.setenv("DOCKER_HOST", engine.host)
    monkeypatch.setenv("DOCKER_CONTEXT", "")
    opened = Profiling(Settings())
    yield opened
    opened.close()


def run(
    profiling: Profiling, container: Container, name: str = "cprofile", seconds: float = LONG, **wish: Any
) -> Outcome:
    assert container.id
    facts = profiling.probe(container.id)
    return profiling.run(name, facts, Wish(seconds=seconds, route="fresh", **wish), lambda _: None, Event())


def function(profile: Profile, name: str) -> FunctionFigures:
    return next(one for one in figures_of(profile) if one.place.name == name)


def processes(outcome: Outcome) -> int:
    return sum(file.kind == "pstats of a process" for file in outcome.recorded.files)


@pytest.mark.parametrize("kind", [{}, {"user": "1000:1000", "read_only": True, "cap_drop": ["ALL"]}])
@pytest.mark.parametrize("method", ["none", "fork", "spawn", "forkserver"])
def test_calls_are_exact_in_every_process(
    engine: Engine,
    base_image: str,
    container_factory: ContainerFactory,
    profiling: Profiling,
    tmp_path: Path,
    method: str,
    kind: dict[str, Any],
) -> None:
    lines = ["if __name__ == '__main__':", "    work(1000)"]
    if method != "none":
        lines += [
            "    import multiprocessing",
            f"    made = multiprocessing.get_context({method!r})",
            "    children = [made.Process(target=work, args=(2000,)) for _ in range(2)]",
            "    for child in children: child.start()",
            "    for child in children: child.join()",
        ]
    (tmp_path / "program.py").write_text(COUNTED + "\n".join(lines) + "\n")
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
    expected = 1000 if method == "none" else 5000
    assert function(outcome.profile, "leaf").calls == expected
    each = [from_pstats(file.content) for file in outcome.recorded.files if file.kind == "pstats of a process"]
    counts = [one.calls for figures in each for one in figures.functions if one.place.name == "leaf"]
    assert sorted(count or 0 for count in counts) == ([1000] if method == "none" else [1000, 2000, 2000])
    assert ours(engine) == []


@pytest.mark.parametrize("start", ["module", "console script", "shell", "command"])
def test_calls_are_exact_however_it_is_started(
    base_image: str, container_factory: ContainerFactory, profiling: Profiling, tmp_path: Path, start: str
) -> None:
    (tmp_path / "program.py").write_text(COUNTED + "\ndef main(): work(1000)\nif __name__ == '__main__': main()\n")
    script = tmp_path / "console"
    script.write_text("#!/usr/bin/python3\nimport sys\nsys.path.insert(0, '/app')\nfrom program import main\nmain()\n")
    script.chmod(0o755)
    commands = {
        "module": ["python3", "-m", "program"],
        "console script": ["/app/console"],
        "shell": ["sh", "-c", "python3 /app/program.py; true"],
        "command": ["sleep", "0"],
    }
    container = container_factory(
        base_image, commands[start], network_mode="none", working_dir="/app", volumes=[f"{tmp_path}:/app:ro"]
    )
    container.wait()
    outcome = run(profiling, container, command=("python3", "/app/program.py") if start == "command" else ())
    assert function(outcome.profile, "leaf").calls == 1000
    assert processes(outcome) == 1


def test_running_original_is_not_touched_and_its_clone_ends_politely(
    engine: Engine, base_image: str, container_factory: ContainerFactory, profiling: Profiling
) -> None:
    code = COUNTED + "work(1000)\nprint('up', flush=True)\nwhile True: time.sleep(0.01)"
    container = container_factory(
        base_image,
        ["python3", "-c", code],
        ports={"8000/tcp": ("127.0.0.1", None)},
        labels={"com.docker.compose.project": "shop", "team": "one"},
        environment={"PYTHONPATH": "/own"},
        volumes=["/data"],
    )
    container.reload()
    before, changed = container.attrs, container.diff()
    seen: dict[str, Any] = {}

    def look(progress: Progress) -> None:
        if progress.elapsed_seconds > 0 and not seen:
            names = {"label": f"{PROFILER}={os.getpid()}"}
            found = engine.client.api.containers(filters=names)
            seen.update(engine.client.api.inspect_container(found[0]["Id"]) if found else {})

    assert container.id
    outcome = profiling.run("cprofile", profiling.probe(container.id), Wish(seconds=3, route="fresh"), look, Event())
    assert function(outcome.profile, "leaf").calls == 1000, "complete after SIGTERM to a first process"
    container.reload()
    assert container.attrs["State"] == before["State"]
    assert container.diff() == changed
    labels, variables = seen["Config"]["Labels"], seen["Config"]["Env"]
    assert labels["team"] == "one"
    assert "com.docker.compose.project" not in labels
    assert "PYTHONPATH=/.workbench/agent:/own" in variables
    theirs, its = (one["NetworkSettings"]["Ports"]["8000/tcp"][0] for one in (before, seen))
    assert (its["HostIp"], its["HostPort"] != theirs["HostPort"]) == ("127.0.0.1", True)
    volumes = [{mount["Name"] for mount in one["Mounts"] if mount["Destination"] == "/data"} for one in (before, seen)]
    assert volumes[0] != volumes[1]
    left = {volume.name for volume in engine.client.volumes.list()}
    assert not volumes[1] & left
    assert any("ports are published at free ones" in warning for warning in outcome.recorded.warnings)
    assert ours(engine) == []


def test_all_but_the_last_seconds_survive_a_kill(
    base_image: str, container_factory: ContainerFactory, profiling: Profiling
) -> None:
    code = "\n".join(
        (
            COUNTED + "import os, signal",
            "if os.fork(): os.wait()",
            "else:",
            "    work(1000)",
            "    time.sleep(2.5)",
            "    os.kill(os.getpid(), signal.SIGKILL)",
        )
    )
    container = container_factory(base_image, ["python3", "-c", code], network_mode="none")
    container.wait()
    outcome = run(profiling, container)
    assert function(outcome.profile, "leaf").calls == 1000


def test_program_with_its_own_sitecustomize_has_it(
    base_image: str, container_factory: ContainerFactory, profiling: Profiling, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text("import builtins\nbuiltins.theirs = 'here'\n")
    code = COUNTED + "assert theirs == 'here'\nassert '/.workbench/agent' not in sys.path\nwork(1000)"
    container = container_factory(
        base_image,
        ["python3", "-c", code],
        network_mode="none",
        environment={"PYTHONPATH": "/app"},
        volumes=[f"{tmp_path}:/app:ro"],
    )
    assert container.wait()["StatusCode"] == 0
    outcome = run(profiling, container)
    assert function(outcome.profile, "leaf").calls == 1000
    assert not any("exit code" in warning for warning in outcome.recorded.warnings)


def test_python_that_takes_no_profiler_is_told(
    engine: Engine, base_image: str, container_factory: ContainerFactory, profiling: Profiling
) -> None:
    container = container_factory(base_image, ["python3", "-Ic", "raise SystemExit(4)"], network_mode="none")
    container.wait()
    for name in ("cprofile", "imports"):
        with pytest.raises(WorkbenchError, match="no Python of the fresh run") as told:
            run(profiling, container, name)
        assert "py-spy" in told.value.hint
    assert ours(engine) == []


def test_clone_that_does_not_start_is_told(
    engine: Engine, base_image: str, container_factory: ContainerFactory, profiling: Profiling
) -> None:
    container = container_factory(base_image, ["true"], network_mode="none")
    with pytest.raises(WorkbenchError, match=r"does not start: .*no/such"):
        run(profiling, container, command=("/no/such/program",))
    assert ours(engine) == []


def test_import_times(
    base_image: str, container_factory: ContainerFactory, profiling: Profiling, tmp_path: Path
) -> None:
    (tmp_path / "planted.py").write_text("import time\nimport below\ntime.sleep(0.3)\n")
    (tmp_path / "below.py").write_text("import time\ntime.sleep(0.1)\n")
    code = "import planted, time\ntime.sleep(1000)"
    container = container_factory(
        base_image, ["python3", "-c", code], network_mode="none", working_dir="/app", volumes=[f"{tmp_path}:/app:ro"]
    )
    outcome = run(profiling, container, "imports")
    assert 0.3 <= function(outcome.profile, "planted").own < 0.4 <= function(outcome.profile, "planted").total
    assert function(outcome.profile, "below").own >= 0.1
    assert outcome.recorded.warnings == ("of the fresh run: it shares the original's named volumes and folders",)


@pytest.mark.parametrize("version", ["3.7", "3.8", "3.9", "3.10", "3.12", "3.13"])
def test_other_pythons(
    base_image: str, container_factory: ContainerFactory, profiling: Profiling, version: str
) -> None:
    folder = next(iter(sorted(PYTHONS.glob(f"{version}.*"))), None)
    if folder is None:
        pytest.skip(f"no Python {version} on this machine")
    code = COUNTED + "import threading\nt = threading.Thread(target=work, args=(500,)); t.start(); t.join(); work(1000)"
    container = container_factory(
        base_image,
        [f"{folder}/bin/python3", "-c", code],
        network_mode="none",
        volumes=[f"{folder}:{folder}:ro"],
    )
    container.wait()
    outcome = run(profiling, container)
    assert function(outcome.profile, "leaf").calls == 1500
    assert not any("/.workbench/" in one.place.file for one in figures_of(outcome.profile))


def test_killed_workbench_is_swept_at_the_next_start(
    engine: Engine, base_image: str, container_factory: ContainerFactory, profiling: Profiling
) -> None:
    container = container_factory(base_image, ["python3", "-c", COUNTED + "work(9)"], network_mode="none")
    container.wait()
    options = ["--with", "cprofile", "--fresh", "--for", "600", "--", "sleep", "1000"]
    killed = subprocess.Popen(
        [sys.executable, "-m", "workbench", "profile", container.id or "", *options],
        cwd=ROOT,
        env={**engine.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wanted: dict[str, str | list[str] | bool] = {"label": f"{PROFILER}={killed.pid}"}
    try:
        while not engine.client.containers.list(filters=wanted):
            assert killed.poll() is None
            time.sleep(0.05)
    finally:
        killed.kill()
        killed.wait()
    assert engine.client.volumes.list(filters={"label": f"{PROFILER}={killed.pid}"})
    run(profiling, container)
    assert not engine.client.containers.list(all=True, filters=wanted)
    assert not engine.client.volumes.list(filters={"label": f"{PROFILER}={killed.pid}"})
