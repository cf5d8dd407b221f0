"""Which cause is told from which: the traps between rules."""

from dataclasses import replace

import pytest

from tests.workbench.verdicts.situations import (
    CONSTRUCTED,
    DETAIL,
    GIVEN,
    HOST,
    ID,
    MACHINE,
    MIB,
    MINE,
    NOW,
    OTHER,
    THEIRS,
    container,
    gpu,
    gpus,
    gunicorn,
    process,
    situation,
    usage,
)
from workbench.model.containers import ContainerUsage, MemoryParts
from workbench.model.events import EngineEvent
from workbench.model.processes import FocusSnapshot
from workbench.model.verdicts import RuleName, Situation, Verdict
from workbench.verdicts import judge, load


def said(it: Situation) -> list[RuleName]:
    return [each.rule for each in judge(it)]


def verdict(it: Situation, rule: RuleName) -> Verdict:
    (found,) = (each for each in judge(it) if each.rule == rule)
    return found


# -- CPU --------------------------------------------------------------------------------------------------


def test_a_container_that_looks_idle_behind_busy_neighbours_waits_for_the_host() -> None:
    """The measured example: a quota of 0.2, 5 to 13% in `docker stats`, hardly throttled, CPU pressure 44 to 54%."""
    it = situation(
        usage(cpu_percent=9.0, throttled_percent=8.0, throttled_seconds_per_second=0.05, pressure={"cpu_some": 49.0}),
        container=container(cpu_limit_cores=0.2),
        cpus=2,
        neighbours=(container("batch", OTHER, usage=usage(cpu_percent=140.0)),),
    )
    assert said(it) == ["cpu-contention"]
    told = verdict(it, "cpu-contention")
    assert "batch uses 1.4 cores" in told.message
    assert told.word == "CPU contention 49%: batch 1.4 cores"
    assert "docker update --cpus 0.7 batch" in told.next_step


def test_waiting_that_its_own_quota_explains_is_not_contention() -> None:
    it = situation(
        usage(cpu_percent=20.0, throttled_percent=99.0, throttled_seconds_per_second=0.8, pressure={"cpu_some": 80.0}),
        container=container(cpu_limit_cores=0.2),
    )
    assert said(it) == ["cpu-quota"]
    assert "docker update --cpus 1 api" in verdict(it, "cpu-quota").next_step


def test_who_gets_all_of_its_quota_is_not_deprived_by_others() -> None:
    """Measured: the kernel counts less time stopped than there was, 0.4 s per second for one busy loop on 0.2 cores."""
    it = situation(
        usage(cpu_percent=19.6, throttled_percent=93.0, throttled_seconds_per_second=0.4, pressure={"cpu_some": 61.0}),
        container=container(cpu_limit_cores=0.2),
        neighbours=(container("batch", OTHER, usage=usage(cpu_percent=84.0)),),
    )
    assert said(it) == ["cpu-quota"]


def test_quota_and_contention_may_hold_at_once() -> None:
    it = situation(
        usage(cpu_percent=12.0, throttled_percent=30.0, throttled_seconds_per_second=0.14, pressure={"cpu_some": 54.0}),
        container=container(cpu_limit_cores=0.2),
        neighbours=(container("batch", OTHER, usage=usage(cpu_percent=140.0)),),
    )
    assert set(said(it)) == {"cpu-quota", "cpu-contention"}
    assert verdict(it, "cpu-contention").confidence == "medium"


def test_throttling_that_hardly_anybody_waited_for_is_only_watched() -> None:
    it = situation(usage(throttled_percent=31.0, pressure={"cpu_some": 4.0}), container=container(cpu_limit_cores=1.0))
    assert verdict(it, "cpu-quota").severity == "watch"


@pytest.mark.parametrize(("throttled", "holds"), [(25.0, False), (25.1, True)])
def test_the_quota_is_told_from_a_quarter_of_periods_on(throttled: float, holds: bool) -> None:
    it = situation(
        usage(throttled_percent=throttled, throttled_seconds_per_second=0.4, pressure={"cpu_some": 40.0}),
        container=container(cpu_limit_cores=1.0),
    )
    assert ("cpu-quota" in said(it)) is holds


