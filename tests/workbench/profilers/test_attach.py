"""Ways into an interpreter that runs: their order, why one is closed, and payloads that leave nothing behind."""

import builtins
import json
import marshal
import os
import shutil
import sys
import time
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from types import FunctionType

import pytest

from tests.workbench.profilers.test_routes import FACTS, PYTHON, SHELL
from workbench.model.probe import TargetFacts
from workbench.profilers.attach import routes
from workbench.profilers.attach.boot import boot, payload
from workbench.profilers.base import Impossible, RiskUnasked, Wish, choose
from workbench.profilers.kinds.cprofile import PROFILER

NEW = replace(FACTS, processes=(SHELL, replace(PYTHON, python="3.14")))


@pytest.fixture(autouse=True)
def gdb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "why_no_gdb", lambda _: "")


def test_its_own_door_comes_before_gdb_and_a_fresh_run_is_never_taken_unasked() -> None:
    assert [route.name for route in PROFILER.routes(NEW, Wish()) if route.is_open] == ["remote-exec", "gdb", "fresh"]
    assert choose(PROFILER.routes(NEW, Wish()), Wish(), NEW).name == "remote-exec"
    stopped = replace(NEW, state="exited", processes=())
    with pytest.raises(Impossible) as told:
        choose(PROFILER.routes(stopped, Wish()), Wish(), stopped)
    assert told.value.reason == "api is not running"
    assert choose(PROFILER.routes(stopped, Wish(route="fresh")), Wish(route="fresh"), stopped).name == "fresh"


def test_gdb_is_taken_only_by_who_agrees() -> None:
    with pytest.raises(RiskUnasked) as told:
        choose(PROFILER.routes(FACTS, Wish()), Wish(), FACTS)
    assert told.value.exit_code == 2
    agreed = Wish(accepts_risk=True)
    assert choose(PROFILER.routes(FACTS, agreed), agreed, FACTS).name == "gdb"


@pytest.mark.parametrize(
    ("facts", "wish", "closed"),
    [
        (FACTS, Wish(route="remote-exec"), "it needs Python 3.14 or newer, and this is 3.11"),
        (replace(FACTS, paused=True), Wish(), "api is paused, and nothing of it runs"),
        (replace(FACTS, ptrace_scope=3), Wish(), "the kernel lets no process look into another (ptrace_scope 3)"),
        (replace(FACTS, processes=(SHELL,)), Wish(), "there is no Python process in api"),
        (FACTS, Wish(pid=1), "process 1 is no Python"),
        (replace(FACTS, processes=(replace(PYTHON, python="3.7"),)), Wish(), "Python 3.7 is older than 3.8"),
        (replace(FACTS, processes=(replace(PYTHON, user_id=None),)), Wish(), "its processes are not to be seen"),
        (replace(FACTS, processes=(replace(PYTHON, python="?"),)), Wish(), "process 7 is no CPython"),
        (replace(FACTS, kind="process"), Wish(), "a process of this machine is not entered, only looked at"),
    ],
)
def test_closed_routes_say_why(facts: TargetFacts, wish: Wish, closed: str) -> None:
    with pytest.raises(Impossible) as told:
        choose(PROFILER.routes(facts, wish), wish, facts)
    assert told.value.reason.startswith(closed)
    assert told.value.hint


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What a helper has, here."""
    (tmp_path / "out").mkdir()
    (tmp_path / "code").mkdir()
    (tmp_path / "out" / "pid").touch()
    for name, content in payload("cprofile").items():
        (tmp_path / "code" / name).write_bytes(content)
    return tmp_path


def wait_for(file: Path) -> str:
    ends = time.monotonic() + 60
    while not file.exists():
        assert time.monotonic() < ends, f"no {file.name}"
        time.sleep(0.01)
    return file.read_text(errors="replace")


def leaf() -> None:
    pass


def enter(folder: Path, seconds: float = 60.0, begins_within: float = 60.0) -> None:
    exec(boot(str(folder), "cprofile", (), seconds, begins_within), {})


def is_on() -> bool:
    """Whether something profiles this thread."""
    if sys.version_info >= (3, 12):
        return sys.monitoring.get_tool(sys.monitoring.PROFILER_ID) is not None
    return sys.getprofile() is not None


def test_payload_counts_and_leaves_nothing(folder: Path) -> None:
    before, modules = dict(vars(builtins)), set(sys.modules)
    enter(folder)
    wait_for(folder / "out" / "began")
    while not is_on():
        time.sleep(0.01)
    for _ in range(1000):
        leaf()
    enter(folder)  # a second one meanwhile
    assert wait_for(folder / "out" / "ended") == "busy"
    (folder / "out" / "ended").unlink()
    (folder / "stop").touch()
    assert wait_for(folder / "out" / "ended") == ""
    longer, bare = map(float, (folder / "out" / "cost").read_text().split())
    assert longer >= 0
    assert bare > 0
    rows = {row[0]: row[1][0] for row in marshal.loads((folder / "out" / "calls").read_bytes())}
    assert rows[__file__, leaf.__code__.co_firstlineno, "leaf"] == 1000
    assert not is_on()
    assert dict(vars(builtins)) == before
    assert set(sys.modules) - modules <= {"_lsprof", "ctypes", "_ctypes", "ctypes._endian"}


def test_payload_ends_when_its_helper_has_gone(folder: Path) -> None:
    enter(folder)
    wait_for(folder / "out" / "began")
    (folder / "out").rename(folder / "gone")
    ends = time.monotonic() + 60
    while "_workbench_attached" in vars(builtins):
        assert time.monotonic() < ends
        time.sleep(0.01)
    assert not is_on()


def test_nothing_stays_on_when_the_helper_goes_before_it_begins(folder: Path) -> None:
    (folder / "out" / "began.part").mkdir()
    enter(folder)
    assert wait_for(folder / "out" / "ended").startswith("error IsADirectoryError")
    assert not is_on()
    assert "_workbench_attached" not in vars(builtins)


class NoPlainName(str):
    """What marshal refuses with a ValueError."""

    __slots__ = ()


def test_nothing_stays_on_when_the_figures_cannot_be_written(folder: Path) -> None:
    odd = FunctionType(leaf.__code__.replace(co_filename=NoPlainName("odd.py")), globals())
    enter(folder)
    wait_for(folder / "out" / "began")
    while not is_on():
        time.sleep(0.01)
    odd()
    assert wait_for(folder / "out" / "ended") == "error ValueError: unmarshallable object"
    assert not is_on()


def test_profiler_that_cannot_be_enabled_is_told_of_and_waited_for_no_more(folder: Path) -> None:
    (folder / "code" / "failing.py").write_text(
        "class Failing:\n"
        "    def enable(self): raise RuntimeError('an audit hook refuses')\n"
        "    def disable(self): pass\n"
        "def record(attached): attached.begin_on_main(Failing(), lambda: None)\n"
    )
    exec(boot(str(folder), "failing", (), 60.0, 60.0), {})
    assert wait_for(folder / "out" / "ended") == "error RuntimeError: an audit hook refuses"


@pytest.fixture
def lines_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, with line_profiler, which this program does not have yet."""
    found = find_spec("line_profiler")
    if found is None or not found.submodule_search_locations:
        pytest.skip("line_profiler is not installed")
    for name in [name for name in sys.modules if "line_profiler" in name]:
        monkeypatch.delitem(sys.modules, name)
    (folder / "code" / "lines.py").write_bytes(payload("lines")["lines.py"])
    shutil.copytree(found.submodule_search_locations[0], folder / "code" / "lib" / "line_profiler")
    (folder / "code" / "lib" / "line_profiler" / "__init__.py").write_bytes(b"")
    return folder


