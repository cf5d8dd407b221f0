"""A workbench killed in every phase of every way to profile: one clean next start removes all that it left."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

import pytest
from docker.errors import ImageNotFound

from tests.live.conftest import ContainerFactory
from tests.live.engines import Engine
from tests.live.patients import busy
from tests.live.test_interrupted import SlowEngine
from tests.live.test_py_spy import unharmed
from workbench.sources.docker_errors import socket_of
from workbench.sources.ours import PROFILER, maker_labels, remove_profilers

ROOT = Path(__file__).parents[2]
RECORD = ["--for", "30"]
FRESH = ["--with", "cprofile", "--fresh", "--for", "1"]


class Phase(NamedTuple):
    """The event of the engine at which a workbench is killed: the kind of thing, and what happens to it."""

    arguments: list[str]
    thing: str
    action: str
    is_elsewhere: bool = False


PHASES = {
    "probe: beside the target": Phase(["--probe"], "probe", "start", is_elsewhere=True),
    "probe: it has answered": Phase(["--probe"], "probe", "die", is_elsewhere=True),
    "py-spy: its image is there": Phase(RECORD, "image", "tag"),
    "py-spy: its sidecar is made": Phase(RECORD, "py-spy", "create"),
    "py-spy: its sidecar runs": Phase(RECORD, "py-spy", "start"),
    "py-spy: it records": Phase(RECORD, "py-spy", "exec_start"),
    "py-spy: a segment is read": Phase(RECORD, "py-spy", "archive-path"),
    "py-spy: inside the target": Phase([*RECORD, "--route", "exec"], "py-spy", "archive-path"),
    "py-spy: it is ending": Phase(["--for", "1"], "py-spy", "kill"),
    "py-spy: its sidecar is gone": Phase(["--for", "1"], "py-spy", "destroy"),
    "fresh: its volume is there": Phase(FRESH, "tools", "create"),
    "fresh: its volume is filled": Phase(FRESH, "fill", "extract-to-dir"),
    "fresh: it is made": Phase(FRESH, "fresh", "create"),
    "fresh: it runs": Phase(FRESH, "fresh", "start"),
    "fresh: it is ending": Phase(FRESH, "fresh", "die"),
    "fresh: its results are read": Phase(FRESH, "fresh", "archive-path"),
    "fresh: it is gone": Phase(FRESH, "fresh", "destroy"),
    "imports: it runs": Phase(["--with", "imports", "--fresh"], "fresh", "start"),
}


@pytest.fixture
def elsewhere(engine: Engine) -> Iterator[str]:
    """The engine's address as that of another machine: what is asked there is asked through a sidecar."""
    path = socket_of(engine.host)
    if not path:
        pytest.skip(f"the engine at {engine.host} has no socket on this machine")
    with SlowEngine(path, 1 << 62) as relay:
        yield relay.address


def kill_at(engine: Engine, host: str, container: str, phase: Phase) -> int:
    """Start a workbench, kill it at an event, and return its process id."""
    events: Any = engine.client.api.events(decode=True)
    workbench = subprocess.Popen(
        [sys.executable, "-m", "workbench", "profile", container, *phase.arguments],
        cwd=ROOT,
        env={**engine.environ, "PYTHONPATH": str(ROOT), "DOCKER_HOST": host},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    ended = Thread(target=lambda: (workbench.wait(), events.close()))
    ended.start()
    name = re.compile(rf"workbench-profiler-{phase.thing}-{workbench.pid}-")
    try:
        for event in events:
            actor = event.get("Actor", {})
            named = f"{actor.get('ID')} {actor.get('Attributes', {}).get('name')}"
            if name.search(named) and event["Action"].partition(":")[0] == phase.action:
                workbench.kill()
                break
        else:
            assert workbench.stderr
            raise AssertionError(f"it ended before: {workbench.stderr.read().decode()}")
    finally:
        workbench.kill()
        ended.join()
        assert workbench.stderr
        workbench.stderr.close()
    return workbench.pid


def left_of(engine: Engine, pid: int) -> list[str]:
    """All that a workbench has in the engine."""
    api = engine.client.api
    filters = {"label": f"{PROFILER}={pid}"}
    found = [name for each in api.containers(all=True, filters=filters) for name in each["Names"]]
    found += [str(each["RepoTags"]) for each in api.images(filters=filters)]
    return found + [each["Name"] for each in api.volumes(filters=filters)["Volumes"] or []]


def test_one_clean_start_removes_what_killed_ones_left(
    engine: Engine, base_image: str, container_factory: ContainerFactory, elsewhere: str, tmp_path: Path
) -> None:
    container = container_factory(base_image, ["python3", "-uc", busy()], network_mode="none")
    assert container.id
    with unharmed(engine, container):
        killed = []
        for name, phase in PHASES.items():
            killed.append(kill_at(engine, elsewhere if phase.is_elsewhere else engine.host, container.id, phase))
            is_ending = phase.action in {"die", "kill", "destroy"}
            assert is_ending or left_of(engine, killed[-1]), f"{name}: it has removed everything"
        subprocess.run(
            [sys.executable, "-m", "workbench", "profile", container.id, "--with", "dump"],
            cwd=ROOT,
            env={**engine.environ, "PYTHONPATH": str(ROOT), "XDG_DATA_HOME": str(tmp_path)},
            stdout=subprocess.DEVNULL,
            check=True,
        )
        assert [thing for pid in killed for thing in left_of(engine, pid)] == []


def test_an_image_whose_name_a_newer_one_took_goes_too(engine: Engine, base_image: str) -> None:
    labels = {**maker_labels(PROFILER), PROFILER: "999999999"}
    recipe = BytesIO(f"FROM {base_image}\n".encode())
    image, _ = engine.client.images.build(fileobj=recipe, labels=labels, rm=True, forcerm=True)
    try:
        assert image.tags == []
        remove_profilers(engine.client.api)
        with pytest.raises(ImageNotFound):
            engine.client.images.get(str(image.id))
    finally:
        with suppress(ImageNotFound):
            engine.client.images.remove(str(image.id))
