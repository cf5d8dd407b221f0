from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.measure.rates import Counters, PressureTotals, usage_between
from workbench.measure.task_times import TaskRates
from workbench.model.containers import MemoryParts, Pressure

SECOND = 1_000_000_000
MACHINE = 8_000_000_000


def counters(seconds: float, **values: Any) -> Counters:
    return Counters(taken_ns=round(seconds * SECOND), **values)


def test_cpu_is_time_used_over_time_passed() -> None:
    usage = usage_between(counters(10, cpu_ns=3 * SECOND), counters(12, cpu_ns=6 * SECOND), MACHINE)
    assert usage.cpu_percent == pytest.approx(150.0)
    assert usage.interval_seconds == pytest.approx(2.0)


def test_the_interval_is_the_engines_to_the_nanosecond() -> None:
    before = Counters(taken_ns=1_795_193_751_023_150_662, cpu_ns=0)
    now = Counters(taken_ns=1_795_193_752_028_292_500, cpu_ns=1_005_141_838)
    assert usage_between(before, now, MACHINE).cpu_percent == pytest.approx(100.0, abs=1e-9)


def test_rates_of_network_and_disk() -> None:
    before = counters(1, network_received_bytes=100, network_sent_bytes=10, block_read_bytes=0, block_written_bytes=5)
    now = counters(5, network_received_bytes=500, network_sent_bytes=10, block_read_bytes=8, block_written_bytes=4005)
    usage = usage_between(before, now, MACHINE)
    assert usage.network_received_bytes_per_second == 100
    assert usage.network_sent_bytes_per_second == 0
    assert usage.block_read_bytes_per_second == 2
    assert usage.block_written_bytes_per_second == 1000


def test_the_first_sample_has_levels_and_no_rates() -> None:
    usage = usage_between(None, counters(1, cpu_ns=5, memory_used_bytes=7, pids=3, pids_limit=9), MACHINE)
    assert usage.cpu_percent is None
    assert usage.interval_seconds == 0
    assert (usage.memory_used_bytes, usage.pids, usage.pids_limit) == (7, 3, 9)


@pytest.mark.parametrize(
    "counter",
    ["cpu_ns", "network_received_bytes", "network_sent_bytes", "block_read_bytes", "block_written_bytes"],
)
def test_a_counter_that_went_back_means_a_restart_and_no_rates_at_all(counter: str) -> None:
    whole = dict.fromkeys(
        ["cpu_ns", "network_received_bytes", "network_sent_bytes", "block_read_bytes", "block_written_bytes"], 100
    )
    usage = usage_between(counters(1, **whole), counters(2, **{**whole, counter: 99}), MACHINE)
    assert usage.cpu_percent is None
    assert usage.network_received_bytes_per_second is None
    assert usage.network_sent_bytes_per_second is None
    assert usage.block_read_bytes_per_second is None
    assert usage.block_written_bytes_per_second is None
    assert usage.interval_seconds == 0


@pytest.mark.parametrize("later", [1.0, 0.5])
def test_time_that_stands_still_or_goes_back_gives_no_rates(later: float) -> None:
    assert usage_between(counters(1, cpu_ns=1), counters(later, cpu_ns=2), MACHINE).cpu_percent is None


def test_a_figure_that_one_side_lacks_is_not_measured() -> None:
    usage = usage_between(counters(1, cpu_ns=1, block_read_bytes=4), counters(2, cpu_ns=1), MACHINE)
    assert usage.cpu_percent == 0
    assert usage.block_read_bytes_per_second is None
    assert usage.network_sent_bytes_per_second is None


@pytest.mark.parametrize(
    ("own", "machine", "shown"),
    [
        (1000, MACHINE, 1000),
        (None, MACHINE, MACHINE),
        (0, MACHINE, MACHINE),
        (2**63 - 4096, MACHINE, MACHINE),
        (1000, 0, 1000),
        (None, 0, None),
    ],
)
def test_memory_limit_is_its_own_or_the_machines(own: int | None, machine: int, shown: int | None) -> None:
    assert usage_between(None, counters(1, memory_limit_bytes=own), machine).memory_limit_bytes == shown


def test_throttling_is_a_share_of_the_periods_that_passed() -> None:
    before = counters(1, periods=100, throttled_periods=50, throttled_ns=0)
    now = counters(3, periods=120, throttled_periods=55, throttled_ns=3 * SECOND)
    usage = usage_between(before, now, MACHINE)
    assert (usage.throttled_percent, usage.throttled_seconds_per_second) == (25.0, 1.5)
    idle = usage_between(now, counters(4, periods=120, throttled_periods=55), MACHINE)
    assert (idle.throttled_percent, idle.throttled_seconds_per_second) == (0.0, None)
    assert usage_between(before, counters(3, cpu_ns=1), MACHINE).throttled_percent is None


