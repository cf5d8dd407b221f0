"""One key profiles a real container, and what it shows is right; nothing of it stays in the engine."""

import os
from pathlib import Path

import pytest

from tests.live.conftest import ContainerFactory
from tests.live.engines import Engine
from tests.live.patients import busy
from tests.live.test_terminal import WORKBENCH, environment, folder, tmux
from tests.live.tmux import Tmux
from workbench.sources.ours import PROFILER

__all__ = ["folder", "tmux"]  # fixtures

NAME = f"w{os.getpid()}-profiled"


@pytest.fixture
def patient(base_image: str, container_factory: ContainerFactory) -> str:
    """A busy Python program."""
    made = container_factory(base_image, ["python3", "-c", busy()], name=NAME, environment={"API_TOKEN": "hunter2"})
    return str(made.id)


def choose(screen: Tmux) -> None:
    """Put the cursor on the patient, however many others there are."""
    screen.wait_for("Fleet", "live")
    screen.press("/")
    screen.write(NAME)
    screen.press("Enter")
    screen.wait_for(f"▸ {NAME}", f"filter {NAME}")


def ours(engine: Engine, patient: str) -> list[str]:
    """Containers that somebody's profiler made beside the patient."""
    found = engine.client.containers.list(all=True, filters={"label": PROFILER})
    return [str(each.name) for each in found if patient in str(each.attrs)]


@pytest.mark.usefixtures("tmux", "patient")
def test_p_records_shows_what_it_finds_meanwhile_and_opens_the_flame_graph(
    engine: Engine, patient: str, folder: Path
) -> None:
    with Tmux(folder, [WORKBENCH], 120, 40, environment(engine.host, folder)) as screen:
        choose(screen)
        screen.press("p")
        screen.wait_for(f"py-spy of {NAME}", "left", "deep", "through sidecar")
        screen.press("Escape")  # enough: what was gathered is shown
        screen.wait_for("Profile", NAME, "via sidecar", "planted", "deep", "samples")
        screen.press("Escape")
        screen.wait_for(f"▸ {NAME}")
        screen.press("q")
        assert screen.wait_for_end() == 0
    container = engine.client.containers.get(patient)
    assert container.status == "running"
    assert ours(engine, patient) == []


@pytest.mark.usefixtures("tmux", "patient")
def test_d_shows_every_stack_as_it_is_now(engine: Engine, patient: str, folder: Path) -> None:
    with Tmux(folder, [WORKBENCH], 100, 30, environment(engine.host, folder)) as screen:
        choose(screen)
        screen.press("Enter", "d")
        shown = screen.wait_for(f"All stacks of {NAME}", "thread", "sleeper")
        assert "hunter2" not in shown
        screen.press("Escape")
        screen.wait_for("▸", without="All stacks")
        screen.press("q")
        assert screen.wait_for_end() == 0
    assert engine.client.containers.get(patient).status == "running"


@pytest.mark.usefixtures("tmux")
def test_what_is_no_python_says_so(
    engine: Engine, base_image: str, container_factory: ContainerFactory, folder: Path
) -> None:
    container_factory(base_image, ["sleep", "1000"], name=NAME)
    with Tmux(folder, [WORKBENCH], 160, 30, environment(engine.host, folder)) as screen:
        choose(screen)
        screen.press("p")
        screen.wait_for("only Python is profiled")
        screen.press("q")
        assert screen.wait_for_end() == 0
