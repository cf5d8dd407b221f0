"""What profilers cost is measured where it can be, and where it cannot be the reason is told."""

import cProfile
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import util
from pathlib import Path
from threading import Event
from types import ModuleType, SimpleNamespace
from typing import Any

import memray
import pytest
from line_profiler import LineProfiler

import workbench.profilers
from workbench.cli.profile_cost import cost
from workbench.measure import call_cost
from workbench.measure.flame.building import TreeBuilder
from workbench.measure.import_times import ImportTimes
from workbench.measure.line_times import from_lines
from workbench.profilers import import_cost
from workbench.profilers.attach import live
from workbench.profilers.base import Recorded
from workbench.profilers.kinds.memray import recorded_memory
from workbench.profilers.py_spy.cost import (
    ExecutedTime,
    Standstill,
    about_cost,
    about_standstill,
    overhead_percent,
)
from workbench.profilers.tooled import Finished

AGENTS = Path(next(iter(workbench.profilers.__path__))) / "agents"
TRACED = """
import ctypes, os, signal
ctypes.CDLL(None).ptrace(0, 0, 0, 0)
print("here", flush=True)
os.kill(os.getpid(), signal.SIGSTOP)
"""


@contextmanager
def child(code: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A Python that runs some code and has said so."""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == b"here\n"
            yield process
        finally:
            process.kill()


@pytest.fixture(scope="module")
def shared() -> ModuleType:
    """What the agents share."""
    spec = util.spec_from_file_location("workbench_tool", AGENTS / "workbench_tool.py")
    assert spec
    assert spec.loader
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_time_of_programs_is_added_up() -> None:
    taken = ExecutedTime()
    assert taken.seconds is None
    code = "import time\nwhile time.process_time() < {0}: pass\nprint('here', flush=True)\ntime.sleep(60)"
    for seconds in (0.2, 0.3):
        with child(code.format(seconds)) as program:
            taken.look(program.pid)
        taken.look(program.pid)  # it has gone: what is known stays
        taken.end()
    assert taken.seconds is not None
    assert 0.5 <= taken.seconds < 0.7


def test_process_that_is_traced_stands_still_and_one_that_sleeps_does_not() -> None:
    with child(TRACED) as process, Standstill((process.pid,), 0.002) as stood:
        while b") t " not in Path(f"/proc/{process.pid}/stat").read_bytes():
            time.sleep(0.001)
        before = time.monotonic()
        time.sleep(0.3)
        traced = time.monotonic() - before
    assert stood.share is not None
    assert stood.share > 0.5
    assert stood.most_seconds is not None
    assert stood.most_seconds >= traced
    with child("import time\nprint('here', flush=True)\ntime.sleep(60)") as process:
        with Standstill((process.pid,), 0.002) as stood:
            time.sleep(0.1)
        assert stood.share == 0
        assert stood.most_seconds is not None
        assert stood.most_seconds > 0, "no longer than the longest time between two looks"


def test_what_is_not_to_be_seen_is_not_known() -> None:
    with Standstill((), 0.01) as stood:
        pass
    assert (stood.share, stood.most_seconds) == (None, None)
    with child("print('here', flush=True)") as process:
        pass
    with Standstill((process.pid,), 0.001) as stood:
        time.sleep(0.01)
    assert (stood.share, stood.most_seconds) == (None, None)


def test_cost_of_py_spy() -> None:
    assert overhead_percent((0.5, 10.0), None) == pytest.approx(5.0)
    assert overhead_percent((0.5, 10.0), 0.02) == pytest.approx(7.0), "with the time that it stood still"
    assert overhead_percent(None, 0.02) is None
    assert about_cost("sidecar", (0.5, 10.0), None, stops=False, is_seen=True) == []
    assert about_cost("exec", (0.5, 10.0), 0.021, stops=True, is_seen=True) == [
        "it stood still for 2.1% of the time, which the overhead counts"
    ]
    assert "not to be seen from here" in about_cost("exec", None, None, stops=False, is_seen=False)[0]
    assert "no call of it was seen" in about_cost("exec", None, None, stops=False, is_seen=True)[0]
    assert "the engine did not tell" in about_cost("sidecar", None, None, stops=False, is_seen=True)[0]
    assert (
        "how long it stood still is not known" in about_cost("sidecar", (0.5, 1.0), None, stops=True, is_seen=False)[0]
    )


def test_cost_of_one_look() -> None:
    assert about_standstill([0.0012, 0.0031]) == "for this look a process stood still for at most 3.1 ms"
    assert "is not known" in about_standstill([])


def test_cost_of_telling_imports() -> None:
    timed = subprocess.run(
        [sys.executable, AGENTS / "import_cost.py"], capture_output=True, check=True, env={**os.environ}
    )
    assert 0 < float(timed.stderr) < 0.001
    found = ImportTimes(TreeBuilder().finish(), modules=100, seconds=0.0105, is_mixed=False)
    assert import_cost.overhead_percent(found, 5e-6) == pytest.approx(5.0)
    assert import_cost.overhead_percent(found, None) is None
    assert import_cost.overhead_percent(found, 1.0) is None, "what cannot be is not told"


def test_cost_of_lines_is_that_of_the_counted_ones(shared: ModuleType) -> None:
    counted, other = shared.cost_of_lines(LineProfiler())
    assert 0 < counted < 1e-4
    assert 0 <= other < 1e-4

    def told(**more: Any) -> bytes:
        import json

        rows = [["/a.py", 1, "f", 2, 1000, 5], ["/a.py", 1, "f", 3, 1000, 5]]
        return json.dumps({"pid": 1, "unit": 1e-9, "functions": {"a:f": "found"}, "lines": rows} | more).encode()

    assert from_lines([told()]).cost is None, "of an older agent"
    assert from_lines([told(cost=[0.0, 0.0, 1.0])]).cost is None
    assert from_lines([told(cost=[1e-3, 1e-7, 1.0])]).cost is None, "more than all"
    found = from_lines([told(cost=[1e-6, 1e-7, 0.012]), told(cost=[3e-6, 3e-7, 0.016])]).cost
    assert found is not None
    assert found.counted_percent == pytest.approx(100 * 0.008 / 0.020)
    assert found.counted_line_seconds == pytest.approx(2e-6)
    assert found.other_line_seconds == pytest.approx(2e-7)


def test_cost_of_a_call_under_memray_is_told(shared: ModuleType, tmp_path: Path) -> None:
    tracker = memray.Tracker(tmp_path / "it.bin")
    try:
        seconds = shared.cost_of_calls(tracker.__enter__)
    finally:
        tracker.__exit__(None, None, None)
    assert 0 < seconds < 1e-4
    left = {"7-1.bin": (tmp_path / "it.bin").read_bytes()}
    for cost_file, said in (
        (b"1.8e-07", "here one took 0.18 µs longer"),
        (b"nonsense", "does not count them"),
    ):
        finished = Finished({**left, "7-1.cost": cost_file}, 1.0, 1.7e9, "3.11", ())
        wish: Any = SimpleNamespace(native=False, seconds=1.0)
        recorded = recorded_memory(finished, wish, lambda _: None, Event())
        assert recorded.overhead_percent is None
        assert recorded.warnings[-1].startswith("what memray cost is not known")
        assert recorded.warnings[-1].endswith(said)


def test_cost_of_counting_calls() -> None:
    def of(*told: bytes) -> float | None:
        return call_cost.overhead_percent(call_cost.counted_calls(each) for each in told)

    assert of(b"1000 1e-6 1e-7 0.005") == pytest.approx(25)
    assert of(b"1000 1e-6 1e-7 0.005", b"0 1e-6 1e-7 0.004") == pytest.approx(100 * 1 / 8), "all processes together"
    assert of(b"1000 1e-6 1e-7 0.00101") == pytest.approx(910), "no call takes less than the least one"
    assert of(b"1000 1e-6 1e-7 0.0005") == pytest.approx(400), "timed too high for these calls"
    assert of() is None
    for nothing in (b"", b"x", b"1 2 3", b"1 -1 1 1", b"1 nan 1 1", b"1 inf 1 1", b"0 1e-6 1e-7 1.0", b"\xff 1 1 1"):
        assert of(nothing) is None
    assert of(b"1000 1e-6 1e-7 0.005" + 200 * b" ") is None, "more than any process writes of itself"


def test_cost_of_a_call_is_timed_unless_the_program_profiles_itself(shared: ModuleType) -> None:
    longer, bare = shared.cost_of_a_call(cProfile.Profile)
    assert 0 <= longer < 1e-4
    assert 0 < bare < 1e-4

    class Busy(cProfile.Profile):
        def enable(self, *_: bool) -> None:
            raise ValueError

    assert shared.cost_of_a_call(Busy) == (0.0, 0.0)
    assert sys.getprofile() is None


def test_why_counting_calls_has_no_cost() -> None:
    told = [call_cost.counted_calls(each) for each in (b"x", b"0 1e-6 1e-7 1.0")]
    assert "no process told" in call_cost.why_no_overhead(told[:1])
    assert "no process told" in call_cost.why_no_overhead([])
    assert "took too little longer" in call_cost.why_no_overhead(told)


def test_times_that_a_payload_tells_are_short() -> None:
    assert live._numbers(b"3.0 1.5") == [3.0, 1.5]
    assert live._numbers(b"3.0 " * 100) == []


def test_tool_bears_a_python_that_does_not_know_how_it_was_built(shared: ModuleType) -> None:
    module: Any = SimpleNamespace(sysconfig=SimpleNamespace(_get_sysconfigdata_name=lambda: "_sysconfigdata_none"))
    shared._bear_a_cut_down_python(module)
    assert module.sysconfig.get_config_var("LIBDEST") is None
    import sysconfig

    module.sysconfig = sysconfig
    shared._bear_a_cut_down_python(module)
    assert module.sysconfig is sysconfig, "one that knows is asked itself"
    shared._bear_a_cut_down_python(SimpleNamespace())


def test_words() -> None:
    def of(profiler: str, percent: float | None) -> str:
        return cost(Recorded(profiler, "exec", "samples", 1.0, 0.0, overhead_percent=percent))

    assert of("py-spy", 7.21) == "the profiler took 7.2% of a core"
    assert of("cprofile", 35.51) == "the profiler made it about 36% slower"
    assert of("imports", 0.44) == "the profiler made it about 0.4% slower"
    assert of("memray", None) == "what the profiler cost was not measured"