def test_without_pressure_the_quota_is_told_less_surely() -> None:
    it = situation(usage(throttled_percent=60.0, pressure=None), container=container(cpu_limit_cores=1.0))
    assert verdict(it, "cpu-quota").confidence == "medium"


def test_without_throttling_figures_a_full_quota_is_told_with_low_confidence() -> None:
    bare = ContainerUsage(1.0, cpu_percent=99.0)
    told = verdict(situation(bare, container=container(cpu_limit_cores=1.0)), "cpu-quota")
    assert (told.severity, told.confidence) == ("watch", "low")


def test_one_that_fills_the_machine_by_itself_is_not_said_to_wait_for_others() -> None:
    it = situation(usage(cpu_percent=197.0, pressure={"cpu_some": 96.0}), cpus=2)
    told = verdict(it, "cpu-contention")
    assert told.severity == "act"
    assert "by itself" in told.message
    calm = situation(usage(cpu_percent=199.0), cpus=2)
    assert verdict(calm, "cpu-contention").severity == "watch"


def test_without_pressure_the_run_queue_delay_stands_for_it() -> None:
    it = situation(
        usage(run_delay_seconds_per_second=0.6, pressure=None),
        neighbours=(container("batch", OTHER, usage=usage(cpu_percent=700.0)),),
    )
    assert verdict(it, "cpu-contention").confidence == "medium"


def test_what_runs_in_no_container_is_named_too() -> None:
    it = situation(usage(cpu_percent=10.0, pressure={"cpu_some": 60.0}), host=replace(HOST, cpu_percent=100.0))
    assert "host processes use 7.9 cores" in verdict(it, "cpu-contention").message


@pytest.mark.parametrize(
    ("cores", "busiest", "limit", "holds"),
    [(1.0, 99.0, None, True), (1.0, 99.0, 1.0, False), (2.9, 99.0, None, False), (0.4, 40.0, None, False)],
    ids=["alone", "one core is all it may use", "others work too", "not busy"],
)
def test_one_thread_is_the_limit_only_where_more_could_run(
    cores: float, busiest: float, limit: float | None, holds: bool
) -> None:
    it = situation(
        usage(cpu_percent=100 * cores, busiest_task_percent=busiest), container=container(cpu_limit_cores=limit)
    )
    assert ("single-thread" in said(it)) is holds


def test_the_busiest_thread_is_told_by_its_processes_too() -> None:
    look = FocusSnapshot(ID, (process(7, 1, "node", busiest_thread="node-main", busiest_thread_percent=98.0),))
    it = situation(usage(cpu_percent=99.0), focus=(look,) * 3)
    assert "(node-main)" in verdict(it, "single-thread").message


# -- workers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("workers", "holds"), [(2, False), (3, True)])
def test_workers_are_counted_without_their_master(workers: int, holds: bool) -> None:
    it = situation(container=container(cpu_limit_cores=1.5), focus=(gunicorn(workers),))
    assert ("workers-above-quota" in said(it)) is holds


def test_without_a_quota_no_number_of_workers_is_too_many() -> None:
    assert "workers-above-quota" not in said(situation(focus=(gunicorn(64),)))


def test_workers_that_python_spawns_are_counted_and_its_tracker_is_not() -> None:
    spawned = "python3 -c from multiprocessing.spawn import spawn_main; spawn_main(tracker_fd=5)"
    tracker = "python3 -c from multiprocessing.resource_tracker import main;main(4)"
    look = FocusSnapshot(
        ID,
        (
            process(10, 1, "python3 /usr/bin/uvicorn app:app --workers 4"),
            process(11, 10, tracker),
            *(process(12 + each, 10, spawned) for each in range(4)),
        ),
    )
    it = situation(container=container(cpu_limit_cores=1.0), focus=(look,))
    assert "4 uvicorn worker processes" in verdict(it, "workers-above-quota").message


