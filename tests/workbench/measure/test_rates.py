import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.measure.rates import Counters, usage_between

SECOND = 1_000_000_000
MACHINE = 8_000_000_000


def counters(seconds: float, **values: int | None) -> Counters:
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


COUNTS = st.none() | st.integers(0, 2**64 - 1)
SAMPLES = st.builds(
    Counters,
    taken_ns=st.integers(0, 2**63),
    cpu_ns=COUNTS,
    network_received_bytes=COUNTS,
    network_sent_bytes=COUNTS,
    block_read_bytes=COUNTS,
    block_written_bytes=COUNTS,
)


@given(st.none() | SAMPLES, SAMPLES)
def test_no_rate_is_ever_negative(before: Counters | None, now: Counters) -> None:
    usage = usage_between(before, now, MACHINE)
    rates = [
        usage.cpu_percent,
        usage.network_received_bytes_per_second,
        usage.network_sent_bytes_per_second,
        usage.block_read_bytes_per_second,
        usage.block_written_bytes_per_second,
    ]
    assert all(rate is None or rate >= 0 for rate in rates)
    assert usage.interval_seconds >= 0
