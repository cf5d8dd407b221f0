"""The second patient: before and after write the same invoices, and memray names the line that leaks before."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.measure.flame.functions import functions_of
from workbench.model.profile import FunctionFigures, Profile
from workbench.profile_files import read_profile

PATIENT = Path(__file__).parents[2] / "sample_projects/leaky_worker"
SIDES = ("before", "after")
JOBS = 240
DOCUMENT = 60_000
CACHED = 12 * 300_000


def run(side: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-B", *arguments], cwd=PATIENT / side, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_same_invoices() -> None:
    before, after = (run(side, "-m", "leaky_worker", "--jobs", "30", "--pause", "0") for side in SIDES)
    assert before == after
    assert before.startswith("leaky_worker has stopped after 30 invoices: ")


@pytest.mark.parametrize("side", SIDES)
def test_it_ends_by_itself_on_sigterm(side: str) -> None:
    command = [sys.executable, "-B", "-m", "leaky_worker"]
    with subprocess.Popen(command, cwd=PATIENT / side, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout
        assert worker.stdout.readline() == "50 invoices\n"
        worker.send_signal(signal.SIGTERM)
        assert "has stopped after" in worker.stdout.read()
    assert worker.returncode == 0


@pytest.fixture(scope="module")
def profiles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Profile]:
    """Both sides under memray."""
    found = {}
    for side in SIDES:
        file = tmp_path_factory.mktemp(side) / "worker.bin"
        run(side, "-m", "memray", "run", "-q", "-o", str(file), "-m", "leaky_worker", "--jobs", str(JOBS))
        found[side] = read_profile(file)
    return found


def functions(profile: Profile, aspect: str) -> list[FunctionFigures]:
    return functions_of(next(one.tree for one in profile.aspects if one.name == aspect))


def test_growth_names_the_line_that_leaks_and_not_the_cache(profiles: dict[str, Profile]) -> None:
    grown = functions(profiles["before"], "growth")
    source = (PATIENT / "before/leaky_worker/invoices.py").read_text().splitlines()
    first = grown[0]
    assert (first.place.name, Path(first.place.file).name) == ("render", "invoices.py")
    assert source[first.place.line - 1].strip() == 'return "".join(lines)'
    assert first.own > JOBS / 4 * DOCUMENT, "half of the jobs, and some for a machine that is not steady"
    assert sum(one.own for one in grown if one.place.file.endswith("layouts.py")) == 0
    callers = {one.place.name for one in grown if one.total >= first.own}
    assert {"main", "work", "run"} <= callers


def test_what_is_held_at_the_end_names_both(profiles: dict[str, Profile]) -> None:
    held = {one.place.name: one.own for one in functions(profiles["before"], "leaks")}
    assert held["draw"] >= CACHED
    assert held["render"] > held["draw"]


def test_after_does_not_grow(profiles: dict[str, Profile]) -> None:
    grown = sum(one.own for one in functions(profiles["after"], "growth") if one.place.file.startswith(str(PATIENT)))
    assert grown < 3 * DOCUMENT
    held = {one.place.name: one.own for one in functions(profiles["after"], "leaks")}
    assert held["draw"] >= CACHED
    assert held.get("render", 0) < 2 * DOCUMENT