def test_a_setting_is_a_hint() -> None:
    it = situation(
        container=container(cpu_limit_cores=2.0),
        detail=replace(DETAIL, environment=(("OMP_NUM_THREADS", "64"), ("GOMAXPROCS", "0"), ("WEB_CONCURRENCY", "x"))),
    )
    told = verdict(it, "workers-above-quota")
    assert (told.severity, told.confidence) == ("watch", "low")
    assert "64" in told.word


# -- memory -----------------------------------------------------------------------------------------------


def near(limit: int | None, *, machine: int = MACHINE, used: int = 0, high: int | None = None) -> Situation:
    """900 MiB that cannot be dropped, within a limit."""
    reading = usage(
        memory=MemoryParts(800 * MIB, 100 * MIB, 20 * MIB, 900 * MIB, MIB),
        memory_limit_bytes=limit or machine,
        memory_high_bytes=high,
    )
    host = replace(HOST, memory_total_bytes=machine, memory_used_bytes=used)
    return situation(reading, detail=replace(DETAIL, memory_limit_bytes=limit), host=host)


@pytest.mark.parametrize(("limit", "holds"), [(1010 * MIB, False), (990 * MIB, True)])
def test_page_cache_is_not_near_the_limit(limit: int, holds: bool) -> None:
    assert ("memory-near-limit" in said(near(limit))) is holds


def test_the_lower_of_both_limits_counts() -> None:
    told = verdict(near(4096 * MIB, high=950 * MIB), "memory-near-limit")
    assert "slows it down" in told.message


def test_without_a_limit_only_a_full_machine_is_near() -> None:
    assert "memory-near-limit" not in said(near(None, machine=2000 * MIB, used=1000 * MIB))
    told = verdict(near(None, machine=2000 * MIB, used=1950 * MIB), "memory-near-limit")
    assert "no limit of its own" in told.message


def test_the_engines_figure_counts_cache_and_is_believed_less() -> None:
    bare = ContainerUsage(1.0, cpu_percent=5.0, memory_used_bytes=97 * MIB, memory_limit_bytes=100 * MIB)
    told = verdict(situation(bare, detail=replace(DETAIL, memory_limit_bytes=100 * MIB)), "memory-near-limit")
    assert (told.severity, told.confidence) == ("watch", "low")


def test_refaults_that_nobody_feels_are_no_thrash() -> None:
    felt = usage(refaults_per_second=5000.0, pressure={"io_some": 12.0})
    assert said(situation(felt))[0] == "memory-thrash"
    assert "memory-thrash" not in said(situation(usage(refaults_per_second=5000.0)))


def test_reading_its_own_cache_again_is_not_told_as_a_slow_disk() -> None:
    first, second = judge(CONSTRUCTED["memory-thrash"])
    assert (first.rule, second.rule, second.severity) == ("memory-thrash", "disk-wait", "watch")
    assert "memory is the cause" in second.message


def test_a_kill_is_told_by_the_kernels_count_alone() -> None:
    fresh = situation(usage(oom_kills=1), usage(oom_kills=3))
    assert verdict(fresh, "oom-killed").severity == "act"
    old = situation(usage(oom_kills=3))
    assert verdict(old, "oom-killed").severity == "watch"
    assert "oom-killed" not in said(situation(usage(oom_kills=0)))


def test_an_exit_with_137_is_no_kill_for_memory_without_the_engines_word() -> None:
    stopped = container(state="exited", status="Exited (137) 1 minute ago")
    it = situation(container=stopped, usages=(), seconds=0.0, detail=replace(DETAIL, state="exited", exit_code=137))
    assert said(it) == ["insufficient-data"]
    assert "Exited (137)" in judge(it)[0].message
    event = EngineEvent(NOW - 5, "oom", ID, "api")
    assert said(replace(it, events=(event,))) == ["oom-killed"]


# -- disk, GPU --------------------------------------------------------------------------------------------


