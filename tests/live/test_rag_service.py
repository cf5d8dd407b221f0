"""The patient with four Dockerfiles, with light wheels: all answer alike, and a comparison tells the story."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.live.conftest import ContainerFactory, ImageFactory
from tests.live.engines import Engine
from tests.live.test_py_spy import ours
from tests.live.test_slow_api import get
from workbench.cli import main

PATIENT = Path(__file__).parents[2] / "sample_projects/rag_service"
QUESTION = "/ask?q=what+does+exit+code+137+mean"


@pytest.fixture(scope="module")
def arguments(engine: Engine, base_image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Build arguments for a build that takes its wheels from a folder of this machine, as the README says."""
    wheels = tmp_path_factory.mktemp("wheels")
    script = [sys.executable, str(PATIENT / "wheels.py")]
    fetched = subprocess.run(
        [*script, "fetch", str(wheels), "requirements-light.txt"],
        cwd=PATIENT,
        env={name: value for name, value in os.environ.items() if name != "PIP_CONSTRAINT"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert fetched.returncode == 0, fetched.stderr
    bridge: Any = engine.client.networks.get("bridge").attrs
    gateway = bridge["IPAM"]["Config"][0].get("Gateway", "172.17.0.1")
    with socket.create_server((gateway, 0)) as free:
        port = free.getsockname()[1]
    with subprocess.Popen([*script, "serve", str(wheels), f"{gateway}:{port}"]) as server:
        yield {
            "BASE": base_image,
            "FULL_BASE": base_image,
            "REQUIREMENTS": "requirements-light.txt",
            "RUNTIME": "onnxruntime",
            "PIP_FIND_LINKS": f"http://{gateway}:{port}/",
            "PIP_NO_INDEX": "1",
            "PIP_TRUSTED_HOST": gateway,
        }
        server.terminate()


@pytest.mark.timeout(1200)
def test_each_step_of_the_story_gives_the_same_answers(
    arguments: dict[str, str], image_factory: ImageFactory, container_factory: ContainerFactory
) -> None:
    sizes, answers = [], []
    for step in ("naive", "slim", "multi-stage", "cpu"):
        image = image_factory(PATIENT, dockerfile=f"Dockerfile.{step}", buildargs=arguments)
        assert image.id
        container = container_factory(image.id, ports={"8000/tcp": ("127.0.0.1", None)})
        sizes.append(image.attrs["Size"])
        answers.append(json.loads(get(container, QUESTION)))
        container.stop(timeout=60)
        assert container.logs().endswith(b"rag_service has stopped\n")
    assert answers[0] == answers[1] == answers[2] == answers[3]
    assert answers[0]["answer"].startswith("Exit code 137 with the flag OOMKilled")
    assert sizes[0] > sizes[1] > sizes[2], "pip's cache, and what only makes the index"
    assert sizes[3] < sizes[2] + 100_000, "with the same wheels, little lies beside the code"


@pytest.mark.timeout(1200)
def test_its_story(
    arguments: dict[str, str],
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DOCKER_HOST", engine.host)
    monkeypatch.setenv("DOCKER_CONTEXT", "")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    sides = [str(PATIENT / f"Dockerfile.{step}") for step in ("naive", "cpu")]
    given = [word for name, value in arguments.items() for word in ("--build-arg", f"{name}={value}")]
    load = ["--url", f"8000{QUESTION}", "--rate", "20", "--for", "2", "--touch", "rag_service/search.py"]
    words = ["compare", *sides, *given, *load, "--pairs", "1", "--builder", "classic"]
    assert main([*words, "--json", "--fail-on", "size>-20%"], no_screens) == 0
    rows = {row["metric"]: row for row in json.loads(capsys.readouterr().out)["rows"]}
    assert rows["size"]["verdict"] == rows["compressed_size"]["verdict"] == "better"
    assert "pip" in rows["size"]["cause"], "pip's cache, and onnx, which only the index needs"
    assert "steps run, was" in rows["build_touched"]["cause"]
    assert rows["build_touched"]["verdict"] == "inconclusive", "one build of each tells nothing of time"
    assert rows["findings_high"]["before"] + rows["findings_medium"]["before"] > rows["findings_medium"]["after"]
    assert all(rows[name]["n"] == 1 for name in ("build_cold", "time_to_ready", "latency_p99", "cpu_per_request"))
    assert ours(engine) == []


def no_screens(session: Any) -> int:
    raise AssertionError
