"""What the probe tells of real containers from here and from beside them, and profiling through an engine elsewhere."""

import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event

import msgspec
import pytest

from tests.live.conftest import ContainerFactory
from tests.live.engines import Engine
from tests.live.patients import PLANTED_SHARE, SHARE_ERROR, busy
from tests.live.test_interrupted import SlowEngine
from tests.live.test_py_spy import ours, share
from workbench.errors import NotFound
from workbench.model.probe import How, TargetFacts
from workbench.profilers.base import Wish
from workbench.profiling import Profiling
from workbench.settings import Settings
from workbench.sources.docker_errors import socket_of

ROOT = Path(__file__).parents[2]
PYTHONS = Path.home() / ".pyenv/versions"


@pytest.fixture
def profiling(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Profiling]:
    monkeypatch.setenv("DOCKER_HOST", engine.host)
    monkeypatch.setenv("DOCKER_CONTEXT", "")
    opened = Profiling(Settings())
    yield opened
    opened.close()


@pytest.fixture
def elsewhere(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Profiling]:
    """The same engine by way of a port, so that nothing is known of where it runs."""
    path = socket_of(engine.host)
    if not path:
        pytest.skip(f"the engine at {engine.host} has no socket on this machine")
    with SlowEngine(path, 1 << 62) as relay:
        monkeypatch.setenv("DOCKER_HOST", relay.address)
        monkeypatch.setenv("DOCKER_CONTEXT", "")
        opened = Profiling(Settings())
        yield opened
        opened.close()


def told(facts: TargetFacts) -> TargetFacts:
    """Facts without what depends on where one looks from."""
    processes = tuple(replace(one, host_pid=None, state="") for one in facts.processes)
    return replace(facts, processes=processes, seen_from="here", engine_local=True)


def test_facts_of_a_container_are_the_same_from_everywhere(
    engine: Engine,
    base_image: str,
    container_factory: ContainerFactory,
    profiling: Profiling,
    elsewhere: Profiling,
) -> None:
    program = ["sh", "-c", "python3 -c 'import time; import _decimal; time.sleep(1000)' --token=hunter2hunter2; true"]
    container = container_factory(
        base_image,
        program,
        user="1000:1000",
        read_only=True,
        cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
        tmpfs={"/scratch": ""},
        network_mode="none",
    )
    assert container.id
    facts = profiling.probe(container.id)
    while not any(one.abi for one in facts.pythons):
        facts = profiling.probe(container.id)
    shell, python = facts.processes
    assert (facts.seen_from, facts.engine_local, facts.read_only_root) == ("here", True, True)
    assert (facts.temporary, facts.user, facts.state, facts.paused) == (("/scratch",), "1000:1000", "running", False)
    assert (shell.pid, shell.parent_pid, shell.python) == (1, 0, "")
    assert (python.parent_pid, python.python, python.libc, python.libc_version) == (1, "3.11", "glibc", "2.36")
    assert python.abi == f"cpython-311-{platform.machine()}-linux-gnu"
    assert (python.architecture, python.user_id, python.group_id) == (platform.machine(), 1000, 1000)
    assert (python.capabilities, python.no_new_privileges, python.threads) == (0, True, 1)
    assert "hunter2" not in python.command
    beside = elsewhere.probe(container.id)
    assert (beside.seen_from, beside.engine_local) == ("sidecar", False)
    assert told(beside) == told(facts)
    assert ours(engine) == []


def test_container_of_no_python_is_listed_by_the_engine(
    base_image: str, container_factory: ContainerFactory, elsewhere: Profiling
) -> None:
    container = container_factory(base_image, ["sleep", "1000"], network_mode="none")
    assert container.id
    facts = elsewhere.probe(container.id)
    assert [one.command for one in facts.processes] == ["sleep 1000"]
    assert facts.pythons == ()


def test_paused_and_ended_containers(
    base_image: str, container_factory: ContainerFactory, profiling: Profiling
) -> None:
    container = container_factory(base_image, ["python3", "-c", "import time; time.sleep(1000)"], network_mode="none")
    assert container.id
    container.pause()
    facts = profiling.probe(container.id)
    assert (facts.paused, facts.state, len(facts.processes)) == (True, "paused", 1)
    container.unpause()
    container.kill()
    container.wait()
    facts = profiling.probe(container.id)
    assert (facts.state, facts.processes) == ("exited", ())
    with pytest.raises(NotFound):
        profiling.probe("there-is-no-such-container")


