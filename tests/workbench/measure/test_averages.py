"""What a window of usages comes to."""

from dataclasses import fields

import pytest

from workbench.measure.averages import LEVELS, PRESSURES, RATES, mean_usage
from workbench.model.containers import ContainerUsage, MemoryParts, Pressure


def test_nothing_has_no_mean() -> None:
    assert mean_usage(()) is None


def test_every_field_is_a_rate_or_a_level() -> None:
    named = {field.name for field in fields(ContainerUsage)}
    assert {*RATES, *LEVELS, "interval_seconds", "pressure"} == named
    assert set(PRESSURES) == {field.name for field in fields(Pressure)}


def test_rates_weigh_as_long_as_they_lasted_and_levels_are_the_newest() -> None:
    mean = mean_usage(
        (
            ContainerUsage(3.0, cpu_percent=10.0, memory_used_bytes=5, memory=MemoryParts(1), oom_kills=1),
            ContainerUsage(1.0, cpu_percent=50.0, memory_used_bytes=7, memory=MemoryParts(2), oom_kills=4),
        )
    )
    assert mean is not None
    assert mean.interval_seconds == 4.0
    assert mean.cpu_percent == pytest.approx(20.0)
    assert (mean.memory_used_bytes, mean.memory, mean.oom_kills) == (7, MemoryParts(2), 4)


def test_what_was_measured_in_some_is_averaged_over_those() -> None:
    mean = mean_usage(
        (
            ContainerUsage(1.0, throttled_percent=40.0, pids=3, pressure=Pressure(cpu_some=10.0)),
            ContainerUsage(1.0, pressure=Pressure(cpu_some=30.0, io_some=8.0)),
            ContainerUsage(2.0, cpu_percent=0.0),
        )
    )
    assert mean is not None
    assert mean.throttled_percent == 40.0
    assert mean.cpu_percent == 0.0
    assert mean.pids == 3
    assert mean.pressure == Pressure(cpu_some=20.0, io_some=8.0)
    assert mean.run_delay_seconds_per_second is None


def test_without_time_all_weigh_the_same() -> None:
    mean = mean_usage((ContainerUsage(0.0, cpu_percent=10.0), ContainerUsage(0.0, cpu_percent=20.0)))
    assert mean is not None
    assert mean.cpu_percent == 15.0


def test_a_running_mean_is_the_mean() -> None:
    usages = [ContainerUsage(0.5 + each, cpu_percent=7.0 * each) for each in range(5)]
    running = None
    for each in usages:
        running = mean_usage((running, each) if running else (each,))
    whole = mean_usage(usages)
    assert running is not None
    assert whole is not None
    assert running.cpu_percent == pytest.approx(whole.cpu_percent)
    assert running.interval_seconds == pytest.approx(whole.interval_seconds)
