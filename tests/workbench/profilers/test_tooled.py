"""Pythons of a fresh run ask for their tool: what fits is given once, and what cannot be is refused with the reason."""

import json
import subprocess
import sys
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import workbench.profilers
from workbench.model.probe import ProcessFacts, TargetFacts
from workbench.profilers import tooled
from workbench.profilers.base import Wish
from workbench.profilers.tooled import Agent, _Answers, tooled_routes
from workbench.profilers.wheels import tool_files

KEY = "cpython-312-x86_64-linux-gnu-glibc"
FOLDER = Path(next(iter(workbench.profilers.__path__)))


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> _Answers:
    def files(tool: str, process: ProcessFacts, *_: object) -> dict[str, bytes]:
        if process.libc == "musl":
            return dict(tool_files("memray", process, Event(), print))
        return {"memray/__init__.py": process.python.encode()}

    monkeypatch.setattr(tooled, "tool_files", files)
    return _Answers(Agent("memray", "memory", {}, "it"), Wish(), lambda _: None, Event())


def asked(**facts: Any) -> bytes:
    told = {"pid": 7, "python": "3.12", "abi": "cpython-312-x86_64-linux-gnu", "libc": "glibc", "libc_version": "2.36",
            "architecture": "x86_64"}  # fmt: skip
    return json.dumps(told | facts).encode()


def test_who_asks_is_given_the_tool_once(answers: _Answers) -> None:
    found = answers.answers({KEY: asked(), "begun": b""})
    assert list(found) == [f"lib/{KEY}/memray/__init__.py", f"lib/{KEY}/answered"], "the sign comes last"
    assert found[f"lib/{KEY}/memray/__init__.py"] == b"3.12"
    assert answers.answers({KEY: asked()}) == {}
    assert (answers.given, answers.python, answers.refused) == (1, "3.12", [])


def test_musl_that_would_crash_is_refused(answers: _Answers) -> None:
    found = answers.answers({"x-musl": asked(libc="musl", libc_version="1.2.3")})
    assert set(found) == {"lib/x-musl/refused", "lib/x-musl/answered"}
    assert answers.refused[0].reason == (
        "memray crashes on musl 1.2.3: its libraries need 1.2.4 (Alpine 3.18) or newer"
    )
    assert answers.given == 0


@pytest.mark.parametrize("key", ["", "..", "../x", "a/b", "x" * 101, "a\nb", "a b", "é"])
def test_hostile_names_are_not_answered(answers: _Answers, key: str) -> None:
    assert answers.answers({key: asked()}) == {}


def test_only_so_many_are_answered(answers: _Answers) -> None:
    found = answers.answers({f"k{number}": asked() for number in range(50)})
    assert len({path.split("/")[1] for path in found}) == 8


@given(st.binary(max_size=80) | st.dictionaries(st.text(), st.none() | st.integers() | st.text()).map(json.dumps))
def test_any_answer_is_facts(content: bytes | str) -> None:
    data = content if isinstance(content, bytes) else content.encode("utf-8", "replace")
    assert isinstance(tooled._process(data), ProcessFacts)


def test_route_is_closed_when_no_python_can_be_given_it() -> None:
    def routes(*pythons: ProcessFacts, **wish: Any) -> str:
        facts = TargetFacts("container", "x", "x", processes=pythons)
        (route,) = tooled_routes("memray", facts, Wish(**wish))
        return route.closed

    old = ProcessFacts(1, python="3.7", libc="glibc", architecture="x86_64")
    good = ProcessFacts(1, python="3.12", libc="glibc", architecture="x86_64")
    assert "no memray for Python 3.7" in routes(old)
    assert routes(old, good) == routes(good) == routes() == routes(old, command=("python3",)) == ""
    assert tooled_routes("memray", TargetFacts("process", "1", "x"), Wish())[0].closed


def test_an_agent_asks_waits_and_goes_on_without_what_is_refused(tmp_path: Path) -> None:
    """The real agent in a Python of this machine, with a host that refuses."""
    agent = tmp_path / "agent"
    for folder in (agent, tmp_path / "out", tmp_path / "asks"):
        folder.mkdir()
    for source in ("agents/memory/sitecustomize.py", "agents/workbench_tool.py", "proc_facts.py"):
        (agent / Path(source).name).write_bytes((FOLDER / source).read_bytes())
    environment = {"PYTHONPATH": str(agent), "WORKBENCH_MEMORY": str(tmp_path)}
    code = "import sys; print('went on', [name for name in sys.modules if name in ('memray', 'proc_facts')])"
    with subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True) as started:
        while not (found := [path for path in (tmp_path / "asks").iterdir() if path.suffix == ""]):
            assert started.poll() is None
        facts = tooled._process(found[0].read_bytes())
        assert facts.python == f"3.{sys.version_info.minor}"
        assert facts.libc in {"glibc", "musl"}
        assert facts.abi in found[0].name
        lib = tmp_path / "lib" / found[0].name
        lib.mkdir(parents=True)
        (lib / "refused").touch()
        (lib / "answered").touch()
        assert started.stdout
        assert started.stdout.read() == "went on []\n"
    assert list((tmp_path / "out").iterdir()) == []
