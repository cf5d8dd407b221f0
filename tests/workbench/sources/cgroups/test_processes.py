"""Processes, their network and their tasks, from trees of /proc."""

from contextlib import suppress
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.workbench.sources.cgroups.trees import NET_DEV, write, write_process
from workbench.measure.task_times import TaskTimes
from workbench.sources.cgroups.processes import MOST_TASKS, first_process, read_tasks
from workbench.sources.cgroups.traffic import Interfaces, Traffic, parse_traffic


def test_traffic_is_the_sum_over_all_interfaces_but_lo() -> None:
    assert parse_traffic(NET_DEV.encode()) == Traffic(123656, 1000, dropped=7, errors=3)


def test_a_namespace_with_nothing_but_lo_has_traffic_zero() -> None:
    assert parse_traffic("\n".join(NET_DEV.splitlines()[:3]).encode()) == Traffic(0, 0, 0, 0)


@given(st.binary(max_size=300))
def test_any_table_is_read_or_refused(content: bytes) -> None:
    with suppress(ValueError):
        parse_traffic(content)


def test_a_process_that_is_gone_has_no_traffic(tmp_path: Path) -> None:
    write_process(tmp_path, 7)
    interfaces = Interfaces(7, str(tmp_path))
    assert interfaces.read() == Traffic(123656, 1000, dropped=7, errors=3)
    (tmp_path / "7" / "net" / "dev").write_text(NET_DEV.replace("123456", "nobody"))
    assert interfaces.read() == Traffic()
    (tmp_path / "7" / "net" / "dev").unlink()
    assert interfaces.read() is None


def test_the_containers_own_first_process_is_preferred(tmp_path: Path) -> None:
    write(tmp_path / "group", {"cgroup.procs": "0\n12\n11\n13\n"})
    for pid, inner in ((11, 1), (12, 40), (13, 41)):
        write_process(tmp_path / "proc", pid, inner=inner)
    assert first_process(str(tmp_path / "group"), str(tmp_path / "proc")) == 11
    write_process(tmp_path / "proc", 11, inner=39)
    assert first_process(str(tmp_path / "group"), str(tmp_path / "proc")) == 12, "with the host's processes: any"


def test_a_container_with_groups_of_its_own(tmp_path: Path) -> None:
    write(tmp_path / "group", {"cgroup.procs": ""})
    assert first_process(str(tmp_path / "group"), str(tmp_path)) is None
    write(tmp_path / "group" / "init", {"cgroup.procs": "9\n"})
    assert first_process(str(tmp_path / "group"), str(tmp_path)) == 9


def test_times_of_tasks(tmp_path: Path) -> None:
    for tid in (5, 6):
        write(tmp_path / str(tid), {"schedstat": f"{tid}000 {tid}00 7\n"})
    (tmp_path / "tasks").write_text("5\n6\n7\n")
    found = read_tasks(str(tmp_path / "tasks"), str(tmp_path), 9)
    assert found == TaskTimes(9, {5: (5000, 500), 6: (6000, 600)}), "one ended in between"


def test_too_many_tasks_are_not_measured_in_part(tmp_path: Path) -> None:
    for count in (MOST_TASKS + 1, 10_000):
        (tmp_path / "tasks").write_text("".join(f"{tid}\n" for tid in range(1, count + 1)))
        assert read_tasks(str(tmp_path / "tasks"), str(tmp_path), 9) is None
    assert read_tasks(str(tmp_path / "none"), str(tmp_path), 9) is None


def test_a_kernel_without_such_times(tmp_path: Path) -> None:
    write_process(tmp_path, 5)
    (tmp_path / "tasks").write_text("5\n")
    assert read_tasks(str(tmp_path / "tasks"), str(tmp_path), 9) is None
