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
    known = {"API_TOKEN": "hunter2", "PATIENT": NAME}
    made = container_factory(base_image, ["python3", "-c", busy()], name=NAME, environment=known)
    return str(made.id)


def choose(screen: Tmux) -> None:
    """Put the cursor on the patient, however many others there are."""
    screen.wait_for("Fleet", "live")
    screen.press("/")
    screen.write(NAME)
    screen.press("Enter")
    screen.wait_for(f"▸ {NAME}", f"filter {NAME}")


def ours(engine: Engine, patient: str) -> list[str]:
    """Containers that somebody's profiler made beside the patient, or as a run of their own with its environment."""
    found = engine.client.containers.list(all=True, filters={"label": PROFILER}, ignore_removed=True)
    return [str(each.name) for each in found if patient in str(each.attrs) or NAME in str(each.attrs)]


@pytest.mark.usefixtures("tmux", "patient")
def test_p_records_shows_what_it_finds_meanwhile_and_opens_the_flame_graph(
    engine: Engine, patient: str, folder: Path
) -> None:
    with Tmux(folder, [WORKBENCH], 120, 40, environment(engine.host, folder)) as screen:
        choose(screen)
        screen.press("p")
        screen.wait_for(f"Profile {NAME}", "p[py-spy]", "way in     sidecar", "SYS_PTRACE")
        screen.press("Enter")
        screen.wait_for(f"py-spy of {NAME}", "left", "deep", "through sidecar")
        screen.press("Escape")  # enough: what was gathered is shown
        screen.wait_for("Profile", NAME, "via sidecar", "planted", "deep", "samples", "kept as run")
        screen.press("Escape")
        screen.wait_for(f"▸ {NAME}")
        screen.press("p", "e")
        screen.wait_for("Earlier profiles of", "ended early")
        screen.press("Enter")
        screen.wait_for("via sidecar", "planted", "kept as run", without="Earlier profiles")
        screen.press("Escape")
        screen.wait_for(f"▸ {NAME}")
        screen.press("q")
        assert screen.wait_for_end() == 0
    container = engine.client.containers.get(patient)
    assert container.status == "running"
    assert ours(engine, patient) == []


@pytest.mark.usefixtures("tmux", "patient")
def test_a_fresh_run_is_chosen_on_the_form_and_can_be_ended_early(engine: Engine, patient: str, folder: Path) -> None:
    before = engine.client.containers.get(patient).attrs["State"]["StartedAt"]
    with Tmux(folder, [WORKBENCH], 120, 40, environment(engine.host, folder)) as screen:
        choose(screen)
        screen.press("p", "c", "r")
        if "the same container once more" not in screen.wait_for("c[cProfile]", "way in"):
            screen.press("r")  # it was one already, and r chose the one that runs
        screen.wait_for("the same container once more")
        screen.press("6", "6", "Enter")
        screen.wait_for(f"cprofile of {NAME}", "its calls are counted, 5")  # so many seconds are left
        screen.press("Escape")
        screen.wait_for("Profile", "via fresh", "planted", "kept as run")
        screen.press("Escape")
        screen.wait_for(f"▸ {NAME}")
        screen.press("p", "i")
        screen.wait_for("i[imports]", "way in     fresh")
        screen.press("Enter")
        screen.wait_for("Profile", "imports", "via fresh", "threading", "kept as run")
        screen.press("q")
        assert screen.wait_for_end() == 0
    container = engine.client.containers.get(patient)
    assert container.status == "running"
    assert container.attrs["State"]["StartedAt"] == before
    assert ours(engine, patient) == []


TWO = """
import os, sys, time
def first():
    time.sleep(3600)
def second():
    time.sleep(3600)
if os.fork():
    first()
elif os.fork():
    second()
else:
    os.execvp("sleep", ["sleep", "3600"])
"""


@pytest.mark.usefixtures("tmux")
def test_d_looks_at_the_process_under_the_cursor(
    engine: Engine, base_image: str, container_factory: ContainerFactory, folder: Path
) -> None:
    made = container_factory(base_image, ["python3", "-c", TWO], name=NAME, environment={"API_TOKEN": "hunter2"})
    with Tmux(folder, [WORKBENCH], 120, 45, environment(engine.host, folder)) as screen:
        choose(screen)
        screen.press("d")  # the whole container
        shown = screen.wait_for(f"All stacks of {NAME}", "2 threads", "first", "second")
        assert "hunter2" not in shown
        screen.press("/")
        screen.write("second")
        screen.wait_for("line with second")
        screen.press("Escape", "Escape")
        screen.wait_for("▸", without="All stacks")
        screen.press("Enter")
        screen.wait_for("3 processes", "sleep 3600")
        screen.press("Down", "d")
        screen.wait_for(f"All stacks of {NAME}", "1 thread", "second", without="first (")
        screen.press("Escape")
        screen.wait_for("3 processes", without="All stacks")
        screen.press("Down", "d")
        screen.wait_for("is no Python", "its Python processes: 1, ")
        screen.press("Escape")
        screen.wait_for("3 processes", without="is no Python")
        screen.press("q")
        assert screen.wait_for_end() == 0
    assert engine.client.containers.get(str(made.id)).status == "running"
    assert ours(engine, str(made.id)) == []


@pytest.mark.usefixtures("tmux", "patient")
def test_a_read_only_workbench_makes_nothing_in_the_engine(engine: Engine, patient: str, folder: Path) -> None:
    with Tmux(folder, [WORKBENCH, "--read-only"], 120, 40, environment(engine.host, folder)) as screen:
        choose(screen)
        screen.press("p", "i")
        screen.wait_for("i[imports]", "the workbench is read-only: it makes nothing in the engine")
        screen.press("Enter", "p")
        screen.wait_for("p[py-spy]", "way in     host", "idle threads count as busy")
        screen.press("2", "Enter")
        screen.wait_for("Profile", "via host", "planted", "kept as run")
        screen.press("q")
        assert screen.wait_for_end() == 0
    assert ours(engine, patient) == []


@pytest.mark.usefixtures("tmux")
def test_what_is_no_python_says_so(
    engine: Engine, base_image: str, container_factory: ContainerFactory, folder: Path
) -> None:
    container_factory(base_image, ["sleep", "1000"], name=NAME)
    with Tmux(folder, [WORKBENCH], 160, 30, environment(engine.host, folder)) as screen:
        choose(screen)
        screen.press("p")
        screen.wait_for(f"there is no Python process in {NAME}", "what works: c cProfile as a fresh run")
        screen.press("Enter", "Escape")
        screen.wait_for(f"▸ {NAME}", without="what works")
        screen.press("d")
        screen.wait_for(f"No dump of {NAME}", "only Python is profiled")
        screen.press("Escape")
        screen.wait_for(f"▸ {NAME}", without="No dump")
        screen.press("q")
        assert screen.wait_for_end() == 0
