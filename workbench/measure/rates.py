"""What a container used between two looks at its raw counters."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from operator import attrgetter

from workbench.measure.task_times import NO_TASK_RATES, TaskRates
from workbench.model.containers import ContainerUsage, MemoryParts, Pressure

_NANO = 1_000_000_000
_MICRO = 1_000_000
ABOUT_ONE_CORE = (0.8, 1.3)
"""Cores of the whole container between which its busiest task is told: only there may one thread be the bound."""


@dataclass(frozen=True, slots=True)
class PressureTotals:
    """Time that tasks were stalled, in microseconds since the container started. `None` is not told."""

    cpu_some: int | None = None
    cpu_full: int | None = None
    memory_some: int | None = None
    memory_full: int | None = None
    io_some: int | None = None
    io_full: int | None = None


@dataclass(frozen=True, slots=True)
class Counters:
    """One raw sample of a container. `None` is a figure that its source does not give."""

    taken_ns: int
    """When it was taken, in nanoseconds of the clock of whoever looked."""
    cpu_ns: int | None = None
    """CPU time of all its processes since it started."""
    memory_used_bytes: int | None = None
    """Without inactive page cache."""
    memory_limit_bytes: int | None = None
    network_received_bytes: int | None = None
    """Over all interfaces since it started; so is the next."""
    network_sent_bytes: int | None = None
    block_read_bytes: int | None = None
    """Over all devices since it started; so is the next."""
    block_written_bytes: int | None = None
    pids: int | None = None
    pids_limit: int | None = None
    network_dropped: int | None = None
    """Packets, in and out, since it started; so is the next."""
    network_errors: int | None = None
    periods: int | None = None
    """Of the scheduler's bandwidth control, in which it wanted to run."""
    throttled_periods: int | None = None
    throttled_ns: int | None = None
    """Time its CPUs stood still for the quota, summed over CPUs."""
    memory: MemoryParts | None = None
    memory_high_bytes: int | None = None
    refaults: int | None = None
    """Pages of page cache read again soon after they were dropped."""
    major_faults: int | None = None
    oom_kills: int | None = None
    pressure: PressureTotals | None = None


_counters: Callable[[Counters], tuple[int | None, ...]] = attrgetter(
    "cpu_ns",
    "network_received_bytes",
    "network_sent_bytes",
    "block_read_bytes",
    "block_written_bytes",
    "network_dropped",
    "network_errors",
    "periods",
    "throttled_periods",
    "throttled_ns",
    "refaults",
    "major_faults",
    "oom_kills",
)
_figures: Callable[[Counters], tuple[object, ...]] = attrgetter(
    *(f.name for f in fields(Counters) if f.name != "taken_ns")
)
_stalls: Callable[[PressureTotals], tuple[int | None, ...]] = attrgetter(
    "cpu_some", "cpu_full", "memory_some", "memory_full", "io_some", "io_full"
)

