"""The container that is looked at: here, elsewhere, or not running."""

from pathlib import Path
from typing import Any

import pytest

from tests.workbench.sources.engine.fake_engine import FakeEngine
from tests.workbench.sources.proc_tree import CONTAINER, ProcTree
from workbench.errors import NotFound, WorkbenchError
from workbench.sources.endpoint import Endpoint
from workbench.sources.engine import Engine
from workbench.sources.processes import REMOTE_SECONDS, FocusSource
from workbench.sources.remote_processes import _USUAL, _WANTED

TITLES = ["PID", "PPID", "UID", "STAT", "NLWP", "RSS", "ELAPSED", "TIME", "WCHAN", "COMMAND"]


class Watch:
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
def focus(fake_engine: FakeEngine, proc: ProcTree, clock: Watch) -> FocusSource:
    fake_engine.inspected[CONTAINER] = inspected()
    return FocusSource(Engine(fake_engine.endpoint), root=str(proc.root), groups=str(proc.groups), clock=clock)


def inspected(status: str = "running", pid: int = 10, code: int = 0) -> dict[str, Any]:
    state = {"Status": status, "Pid": pid, "ExitCode": code, "StartedAt": "2026-01-02T03:04:05Z"}
    return {"Id": CONTAINER, "Name": "/api", "State": state, "HostConfig": {"ShmSize": 64 << 20}}


def test_nothing_is_read_until_a_container_is_looked_at(fake_engine: FakeEngine, focus: FocusSource) -> None:
    for _ in range(2):
        with pytest.raises(WorkbenchError, match=r"^no container is looked at$"):
            focus.read()
    assert fake_engine.asked == []


def test_the_engine_is_asked_once_and_again_when_all_have_ended(
    fake_engine: FakeEngine, focus: FocusSource, proc: ProcTree, clock: Watch
) -> None:
    proc.process(10)
    proc.process(20, 10)
    proc.group(f"docker/{CONTAINER}", 20, 10)
    focus.look_at(CONTAINER)
    for _ in range(3):
        assert [each.pid for each in focus.read().processes] == [10, 20]
        clock.now += 1
    assert focus.read().interval_seconds == 1.0
    asked = fake_engine.asked.count(f"containers/{CONTAINER}/json")
    assert asked == 1
    proc.group(f"docker/{CONTAINER}")
    fake_engine.inspected[CONTAINER] = inspected("exited", 0, 137)
    with pytest.raises(WorkbenchError, match=r"^api does not run: it ended with exit code 137$") as caught:
        focus.read()
    assert caught.value.hint == "start it: docker start api"
    fake_engine.inspected[CONTAINER] = inspected(pid=30)
    proc.process(30, started=9000)
    proc.group(f"docker/{CONTAINER}", 30)
    assert [each.pid for each in focus.read().processes] == [30]


def test_a_look_away_forgets(focus: FocusSource, proc: ProcTree, fake_engine: FakeEngine) -> None:
    proc.process(10)
    proc.group(f"docker/{CONTAINER}", 10)
    focus.look_at(CONTAINER)
    assert focus.read().container_id == CONTAINER
    focus.look_at("gone")
    with pytest.raises(NotFound):
        focus.read()
    focus.look_at(None)
    with pytest.raises(WorkbenchError, match="no container"):
        focus.read()
    assert focus.age() == 0.0


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("created", "api was never started"),
        ("dead", "api is being removed"),
        ("restarting", "api is being restarted: it ended with exit code 3"),
    ],
)
def test_why_there_are_no_processes(fake_engine: FakeEngine, focus: FocusSource, status: str, reason: str) -> None:
    fake_engine.inspected[CONTAINER] = inspected(status, 0, 3)
    focus.look_at(CONTAINER)
    with pytest.raises(WorkbenchError) as caught:
        focus.read()
    assert caught.value.reason == reason


def elsewhere(fake_engine: FakeEngine, *rows: list[str]) -> None:
    fake_engine.tops[CONTAINER, _WANTED] = {"Titles": TITLES, "Processes": list(rows)}


def asked(fake_engine: FakeEngine) -> int:
    return fake_engine.asked.count(f"containers/{CONTAINER}/top")


def test_an_engine_elsewhere_is_asked_seldom(fake_engine: FakeEngine, focus: FocusSource, clock: Watch) -> None:
    row = ["7", "1", "33", "Ssl", "4", "2048", "60", "10", "do_epoll_wait", "/usr/bin/app --token hunter2 x"]
    elsewhere(fake_engine, ["9", "7", "0", "D+", "1", "0", "9", "0", "-", "[worker]"], row)
    focus.look_at(CONTAINER)
    first = focus.read()
    parent, child = first.processes
    assert (parent.pid, parent.name, parent.user_id, parent.state, parent.threads) == (7, "app", 33, "S", 4)
    assert (parent.memory_bytes, parent.waits_in, parent.cpu_percent) == (2048 * 1024, "do_epoll_wait", None)
    assert "hunter2" not in parent.command
    assert (child.state, child.name, child.waits_in, child.inner_pid) == ("D", "worker", "", None)
    assert (first.shm_size_bytes, first.shm_used_bytes) == (64 << 20, None)
    clock.now += REMOTE_SECONDS - 1
    assert focus.read() is first
    assert focus.age() == REMOTE_SECONDS - 1
    assert asked(fake_engine) == 1
    row[7] = "15"
    elsewhere(fake_engine, row)
    clock.now += 6
    second = focus.read()
    assert (second.processes[0].cpu_percent, second.interval_seconds, focus.age()) == (50.0, 10.0, 0.0)
    assert asked(fake_engine) == 2


def test_a_ps_that_knows_no_columns(fake_engine: FakeEngine, focus: FocusSource, clock: Watch) -> None:
    titles = ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"]
    rows = [["root", "7", "1", "0", "10:00", "?", "1-00:00:02", "nginx: master"], ["x"], "nonsense"]
    fake_engine.tops[CONTAINER, _USUAL] = {"Titles": titles, "Processes": rows}
    focus.look_at(CONTAINER)
    (found,) = focus.read().processes
    assert (found.pid, found.parent_pid, found.user_id, found.name, found.started_at) == (7, 1, None, "nginx", 0.0)
    rows[0][6] = "1-00:00:07"  # type: ignore[index]  # a list
    clock.now += 10
    assert focus.read().processes[0].cpu_percent == 50.0
    assert asked(fake_engine) == 3


def test_an_id_of_this_machine_says_nothing_of_an_engine_elsewhere(
    fake_engine: FakeEngine, proc: ProcTree, clock: Watch
) -> None:
    proc.process(10, cgroup="0::/user.slice", started=355_000 * 100)
    fake_engine.inspected[CONTAINER] = inspected()
    elsewhere(fake_engine, ["7", "1", "0", "S", "1", "0", "9", "0", "-", "app"])
    engine = Engine(fake_engine.endpoint)
    with engine.talk():
        engine.endpoint = Endpoint("ssh://me@box")
    focus = FocusSource(engine, root=str(proc.root), groups=str(proc.groups), clock=clock)
    focus.look_at(CONTAINER)
    assert [each.pid for each in focus.read().processes] == [7]
