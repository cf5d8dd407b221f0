"""R and W before a real engine: a recording and a bundle that open where there is no engine."""

import gzip
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.conftest import ContainerFactory
from tests.live.engines import Engine
from tests.live.test_terminal import WORKBENCH, environment, folder, tmux
from tests.live.tmux import Tmux
from workbench.sources.recording import RecordedWorld
from workbench.store import Store

__all__ = ["folder", "tmux"]  # fixtures

NAME = f"w{os.getpid()}-incident"
BUSY = ["python3", "-c", "while True: sum(range(1000))"]


_open: list[RecordedWorld] = []


@pytest.fixture(autouse=True)
def _closes_what_was_opened() -> Iterator[None]:
    yield
    while _open:
        _open.pop().close()


def opened(path: Path) -> RecordedWorld:
    _open.append(RecordedWorld(path))
    return _open[-1]


@pytest.fixture
def busy(base_image: str, container_factory: ContainerFactory) -> str:
    """A container at its CPU quota, with a secret."""
    made = container_factory(base_image, BUSY, name=NAME, nano_cpus=int(2e8), environment={"DB_PASSWORD": "hunter2"})
    return str(made.id)


def wait_for_figures(screen: Tmux) -> None:
    """Wait until the container was measured."""
    while not re.search(rf"▸ {NAME} +running .*\d%", screen.wait_for(f"▸ {NAME}")):
        time.sleep(0.1)


def one_file(folder: Path) -> Path:
    [path] = folder.iterdir()
    return path


@pytest.mark.usefixtures("tmux", "busy")
def test_w_writes_a_bundle_that_opens_without_an_engine(engine: Engine, busy: str, folder: Path) -> None:
    with Tmux(folder, [WORKBENCH], 120, 40, environment(engine.host, folder)) as screen:
        screen.wait_for("Fleet", "name▴", "live")
        screen.press("/")
        screen.write(NAME)
        screen.press("Enter")
        wait_for_figures(screen)
        screen.press("M")
        screen.wait_for("Note at")
        screen.write("it is slow")
        screen.press("Enter")
        screen.wait_for("noted at")
        screen.press("[")
        screen.wait_for("space returns to now")
        screen.press("Space")
        screen.wait_for("live", without="space returns to now")
        screen.press("W")
        screen.wait_for("copied: workbench open ")
        screen.press("q")
        assert screen.wait_for_end() == 0
    path = one_file(folder / "data/workbench/bundles")
    assert path.name.startswith(f"incident-{NAME}-")
    assert path.stat().st_mode & 0o777 == 0o600
    assert b"hunter2" not in gzip.decompress(path.read_bytes())
    world = opened(path)
    [found] = [each for each in world.fleet.read().containers if each.id == busy]
    assert found.usage
    assert world.container(busy).name == NAME
    assert world.image(found.image_id).layers
    events = [event for name, _, value in world.readings() if name == "events" for event in value]  # type: ignore[attr-defined]
    assert [event.detail for event in events if event.kind == "note"] == ["it is slow"]

    nowhere = environment(f"unix://{folder}/nobody.sock", folder)
    with Tmux(folder, [WORKBENCH, "open", str(path)], 120, 40, nowhere) as screen:
        screen.wait_for("Fleet", "recorded")
        screen.press("2")
        screen.wait_for("▸2 Container", NAME, "quota")
        screen.press("v")
        screen.wait_for("Configuration", "while True: sum(range(1000))", "DB_PASSWORD")
        screen.press("q")
        assert screen.wait_for_end() == 0


@pytest.mark.usefixtures("tmux", "busy")
def test_r_records_until_it_is_pressed_again(engine: Engine, busy: str, folder: Path) -> None:
    with Tmux(folder, [WORKBENCH], 120, 40, environment(engine.host, folder)) as screen:
        screen.wait_for("Fleet", "live")
        screen.press("R")
        screen.wait_for("recording, ", " s, ", " kB")
        screen.press("R")
        screen.wait_for("run 1: ")
        screen.press("q")
        assert screen.wait_for_end() == 0
    path = one_file(folder / "data/workbench/recordings")
    world = opened(path)
    moments = [value for name, _, value in world.readings() if name == "fleet"]
    assert len(moments) >= 2
    assert world.container(busy).cpu_limit_cores == pytest.approx(0.2)
    with Store.open(folder / "data/workbench/runs.db") as store:
        [run] = store.runs()
        assert (run.kind, run.label) == ("recording", path.name)
