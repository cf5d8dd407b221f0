"""A GPU's processes and the real containers they run in; the driver is the stand-in that the tests build."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.live.conftest import ContainerFactory
from tests.live.engines import Engine
from tests.live.tmux import Tmux
from tests.terminals import plain_environment
from tests.workbench.sources.nvml_driver import build_driver, with_driver
from workbench.sources.pid_containers import container_of_pid, in_host_namespace

ROOT = Path(__file__).parents[2]
SLEEP = ["sleep", "3600"]

pytestmark = pytest.mark.skipif(not in_host_namespace(), reason="PIDs here are not the host's")


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_driver(tmp_path_factory.mktemp("driver"))


def workbench_gpu(engine: Engine, driver: Path, scenario: str, folder: Path) -> dict[str, Any]:
    places = {f"XDG_{name}_HOME": str(folder) for name in ("CONFIG", "CACHE", "DATA")}
    environment = with_driver(driver, scenario, **{**engine.environ, **places, "DOCKER_HOST": engine.host})
    command = [sys.executable, "-m", "workbench", "gpu", "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def test_a_process_of_a_container_has_its_name(
    engine: Engine, base_image: str, container_factory: ContainerFactory, driver: Path, tmp_path: Path
) -> None:
    container = container_factory(base_image, SLEEP)
    pid = container.attrs["State"]["Pid"]
    assert container_of_pid(pid) == container.id
    document = workbench_gpu(engine, driver, f"gpus=2 mig=1 pid={os.getpid()} pid={pid}", tmp_path)
    [ours], [theirs] = (gpu["processes"] for gpu in document["gpus"])
    assert (ours["pid"], ours["container"], ours["container_id"]) == (os.getpid(), None, container_of_pid(os.getpid()))
    assert (theirs["pid"], theirs["name"]) == (pid, "sleep")
    assert (theirs["container"], theirs["container_id"], theirs["mig_index"]) == (container.name, container.id, 2)


def test_a_process_of_a_cgroup_namespace_with_the_host_s_pids(
    engine: Engine, base_image: str, container_factory: ContainerFactory, driver: Path, tmp_path: Path
) -> None:
    """The workbench's own lookup, run in a container that sees the host's processes from a cgroup of its own."""
    container = container_factory(base_image, SLEEP)
    pid = container.attrs["State"]["Pid"]
    code = f"""
import sys; sys.path.insert(0, "/workbench")
from workbench.sources.pid_containers import container_of_pid, in_host_namespace
print(in_host_namespace(), container_of_pid({pid}))
"""
    command = ["python3", "-c", code]
    watcher = container_factory(
        base_image,
        command,
        pid_mode="host",
        cgroupns="private",
        volumes={str(ROOT): {"bind": "/workbench", "mode": "ro"}},
    )
    watcher.wait()
    assert watcher.logs().decode().split() == ["True", container.id]


def test_from_the_gpu_screen_into_the_container(
    engine: Engine, base_image: str, container_factory: ContainerFactory, driver: Path, tmp_path: Path
) -> None:
    container = container_factory(base_image, SLEEP)
    pid = container.attrs["State"]["Pid"]
    environment = {
        **plain_environment(),
        **engine.environ,
        "DOCKER_HOST": engine.host,
        "PYTHONPATH": str(ROOT),
        "LD_LIBRARY_PATH": str(driver),
        "FAKE_NVML": f"gpus=2 lost=1 throttling=4 pid={pid}",
    }
    with Tmux(tmp_path, [sys.executable, "-m", "workbench"], 120, 40, environment) as terminal:
        terminal.wait_for("power-capped", "lost")
        terminal.press("8")
        terminal.wait_for("2 GPUs", "held by power cap", "fallen off the bus", str(container.name), str(pid))
        terminal.press("Tab", "Enter")
        terminal.wait_for("▸2 Container", str(container.name), "saturation", "on 0")
        terminal.press("q")
        assert terminal.wait_for_end() == 0
