"""Pythons of a fresh run ask for their tool: what fits is given once, and what cannot be is refused with the reason."""

import json
import os
import shutil
import subprocess
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import workbench.profilers
from workbench.errors import Stopped, WorkbenchError
from workbench.measure.flame.memory_trees import from_memray
from workbench.model.probe import ProcessFacts, TargetFacts
from workbench.profilers import asking, fresh, tooled
from workbench.profilers.asking import MOST_PYTHONS, Answers, process_told
from workbench.profilers.base import Progress, Wish
from workbench.profilers.ending import Ending
from workbench.profilers.fresh import FreshRun
from workbench.profilers.memray_files import read_memray
from workbench.profilers.sending import Fetching, Sending, later
from workbench.profilers.tooled import Agent, about_left_out, tooled_routes
from workbench.profilers.wheels import tool_files
from workbench.sources.container_files import Gathered

KEY = "cpython-312-x86_64-linux-gnu-glibc"
FOLDER = Path(next(iter(workbench.profilers.__path__)))


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    def files(tool: str, process: ProcessFacts, *_: object) -> dict[str, bytes]:
        if process.libc == "musl":
            return dict(tool_files("memray", process, Event(), print))
        return {"memray/__init__.py": process.python.encode()}

    monkeypatch.setattr(asking, "tool_files", files)
    return Answers("memray", Wish(), lambda _: None, Event())


def asked(**facts: Any) -> bytes:
    told = {"pid": 7, "python": "3.12", "abi": "cpython-312-x86_64-linux-gnu", "libc": "glibc", "libc_version": "2.36",
            "architecture": "x86_64"}  # fmt: skip
    return json.dumps(told | facts).encode()


def test_who_asks_is_given_the_tool_once(answers: Answers) -> None:
    found = answers.answers({KEY: asked(), "begun": b""})
    assert list(found) == [f"lib/{KEY}/memray/__init__.py", f"lib/{KEY}/answered"], "the sign comes last"
    assert found[f"lib/{KEY}/memray/__init__.py"] == b"3.12"
    assert answers.answers({KEY: asked()}) == {}
    assert (answers.given, answers.python, answers.refused) == (1, "3.12", [])


def test_musl_that_would_crash_is_refused(answers: Answers) -> None:
    found = answers.answers({"x-musl": asked(libc="musl", libc_version="1.2.3")})
    assert set(found) == {"lib/x-musl/refused", "lib/x-musl/answered"}
    assert answers.refused[0].reason == (
        "memray crashes on musl 1.2.3: its libraries need 1.2.4 (Alpine 3.18) or newer"
    )
    assert answers.given == 0


@pytest.mark.parametrize("key", ["", "..", "../x", "a/b", "x" * 101, "a\nb", "a b", "é"])
def test_hostile_names_are_not_answered(answers: Answers, key: str) -> None:
    assert answers.answers({key: asked()}) == {}


def test_only_so_many_are_answered_and_the_others_do_not_wait(answers: Answers) -> None:
    found = answers.answers({f"k{number}": asked() for number in range(50)})
    folders = {path.split("/")[1] for path in found}
    assert folders == {f"k{number}" for number in range(MOST_PYTHONS)} | {"enough"}
    assert answers.answers({"another": asked()}) == {}
    assert answers.warnings() == ["more than 8 kinds of Python ran in it: the others were not profiled"]


@given(st.binary(max_size=80) | st.dictionaries(st.text(), st.none() | st.integers() | st.text()).map(json.dumps))
def test_any_answer_is_facts(content: bytes | str) -> None:
    data = content if isinstance(content, bytes) else content.encode("utf-8", "replace")
    assert isinstance(process_told(data), ProcessFacts)


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


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """What the real agent finds in a Python of this machine; the folders are `tmp_path`'s."""
    agent = tmp_path / "agent"
    for folder in (agent, tmp_path / "out", tmp_path / "asks"):
        folder.mkdir()
    for source in ("agents/memory/sitecustomize.py", "agents/workbench_tool.py", "proc_facts.py"):
        (agent / Path(source).name).write_bytes((FOLDER / source).read_bytes())
    return {"PYTHONPATH": str(agent), "WORKBENCH_MEMORY": str(tmp_path)}


def test_an_agent_asks_waits_and_goes_on_without_what_is_refused(tmp_path: Path, environment: dict[str, str]) -> None:
    code = "import sys; print('went on', [name for name in sys.modules if name in ('memray', 'proc_facts')])"
    with subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True) as started:
        while not (found := [path for path in (tmp_path / "asks").iterdir() if path.suffix == ""]):
            assert started.poll() is None
        facts = process_told(found[0].read_bytes())
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


