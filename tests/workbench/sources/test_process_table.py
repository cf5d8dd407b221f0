"""Processes read from a /proc as kernels write it, and as it looks while processes end."""

import os
from pathlib import Path

import pytest

from tests.workbench.sources.proc_tree import BOOTED_AT, ProcTree
from workbench.measure.secrets import MASK
from workbench.model.processes import Process
from workbench.sources import process_table
from workbench.sources.process_table import LONGEST_COMMAND, MOST_PROCESSES, ProcessTable

SECOND = 1_000_000_000


class Watch:
    """A clock that a test moves: seconds since the machine started."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def proc(tmp_path: Path) -> ProcTree:
    return ProcTree(tmp_path)


@pytest.fixture
def clock() -> Watch:
    return Watch()


@pytest.fixture
def table(proc: ProcTree, clock: Watch) -> ProcessTable:
    return ProcessTable(str(proc.root), clock)


def only(table: ProcessTable, pid: int = 10) -> Process:
    ((found,), _) = table.read([pid])
    return found


def test_every_figure_of_a_process(proc: ProcTree, table: ProcessTable, clock: Watch) -> None:
    proc.process(10, 3, ran=SECOND, started=5000)
    first = only(table)
    assert (first.cpu_percent, first.run_delay_percent, first.read_bytes_per_second) == (None, None, None)
    proc.process(10, 3, ran=2 * SECOND, waited=SECOND // 2, started=5000)
    (proc.root / "10/io").write_text("read_bytes: 8192\nwrite_bytes: 2048\n")
    clock.now += 2
    assert only(table) == Process(
        pid=10,
        parent_pid=3,
        name="app",
        inner_pid=1,
        command="app --serve",
        user_id=1000,
        state="S",
        waits_in="ep_poll",
        started_at=BOOTED_AT + 50,
        threads=1,
        cpu_percent=50.0,
        busiest_thread_percent=50.0,
        busiest_thread="app",
        waiting_threads=0,
        memory_bytes=25 * os.sysconf("SC_PAGE_SIZE"),
        run_delay_percent=25.0,
        read_bytes_per_second=2048.0,
        written_bytes_per_second=1024.0,
    )
    assert table.read([10])[1] == 0.0


def test_the_busiest_of_many_threads_and_those_that_wait(proc: ProcTree, table: ProcessTable, clock: Watch) -> None:
    proc.process(10, threads=3)
    for thread in (11, 12):
        proc.thread(10, thread, name="pool")
    only(table)
    proc.thread(10, 11, name="hot", state="R", ran=SECOND + 1)
    proc.thread(10, 12, name="pool", state="D", ran=2)
    clock.now += 1
    found = only(table)
    assert (found.threads, found.busiest_thread, found.busiest_thread_percent) == (3, "hot", 100.0)
    assert (found.waiting_threads, found.state, found.waits_in) == (1, "S", "io_schedule")
    assert found.cpu_percent == pytest.approx(100, abs=0.001)


def test_a_thread_that_has_not_run_is_not_read_again(proc: ProcTree, table: ProcessTable, clock: Watch) -> None:
    proc.process(10, threads=2)
    folder = proc.thread(10, 11, state="D")
    assert only(table).waiting_threads == 1
    (folder / "stat").unlink()
    clock.now += 1
    assert only(table).waiting_threads == 1
    proc.thread(10, 11, state="S", ran=2)
    assert only(table).waiting_threads == 0


@pytest.mark.parametrize("ran", [None, 0])
def test_a_kernel_without_scheduler_statistics(
    proc: ProcTree, table: ProcessTable, clock: Watch, ran: int | None
) -> None:
    proc.process(10, ran=ran, ticks=100)
    only(table)
    proc.process(10, ran=ran, ticks=150)
    clock.now += 1
    found = only(table)
    assert (found.cpu_percent, found.run_delay_percent, found.busiest_thread_percent) == (50.0, None, None)


def test_what_is_not_ours_to_see_is_none(proc: ProcTree, table: ProcessTable, monkeypatch: pytest.MonkeyPatch) -> None:
    proc.process(10)
    real = os.open

    def refuse(path: str, *more: int) -> int:
        if str(path).endswith(("/io", "/wchan")):
            raise PermissionError(13, "Permission denied", path)
        return real(path, *more)

    monkeypatch.setattr(os, "open", refuse)
    table.read([10])
    found = only(table)
    assert (found.read_bytes_per_second, found.waits_in, found.name) == (None, "", "app")


def test_a_process_that_started_since_and_one_whose_id_is_used_again(
    proc: ProcTree, table: ProcessTable, clock: Watch
) -> None:
    proc.process(10, ran=9 * SECOND)
    table.read([10])
    clock.now += 1
    proc.process(10, ran=SECOND // 2, started=10_050)
    proc.process(20, ran=SECOND // 4, started=10_020)
    proc.process(30, ran=SECOND, started=500)
    processes, interval = table.read([10, 20, 30])
    assert interval == 1.0
    assert {each.pid: each.cpu_percent for each in processes} == {10: 50.0, 20: 25.0, 30: None}


def test_processes_that_end_while_they_are_read(proc: ProcTree, table: ProcessTable) -> None:
    proc.process(10)
    (proc.process(20) / "stat").write_text("")
    (proc.process(30) / "cmdline").unlink()
    assert [each.pid for each in table.read([10, 20, 30, 40])[0]] == [10]


@pytest.mark.parametrize("name", ["a b) S 1 (x", "))((", "\x1b[31mred", "né"])
def test_a_hostile_name(proc: ProcTree, table: ProcessTable, name: str) -> None:
    proc.process(10, name=name)
    found = only(table)
    assert (found.name, found.parent_pid) == (name, 1)


def test_a_command_line_without_its_secrets(proc: ProcTree, table: ProcessTable, clock: Watch) -> None:
    proc.process(10, command=b"serve\0--password\0hunter2\0API_TOKEN=hunter2\0" + b"x" * 100_000)
    shown = only(table).command
    assert shown.startswith(f"serve --password {MASK} API_TOKEN={MASK} ")
    assert "hunter2" not in shown
    proc.process(11, command=b"y" * 100_000)
    assert len(only(table, 11).command) == LONGEST_COMMAND
    proc.process(12, command=b"")
    assert only(table, 12).command == ""


def test_a_program_that_became_another_shows_it(proc: ProcTree, table: ProcessTable, clock: Watch) -> None:
    proc.process(10, name="sh", command=b"sh\0-c\0exec app\0")
    assert only(table).command == "sh -c exec app"
    proc.process(10, name="app", command=b"app\0")
    assert only(table).command == "app"
    proc.process(10, name="app", command=b"app: idle\0")
    clock.now += 6
    assert only(table).command == "app: idle"


def test_no_more_than_so_many(proc: ProcTree, table: ProcessTable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_table, "MOST_THREADS", 4)
    proc.process(10)
    proc.process(20, threads=4)
    proc.process(30, threads=3)
    for thread in (31, 32):
        proc.thread(30, thread)
    found = {each.pid: each.waiting_threads for each in table.read([10, 20, 30])[0]}
    assert found == {10: 0, 20: None, 30: 0}
    assert len(table.read([10] * (MOST_PROCESSES + 1))[0]) == 1