def test_tasks_stuck_on_a_device_stand_for_the_pressure_where_that_is_not_told() -> None:
    stuck = FocusSnapshot(ID, (process(9, 1, "dd", state="D"),))
    it = situation(usage(pressure=None), focus=(stuck,) * 4)
    told = verdict(it, "disk-wait")
    assert told.confidence == "medium"
    assert "(dd)" in told.message
    assert "disk-wait" not in said(situation(usage(pressure=None), focus=(stuck, FocusSnapshot(ID), FocusSnapshot(ID))))


def test_a_starved_gpu_needs_a_cause_on_this_side() -> None:
    idle_gpu = gpus(gpu(replace(MINE, sm_percent=5.0), utilisation_percent=5.0))
    assert "gpu-starved" not in said(situation(usage(cpu_percent=40.0), gpus=idle_gpu))
    assert "gpu-starved" in said(situation(usage(cpu_percent=790.0), gpus=idle_gpu))
    busy_gpu = gpus(gpu(MINE))
    assert "gpu-starved" not in said(situation(usage(cpu_percent=790.0), gpus=busy_gpu))


def test_a_gpu_at_its_power_limit_is_watched_and_a_hot_one_acted_on() -> None:
    capped = situation(gpus=gpus(gpu(MINE, throttle_reasons=("power cap",))))
    assert verdict(capped, "gpu-throttled").severity == "watch"
    assert verdict(CONSTRUCTED["gpu-throttled"], "gpu-throttled").severity == "act"
    resting = situation(gpus=gpus(gpu(MINE, throttle_reasons=("power cap",), utilisation_percent=1.0)))
    assert "gpu-throttled" not in said(resting)


def test_slices_of_a_gpu_are_not_shared() -> None:
    mine, theirs = replace(MINE, mig_index=0), replace(THEIRS, mig_index=1)
    assert "gpu-shared" not in said(situation(gpus=gpus(gpu(mine, theirs))))
    assert "gpu-shared" in said(situation(gpus=gpus(gpu(MINE, THEIRS))))


def test_memory_that_others_only_hold_is_not_sharing() -> None:
    assert "gpu-shared" not in said(situation(gpus=gpus(gpu(MINE, replace(THEIRS, sm_percent=0.0)))))


def test_a_gpu_is_unused_only_after_time_to_open_it() -> None:
    unused = CONSTRUCTED["gpu-unused"]
    assert "gpu-unused" in said(unused)
    twenty_seconds_old = replace(GIVEN, started="2026-09-21T14:13:00Z")
    assert "gpu-unused" not in said(replace(unused, detail=twenty_seconds_old))
    assert "gpu-unused" not in said(replace(unused, gpus=gpus(gpu(MINE)), detail=GIVEN))


def test_a_container_whose_gpu_works_is_not_said_to_wait_for_others() -> None:
    told = verdict(situation(gpus=gpus(gpu(MINE))), "look-downstream")
    assert "GPU is at work" in told.word


# -- nothing wrong ----------------------------------------------------------------------------------------


def test_traffic_is_not_idle() -> None:
    quiet = CONSTRUCTED["idle"].usages[0]
    assert said(situation(quiet)) == ["idle"]
    assert said(situation(replace(quiet, network_received_bytes_per_second=50_000.0))) == ["look-downstream"]


def test_nothing_is_said_to_be_fine_that_was_not_measured() -> None:
    bare = ContainerUsage(1.0, cpu_percent=40.0, memory_used_bytes=MIB, throttled_percent=0.0)
    it = situation(bare)
    assert said(it) == ["insufficient-data"]
    assert "CPU pressure" in judge(it)[0].message


def test_a_paused_container_is_told_so() -> None:
    told = judge(situation(container=container(state="paused", status="Up 3 minutes (Paused)"), count=0))[0]
    assert told.rule == "idle"
    assert "docker unpause api" in told.next_step


def test_a_rule_that_fails_does_not_silence_the_others(caplog: pytest.LogCaptureFixture) -> None:
    def broken(window: object) -> None:
        raise ZeroDivisionError

    rules = [replace(load("cpu_quota"), look=broken), load("idle"), load("look_downstream")]
    assert [each.rule for each in judge(CONSTRUCTED["look-downstream"], rules)] == ["look-downstream"]
    assert "cpu-quota" in caplog.text