def test_lines_of_no_function_are_told_of(lines_folder: Path) -> None:
    exec(boot(str(lines_folder), "lines", ("nowhere:f", "os:nothing"), 60.0, 60.0), {})
    assert wait_for(lines_folder / "out" / "ended") == ""
    assert (lines_folder / "out" / "began").exists()
    (lines,) = (lines_folder / "out").glob("*.lines")
    assert json.loads(lines.read_bytes())["functions"] == {
        "nowhere:f": "not imported",
        "os:nothing": "no such function",
    }


def test_program_keeps_the_name_of_its_own_line_profiler(lines_folder: Path) -> None:
    path = list(sys.path)
    for _ in range(2):
        exec(boot(str(lines_folder), "lines", ("nowhere:f",), 60.0, 60.0), {})
        assert wait_for(lines_folder / "out" / "ended") == ""
        (lines_folder / "out" / "ended").unlink()
    assert [name for name in sys.modules if "line_profiler" in name] == ["_workbench_line_profiler"]
    assert sys.path == path


def test_tool_that_cannot_be_imported_leaves_nothing(lines_folder: Path) -> None:
    for library in (lines_folder / "code" / "lib" / "line_profiler").glob("_line_profiler*"):
        library.unlink()
    exec(boot(str(lines_folder), "lines", ("nowhere:f",), 60.0, 60.0), {})
    assert wait_for(lines_folder / "out" / "ended").startswith("error ModuleNotFoundError")
    assert not [name for name in sys.modules if "line_profiler" in name]


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="from 3.12 on there is room for both")
def test_program_that_profiles_itself_is_left_alone(folder: Path) -> None:
    own = lambda *_: None  # noqa: E731
    sys.setprofile(own)
    try:
        enter(folder)
        assert wait_for(folder / "out" / "ended") == "profiled"
        assert sys.getprofile() is own
    finally:
        sys.setprofile(None)


def test_hook_of_the_program_is_not_taken_away_by_memray(folder: Path) -> None:
    (folder / "code" / "memray.py").write_bytes(payload("memray")["memray.py"])
    own = lambda *_: None  # noqa: E731
    sys.setprofile(own)
    try:
        exec(boot(str(folder), "memray", (1 << 20,), 60.0, 60.0), {})
        assert wait_for(folder / "out" / "ended") == "profiled"
        assert sys.getprofile() is own
    finally:
        sys.setprofile(None)


def test_child_is_not_profiled(folder: Path) -> None:
    enter(folder)
    wait_for(folder / "out" / "began")
    while not is_on():
        time.sleep(0.01)
    child = os.fork()
    if child == 0:
        os._exit(is_on() or "_workbench_attached" in vars(builtins))
    assert os.waitpid(child, 0)[1] == 0
    (folder / "stop").touch()
    assert wait_for(folder / "out" / "ended") == ""


def test_one_that_comes_too_late_by_the_helpers_clock_does_nothing(folder: Path) -> None:
    began = time.time() - 1000
    os.utime(folder / "out" / "pid", (began, began))
    enter(folder, begins_within=900)
    wait_for(folder / "out" / "entered")
    time.sleep(0.3)
    assert {path.name for path in (folder / "out").iterdir()} == {"pid", "entered"}


def test_a_turned_clock_of_the_program_does_not_matter(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    statement = boot(str(folder), "cprofile", (), 60.0, 60.0)
    monkeypatch.setattr(time, "time", lambda: 4e9)
    exec(statement, {})
    wait_for(folder / "out" / "began")
    (folder / "stop").touch()
    assert wait_for(folder / "out" / "ended") == ""
