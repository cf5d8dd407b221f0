"""Without an engine, live tests are skipped in words; in CI they fail."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run_one_live_test(tmp_path: Path, ci: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:cacheprovider",
            "tests/live/test_engines.py",
            "-k",
            "engine_answers",
        ],
        cwd=ROOT,
        env={**os.environ, "DOCKER_HOST": f"unix://{tmp_path}/none.sock", "CI": ci},
        capture_output=True,
        text=True,
        check=False,
    )


def test_skip_is_told_in_words(tmp_path: Path) -> None:
    done = run_one_live_test(tmp_path, "")
    assert "1 live test did not run: no Docker engine answers at DOCKER_HOST=unix://" in done.stdout
    assert "1 skipped" in done.stdout.splitlines()[-1]
    assert done.returncode == 0


def test_missing_engine_fails_in_ci(tmp_path: Path) -> None:
    done = run_one_live_test(tmp_path, "true")
    assert "no Docker engine answers at DOCKER_HOST=unix://" in done.stdout
    assert "skipped" not in done.stdout.splitlines()[-1]
    assert done.returncode == 1


SKIPPING_TESTS = """
import pytest

@pytest.mark.skip(reason="I do not feel like it")
def test_lazy(): ...

@pytest.mark.xfail(raises=ZeroDivisionError)
def test_expected(): 1 / 0

def test_modern():
    from tests.live.conftest import NO_MODERN_ENGINE
    pytest.skip(NO_MODERN_ENGINE + "out of reach")
"""


@pytest.mark.parametrize(("ci", "closing"), [("true", "1 skipped, 1 xfailed, 1 error"), ("", "2 skipped, 1 xfailed")])
def test_only_the_modern_engine_may_be_skipped_in_ci(tmp_path: Path, ci: str, closing: str) -> None:
    (tmp_path / "test_skipping.py").write_text(SKIPPING_TESTS)
    (tmp_path / "conftest.py").write_text("from tests.live.conftest import *\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir", tmp_path, tmp_path],
        cwd=ROOT,
        env={**os.environ, "CI": ci},
        capture_output=True,
        text=True,
        check=False,
    )
    assert closing in done.stdout.splitlines()[-1], done.stdout
    assert ("skipped where CI=true, so failed: I do not feel like it" in done.stdout) == bool(ci)