_NO_STALLS = Pressure(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def usage_between(
    before: Counters | None,
    now: Counters,
    machine_memory_bytes: int,
    tasks: TaskRates = NO_TASK_RATES,
    *,
    since_ns: int | None = None,
) -> ContainerUsage:
    """Rates between two samples, levels from the newer one.

    There are no rates without an earlier sample, when time stands still or goes back, or when any counter
    went back, which means that the container was started anew in between.

    Args:
        before: The earlier sample, if there is one.
        now: The newer one.
        machine_memory_bytes: The limit of a container that has none of its own; 0 when not known.
        tasks: What its tasks did lately, where somebody looked.
        since_ns: Until when the counters were seen to stay what they were in the earlier sample; `None` where nobody
            looked since it was taken.
    """
    seconds = 0.0
    began_ns = now.taken_ns if before is None else before.taken_ns if since_ns is None else since_ns
    if before is not None and now.taken_ns > began_ns and not _started_anew(before, now):
        seconds = (now.taken_ns - began_ns) / _NANO
    else:
        before, tasks = None, NO_TASK_RATES

    def rate(then: int | None, this: int | None) -> float | None:
        return None if before is None or then is None or this is None else (this - then) / seconds

    then = before or now
    cpu = rate(then.cpu_ns, now.cpu_ns)
    cores = None if cpu is None else cpu / _NANO
    stood_still = rate(then.throttled_ns, now.throttled_ns)
    one_core = cores is not None and ABOUT_ONE_CORE[0] <= cores <= ABOUT_ONE_CORE[1]
    return ContainerUsage(
        interval_seconds=seconds,
        cpu_percent=None if cores is None else cores * 100,
        memory_used_bytes=now.memory_used_bytes,
        memory_limit_bytes=_memory_limit(now.memory_limit_bytes, machine_memory_bytes),
        network_received_bytes_per_second=rate(then.network_received_bytes, now.network_received_bytes),
        network_sent_bytes_per_second=rate(then.network_sent_bytes, now.network_sent_bytes),
        block_read_bytes_per_second=rate(then.block_read_bytes, now.block_read_bytes),
        block_written_bytes_per_second=rate(then.block_written_bytes, now.block_written_bytes),
        pids=now.pids,
        pids_limit=now.pids_limit,
        network_dropped_per_second=rate(then.network_dropped, now.network_dropped),
        network_errors_per_second=rate(then.network_errors, now.network_errors),
        throttled_percent=None if before is None else _throttled_percent(before, now),
        throttled_seconds_per_second=None if stood_still is None else stood_still / _NANO,
        run_delay_seconds_per_second=tasks.run_delay_seconds_per_second,
        busiest_task_percent=tasks.busiest_percent if one_core else None,
        memory=now.memory,
        memory_high_bytes=now.memory_high_bytes,
        refaults_per_second=rate(then.refaults, now.refaults),
        major_faults_per_second=rate(then.major_faults, now.major_faults),
        oom_kills=now.oom_kills,
        pressure=None if before is None else _pressure(before, now, seconds),
    )


def same_figures(before: Counters, now: Counters) -> bool:
    """Whether two samples differ in nothing but the time at which they were taken."""
    return _figures(before) == _figures(now)


def _throttled_percent(before: Counters, now: Counters) -> float | None:
    """Throttled periods over all; none passed where there is no quota, or nothing that wanted to run."""
    if before.periods is None or now.periods is None:
        return None
    if before.throttled_periods is None or now.throttled_periods is None:
        return None
    periods = now.periods - before.periods
    return min(100 * (now.throttled_periods - before.throttled_periods) / periods, 100.0) if periods > 0 else 0.0


def _pressure(before: Counters, now: Counters, seconds: float) -> Pressure | None:
    """Stalled time over passed time; a stall is booked when it ends, so an interval may hold a bit of the last one."""
    then, this = before.pressure, now.pressure
    if then is None or this is None:
        return None
    if then is this and None not in _stalls(this):
        return _NO_STALLS
    microseconds = seconds * _MICRO

    def percent(earlier: int | None, later: int | None) -> float | None:
        return None if earlier is None or later is None else min(100 * (later - earlier) / microseconds, 100.0)

    return Pressure(*map(percent, _stalls(then), _stalls(this)))


def _started_anew(before: Counters, now: Counters) -> bool:
    if _went_back(_counters(before), _counters(now)):
        return True
    then, this = before.pressure, now.pressure
    return then is not None and this is not None and _went_back(_stalls(then), _stalls(this))


def _went_back(before: tuple[int | None, ...], now: tuple[int | None, ...]) -> bool:
    """Whether any of the counters did. Those of an idle container are equal, which is quick to see."""
    return before != now and any(
        earlier is not None and later is not None and later < earlier
        for earlier, later in zip(before, now, strict=True)
    )


def _memory_limit(own: int | None, machine: int) -> int | None:
    """Engines write "no limit" as the machine's memory, as 0, or as the largest number they know."""
    limits = [limit for limit in (own or 0, machine) if limit > 0]
    return min(limits, default=None)
