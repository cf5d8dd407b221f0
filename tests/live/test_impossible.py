"""What cannot be profiled is told in one sentence of cause and one of what does work; the exit code is 3."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.live.conftest import ContainerFactory
from tests.live.engines import Engine
from tests.live.test_matrix import pause
from tests.live.test_py_spy import ours

ROOT = Path(__file__).parents[2]
SLEEP = ["sleep", "1000"]
PYTHON = ["python3", "-c", "import time; time.sleep(1000)"]
RECORD, DUMP = ["--for", "1"], ["--with", "dump"]
COUNT, IMPORTS = (["--fresh", "--for", "1", "--with", name] for name in ("cprofile", "imports"))
NONE, NO_FRESH = "there is no Python process in ", "no Python of the fresh run of "
CASES = {
    "no Python": (SLEEP, "runs", RECORD, NONE, "only Python is profiled"),
    "no Python to dump": (SLEEP, "runs", DUMP, NONE, "only Python is profiled"),
    "no Python in a fresh run": (["true"], "ended", COUNT, NO_FRESH, "--with py-spy"),
    "paused": (PYTHON, "paused", RECORD, " is paused, and nothing of it runs", "docker unpause "),
    "ended": (["true"], "ended", RECORD, " is not running", "docker start "),
    "ended, to dump": (["true"], "ended", DUMP, " is not running", "docker start "),
    "-I, counted": (["python3", "-Ic", "pass"], "ended", COUNT, NO_FRESH, "--with py-spy"),
    "-E, counted": (["python3", "-Ec", "pass"], "ended", COUNT, NO_FRESH, "--with py-spy"),
    "-I, imports": (["python3", "-Ic", "pass"], "ended", IMPORTS, NO_FRESH, "--with py-spy"),
    "-E, imports": (["python3", "-Ec", "pass"], "ended", IMPORTS, NO_FRESH, "--with py-spy"),
    "does not start": (["true"], "ended", [*COUNT, "--", "/no/such"], " does not start: ", "--with py-spy"),
}
"""What it runs, its state, the arguments; what is told of the cause and of what works."""


@pytest.mark.parametrize("case", CASES)
def test_cause_and_what_works_are_told(
    engine: Engine, base_image: str, container_factory: ContainerFactory, tmp_path: Path, case: str
) -> None:
    command, state, arguments, cause, way_out = CASES[case]
    container = container_factory(base_image, command, network_mode="none")
    if state == "ended":
        container.wait()
    if state == "paused":
        pause(container)
    done = subprocess.run(
        [sys.executable, "-m", "workbench", "profile", str(container.id), *arguments],
        cwd=ROOT,
        env={**engine.environ, "PYTHONPATH": str(ROOT), "XDG_DATA_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (3, ""), done.stderr
    first, second = done.stderr.splitlines()
    assert first.startswith("workbench: ")
    assert cause in first
    assert second.startswith("  hint: ")
    assert way_out in second
    if state == "paused":
        container.unpause()
    assert ours(engine) == []
