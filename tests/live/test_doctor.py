"""`workbench doctor`, installed, on this machine and its engine."""

import fcntl
import json
import os
import pty
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from tests.live.engines import Engine

WORKBENCH = Path(sys.executable).parent / "workbench"


def doctor(environ: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [WORKBENCH, *arguments], env={**os.environ, **environ}, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )


def test_an_engine_that_answers_is_enough(engine: Engine) -> None:
    done = doctor(dict(engine.environ), "doctor")
    assert done.returncode == 0
    first = done.stdout.splitlines()[0]
    assert first.startswith("fine     engine  ")
    assert engine.client.version()["Version"] in first
    assert "main job can run" in done.stderr or "all is fine" in done.stderr


def test_every_line_begins_with_its_status_and_lines_up(engine: Engine) -> None:
    lines = doctor(dict(engine.environ), "doctor").stdout.splitlines()
    things = [line for line in lines if not line.lstrip().startswith("fix: ")]
    assert {line.split()[0] for line in things} <= {"fine", "missing", "broken"}
    column = things[0].index("Docker ") if "Docker " in things[0] else things[0].index("Podman ")
    assert all(line[column - 2 : column] == "  " and line[column] != " " for line in things)
    assert all(line[:column].isspace() for line in lines if line not in things)


def test_json_holds_the_same(engine: Engine) -> None:
    done = doctor(dict(engine.environ), "doctor", "--json")
    document = json.loads(done.stdout)
    assert done.returncode == 0
    assert done.stderr == ""
    assert document["schema"] == 1
    assert document["ok"] is True
    assert document["checks"][0]["name"] == "engine"
    assert document["checks"][0]["essential"] is True
    assert {check["status"] for check in document["checks"]} <= {"fine", "missing", "broken"}
    storage = next(check for check in document["checks"] if check["name"] == "storage")
    assert storage["detail"].startswith(engine.client.info()["Driver"])


@pytest.mark.parametrize("arguments", [("doctor",), ("doctor", "--json")], ids=["lines", "json"])
def test_without_an_engine_it_says_so_and_how_to_mend_it(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = doctor({"DOCKER_HOST": f"unix://{tmp_path}/docker.sock"}, *arguments)
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    if "--json" in arguments:
        document = json.loads(done.stdout)
        assert document["ok"] is False
        assert document["checks"][0]["status"] == "missing"
        assert document["checks"][0]["fix"]
    else:
        assert done.stdout.startswith("missing  engine")
        assert "fix: " in done.stdout.splitlines()[1]


def test_a_context_that_does_not_exist_is_a_finding_with_those_that_do(tmp_path: Path) -> None:
    done = doctor({"DOCKER_CONFIG": str(tmp_path)}, "--context", "nowhere", "doctor")
    assert done.returncode == 3
    assert done.stdout.startswith("broken   engine")
    assert "there are: default" in done.stdout


@pytest.mark.parametrize(("columns", "lines", "status"), [(120, 40, "fine"), (60, 20, "broken")])
def test_the_terminal_it_runs_in_is_examined(engine: Engine, columns: int, lines: int, status: str) -> None:
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    environ = {**engine.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"}
    try:
        done = subprocess.run(
            [WORKBENCH, "doctor"], env=environ, stdin=slave, stderr=slave, stdout=subprocess.PIPE, text=True, check=True
        )
    finally:
        os.close(master)
        os.close(slave)
    line = next(line for line in done.stdout.splitlines() if f"{columns}x{lines}" in line)
    assert line.startswith(status)
