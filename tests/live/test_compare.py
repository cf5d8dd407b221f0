"""The marks A and B over a real container whose quota is lifted, and over one that is left alone."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.live.conftest import ContainerFactory
from tests.live.engines import Engine
from tests.live.suffering import QUOTA, SPIN
from workbench.comparing.marks import compare_marks
from workbench.model.comparison import Comparison
from workbench.session import Session
from workbench.settings import Settings

SECONDS = 30.0
"""On either side."""
PATIENCE = 120.0
"""Seconds that so many readings may take on a machine that has other things to do."""


@pytest.fixture
def session(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    for name, value in engine.environ.items():
        monkeypatch.setenv(name, value)
    opened = Session.live(Settings())
    opened.start(lambda _: None)
    yield opened
    opened.close()


def read_for(session: Session, seconds: float) -> None:
    """Let it read for so long, by its own clock."""
    ends, gives_up = session.history.now() + seconds, time.monotonic() + PATIENCE
    while (session.history.span() or (0.0, 0.0))[1] < ends:
        assert time.monotonic() < gives_up, "the readings do not come"
        time.sleep(0.2)


def compared(session: Session, container_id: str, moments: tuple[float, float]) -> Comparison:
    for label, at in zip(("A", "B"), moments, strict=True):
        session.history.mark(label, container_id, at, "c")  # type: ignore[arg-type]  # A and B
    return compare_marks(session.history, SECONDS)


def held_and_idle(engine: Engine, factory: ContainerFactory, image: str) -> tuple[Any, Any]:
    """A container that its quota holds to a tenth of a core, and one that does nothing."""
    driver = str(engine.client.info()["CgroupDriver"])
    create = replace(QUOTA, create={"cpu_period": 100_000, "cpu_quota": 10_000}, undisturbed=True).created(driver)
    return factory(image, ["python3", "-c", SPIN], **create), factory(image, ["sleep", "600"])


def test_a_lifted_quota_is_seen_and_an_idle_container_is_not(
    engine: Engine, session: Session, container_factory: ContainerFactory, base_image: str
) -> None:
    held, idle = held_and_idle(engine, container_factory, base_image)
    read_for(session, SECONDS + 3)  # the first second of a container is its start
    before = session.history.now()
    held.update(cpu_period=100_000, cpu_quota=200_000)
    after = session.history.now() + 2
    read_for(session, SECONDS + 3)

    fixed = {row.metric: row for row in compared(session, str(held.id), (before, after)).rows}
    throttled = fixed["throttled"]
    assert throttled.verdict == "better", throttled
    assert throttled.cause == "CPU limit 0.1 → 2 cores"
    assert fixed["cpu"].verdict == "worse", "it uses more now that it may"
    assert fixed["memory"].verdict == "same"

    for row in compared(session, str(idle.id), (before, after)).rows:
        assert row.verdict in ("same", "inconclusive"), row


def typed(engine: Engine, home: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    places = {f"XDG_{name}_HOME": str(home / name) for name in ("CONFIG", "CACHE", "DATA")}
    argv = [sys.executable, "-m", "workbench", "compare", *words]
    return subprocess.run(
        argv, capture_output=True, text=True, check=False, env={**os.environ, **engine.environ, **places}
    )


def test_two_containers_over_the_same_seconds(
    engine: Engine, container_factory: ContainerFactory, base_image: str, tmp_path: Path
) -> None:
    held, idle = held_and_idle(engine, container_factory, base_image)
    names = f"container:{idle.name}", f"container:{held.name}"
    done = typed(engine, tmp_path, *names, "--for", "40", "--json", "--fail-on", "throttled>50%")
    assert done.returncode == 1, done.stderr
    document = json.loads(done.stdout)
    rows = {row["metric"]: row for row in document["rows"]}
    assert (document["before"]["name"], document["after"]["name"]) == (idle.name, held.name)
    assert rows["cpu"]["verdict"] == rows["throttled"]["verdict"] == "worse", rows["cpu"]
    assert rows["cpu"]["after"] == pytest.approx(0.1, rel=0.2)
    assert "the two spans overlap" not in {flag["message"] for flag in document["flags"]}
    plain = typed(engine, tmp_path, str(idle.name), str(held.name))
    assert (plain.returncode, "container:NAME" in plain.stderr) == (3, True)


def test_two_images_of_an_engine(engine: Engine, base_image: str, tmp_path: Path) -> None:
    done = typed(engine, tmp_path, base_image, base_image, "--json", "--fail-on", "size>+0%")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert {row["verdict"] for row in document["rows"]} == {"same"}
