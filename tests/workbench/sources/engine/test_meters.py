"""Which way each container is measured: files, a stream, or now and then."""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import enumerate as threads
from typing import Any

import pytest

from tests.workbench.sources.cgroups.trees import write, write_process, write_v2
from tests.workbench.sources.engine.fake_engine import FakeEngine
from workbench.sources.cgroups.find import Hierarchy
from workbench.sources.endpoint import Endpoint
from workbench.sources.engine import Engine
from workbench.sources.fleet import FleetSource
from workbench.sources.meters import LISTED_COST, POLL_COST, POLLED, STREAM_COST, STREAMED
from workbench.sources.swept_meter import SweptMeter

Wait = Callable[[Callable[[], object]], None]
A, B, C = "a" * 64, "b" * 64, "c" * 64
SWEPT = "cgroup v2 and /proc"


@pytest.fixture
def engine(fake_engine: FakeEngine) -> Iterator[Engine]:
    engine = Engine(fake_engine.endpoint)
    yield engine
    engine.close()


@pytest.fixture
def fleet(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FleetSource]:
    write_v2(tmp_path / "cgroup", f"docker/{A}")
    monkeypatch.setattr("workbench.sources.swept_meter.SHORTEST_NS", 0)
    fleet = FleetSource(engine, Hierarchy(tmp_path / "cgroup", tmp_path / "proc"))
    yield fleet
    fleet.close()


def streamed() -> set[str]:
    return {thread.name for thread in threads() if thread.name.startswith("stats:")}


def forget_open_files(fleet: FleetSource) -> None:
    """A file that is held open outlives its name on a disk, while in a control group it does not."""
    assert fleet._meters is not None
    meter = fleet._meters._meters[A]
    assert isinstance(meter, SweptMeter)
    meter._group._cpu.close()


def sample(second: int) -> dict[str, Any]:
    return {
        "read": f"2026-11-20T16:00:{second:02d}Z",
        "cpu_stats": {"cpu_usage": {"total_usage": second * 10**9}},
        "memory_stats": {"usage": 1000, "stats": {}, "limit": 64000},
    }


def test_files_where_there_are_some_and_streams_for_the_rest(
    fake_engine: FakeEngine, fleet: FleetSource, eventually: Wait
) -> None:
    fake_engine.add(A, "api")
    first = fleet.read()
    assert first.measured_from == SWEPT
    assert first.engine_cost_percent == LISTED_COST, "figures are read from files"
    assert first.containers[0].usage is not None
    assert (first.containers[0].usage.memory_used_bytes, first.containers[0].cpu_limit_cores) == (434176, 0.5)
    assert not streamed()
    assert not any("stats" in asked or asked.endswith(f"{A}/json") for asked in fake_engine.asked)
    fake_engine.add(B, "web")
    assert fleet.read().measured_from == f"{SWEPT} for 1, {STREAMED} for 1"
    eventually(lambda: streamed() == {f"stats:{B[:12]}"})


def test_what_inspect_tells_may_lead_to_the_files(
    fake_engine: FakeEngine, fleet: FleetSource, eventually: Wait, tmp_path: Path
) -> None:
    write_v2(tmp_path / "cgroup", f"shop/{B}")
    write_v2(tmp_path / "cgroup", f"odd/{C}")
    write_process(tmp_path / "proc", 77, cgroup=f"0::/odd/{C}\n")
    fake_engine.add(B, "web")
    fake_engine.add(C, "zoo")
    fake_engine.inspected[B] = {"HostConfig": {"CgroupParent": "/shop"}}
    fake_engine.inspected[C] = {"State": {"Pid": 77}}
    assert fleet.read().measured_from == STREAMED
    eventually(lambda: fleet.read().measured_from == SWEPT)
    eventually(lambda: not streamed())


def test_a_container_that_ended_is_a_gap_until_the_list_knows(
    fake_engine: FakeEngine, fleet: FleetSource, eventually: Wait, tmp_path: Path
) -> None:
    entry = fake_engine.add(A, "api")
    folder = tmp_path / "cgroup" / "docker" / A
    assert fleet.read().containers[0].usage
    (folder / "cpu.stat").rename(folder / "away")
    forget_open_files(fleet)
    assert fleet.read().containers[0].usage is None
    assert fleet.read().containers[0].usage is None
    assert not streamed()
    (folder / "away").rename(folder / "cpu.stat")
    anew = fleet.read().containers[0].usage
    assert anew is not None
    assert anew.cpu_percent is None, "it was started anew"
    entry["State"] = "exited"
    assert fleet.read().containers[0].usage is None
    assert fleet.read().measured_from == ""


def test_a_container_that_stays_without_files_is_streamed(
    fake_engine: FakeEngine, fleet: FleetSource, eventually: Wait, tmp_path: Path
) -> None:
    fake_engine.add(A, "api")
    fleet.read()
    (tmp_path / "cgroup" / "docker" / A / "cpu.stat").unlink()
    forget_open_files(fleet)
    eventually(lambda: fleet.read().measured_from == STREAMED)


def test_an_engine_elsewhere_is_not_looked_for_here(fake_engine: FakeEngine, tmp_path: Path) -> None:
    write_v2(tmp_path, f"docker/{A}")
    fake_engine.add(A, "api")
    engine = Engine(fake_engine.endpoint)
    engine.endpoint, here = Endpoint("tcp://far:2375"), engine.endpoint
    fleet = FleetSource(engine, Hierarchy(tmp_path))
    try:
        engine.endpoint = here
        with engine.talk():
            pass
        engine.endpoint = Endpoint("tcp://far:2375")
        assert fleet.read().measured_from == STREAMED
    finally:
        fleet.close()
        engine.close()