def test_pressure_is_stalled_time_over_passed_time() -> None:
    before = counters(1, pressure=PressureTotals(1000, 0, 5, 5, None, 7))
    now = counters(3, pressure=PressureTotals(501_000, 20_000, 5, 5, 9, None))
    assert usage_between(before, now, MACHINE).pressure == Pressure(25.0, 1.0, 0.0, 0.0, None, None)
    assert usage_between(before, counters(3), MACHINE).pressure is None
    assert usage_between(None, now, MACHINE).pressure is None


def test_a_stall_that_is_booked_late_is_never_more_than_all_of_the_time() -> None:
    usage = usage_between(
        counters(1, pressure=PressureTotals(cpu_some=0)),
        counters(2, pressure=PressureTotals(cpu_some=1_010_000)),
        MACHINE,
    )
    assert usage.pressure is not None
    assert usage.pressure.cpu_some == 100


def test_levels_of_memory_come_from_the_newer_sample() -> None:
    parts = MemoryParts(anonymous_bytes=5, kernel_bytes=6)
    before = counters(1, memory=MemoryParts(anonymous_bytes=1), oom_kills=1, refaults=10, major_faults=0)
    now = counters(2, memory=parts, memory_high_bytes=9, oom_kills=2, refaults=30, major_faults=4)
    usage = usage_between(before, now, MACHINE)
    assert (usage.memory, usage.memory_high_bytes, usage.oom_kills) == (parts, 9, 2)
    assert (usage.refaults_per_second, usage.major_faults_per_second) == (20, 4)


@pytest.mark.parametrize(("cores", "told"), [(0.7, None), (0.8, 60.0), (1.3, 60.0), (1.4, None)])
def test_the_busiest_task_is_told_about_one_core(cores: float, told: float | None) -> None:
    now = counters(2, cpu_ns=round(cores * SECOND))
    usage = usage_between(counters(1, cpu_ns=0), now, MACHINE, TaskRates(0.5, 60.0))
    assert (usage.busiest_task_percent, usage.run_delay_seconds_per_second) == (told, 0.5)


COUNTS = st.none() | st.integers(0, 2**64 - 1)
TOTALS = st.builds(PressureTotals, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS)
COUNTED = [
    field.name
    for field in fields(Counters)
    if field.name not in {"taken_ns", "pressure", "memory", "memory_used_bytes", "memory_limit_bytes"}
    and field.name not in {"memory_high_bytes", "pids", "pids_limit"}
]
SAMPLES = st.builds(
    Counters, taken_ns=st.integers(0, 2**63), pressure=st.none() | TOTALS, **dict.fromkeys(COUNTED, COUNTS)
)


@given(st.none() | SAMPLES, SAMPLES)
def test_no_rate_is_ever_negative_and_no_share_above_all(before: Counters | None, now: Counters) -> None:
    usage = usage_between(before, now, MACHINE)
    pressure = usage.pressure or Pressure()
    shares = [usage.throttled_percent, *(getattr(pressure, field.name) for field in fields(Pressure))]
    rates = [getattr(usage, field.name) for field in fields(usage) if field.name.endswith(("_second", "_percent"))]
    assert all(rate is None or rate >= 0 for rate in (*rates, *shares))
    assert all(share is None or share <= 100 for share in shares)
    assert usage.interval_seconds >= 0


@given(SAMPLES, st.sampled_from(COUNTED), st.integers(1, 2**40))
def test_any_counter_that_goes_back_takes_all_rates_with_it(now: Counters, name: str, more: int) -> None:
    this: dict[str, Any] = {name: getattr(now, name) or 0}
    then: dict[str, Any] = {name: this[name] + more, "taken_ns": now.taken_ns - SECOND}
    now = replace(now, **this)
    before = replace(now, **then)
    usage = usage_between(before, now, MACHINE)
    assert usage.interval_seconds == 0
    assert (usage.cpu_percent, usage.throttled_percent, usage.pressure) == (None, None, None)


@given(SAMPLES, st.integers(1, 10**12))
def test_what_stands_still_has_rates_of_zero(now: Counters, passed: int) -> None:
    usage = usage_between(replace(now, taken_ns=now.taken_ns - passed), now, MACHINE)
    rates = [getattr(usage, field.name) for field in fields(usage) if field.name.endswith("_second")]
    assert {rate for rate in (*rates, usage.cpu_percent, usage.throttled_percent) if rate is not None} <= {0}
