"""Both versions read into the same counters, whatever is missing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workbench.sources.cgroups.trees import ID, V2, write_v1, write_v2
from workbench.measure.rates import Counters, PressureTotals
from workbench.model.containers import MemoryParts
from workbench.sources.cgroups.find import Group, Hierarchy
from workbench.sources.cgroups.kept_file import Allowance, GroupGoneError
from workbench.sources.cgroups.limits import NO_LIMITS, Limits
from workbench.sources.cgroups.parse import flat_keyed, limit, whole
from workbench.sources.cgroups.pressure import parse_pressure
from workbench.sources.cgroups.v1 import parse_blocks
from workbench.sources.cgroups.v2 import parse_io

PARTS = MemoryParts(
    anonymous_bytes=106496,
    shared_bytes=4096,
    file_active_bytes=12288,
    file_inactive_bytes=8192,
    kernel_bytes=323584,
)


def open_group(root: Path, allowance: Allowance | None = None) -> Group:
    group = Hierarchy(root, allowance=allowance).find(ID)
    assert group is not None
    return group


@pytest.fixture(params=["v1", "v1 co-mounted", "v2"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "v2":
        write_v2(tmp_path)
    else:
        write_v1(tmp_path, co_mounted=request.param != "v1")
    return tmp_path


@pytest.fixture
def group(root: Path) -> Iterator[Group]:
    group = open_group(root)
    yield group
    group.close()


def test_every_figure(root: Path, group: Group) -> None:
    counters = group.read(5, NO_LIMITS)
    v2 = (root / "cgroup.controllers").exists()
    assert counters == Counters(
        taken_ns=5,
        cpu_ns=18828000 if v2 else 18828776,
        memory_used_bytes=442368 - 8192,
        block_read_bytes=13288,
        block_written_bytes=4096,
        pids=1,
        periods=20,
        throttled_periods=5,
        throttled_ns=123456000 if v2 else 123456789,
        memory=PARTS,
        refaults=3,
        major_faults=2,
        oom_kills=3,
        pressure=PressureTotals(3404, 1852, 0, 0, 0, 0),
    )


def test_limits(root: Path, group: Group) -> None:
    v2 = (root / "cgroup.controllers").exists()
    assert group.limits(2) == Limits(cpu_cores=0.5, memory_bytes=67108864, pids=100 if v2 else None)
    assert group.read(5, Limits(memory_bytes=9, pids=8)).memory_limit_bytes == 9


def test_memory_high_is_v2s_own(tmp_path: Path) -> None:
    (write_v2(tmp_path) / "memory.high").write_text("1048576\n")
    group = open_group(tmp_path)
    assert group.read(5, group.limits(2)).memory_high_bytes == 1048576
    group.close()


def test_being_pinned_to_fewer_cores_is_a_limit(root: Path, group: Group) -> None:
    for pinned in root.rglob("cpuset.cpus"):
        pinned.write_text("0\n")
    for quota in (*root.rglob("cpu.max"), *root.rglob("cpu.cfs_quota_us")):
        quota.write_text("max 100000\n" if quota.name == "cpu.max" else "-1\n")
    assert group.limits(2).cpu_cores == 1
    assert group.limits(1).cpu_cores is None, "all the cores there are"


def test_any_file_may_be_missing(root: Path) -> None:
    essential = {"cpuacct.usage", "cpu.stat"} if (root / "cgroup.controllers").exists() else {"cpuacct.usage"}
    files = [path for path in root.rglob("*") if path.is_file() and path.parent.name == ID]
    for missing in files:
        if missing.name in essential:
            continue
        content = missing.read_text()
        missing.unlink()
        group = open_group(root)
        assert group.read(1, group.limits(2)).cpu_ns, missing
        group.close()
        missing.write_text(content)


def test_no_controller_but_cpu(root: Path) -> None:
    for path in sorted(root.rglob("*")):
        if path.is_file() and path.parent.name == ID and path.name not in {"cpu.stat", "cpuacct.usage"}:
            path.unlink()
    group = open_group(root)
    counters = group.read(1, group.limits(2))
    assert (counters.memory, counters.memory_used_bytes, counters.pressure) == (None, None, None)
    assert (counters.pids, counters.block_read_bytes, counters.oom_kills) == (None, None, None)
    group.close()


def test_a_group_that_vanishes_says_so(root: Path) -> None:
    group = open_group(root, Allowance(0))
    assert group.read(1, NO_LIMITS).cpu_ns
    for path in [*root.rglob("cpuacct.usage"), *root.rglob("cpu.stat")]:
        path.unlink()
    with pytest.raises(GroupGoneError):
        group.read(2, NO_LIMITS)


def test_what_moves_is_read_again_and_what_stands_still_is_not(tmp_path: Path) -> None:
    folder = write_v2(tmp_path)
    group = open_group(tmp_path)
    group.read(1, NO_LIMITS)
    (folder / "memory.stat").write_text("anon 1\n")
    still = group.read(2, NO_LIMITS)
    assert still.memory == PARTS
    (folder / "cpu.stat").write_text("usage_usec 18829\n")
    moved = group.read(3, NO_LIMITS)
    assert moved.memory is not None
    assert moved.memory.anonymous_bytes == 1
    (folder / "memory.stat").write_text("anon 2\n")
    seen = [group.read(moment, NO_LIMITS).memory for moment in range(4, 20)]
    assert seen[-1] is not None
    assert seen[-1].anonymous_bytes == 2, "what ages by itself is read now and then"
    group.close()


def test_kernels_before_5_18_tell_the_parts_of_kernel_memory(tmp_path: Path) -> None:
    folder = write_v2(tmp_path)
    old = V2["memory.stat"].replace("kernel 323584\n", "").replace("workingset_refault_file", "workingset_refault")
    (folder / "memory.stat").write_text(old)
    group = open_group(tmp_path)
    counters = group.read(1, NO_LIMITS)
    assert counters.memory is not None
    assert counters.memory.kernel_bytes == 65536 + 16384 + 90112 + 1024
    assert counters.refaults == 3
    group.close()


def test_no_more_files_are_held_than_allowed(root: Path) -> None:
    allowance = Allowance(3)
    group = open_group(root, allowance)
    assert group.read(1, NO_LIMITS) == group.read(1, NO_LIMITS)
    assert not allowance.take()
    group.close()
    assert [allowance.take() for _ in range(4)] == [True, True, True, False]


def test_before_linux_5_13_the_cpu_has_no_full_pressure() -> None:
    assert parse_pressure(b"some avg10=0.00 avg60=0.00 avg300=0.00 total=34\n") == (34, None)


@pytest.mark.parametrize(
    ("content", "value"),
    [(b"7\n", 7), (b"max\n", None), (b"-1\n", None), (b"9223372036854771712\n", None), (b"", None), (None, None)],
)
def test_limits_are_written_in_many_ways(content: bytes | None, value: int | None) -> None:
    assert limit(content) == value


@given(st.binary(max_size=200))
def test_nonsense_is_refused_and_never_worse(content: bytes) -> None:
    assert whole(content) is None or isinstance(whole(content), int)
    for parse in (flat_keyed, parse_pressure, parse_blocks, parse_io):
        try:
            parse(content)
        except (ValueError, IndexError, KeyError):
            continue


def test_a_file_of_nonsense_is_not_measured(tmp_path: Path) -> None:
    folder = write_v2(tmp_path)
    for name in ("memory.stat", "io.stat", "cpu.pressure", "pids.current", "memory.current"):
        (folder / name).write_bytes(b"\xff\xfe rbytes=x anon anon total=\n\0")
    group = open_group(tmp_path)
    counters = group.read(1, NO_LIMITS)
    assert (counters.cpu_ns, counters.pids, counters.block_read_bytes) == (18828000, None, None)
    group.close()
