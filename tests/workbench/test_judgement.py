"""What the judge keeps of a session's readings, and what it makes of it."""

from collections.abc import Callable
from dataclasses import replace
from threading import Barrier, Thread
from typing import Any

from tests.workbench.verdicts.situations import CALM, CONSTRUCTED, DETAIL, HOST, ID, MINE, OTHER, container, gpu, usage
from workbench.judgement import (
    DETAIL_SECONDS,
    MOST_JUDGED,
    MOST_QUIET_JUDGED,
    MOST_READINGS,
    WINDOW_SECONDS,
    Judge,
)
from workbench.model.containers import Container, ContainerDetail, ContainerUsage, EngineInfo, FleetSnapshot
from workbench.model.events import EngineEvent
from workbench.model.gpu import GpuSnapshot
from workbench.model.processes import FocusSnapshot
from workbench.model.reading import Fresh, Missing, Reading

ENGINE = EngineInfo("unix:///x", None, "docker", "20.10", "1.41", "overlay2", "Debian", 1, 8, HOST.memory_total_bytes)
EPOCH = 1_790_000_000.0


class Told:
    """A judge, and what tells it: each reading a second after the one before."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.details: dict[str, ContainerDetail] = {ID: DETAIL}
        self.judge = Judge(self._inspect, lambda at: EPOCH + at)
        self.now = 0.0

    def _inspect(self, container_id: str, on_done: Callable[[Reading[ContainerDetail]], object]) -> None:
        self.asked.append(container_id)
        found = self.details.get(container_id)
        on_done(Fresh(found, self.now) if found else Missing("no such container"))

    def fleet(self, *containers: Container, engine: EngineInfo = ENGINE, events: tuple[EngineEvent, ...] = ()) -> None:
        self.now += 1.0
        self.judge.hear("fleet", Fresh(FleetSnapshot(engine, containers, events), self.now))

    def readings(self) -> int:
        """How many of the container are in the window."""
        found = self.judge.situation(ID)
        assert found is not None
        return len(found.usages)

    def busy(self, count: int, **figures: Any) -> None:
        """The same container again and again, measured anew each time."""
        for number in range(count):
            self.fleet(container(usage=usage(interval_seconds=1.0 + number / 1e6, **figures)))


def test_nothing_is_known_of_a_container_that_is_not_listed() -> None:
    told = Told()
    assert told.judge.situation(ID) is None
    assert told.judge.verdicts(ID) == ()
    told.busy(1)
    assert told.judge.situation("feed") is None
    assert told.asked == []


def test_the_window_is_thirty_seconds_and_bounded() -> None:
    told = Told()
    told.busy(100)
    found = told.judge.situation(ID)
    assert found is not None
    assert len(found.usages) == WINDOW_SECONDS
    assert round(found.seconds) == WINDOW_SECONDS
    assert found.usages[-1] is found.container.usage
    for number in range(1000):
        told.judge.hear(
            "fleet",
            Fresh(
                FleetSnapshot(ENGINE, (container(usage=usage(cpu_percent=float(number))),)), told.now + number / 1000
            ),
        )
    found = told.judge.situation(ID)
    assert found is not None
    assert len(found.usages) == MOST_READINGS


def test_a_reading_without_news_counts_once() -> None:
    told = Told()
    same = usage(cpu_percent=12.0)
    for _ in range(5):
        told.fleet(container(usage=replace(same), usage_age_seconds=0.3))
    found = told.judge.situation(ID)
    assert found is not None
    assert found.usages == (same,)


def test_a_container_that_rests_is_measured_each_time() -> None:
    told = Told()
    same = usage(cpu_percent=0.0)
    for _ in range(5):
        told.fleet(container(usage=same))
    found = told.judge.situation(ID)
    assert found is not None
    assert found.usages == (same,) * 5


def test_quiet_containers_are_judged_more_seldom() -> None:
    """Those that have done nothing for a whole window, and those that do something as often as before."""
    told = Told()
    still = tuple(container(identity=f"still{number}", usage=usage(cpu_percent=0.0)) for number in range(40))
    for second in range(50):
        told.fleet(container(usage=usage(cpu_percent=float(second))), *still)
    judged_at = told.judge._judged_at
    assert judged_at[ID] == told.now
    newest = sorted((judged_at[each.id] for each in still), reverse=True)
    assert newest[0] == told.now
    assert told.now - newest[-1] == 40 // MOST_QUIET_JUDGED


def test_a_stop_begins_a_new_window_and_a_gap_does_not() -> None:
    told = Told()
    told.busy(5)
    told.fleet(container(usage=None))
    assert told.readings() == 5
    told.fleet(container(state="exited"))
    told.busy(2)
    assert told.readings() == 2


def test_neighbours_are_the_running_ones_the_busiest_first() -> None:
    told = Told()
    told.fleet(
        container(usage=CALM),
        container("small", OTHER, usage=usage(cpu_percent=1.0)),
        container("large", "cafe" * 16, usage=usage(cpu_percent=300.0)),
        container("gone", "dead" * 16, state="exited"),
    )
    found = told.judge.situation(ID)
    assert found is not None
    assert [each.name for each in found.neighbours] == ["large", "small"]


def test_the_configuration_is_asked_for_once_until_an_event_or_time_makes_it_old() -> None:
    told = Told()
    told.busy(1)
    assert told.asked == []
    for _ in range(3):
        told.judge.verdicts(ID)
    assert told.asked == [ID]
    found = told.judge.situation(ID)
    assert found is not None
    assert found.detail == DETAIL
    told.fleet(container(usage=CALM), events=(EngineEvent(EPOCH, "update", ID, "api"),))
    told.judge.situation(ID)
    assert told.asked == [ID, ID]
    told.busy(int(DETAIL_SECONDS) + 1)
    told.judge.situation(ID)
    assert told.asked == [ID, ID, ID]


def test_figures_of_this_machine_are_no_figures_of_a_remote_engine() -> None:
    told = Told()
    told.judge.hear("host", Fresh(HOST, 0.0))
    told.judge.hear("gpu", Fresh(GpuSnapshot("550", (gpu(MINE),)), 0.0))
    told.busy(1)
    found = told.judge.situation(ID)
    assert found is not None
    assert (found.host, len(found.gpus)) == (HOST, 1)
    told.fleet(container(usage=CALM), engine=replace(ENGINE, cpus=64))
    found = told.judge.situation(ID)
    assert found is not None
    assert (found.host, found.gpus, found.cpus) == (None, (), 64)
    told.judge.hear("host", Missing("no /proc"))
    told.judge.hear("gpu", Missing("no driver"))
    told.busy(1)
    found = told.judge.situation(ID)
    assert found is not None
    assert (found.host, found.gpus) == (None, ())


def test_processes_are_those_of_the_container_that_is_looked_at() -> None:
    told = Told()
    told.busy(1)
    told.judge.hear("focus", Fresh(FocusSnapshot(OTHER), 1.0))
    told.judge.hear("focus", Fresh(FocusSnapshot(ID), 2.0))
    told.judge.hear("focus", Missing("nothing is looked at"))
    found = told.judge.situation(ID)
    assert found is not None
    assert [each.container_id for each in found.focus] == [ID]


def test_events_of_the_last_ten_minutes_are_its_own_and_counted_once() -> None:
    told = Told()
    mine, theirs = EngineEvent(EPOCH, "oom", ID), EngineEvent(EPOCH, "oom", OTHER)
    told.fleet(container(usage=CALM), events=(EngineEvent(EPOCH - 700, "oom", ID), mine, theirs))
    snapshot = FleetSnapshot(ENGINE, (container(usage=CALM),), (mine,))
    for at in (2.0, 3.0):
        told.judge.hear("fleet", Fresh(snapshot, at))
    found = told.judge.situation(ID)
    assert found is not None
    assert found.events == (mine, mine)  # once in each of two snapshots


def test_the_top_tells_the_most_telling_of_each_and_forgets_who_went() -> None:
    told = Told()
    figures = CONSTRUCTED["cpu-quota"].usages[0]
    for number in range(10):
        told.fleet(
            container(cpu_limit_cores=1.0, usage=replace(figures, interval_seconds=1.0 + number / 1e6)),
            container("other", OTHER, usage=usage(interval_seconds=1.0 + number / 1e6)),
        )
    top = told.judge.top()
    assert {each: verdict.rule for each, verdict in top.items()} == {ID: "cpu-quota", OTHER: "look-downstream"}
    assert told.asked == []
    told.fleet(container("other", OTHER, usage=CALM))
    assert set(told.judge.top()) == {OTHER}


def test_the_top_renews_some_at_a_time_and_all_in_turn() -> None:
    told = Told()
    crowd = 5 * MOST_JUDGED

    def everybody(figures: ContainerUsage) -> None:
        told.fleet(*(container(f"c{each}", f"{each:064x}", usage=figures) for each in range(crowd)))

    everybody(usage(cpu_percent=1.5))
    assert len(told.judge.top()) == MOST_JUDGED
    for number in range(4):
        everybody(usage(cpu_percent=2.5 + number))
    assert len(told.judge.top()) == crowd


def test_a_stopped_one_is_told_only_when_it_was_killed_for_memory() -> None:
    told = Told()
    killed = container(state="exited", status="Exited (137) 1 second ago")
    told.details[ID] = replace(DETAIL, state="exited", exit_code=137, out_of_memory_killed=True)
    told.fleet(killed, container("done", OTHER, state="exited", status="Exited (0) 1 second ago"))
    told.fleet(killed, container("done", OTHER, state="exited", status="Exited (0) 2 seconds ago"))
    assert {each: verdict.rule for each, verdict in told.judge.top().items()} == {ID: "oom-killed"}
    assert told.asked == [ID]
    stopped = Told()
    stopped.details[ID] = replace(DETAIL, state="exited", exit_code=137)
    stopped.fleet(killed)
    stopped.fleet(killed)
    assert stopped.judge.top() == {}


def test_what_went_is_forgotten() -> None:
    told = Told()
    for number in range(200):
        told.fleet(
            container(f"c{number}", f"{number:064x}", usage=usage(cpu_percent=float(number))),
            events=(EngineEvent(EPOCH, "start", f"{number:064x}"),),
        )
    kept = vars(told.judge)
    assert all(len(kept[name]) <= 2 for name in ("_usages", "_top", "_judged_at", "_containers", "_events"))


def test_readings_and_questions_may_meet() -> None:
    told = Told()
    told.busy(3)
    meet = Barrier(2)
    failed: list[BaseException] = []

    def ask() -> None:
        meet.wait()
        try:
            for _ in range(300):
                told.judge.verdicts(ID)
                told.judge.top()
        except RuntimeError as error:  # what changing a collection under its reader raises
            failed.append(error)

    asking = Thread(target=ask)
    asking.start()
    meet.wait()
    told.busy(300)
    asking.join()
    assert not failed