@pytest.mark.parametrize("version", ["3.6", "3.7", "3.8", "3.9", "3.10", "3.12", "3.13"])
@pytest.mark.parametrize("route", ["sidecar", "exec"])
def test_other_pythons(
    base_image: str, container_factory: ContainerFactory, profiling: Profiling, version: str, route: How
) -> None:
    folder = next(iter(sorted(PYTHONS.glob(f"{version}.*"))), None)
    if folder is None:
        pytest.skip(f"no Python {version} on this machine")
    container = container_factory(
        base_image,
        [f"{folder}/bin/python3", "-uc", busy()],
        network_mode="none",
        volumes=[f"{folder}:{folder}:ro"],
    )
    assert container.id
    while not (facts := profiling.probe(container.id)).pythons:
        time.sleep(0.05)
    assert facts.pythons[0].python == version
    outcome = profiling.run("py-spy", facts, Wish(seconds=3, route=route), lambda _: None, Event())
    assert share(outcome.profile, "planted", ("planted", "light")) == pytest.approx(PLANTED_SHARE, abs=SHARE_ERROR)
    sleeping = share(outcome.profile, "sleeper", ("sleeper", "main"))
    is_old = int(version.partition(".")[2]) <= 10
    if route == "sidecar" and is_old:
        assert any("idle threads count as busy" in warning for warning in outcome.recorded.warnings)
    else:
        # Stopped for each sample, as an old one must be, a thread that sleeps wakes up and looks busy for a moment
        assert sleeping < (0.35 if is_old else 0.1)
        stopped = any("stopped for each sample" in warning for warning in outcome.recorded.warnings)
        assert stopped == is_old


@pytest.mark.parametrize("route", ["sidecar", "exec"])
def test_profiling_through_an_engine_elsewhere(
    engine: Engine, base_image: str, container_factory: ContainerFactory, elsewhere: Profiling, route: How
) -> None:
    container = container_factory(base_image, ["python3", "-uc", busy()], user="1000:1000", network_mode="none")
    assert container.id
    facts = elsewhere.probe(container.id)
    closed = {one.name: one.closed for one in elsewhere.routes(facts, Wish())["py-spy"]}
    assert closed == {"sidecar": "", "exec": "", "host": "the engine runs on another machine"}
    outcome = elsewhere.run("py-spy", facts, Wish(seconds=3, route=route), lambda _: None, Event())
    assert share(outcome.profile, "planted", ("planted", "light")) == pytest.approx(PLANTED_SHARE, abs=SHARE_ERROR)
    assert ours(engine) == []


def test_hostile_names_stay_text(
    base_image: str, container_factory: ContainerFactory, profiling: Profiling, tmp_path: Path
) -> None:
    name = "a;b [red] \x1b[31m\u202e (x:1) 7"
    code = f"exec(compile({{0: 'def f():\\n while True: pass\\nf()'}}[0], {name!r}, 'exec'))"
    container = container_factory(base_image, ["python3", "-c", code], network_mode="none")
    assert container.id
    done = subprocess.run(
        [sys.executable, "-m", "workbench", "profile", container.id, "--for", "2", "-o", tmp_path / "x"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "XDG_DATA_HOME": str(tmp_path)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert b"\x1b" not in done.stdout + done.stderr
    assert "\u202e" not in done.stdout.decode()


def test_verb_tells_the_probe(engine: Engine, base_image: str, container_factory: ContainerFactory) -> None:
    container = container_factory(base_image, ["python3", "-uc", busy()], network_mode="none")
    command = [sys.executable, "-m", "workbench", "profile", container.id or "", "--probe"]
    environ = {**engine.environ, "PYTHONPATH": str(ROOT)}
    text = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=True).stdout
    assert "Python 3.11" in text
    assert "ptrace scope: " in text
    answer = subprocess.run([*command, "--json"], cwd=ROOT, env=environ, capture_output=True, check=True).stdout
    document = msgspec.json.decode(answer)
    assert document["schema"] == 1
    assert document["routes"]["py-spy"][0] == {
        "route": "sidecar",
        "open": True,
        "price": document["routes"]["py-spy"][0]["price"],
        "closed": "",
        "risk": "",
    }
    assert document["facts"]["processes"][0]["python"] == "3.11"