def test_only_so_many_have_a_stream(
    fake_engine: FakeEngine, fleet: FleetSource, eventually: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.sources.meters.MOST_STREAMS", 2)
    monkeypatch.setattr("workbench.sources.poll.FAST_SECONDS", 0.01)
    monkeypatch.setattr("workbench.sources.poll.SLOW_ANSWER_SECONDS", 1000)
    ids = [f"{number:064x}" for number in range(1, 6)]
    for number, container_id in enumerate(reversed(ids)):
        fake_engine.add(container_id, f"c{9 - number}")
        fake_engine.one_shots[container_id] = sample(1)
    snapshot = fleet.read()
    assert snapshot.measured_from == f"{POLLED} for 3, {STREAMED} for 2"
    expected = 5 * LISTED_COST + 2 * STREAM_COST + 3 * POLL_COST / 0.01
    assert snapshot.engine_cost_percent == pytest.approx(expected)
    eventually(lambda: streamed() == {"stats:" + "0" * 12})
    eventually(lambda: all(each.usage for each in fleet.read().containers[2:]))
    for container_id in ids[2:]:
        fake_engine.one_shots[container_id] = sample(3)
    busy: set[str] = set()

    def all_were_busy() -> bool:
        busy.update(each.id for each in fleet.read().containers[2:] if each.usage and each.usage.cpu_percent == 100)
        return len(busy) == 3

    eventually(all_were_busy)  # the same sample once more tells no rate
    assert all("one-shot=true" in query for query in fake_engine.queries if "stream=false" in query)
    fake_engine.containers[-1]["State"] = "exited"
    assert fleet.read().measured_from == f"{STREAMED} for 2, {POLLED} for 2", "one moves up"
    del fake_engine.one_shots[ids[4]]
    eventually(lambda: fleet.read().containers[3].usage is None)
    fleet.close()
    eventually(lambda: not [thread for thread in threads() if thread.name.startswith("poll:")])


def test_who_is_looked_at_has_a_stream_for_as_long(
    fake_engine: FakeEngine, fleet: FleetSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.sources.meters.MOST_STREAMS", 1)
    fake_engine.add(B, "first")
    fake_engine.add(C, "second")
    assert fleet.read().measured_from == f"{STREAMED} for 1, {POLLED} for 1"
    fleet.look_at(C)
    assert fleet.read().measured_from == STREAMED
    fleet.look_at(None)
    assert fleet.read().measured_from.endswith("for 1"), "one of the two gives way"
    fleet.read()
    assert fleet.read().measured_from.endswith("for 1"), "and no more change places"


def test_what_a_slow_engine_told_is_as_old_as_it_is(
    fake_engine: FakeEngine, fleet: FleetSource, eventually: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.sources.meters.MOST_STREAMS", 0)
    monkeypatch.setattr("workbench.sources.poll.FAST_SECONDS", 0.01)
    monkeypatch.setattr("workbench.sources.poll.SLOW_ANSWER_SECONDS", 1000)
    fake_engine.tells_events = True  # so that it is not asked for its list each time
    fake_engine.add(B, "web")
    fake_engine.one_shots[B] = sample(1)
    eventually(lambda: fleet.read().containers[0].usage)
    eventually(lambda: fleet._events is not None and fleet._events.listening)
    fake_engine.awake.clear()  # it answers nothing any more
    first = fleet.read().containers[0]
    eventually(lambda: fleet.read().containers[0].usage_age_seconds > first.usage_age_seconds + 0.3)
    assert fleet.read().containers[0].usage == first.usage, "figures stay, and grow old"
    fake_engine.awake.set()
    eventually(lambda: fleet.read().containers[0].usage_age_seconds < 0.3)


def test_an_engine_that_answers_late_is_asked_less_often_by_more(
    fake_engine: FakeEngine, fleet: FleetSource, eventually: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.sources.meters.MOST_STREAMS", 0)
    monkeypatch.setattr("workbench.sources.poll.SLOW_ANSWER_SECONDS", 0.0)
    fake_engine.add(B, "web")
    fake_engine.one_shots[B] = sample(1)
    fleet.read()
    eventually(lambda: len([thread for thread in threads() if thread.name.startswith("poll:")]) == 4)
    assert fleet._meters is not None
    assert fleet._meters._poller is not None
    assert fleet._meters._poller.interval == 10


def test_the_budget_for_tasks_goes_round(
    fake_engine: FakeEngine, fleet: FleetSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.sources.meters.TASKS_PER_PASS", 2)
    groups = [write_v2(tmp_path / "cgroup", f"docker/{each}") for each in (A, B, C)]
    for tid, (group, container_id) in enumerate(zip(groups, (A, B, C), strict=True), 10):
        (group / "cgroup.threads").write_text(f"{tid}\n")
        write(tmp_path / "proc" / str(tid), {"schedstat": "0 0 0\n"})
        fake_engine.add(container_id, container_id[:3])
    looked: list[int] = []
    for second in range(1, 7):
        for tid, group in enumerate(groups, 10):
            (group / "cpu.stat").write_text(f"usage_usec {20_000 + second}\n")
            write(tmp_path / "proc" / str(tid), {"schedstat": f"0 {second * 10**9} 0\n"})
        rates = [each.usage.run_delay_seconds_per_second for each in fleet.read().containers if each.usage]
        looked.append(sum(rate is not None for rate in rates))
    assert looked[-1] == 3, "each had its turn, and its figure stands until the next"
