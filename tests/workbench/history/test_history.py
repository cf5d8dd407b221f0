"""The history gives back what was read, by the second and by the minute, and never grows beyond its bounds."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.history import History
from workbench.history import kept_fleet as bounds
from workbench.history.event_log import MOST_EVENTS
from workbench.history.kept_gpus import MOST_KEPT as MOST_GPU_ROWS
from workbench.model.containers import Container, ContainerUsage, EngineInfo, FleetSnapshot, MemoryParts, Pressure
from workbench.model.events import EngineEvent
from workbench.model.gpu import GpuDevice, GpuProcess, GpuSnapshot
from workbench.model.host import Disk, HostSnapshot
from workbench.model.processes import FocusSnapshot, Process
from workbench.model.reading import Fresh, Missing

ENGINE = EngineInfo("unix:///x", None, "docker", "20.10", "1.41", "overlay2", "Debian", 1, 2, 8_000_000_000)
EPOCH = 1_790_000_000.0


class Clock:
    """Seconds that a test turns by hand; the time of day is `EPOCH` later."""

    def __init__(self) -> None:
        self.now = 100.0
        self.epoch = EPOCH

    def __call__(self) -> float:
        return self.now

    def unix(self) -> float:
        return self.epoch + self.now


def container(number: int, cpu: float | None = 1.0, **changes: object) -> Container:
    usage = ContainerUsage(
        1.0,
        cpu,
        memory_used_bytes=1000 * number + round(cpu or 0),
        memory_limit_bytes=10**9,
        pids=number,
        memory=MemoryParts(anonymous_bytes=7),
        pressure=Pressure(cpu_some=cpu, io_some=0.5),
    )
    name = f"c{number}"
    known = Container(f"{number:064x}", name, "i", "sha256:1", "running", "Up 2 minutes", 1.7e9, None, 0.5, usage)
    return replace(known, **changes)  # type: ignore[arg-type]


def fleet(*containers: Container) -> FleetSnapshot:
    return FleetSnapshot(ENGINE, containers, measured_from="cgroup v1")


def history(clock: Clock, interval: float = 1.0) -> History:
    return History(clock.unix, clock, interval)


def told(what: History, clock: Clock, value: object, name: str = "fleet", seconds: float = 1.0) -> float:
    """A reading, a moment after the one before; when it was."""
    clock.now += seconds
    what.heard(name, Fresh(value, clock.now))
    return clock.unix()


CPU = st.none() | st.integers(0, 400).map(float)
STATE = st.sampled_from(["running", "paused", "exited"])
MOMENT = st.dictionaries(st.integers(1, 5), st.tuples(CPU, STATE), max_size=5)


@given(st.lists(MOMENT, min_size=1, max_size=70))
def test_a_fleet_at_a_moment_is_the_fleet_that_was_read(moments: list[dict[int, tuple[float | None, str]]]) -> None:
    clock = Clock()
    kept = history(clock)
    read: list[tuple[float, FleetSnapshot]] = []
    for moment in moments:
        now = fleet(
            *(
                container(number, cpu, state=state) if state != "exited" else container(number, state=state, usage=None)
                for number, (cpu, state) in sorted(moment.items())
            )
        )
        read.append((told(kept, clock, now), now))
    for at, snapshot in read:
        shown = kept.fleet_at(at)
        assert shown is not None
        assert sorted(shown.containers, key=lambda each: each.id) == list(snapshot.containers)
        assert kept.fleet_at(at + 0.4) in (shown, None)
        assert (shown.engine, shown.measured_from) == (ENGINE, "cgroup v1")
    assert kept.span() == (read[0][0], read[-1][0])
    assert kept.fleet_at(read[0][0] - 1) is None
    assert kept.fleet_at(read[-1][0] + 1) is None


def test_what_is_older_than_the_seconds_is_told_by_the_minute() -> None:
    clock = Clock()
    kept = history(clock)
    chosen, other = container(1), container(2)
    kept.choose(chosen.id)
    began = clock.unix() + 1
    for second in range(1500):
        cpu = float(second)
        told(kept, clock, fleet(replace(chosen, usage=container(1, cpu).usage), container(2, cpu), container(3)))
    at = began + 600
    shown = kept.fleet_at(at)
    assert shown is not None
    one, two, three = (each.usage for each in shown.containers)
    assert one
    assert two
    assert three
    assert (one.cpu_percent, one.interval_seconds) == (600.0, 1.0)
    assert two.interval_seconds == 60.0
    assert two.cpu_percent == pytest.approx(600, abs=60)
    assert two.cpu_percent != 600.0
    assert three.cpu_percent == 1.0, "what never changes is not a mean of anything"
    series = kept.series(other.id, "cpu_cores", began, clock.unix())
    assert list(series.times) == sorted(series.times)
    assert series.times[-1] == clock.unix()
    assert series.values[-1] == pytest.approx(14.99)
    assert len(kept.series(chosen.id, "cpu_cores", began, clock.unix())) == 1500
    assert len(kept.series(other.id, "cpu_cores", clock.unix() - 60, clock.unix())) == 61
    assert len(kept.series("nobody", "cpu_cores", began, clock.unix())) == 0
    with pytest.raises(KeyError):
        kept.series(other.id, "happiness", began, clock.unix())


def test_a_container_that_is_gone_stays_in_what_was() -> None:
    clock = Clock()
    kept = history(clock)
    there = told(kept, clock, fleet(container(1), container(2)))
    for _ in range(90):
        gone = told(kept, clock, fleet(container(1)))
    back = told(kept, clock, fleet(container(1), container(2)))
    assert [len(snapshot.containers) for at in (there, gone, back) if (snapshot := kept.fleet_at(at))] == [2, 1, 2]
    series = kept.series(container(2).id, "pids", there, back)
    assert [value for value in series.values if not math.isnan(value)] == [2.0, 2.0]


def test_a_moment_long_after_a_reading_was_not_measured() -> None:
    clock = Clock()
    kept = history(clock)
    before = told(kept, clock, fleet(container(1)))
    kept.heard("fleet", Missing("the engine is gone"))
    after = told(kept, clock, fleet(container(1)), seconds=30)
    between = kept.fleet_at(before + 15)
    assert between is not None
    assert between.containers[0].usage is None
    assert all(snapshot.containers[0].usage for at in (before, after) if (snapshot := kept.fleet_at(at)))


def test_readings_that_come_more_often_are_thinned_to_one_a_second() -> None:
    clock = Clock()
    kept = history(clock, 0.2)
    began = clock.unix()
    for _ in range(500):
        told(kept, clock, fleet(container(1)), seconds=0.2)
    assert len(kept.moments(began, clock.unix())) == pytest.approx(100, abs=2)


def test_the_time_of_day_may_be_set_back() -> None:
    clock = Clock()
    kept = history(clock)
    first = told(kept, clock, fleet(container(1)))
    clock.epoch -= 3600
    told(kept, clock, fleet(container(1, 5.0)))
    span = kept.span()
    assert span == (first, first + 1)


def test_a_thousand_containers_and_many_that_come_and_go_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "BASE_BYTES", 400_000)
    monkeypatch.setattr(bounds, "MOST_BYTES", 400_000)
    clock = Clock()
    kept = history(clock)
    for step in range(400):
        stays = [container(number, float(step)) for number in range(10)]
        comes = [container(1000 + step * 3 + number, float(step)) for number in range(3)]
        at = told(kept, clock, fleet(*stays, *comes), seconds=30)
        assert kept._fleet.data_bytes < 1_000_000
    assert len(kept._fleet) < 400
    shown = kept.fleet_at(at)
    assert shown is not None
    assert len(shown.containers) == 13
    again = kept.fleet_at(at - 300)
    assert again is not None
    assert {container(number).id for number in range(10)} <= {each.id for each in again.containers}


def test_the_machine_its_gpus_and_processes_come_back_whole() -> None:
    clock = Clock()
    kept = history(clock)
    host = HostSnapshot(
        12.5,
        2,
        0.5,
        3,
        4,
        0,
        0,
        cpu_percent_by_core=(10.0, 15.0),
        pressure=Pressure(io_some=1.5),
        disks=(Disk("sda", 1.0),),
    )
    gpus = GpuSnapshot("570", (GpuDevice(0, "H200", "GPU-0", 37.0, throttle_reasons=("power cap",)),))
    focus = FocusSnapshot("a" * 64, (Process(1, 0, "sh\x1b[31m", state="S", cpu_percent=0.5),), shm_used_bytes=5)
    began = clock.unix()
    for second in range(1000):
        told(kept, clock, replace(host, cpu_percent=float(second)), "host")
        kept.heard("gpu", Fresh(gpus, clock.now))
        kept.heard("focus", Fresh(focus, clock.now))
    end = clock.unix()
    assert kept.host_at(end) == replace(host, cpu_percent=999.0)
    assert kept.gpu_at(end) == gpus
    assert kept.focus_at(end, "a" * 64) == focus
    assert kept.focus_at(end, "b" * 64) is None
    earlier = kept.host_at(began + 100)
    assert earlier is not None
    assert earlier.cpu_percent == 99.0, "its figures are kept for an hour"
    assert earlier.disks == host.disks
    assert kept.gpu_at(began + 100) == gpus
    assert kept.gpu_at(began - 100) is None
    assert list(kept.host_series("cpu_share", end - 2, end).values) == [997.0, 998.0, 999.0]
    assert [kept.at(name, end, "a" * 64) is not None for name in ("fleet", "host", "gpu", "focus", "moon")] == [
        False, True, True, True, False,
    ]  # fmt: skip


def test_events_notes_and_marks_are_on_the_same_clock() -> None:
    clock = Clock()
    kept = history(clock)
    heard: list[EngineEvent] = []
    kept.on_note = heard.append
    die = EngineEvent(clock.unix() + 1, "die", container(1).id, "c1", "exit 137")
    at = told(kept, clock, replace(fleet(container(1)), events=(die,)))
    note = kept.note("deployed 1.5")
    mark = kept.mark("A", container(1).id)
    moved = kept.mark("A", container(1).id, at=at - 0.5)
    assert kept.marks() == {"A": moved}
    assert heard == [note, mark, moved]
    assert kept.events(at - 1, clock.unix() + 1) == (moved, die, note, mark)
    assert kept.events(at - 1, clock.unix() + 1, container(2).id) == (note,)
    kept.add_events((die, die))
    assert len(kept.events(at - 1, clock.unix() + 1)) == 4
    kept.add_events(tuple(replace(die, at=die.at + number) for number in range(2 * MOST_EVENTS)))
    assert len(kept.events(0, math.inf)) == MOST_EVENTS


def gpus(percent: float | None, *containers: str) -> GpuSnapshot:
    users = tuple(GpuProcess(9, container_id=each, sm_percent=percent, memory_bytes=100) for each in containers)
    return GpuSnapshot("1", (GpuDevice(0, "T", "u", percent, 50, 80, processes=users), GpuDevice(1, "T", "v")))


def test_gpus_and_what_containers_use_of_them_are_kept_over_time() -> None:
    clock = Clock()
    kept = history(clock)
    moments = [
        told(kept, clock, gpus(percent, *users), "gpu")
        for percent, users in ((10.0, ("a",)), (30.0, ("a", "a", "b")), (None, ("b",)))
    ]
    busy = kept.gpu_series(0, "utilisation_percent", 0, clock.unix())
    assert list(busy.times) == moments
    assert [round(value) for value in busy.values[:2]] == [10, 30]
    assert math.isnan(busy.values[2])
    assert list(kept.gpu_series(0, "memory_used_bytes", 0, clock.unix()).values) == [50, 50, 50]
    assert list(kept.container_gpu_series("a", "gpu_percent", 0, clock.unix()).values)[:2] == [10, 60]
    assert list(kept.container_gpu_series("b", "gpu_memory_bytes", 0, clock.unix()).values)[-2:] == [100, 100]
    assert len(kept.gpu_series(7, "power_watts", 0, clock.unix())) == 0
    assert len(kept.container_gpu_series("c", "gpu_percent", 0, clock.unix())) == 0


def test_containers_that_come_and_go_on_a_gpu_take_bounded_memory() -> None:
    clock = Clock()
    kept = history(clock)
    for number in range(3 * MOST_GPU_ROWS):
        told(kept, clock, gpus(1.0, f"c{number}"), "gpu")
    newest = f"c{3 * MOST_GPU_ROWS - 1}"
    assert len(kept.container_gpu_series("c0", "gpu_percent", 0, clock.unix())) == 0
    assert len(kept.container_gpu_series(newest, "gpu_percent", 0, clock.unix())) == 1
    assert len(kept.gpu_series(0, "utilisation_percent", 0, clock.unix())) == 3 * MOST_GPU_ROWS
