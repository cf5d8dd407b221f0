"""`workbench why` on containers that really suffer from one thing each."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.live.conftest import ContainerFactory, give_up
from tests.live.engines import Engine
from tests.live.suffering import CONTENTION, IDLE, KILLED, QUOTA, SINGLE, SPIN, THRASH, Suffering, disk_below, disk_wait

SECONDS = "8"
ATTEMPTS = 5
"""Times that it is asked: beside the tests, others use this machine, and the first seconds may be theirs."""


@pytest.fixture
def environ(engine: Engine, tmp_path: Path) -> dict[str, str]:
    """The engine's environment, with a user's directories of its own."""
    places = {f"XDG_{name}_HOME": str(tmp_path / name) for name in ("CONFIG", "CACHE", "DATA", "STATE")}
    return {**os.environ, **engine.environ, **places}


def workbench(environ: dict[str, str], *words: str) -> tuple[int, str, str]:
    command = [sys.executable, "-m", "workbench", *words]
    child = subprocess.run(command, capture_output=True, text=True, env=environ, check=False)
    return child.returncode, child.stdout, child.stderr


def why(environ: dict[str, str], name: str) -> tuple[int, dict[str, Any]]:
    code, out, err = workbench(environ, "why", name, "--for", SECONDS, "--json")
    assert code in (0, 1), err
    document: dict[str, Any] = json.loads(out)
    assert code == any(verdict["severity"] == "act" for verdict in document["verdicts"])
    return code, document


Suffer = Callable[[Suffering], tuple[int, dict[str, Any]]]


@pytest.fixture
def suffer(engine: Engine, container_factory: ContainerFactory, base_image: str, environ: dict[str, str]) -> Suffer:
    """Start what suffers and ask until its rule is the first to speak."""
    driver = str(engine.client.info()["CgroupDriver"])
    return lambda suffering: _suffer(container_factory, base_image, environ, driver, suffering)


def _suffer(
    start: ContainerFactory, image: str, environ: dict[str, str], driver: str, suffering: Suffering
) -> tuple[int, dict[str, Any]]:
    names = [str(start(image, ["python3", "-c", SPIN]).name) for _ in range(suffering.neighbours)]
    container = start(image, ["python3", "-c", suffering.code], **suffering.created(driver))
    if not suffering.runs:
        container.wait()
    said = []
    for _ in range(ATTEMPTS):
        code, document = why(environ, str(container.name))
        said.append([verdict["rule"] for verdict in document["verdicts"]])
        if said[-1][0] == suffering.rule:
            document["neighbours"] = names
            return code, document
    raise AssertionError(f"{suffering.rule} was not said first: {said}")


@pytest.mark.parametrize("suffering", [QUOTA, THRASH, KILLED, SINGLE], ids=lambda each: each.rule)
def test_the_cause_is_said_first(suffer: Suffer, suffering: Suffering) -> None:
    code, document = suffer(suffering)
    assert code == 1
    verdict = document["verdicts"][0]
    assert verdict["severity"] == "act"
    assert verdict["evidence"]


def test_contention_names_a_neighbour(suffer: Suffer) -> None:
    _, document = suffer(CONTENTION)
    verdict = document["verdicts"][0]
    told = "\n".join((verdict["message"], *verdict["evidence"], verdict["next_step"]))
    assert any(name in told for name in document["neighbours"]), told


def test_a_slow_disk_is_said(engine: Engine, suffer: Suffer) -> None:
    disk = disk_below(str(engine.client.info()["DockerRootDir"]))
    if disk is None:
        give_up("the engine's files are on no disk of their own, so that it cannot be slowed down")
    code, _ = suffer(disk_wait(disk))
    assert code == 1


def test_an_idle_one_is_fine_in_words_too(suffer: Suffer, environ: dict[str, str]) -> None:
    code, document = suffer(IDLE)
    assert code == 0
    code, out, err = workbench(environ, "why", document["id"][:12], "--for", "4")
    assert (code, err) == (0, "")
    assert "fine  idle: " in out
    assert f"docker logs --tail 50 {document['container']}" in out


def test_what_it_says_to_do_about_a_quota_can_be_pasted_and_helps(suffer: Suffer, environ: dict[str, str]) -> None:
    _, document = suffer(QUOTA)
    command = "docker " + document["verdicts"][0]["next_step"].partition("docker ")[2]
    subprocess.run(command, shell=True, check=True, env=environ, capture_output=True)
    for _ in range(ATTEMPTS):
        _, document = why(environ, document["container"])
        if "cpu-quota" not in [verdict["rule"] for verdict in document["verdicts"]]:
            return
    raise AssertionError(document)


def test_no_such_container_is_a_missing_world(environ: dict[str, str]) -> None:
    code, out, err = workbench(environ, "why", f"nobody-{time.time_ns()}", "--json")
    assert (code, out) == (3, "")
    assert "there is no container nobody-" in err


def test_no_engine_is_a_missing_world(environ: dict[str, str], tmp_path: Path) -> None:
    environ["DOCKER_HOST"] = f"unix://{tmp_path}/nothing.sock"
    assert workbench(environ, "why", "api")[:2] == (3, "")
    assert workbench(environ, "stats", "--json")[:2] == (3, "")


def test_stats_tell_a_real_container(
    container_factory: ContainerFactory, base_image: str, environ: dict[str, str]
) -> None:
    busy = container_factory(base_image, ["python3", "-c", SPIN], nano_cpus=200_000_000, mem_limit="64m")
    code, out, err = workbench(environ, "stats", str(busy.name), "--json", "--for", "4")
    assert (code, err) == (0, "")
    (told,) = json.loads(out)["containers"]
    assert told["id"] == busy.id
    assert told["cpu_limit_cores"] == 0.2
    assert 0 < told["cpu_percent"] < 60
    assert told["memory_limit_bytes"] == 64 * 1024**2
    assert told["memory_percent"] == pytest.approx(100 * told["memory_bytes"] / 64 / 1024**2)
    assert told["interval_seconds"] > 2
    code, out, err = workbench(environ, "stats", str(busy.name), "--prometheus")
    assert (code, err) == (0, "")
    assert f'workbench_container_cpu_cores{{name="{busy.name}"' in out
