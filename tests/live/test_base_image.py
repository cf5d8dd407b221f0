"""The base image is never left half-made, whatever stops the script that makes it."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from docker.errors import ImageNotFound

from tests.live.conftest import give_up
from tests.live.engines import HERE, Engine, EngineMissingError, run_script

NEVER_MADE = "workbench-test/never-made:1"

HANGING_DEBOOTSTRAP = """#!/bin/bash
mkdir -p "${@: -2:1}/usr/bin"
mount -t tmpfs tmpfs "${@: -2:1}/usr/bin"
touch "$FACTS/unpacking"
sleep infinity
"""


@pytest.fixture
def slow_machine(engine: Engine, tmp_path: Path) -> dict[str, str]:
    """The environment of a machine whose debootstrap never ends; scratch and facts are in `tmp_path`."""
    if os.geteuid() != 0:
        give_up("the base image can only be made by root")
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "debootstrap").write_text(HANGING_DEBOOTSTRAP)
    (programs / "debootstrap").chmod(0o755)
    return {
        **engine.environ,
        "PATH": f"{programs}:{engine.environ['PATH']}",
        "FACTS": str(tmp_path),
        "TMPDIR": str(tmp_path),
        "WORKBENCH_TEST_BASE": NEVER_MADE,
    }


@contextmanager
def making(environ: dict[str, str], facts: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start the script, and give it once debootstrap has unpacked something and mounted something."""
    (facts / "unpacking").unlink(missing_ok=True)
    with subprocess.Popen(
        [str(HERE / "base_image.sh"), "--make"], env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as script:
        while not (facts / "unpacking").exists():
            assert script.poll() is None, "the script ended before it was stopped"
        try:
            yield script
        finally:
            script.kill()


def folders(scratch: Path) -> list[Path]:
    return [path for path in scratch.glob("workbench-base.*.*") if path.is_dir()]


def test_stopped_script_removes_what_it_made(slow_machine: dict[str, str], tmp_path: Path) -> None:
    with making(slow_machine, tmp_path) as script:
        below = psutil.Process(script.pid).children(recursive=True)
        assert len(folders(tmp_path)) == 1
        script.send_signal(signal.SIGTERM)
        script.wait()
        assert script.returncode == 143
        assert folders(tmp_path) == []
        assert psutil.wait_procs(below)[1] == []


def test_killed_script_leaves_no_process_and_the_next_removes_its_folder(
    engine: Engine, slow_machine: dict[str, str], tmp_path: Path
) -> None:
    with making(slow_machine, tmp_path) as script:
        below = psutil.Process(script.pid).children(recursive=True)
        left = folders(tmp_path)
        assert len(left) == 1
        script.kill()
        script.wait()
        assert psutil.wait_procs(below)[1] == []
    assert str(tmp_path) not in Path("/proc/mounts").read_text()
    with pytest.raises(ImageNotFound):
        engine.client.images.get(NEVER_MADE)

    with making(slow_machine, tmp_path) as script:
        assert not left[0].exists()
        script.terminate()
        script.wait()
    assert folders(tmp_path) == []


def test_failing_debootstrap_is_told_and_cleaned_up(slow_machine: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "programs/debootstrap").write_text("#!/bin/sh\necho no such mirror\nexit 1\n")
    with pytest.raises(EngineMissingError, match=r"^debootstrap failed$"):
        run_script("base_image.sh", "--make", environ=slow_machine)
    assert folders(tmp_path) == []
