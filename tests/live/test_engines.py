"""The engines beside the machine's own: they come, go and come back, and touch nothing of it."""

import os
import signal
import subprocess
from pathlib import Path

import psutil
import pytest

from tests.live.conftest import ContainerFactory, ImageFactory
from tests.live.engines import Engine, EngineMissingError, PrivateEngine, connect, run_script


def test_engine_answers(engine: Engine) -> None:
    assert engine.client.ping()
    assert subprocess.run(["docker", "version"], env={**engine.environ}, capture_output=True, check=True).stdout


def test_base_image_runs_python(base_image: str, container_factory: ContainerFactory) -> None:
    script = "import sys, venv, pip, sqlite3; print(sys.version_info[:2], sys.executable)"
    container = container_factory(base_image, ["python", "-c", script])
    assert container.wait()["StatusCode"] == 0, container.logs()
    assert container.logs().startswith(b"(3, 11) ")


def processes_naming(folder: Path) -> list[str]:
    lines = [" ".join(process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"])]
    return [line for line in lines if str(folder) in line]


def host_bridge() -> str:
    return subprocess.run(
        ["ip", "-4", "-o", "address", "show", "docker0"], capture_output=True, text=True, check=False
    ).stdout


def test_late_engine_comes_and_goes_and_touches_nothing(
    engine: Engine, base_image: str, container_factory: ContainerFactory, late_engine: PrivateEngine
) -> None:
    container = container_factory(base_image, ["sleep", "infinity"])
    before = host_bridge()
    with pytest.raises(EngineMissingError):
        connect(late_engine.host)

    for _ in range(2):
        late_engine.start()
        client = connect(late_engine.host).client
        assert client.containers.list(all=True) == []
        assert client.version()["Version"] == engine.client.version()["Version"]
        assert [network.name for network in client.networks.list(names=["bridge"])] == ["bridge"]
        client.close()
        late_engine.stop()
        assert not late_engine.socket.exists()
        assert processes_naming(late_engine.folder) == []
        assert str(late_engine.folder) not in Path("/proc/mounts").read_text()

    assert host_bridge() == before
    container.reload()
    assert container.status == "running"
    assert container.exec_run(["true"]).exit_code == 0


def test_late_engine_ends_with_whoever_started_it(late_engine: PrivateEngine) -> None:
    late_engine.start()
    script = psutil.Process(late_engine.pid)
    below = script.children(recursive=True)
    assert any(process.name() == "dockerd" for process in below)
    os.kill(script.pid, signal.SIGKILL)
    gone, alive = psutil.wait_procs(below)
    assert (len(gone), alive) == (len(below), [])
    assert processes_naming(late_engine.folder) == []


def test_unreachable_docker_host_is_told(tmp_path: Path) -> None:
    address = f"unix://{tmp_path}/no.sock"
    with pytest.raises(EngineMissingError, match="no Docker engine answers at DOCKER_HOST=unix://"):
        run_script("engine.sh", environ={**os.environ, "DOCKER_HOST": address})


def test_modern_engine_lists_containers_and_images(modern_engine: Engine, modern_base_image: str) -> None:
    client = modern_engine.client
    assert tuple(map(int, client.version()["ApiVersion"].split("."))) >= (1, 50)
    assert tuple(map(int, client.api.api_version.split("."))) >= (1, 44), "docker-py speaks a modern dialect"
    container = client.containers.run(modern_base_image, ["sleep", "infinity"], detach=True)
    try:
        assert [each.id for each in client.containers.list()] == [container.id]
        assert [modern_base_image] in [image.tags for image in client.images.list()]
        assert client.images.get(modern_base_image).history()
    finally:
        container.remove(force=True)


def test_modern_engine_builds_with_buildx(modern_engine: Engine, modern_base_image: str, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(
        f"FROM {modern_base_image}\nRUN --mount=type=cache,target=/cache touch /cache/kept && touch /built\n"
    )
    done = subprocess.run(
        ["docker", "buildx", "build", "--progress=rawjson", "--tag", "built:1", str(tmp_path)],
        env={**modern_engine.environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert '"vertexes"' in done.stderr
    assert modern_engine.client.images.get("built:1").tags == ["built:1"]


def test_a_folder_builds_on_the_base_image(base_image: str, image_factory: ImageFactory) -> None:
    image = image_factory(f"FROM {base_image}\nRUN python -m venv /venv && /venv/bin/python -c 'import pip'\n")
    assert image.attrs["RootFS"]["Layers"]