def test_a_recording_that_is_full_ends_and_the_program_goes_on(tmp_path: Path, environment: dict[str, str]) -> None:
    import memray

    agent = tmp_path / "agent/sitecustomize.py"
    agent.write_text(agent.read_text().replace("_MOST_BYTES = 192 << 20", "_MOST_BYTES = 20_000"))
    key = EXTENSION_SUFFIXES[0].strip(".").removesuffix(".so")
    lib = tmp_path / "lib" / f"{key}-{'glibc' if os.confstr('CS_GNU_LIBC_VERSION') else 'musl'}"
    shutil.copytree(Path(memray.__file__).parents[1], lib, symlinks=True, ignore=only_memray)
    (lib / "answered").touch()
    lines = ["import os, time", f"out = {str(tmp_path / 'out')!r}", "held = []",
             "while not any(name.endswith('.problem') for name in os.listdir(out)):",
             "    held += [bytearray(900) for _ in range(50)]", "    time.sleep(0)", "print('went on')"]  # fmt: skip
    done = subprocess.run([sys.executable, "-c", "\n".join(lines)], env=environment, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("went on\n", "")
    left = {path.suffix: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert left[".problem"] == b"MemoryError: the recording is full"
    assert from_memray([read_memray(left[".bin"], Event(), lambda _: None)]).allocations > 10


def test_a_name_that_does_not_bear_being_looked_at_is_left_alone(tmp_path: Path, environment: dict[str, str]) -> None:
    found = pytest.importorskip("line_profiler._line_profiler")
    (tmp_path / "agent/sitecustomize.py").write_bytes((FOLDER / "agents/lines/sitecustomize.py").read_bytes())
    key = EXTENSION_SUFFIXES[0].strip(".").removesuffix(".so")
    lib = tmp_path / "lib" / f"{key}-{'glibc' if os.confstr('CS_GNU_LIBC_VERSION') else 'musl'}"
    shutil.copytree(Path(found.__file__).parent, lib / "line_profiler")
    (lib / "line_profiler/__init__.py").write_bytes(b"")
    (lib / "answered").touch()
    (tmp_path / "shy.py").write_text(
        "class Shy:\n"
        "    def __getattr__(self, name): raise RuntimeError('no request is going on')\n"
        "proxy = Shy()\n"
        "def work(): return 1\n"
    )
    environment |= {"WORKBENCH_LINES": str(tmp_path), "WORKBENCH_FUNCTIONS": "shy:proxy shy:work"}
    environment["PYTHONPATH"] += f":{tmp_path}"
    code = "import shy; print(shy.work())"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("1\n", "")
    left = {path.suffix: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert json.loads(left[".lines"])["functions"] == {"shy:proxy": "no such function", "shy:work": "found"}
    assert left[".problem"] == b"RuntimeError: no request is going on"


def only_memray(folder: str, names: list[str]) -> set[str]:
    """What is not copied of the installed packages."""
    keep = {"memray", "memray.libs", "typing_extensions.py", "rich", "pygments", "markdown_it", "mdurl"}
    return set(names) - keep if Path(folder).name == "site-packages" else set()


def test_a_python_that_is_not_answered_goes_on(tmp_path: Path, environment: dict[str, str]) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/enough").touch()
    done = subprocess.run(
        [sys.executable, "-c", "print('went on')"], env=environment, capture_output=True, text=True, timeout=60
    )
    assert (done.stdout, done.stderr) == ("went on\n", "")


def test_sending_is_told_and_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    stop = Event()
    sending = Sending("memray", "fresh", Wish(), lambda progress: told.append(progress.note), stop)
    sending._told = 0.0
    sending(2_500_000, 10_000_000)
    sending(2_600_000, 10_000_000)
    assert told == ["sending memray: 2.5 of 10.0 MB"]
    stop.set()
    with pytest.raises(Stopped):
        sending(2_700_000, 10_000_000)


def test_who_ends_a_recording_while_another_python_is_given_its_tool_keeps_it(answers: Answers) -> None:
    def put(*_: object) -> None:
        raise Stopped("stopped")

    run: Any = SimpleNamespace(has_ended=lambda: False, asked=lambda: {"begun": b"", KEY: asked()}, put=put)
    agent, sending = Agent("memory", {}, "it", "memray"), Sending("memray", "fresh", Wish(), lambda _: None, Event())
    recording = tooled._Recording(agent, Wish(), lambda _: None, Event(), answers, sending)
    tooled._wait(run, recording)
    assert answers.given == 1


def test_time_begins_when_the_first_python_is_profiled_and_its_end_is_noticed() -> None:
    notes: list[str] = []
    looks = iter([{}, {}, {"begun": b""}])  # once it has begun nobody looks any more
    ends = iter([False, False, False, False, True])
    run: Any = SimpleNamespace(has_ended=lambda: next(ends), asked=lambda: next(looks))
    agent, wish = Agent("", {}, "its calls are counted"), Wish(seconds=600)
    recording = tooled._Recording(
        agent, wish, lambda progress: notes.append(progress.note), Event(), None,
        Sending("", "fresh", wish, lambda _: None, Event()),
    )  # fmt: skip
    started = recording.began
    tooled._wait(run, recording)
    assert recording.has_begun
    assert recording.began > started
    assert notes == [
        *["waiting for its Python to start"] * 2,
        *["the fresh run goes on, its calls are counted"] * 2,
    ]


def test_why_a_run_left_nothing_depends_on_whether_it_had_begun() -> None:
    def why(*, has_begun: bool) -> WorkbenchError:
        sending = Sending("", "fresh", Wish(), lambda _: None, Event())
        agent = Agent("", {}, "its calls are counted")
        recording = tooled._Recording(agent, Wish(), lambda _: None, Event(), None, sending, has_begun=has_begun)
        ending = Ending(137, by_itself=True)
        return tooled._nothing(TargetFacts("container", "x", "api"), recording, ending, "bye")

    assert why(has_begun=False).reason.startswith("no Python of the fresh run of api was profiled; it ended with 137")
    assert why(has_begun=True).reason.startswith("the fresh run of api left nothing of what was recorded; it ended")


def test_half_written_files_are_no_results(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"out/7-1.pstats": b"{0", "out/7-1.part": b"{", "out/8-1.part": b""}
    monkeypatch.setattr(fresh, "gather", lambda *_, **__: Gathered(files))
    client: Any = None
    run = FreshRun(client, "unix:///run/docker.sock", "c", (), 0.0, "i", "v")
    assert set(run.results().files) == {"7-1.pstats"}


def test_fetching_is_told_and_given_up_only_by_a_stop_that_comes_during_it() -> None:
    told: list[Progress] = []
    stop = Event()
    fetching = Fetching("fresh", Wish(seconds=7), told.append, later(stop))
    fetching._told = 0.0
    assert fetching(2_500_000)
    assert [(one.note, one.elapsed_seconds) for one in told] == [("fetching what was recorded: 2.5 MB", 7.0)]
    stop.set()
    assert not fetching(2_600_000)
    ended = later(stop)
    assert Fetching("fresh", Wish(), told.append, ended)(1), "it has ended the recording, whose result is fetched"


@pytest.mark.parametrize(
    ("ending", "was_cut_short", "warnings"),
    [
        (Ending(143, by_itself=False), False, []),
        (Ending(137, by_itself=False), False, []),
        (Ending(0, by_itself=True), False, []),
        (Ending(None, by_itself=True), False, []),
        (Ending(3, by_itself=True), False, ["the fresh run ended by itself with exit code 3"]),
        (Ending(255, by_itself=True), False, ["the fresh run ended by itself with exit code 255"]),
        (Ending(192, by_itself=True), True, ["the fresh run ended by itself with exit code 192; much is lost"]),
        (Ending(137, by_itself=True), True, ["the fresh run ended by itself with exit code 137; much is lost"]),
        (Ending(137, True, out_of_memory=True), True, ["the fresh run was killed for its memory; much is lost"]),
        (Ending(0, False, out_of_memory=True), True, ["the fresh run was killed for its memory; much is lost"]),
    ],
)
def test_a_run_that_is_killed_is_cut_short(ending: Ending, was_cut_short: bool, warnings: list[str]) -> None:
    assert ending.was_cut_short == was_cut_short
    assert ending.warnings("much is lost") == warnings


def test_what_is_left_out_is_told() -> None:
    assert about_left_out(0, was_given_up=True) == []
    assert about_left_out(1, was_given_up=True) == ["not all that was recorded was fetched: it was given up"]
    (one,), (many,) = about_left_out(1, was_given_up=False), about_left_out(3, was_given_up=False)
    assert "a file of it left out" in one
    assert "3 of its files or more left out" in many
