"""line_profiler's files are read without running anything of them; what is none is refused."""

import os
import pickle
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from line_profiler._line_profiler import LineStats as CompiledLineStats
from line_profiler.line_profiler import LineProfiler, LineStats

from workbench.errors import ProfileError
from workbench.measure.line_times import MOST_LINES
from workbench.measure.lprof_file import from_lprof

TIMINGS = {("/app/a.py", 2, "f"): [(3, 4, 3546), (4, 3, 552)], ("/app/a.py", 9, "Shop.g"): []}


def stats(timings: Any, unit: Any = 1e-9, protocol: int = 5, kind: type = LineStats) -> bytes:
    """A file of line_profiler's."""
    made = kind({}, 1e-9)
    made.timings, made.unit = timings, unit
    return pickle.dumps(made, protocol)


@pytest.mark.parametrize("kind", [LineStats, CompiledLineStats])
@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_every_protocol(kind: type, protocol: int) -> None:
    found = from_lprof(stats(TIMINGS, protocol=protocol, kind=kind))
    assert [(line.place, line.hits) for line in found.lines] == [
        (("f", "/app/a.py", 3, "code"), 4), (("f", "/app/a.py", 4, "code"), 3)
    ]  # fmt: skip
    assert found.lines[0].seconds == pytest.approx(3.546e-6)
    assert found.tree.total[0] == pytest.approx(4.098e-6)


def test_what_line_profiler_writes(tmp_path: Path) -> None:
    def work(count: int) -> None:
        for _ in range(count):
            pass

    profiler: Any = LineProfiler()
    profiler.add_function(work)
    profiler.enable()
    work(5)
    profiler.disable()
    profiler.dump_stats(str(tmp_path / "a.lprof"))
    found = from_lprof((tmp_path / "a.lprof").read_bytes())
    assert {line.hits for line in found.lines} >= {5}
    assert all(line.place.file == __file__ for line in found.lines)


class _Evil:
    def __reduce__(self) -> Any:
        return os.system, ("touch /tmp/workbench-was-here",)


def deep(then: bytes) -> bytes:
    """A value so deep that hashing it would end the interpreter."""
    return b"\x80\x04})" + b"\x85" * 1_000_000 + then


@pytest.mark.parametrize(
    "data",
    [
        pickle.dumps(_Evil()),
        stats({"f": _Evil()}),
        pickle.dumps(SimpleNamespace(timings=TIMINGS, unit=1e-9)),
        stats(TIMINGS, unit=0.0),
        stats(TIMINGS, unit=float("nan")),
        stats(TIMINGS, unit="s"),
        stats([1]),
        stats({"f": []}),
        stats({("a", 1, "f"): [(1, 2)]}),
        stats({("a", 1, "f"): [(1, -2, 3)]}),
        stats({("a", 1, "f"): [(1, 2**70, 3)]}),
        stats({("a", 1, "f"): [(1, 2, 3.5)]}),
        pickle.dumps({"timings": TIMINGS, "unit": 1e-9}),
        stats(TIMINGS)[:-5],
        b"\x80", b"\x80\x05", b"\x80\x05.", b"\x80\x04r\xff\xff\xff\x7f.", b"\x80\x04\x93.",
        deep(b"Ns."), deep(b")\x93."), stats({("a", 1, "f", "g"): [(1, 2, 3)]}),
        b"\x80\x02cline_profiler.line_profiler\nLineStats\n)\x81}b.",
    ],
)  # fmt: skip
def test_what_is_none_is_refused_and_not_run(data: bytes) -> None:
    with pytest.raises(ProfileError):
        from_lprof(data)
    assert not Path("/tmp/workbench-was-here").exists()


def test_one_list_of_many_functions_is_bounded() -> None:
    lines = [(number, 1, 1) for number in range(1000)]
    with pytest.raises(ProfileError, match=f"more than {MOST_LINES:,} lines"):
        from_lprof(stats({("a", number, "f"): lines for number in range(1000)}))


@given(st.binary(max_size=300), st.integers(0, 150))
def test_any_bytes_are_read_or_refused(data: bytes, place: int) -> None:
    whole = stats(TIMINGS)
    for tried in (b"\x80\x04" + data, whole[:place] + data[:4] + whole[place + 4 :]):
        try:
            found = from_lprof(tried)
        except ProfileError:
            continue
        assert len(found.tree) >= 1
