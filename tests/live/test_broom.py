"""What a test makes in the engine is labelled, and is gone after it: passed, failed or killed."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from docker.errors import APIError, ImageNotFound, NotFound

from tests.live.conftest import ContainerFactory, ImageFactory
from tests.live.engines import Engine
from tests.live.labels import LABEL, is_dead, is_mine, labelled, run_id, sweep

ROOT = Path(__file__).parents[2]

FAILING_TESTS = """
from pathlib import Path
import pytest

def test_fails_with_everything_made(engine, base_image, container_factory, image_factory, labels):
    image = image_factory(f"FROM {base_image}\\nRUN echo failing > /a\\nRUN echo failing > /b\\n", tag="broom/x:1")
    running = container_factory(base_image, ["sleep", "infinity"], volumes=["/anonymous"])
    container_factory(image.id, ["true"], name=running.short_id + "-second")
    engine.client.networks.create("broom-" + running.short_id, labels=labels)
    engine.client.volumes.create("broom-" + running.short_id, labels=labels)
    raise AssertionError(labels["workbench.test"])

def test_build_fails(base_image, image_factory):
    image_factory(f"FROM {base_image}\\nRUN echo half-way > /broom\\nRUN false\\n")
"""

KILLED_RUN = """
import docker, sys, time
from tests.live.labels import LABEL, run_id
client = docker.from_env()
labels = {LABEL: run_id()}
client.containers.run(sys.argv[1], ["sleep", "infinity"], labels=labels, detach=True)
client.networks.create("broom-killed", labels=labels)
client.volumes.create(labels=labels)
print(labels[LABEL], flush=True)
time.sleep(1000)
"""


def dangling(engine: Engine) -> set[str]:
    return {image.id for image in engine.client.images.list(filters={"dangling": True}) if image.id}


def volumes(engine: Engine) -> set[str]:
    return {volume.name for volume in engine.client.volumes.list()}


def test_failed_tests_leave_nothing(engine: Engine, base_image: str, tmp_path: Path) -> None:
    before = dangling(engine), volumes(engine)
    (tmp_path / "test_failing.py").write_text(FAILING_TESTS)
    (tmp_path / "conftest.py").write_text("from tests.live.conftest import *\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", tmp_path, tmp_path],
        cwd=ROOT,
        env={**engine.environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "2 failed" in done.stdout, done.stdout + done.stderr
    said = re.search(r"AssertionError: (\S+/\d+/\d+)", done.stdout)
    assert said, done.stdout
    run = said[1]
    assert labelled(engine.client, run) == {}
    assert (dangling(engine) - before[0], volumes(engine) - before[1]) == (set(), set())
    with pytest.raises(ImageNotFound):
        engine.client.images.get("broom/x:1")
    assert engine.client.images.get(base_image), "the base image stays"


def test_killed_run_is_swept_by_the_next(engine: Engine, base_image: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", KILLED_RUN, base_image],
        cwd=ROOT,
        env={**engine.environ},
        stdout=subprocess.PIPE,
        text=True,
    ) as killed:
        assert killed.stdout is not None
        run = killed.stdout.readline().strip()
        assert sorted(thing.split()[0] for thing in labelled(engine.client, run)) == ["container", "network", "volume"]
        sweep(engine.client, is_dead)
        assert len(labelled(engine.client, run)) == 3, "a living run's things are left alone"
        killed.kill()
    sweep(engine.client, is_dead)
    assert labelled(engine.client, run) == {}


def test_only_dead_runs_of_this_machine_are_dead() -> None:
    mine = run_id()
    node, pid, started = mine.rsplit("/", 2)
    assert is_mine(mine)
    assert not is_dead(mine)
    assert is_dead(f"{node}/{pid}/{int(started) - 3600}"), "the process id is used again"
    assert not is_dead(f"elsewhere-{node}/{pid}/1"), "another machine's runs are its own affair"
    assert [is_dead(run) for run in ("", "1", "a/b", "///", f"{node}/x/y")] == [False] * 5


def test_container_is_labelled_and_started(
    engine: Engine, base_image: str, container_factory: ContainerFactory
) -> None:
    container = container_factory(base_image, ["sleep", "infinity"], labels={"team": "one"}, mem_limit="64m")
    assert container.status == "running"
    assert container.labels == {"team": "one", LABEL: run_id()}
    assert f"container {container.id}" in labelled(engine.client, run_id())


def test_container_that_cannot_start_is_removed_too(
    engine: Engine, base_image: str, container_factory: ContainerFactory
) -> None:
    with pytest.raises((APIError, NotFound)):
        container_factory(base_image, ["/no/such/program"], name="broom-cannot-start")
    assert engine.client.containers.get("broom-cannot-start").labels[LABEL] == run_id(), "it is the factory's to remove"


def test_image_is_built_from_a_folder(base_image: str, image_factory: ImageFactory, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("ARG BASE\nFROM ${BASE}\nCOPY word /word\nCMD cat /word\n")
    (tmp_path / "word").write_text("hello")
    image = image_factory(tmp_path, buildargs={"BASE": base_image})
    assert image.labels[LABEL] == run_id()
