"""Rates of a process from its raw counters."""

import pytest

from workbench.measure.process_rates import ProcessCounters, ProcessRates, ThreadCounters, just_started, rates_between

SECOND = 1_000_000_000


def thread(cpu: float | None, delay: float | None = 0.0, name: str = "main", state: str = "S") -> ThreadCounters:
    return ThreadCounters(
        name, state, None if cpu is None else round(cpu * SECOND), None if delay is None else round(delay * SECOND)
    )


def test_the_sum_of_its_threads_is_finer_than_the_kernels_own() -> None:
    before = ProcessCounters(10.0, 5.0, {1: thread(3.0), 2: thread(2.0, 1.0)}, 0, 1000)
    now = ProcessCounters(12.0, 5.01, {1: thread(3.004), 2: thread(2.012, 1.5, "worker")}, 4096, 1000)
    rates = rates_between(before, now)
    assert rates.cpu_percent == pytest.approx(0.8)
    assert rates.busiest_thread_percent == pytest.approx(0.6)
    assert rates.busiest_thread == "worker"
    assert rates.run_delay_percent == pytest.approx(25)
    assert (rates.read_bytes_per_second, rates.written_bytes_per_second) == (2048, 0)


def test_what_a_thread_used_that_ended_is_not_lost() -> None:
    before = ProcessCounters(0.0, 1.0, {1: thread(1.0), 2: thread(0.0)})
    now = ProcessCounters(1.0, 1.9, {1: thread(1.1)})
    assert rates_between(before, now).cpu_percent == pytest.approx(90)
    assert rates_between(before, now).busiest_thread_percent == pytest.approx(10)


def test_a_new_thread_began_at_nothing_even_under_an_old_id() -> None:
    before = ProcessCounters(0.0, 9.0, {1: thread(1.0), 2: thread(8.0)})
    now = ProcessCounters(1.0, 9.0, {1: thread(1.0), 2: thread(0.25), 3: thread(0.5)})
    assert rates_between(before, now).cpu_percent == pytest.approx(75)


def test_a_kernel_that_counts_no_schedule() -> None:
    before = ProcessCounters(0.0, 1.0, {1: thread(None, None)})
    now = ProcessCounters(1.0, 1.5, {1: thread(None, None)})
    assert rates_between(before, now) == ProcessRates(cpu_percent=50)


def test_a_process_that_has_just_started() -> None:
    now = ProcessCounters(11.0, 0.3, {7: thread(0.3, 0.1)}, 512, None)
    rates = rates_between(just_started(10.0), now)
    assert rates.cpu_percent == pytest.approx(30)
    assert (rates.read_bytes_per_second, rates.written_bytes_per_second) == (512, None)


def test_no_rates_without_an_interval() -> None:
    now = ProcessCounters(1.0, 5.0, {1: thread(5.0)}, 1, 1)
    assert rates_between(None, now) == rates_between(now, now) == ProcessRates()


def test_threads_that_were_not_read() -> None:
    assert rates_between(ProcessCounters(0.0, 1.0), ProcessCounters(2.0, 2.0)) == ProcessRates(cpu_percent=50)
