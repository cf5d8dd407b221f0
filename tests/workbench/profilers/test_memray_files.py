"""memray's files are read in a process of their own; what is none, hostile or of another version is told."""

import json
import subprocess
import sys
import time
from pathlib import Path
from threading import Event, Timer

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import ProfileError, Stopped
from workbench.measure.flame.functions import functions_of
from workbench.measure.flame.memory_trees import MOST_MOMENTS, WORDS, from_memray
from workbench.model.frame_tree import Place
from workbench.profile_files import parse_profile
from workbench.profilers import memray_files
from workbench.profilers.memray_files import memray_html, read_memray

PROGRAM = """
import memray, sys, time
held = []

def leak(count):
    for _ in range(count):
        held.append(bytearray(1000 * 100))

with memray.Tracker(destination=memray.FileDestination(sys.argv[1], compress_on_exit=sys.argv[2] == "whole")):
    began = time.monotonic()
    leak(20)
    time.sleep(1 + time.monotonic() - began)  # so that the middle lies here on a slow machine too
    leak(10)
    time.sleep(0.05)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("memray")
    for name in ("whole", "plain"):
        subprocess.run([sys.executable, "-c", PROGRAM, made / name, name], check=True)
    return made


@pytest.mark.parametrize("name", ["whole", "plain"])
def test_file_that_was_made_elsewhere_is_a_profile(folder: Path, name: str) -> None:
    profile = parse_profile((folder / name).read_bytes(), "x.bin")
    assert (profile.unit, profile.profiler) == ("bytes", "memray")
    assert [aspect.name for aspect in profile.aspects] == list(WORDS)
    leak = functions_of(profile.tree)[0]
    assert (leak.place.name, leak.place.line) == ("leak", 7)
    assert 3_000_000 <= leak.own < 3_100_000
    assert leak.calls is not None
    assert 30 <= leak.calls < 40
    grown = functions_of(profile.aspects[1].tree)[0]
    assert 1_000_000 <= grown.own < 1_100_000
    assert len(profile.heap) > 5
    assert profile.heap[-1].heap_bytes > 3_000_000
    assert (profile.heap[-1].resident_bytes or 0) > 1_000_000


def test_other_version_is_told_with_what_to_do(folder: Path) -> None:
    data = bytearray((folder / "plain").read_bytes())
    data[7] -= 1
    with pytest.raises(ProfileError, match="recorded by another version of memray than the") as told:
        parse_profile(bytes(data), "x.bin")
    assert told.value.hint.startswith("pip install memray==VERSION")


@given(st.binary(max_size=200), st.integers(8, 4000))
@settings(max_examples=8, deadline=None)
def test_any_bytes_are_read_or_refused(folder: Path, data: bytes, place: int) -> None:
    plain = (folder / "plain").read_bytes()
    for tried in (b"memray\0" + data, plain[:place] + data + plain[place + len(data) :]):
        try:
            profile = parse_profile(tried, "x.bin")
        except ProfileError:
            continue
        assert len(profile.tree) >= 1


def test_reading_is_given_up_and_bounded_and_leaves_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    slow, big, busy = tmp_path / "slow.py", tmp_path / "big.py", tmp_path / "busy.py"
    slow.write_text("import time; time.sleep(1000)")
    big.write_text("raise MemoryError")
    monkeypatch.setattr(memray_files, "READER", slow)
    stop = Event()
    Timer(0.2, stop.set).start()
    began = time.monotonic()
    with pytest.raises(Stopped):
        read_memray(b"x", stop, lambda _: None)
    assert time.monotonic() - began < 500, "not for as long as the reader sleeps"
    monkeypatch.setattr(memray_files, "_PATIENCE_SECONDS", 0.2)
    with pytest.raises(ProfileError, match="did not read it within"):
        read_memray(b"x", Event(), lambda _: None)
    monkeypatch.setattr(memray_files, "_PATIENCE_SECONDS", 60.0)
    monkeypatch.setattr(memray_files, "READER", big)
    with pytest.raises(ProfileError, match="too much memory"):
        read_memray(b"x", Event(), lambda _: None)
    busy.write_text("import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True: pass")
    monkeypatch.setattr(memray_files, "READER", busy)
    with pytest.raises(ProfileError, match="too much memory or time"):
        read_memray(b"x", Event(), lambda _: None)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["big.py", "busy.py", "slow.py"]


def test_page_holds_no_source_of_this_machine(folder: Path) -> None:
    page = memray_html((folder / "whole").read_bytes(), Event(), lambda _: None).decode()
    assert "leak" in page
    assert "<html" in page
    assert "held.append(bytearray(1000 * 100))" not in page
    assert "https://" not in "".join(line for line in page.splitlines() if "<script src" in line or "<link" in line)


# -- what was read, put together ----------------------------------------------------------------------------


def read(pid: int, began: float, heap: list[list[float]], peak: int = 10) -> bytes:
    rows = [[4, 2, [0, 1]], [5, 1, []], [1, 7, [-1]]]
    return json.dumps(
        {
            "version": 1, "pid": pid, "began": began, "ended": began + 10, "peak": peak, "allocations": 5,
            "native": False, "frames": [["main", "a.py", 3], ["leak", "a.py", 9]], "aspects": {"peak": rows},
            "heap": heap,
        }
    ).encode()  # fmt: skip


def test_processes_stand_side_by_side_and_their_memory_is_added_up() -> None:
    moments = [[100.0 + second, 10, 50] for second in range(11)]
    later = [[second + 5, *more] for second, *more in moments]
    memory = from_memray([read(7, 100.0, moments), read(9, 105.0, later, 99)])
    assert [process.pid for process in memory.processes] == [9, 7]
    assert (memory.peak_bytes, memory.allocations, memory.seconds) == (None, 10, 15.0)
    tree = memory.aspects[0].tree
    assert tree.total[0] == 20
    assert [tree.at(node).name for node in tree.children(0)] == ["9", "7"]
    places = {tree.at(node) for node in range(1, len(tree))}
    assert places >= {Place("outside of Python"), Place("the rest", kind="rest")}
    assert len(memory.heap) == 11
    assert (memory.heap[1].heap_bytes, memory.heap[5].heap_bytes, memory.heap[-1].heap_bytes) == (10, 20, 10)
    assert {moment.resident_bytes for moment in memory.heap} == {None}


def test_one_process_has_no_frame_of_its_own() -> None:
    memory = from_memray([read(7, 100.0, [[100.0 + each / 100, 10, 50] for each in range(2000)])])
    assert memory.peak_bytes == 10
    assert {place.kind for place in memory.aspects[0].tree.places} == {"all", "code", "rest"}
    assert memory.aspects[0].tree.calls is not None
    assert sum(memory.aspects[0].tree.calls) == 10
    assert len(memory.heap) == MOST_MOMENTS
    assert memory.heap[-1].resident_bytes == 50
    assert len(memory.aspects[2].tree) == 1


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{}", b"[]", b"\xff", read(7, 100.0, []).replace(b"[0, 1]", b"[0, 2]"),
        read(7, 100.0, []).replace(b'"peak": 10', b'"peak": -1'), read(7, 100.0, []).replace(b"100.0", b"1e300"),
        read(7, 100.0, []).replace(b'"a.py", 3', b'"a.py"'), read(7, 100.0, []).replace(b"[4,", b'["4",'),
    ],
)  # fmt: skip
def test_what_is_not_as_the_reader_writes_it_is_refused(data: bytes) -> None:
    with pytest.raises(ProfileError):
        from_memray([data])
    with pytest.raises(ProfileError):
        from_memray([])
