"""What a process used between two looks at its raw counters."""

from collections.abc import Mapping
from dataclasses import dataclass

_NANO = 1_000_000_000


@dataclass(frozen=True, slots=True)
class ThreadCounters:
    """One thread's own, since it started. `None` is not told by the kernel."""

    name: str
    state: str
    cpu_ns: int | None = None
    run_delay_ns: int | None = None
    """Time that it was ready and waited for a CPU."""


@dataclass(frozen=True, slots=True)
class ProcessCounters:
    """One process, since it started."""

    taken_at: float
    """Seconds, on any clock that only goes forward."""
    cpu_seconds: float
    """Of all its threads, those that ended among them; in steps of 10 ms."""
    threads: Mapping[int, ThreadCounters] | None = None
    """By thread id; `None` when they were not read."""
    read_bytes: int | None = None
    written_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class ProcessRates:
    """Over the interval between two looks; the units of `model.processes.Process`."""

    cpu_percent: float | None = None
    busiest_thread_percent: float | None = None
    busiest_thread: str = ""
    run_delay_percent: float | None = None
    read_bytes_per_second: float | None = None
    written_bytes_per_second: float | None = None


def just_started(taken_at: float) -> ProcessCounters:
    """The counters of a process that did not exist yet."""
    return ProcessCounters(taken_at, 0.0, {}, 0, 0)


def rates_between(before: ProcessCounters | None, now: ProcessCounters) -> ProcessRates:
    """Rates between two looks at one process; none without an earlier one or when time stands still.

    CPU is the sum over its threads, to the nanosecond, unless a thread ended in between: only the coarser count of
    the whole process holds what that one used.

    Args:
        before: The earlier look.
        now: The newer one.
    """
    if before is None or now.taken_at <= before.taken_at:
        return ProcessRates()
    seconds = now.taken_at - before.taken_at
    cpu = 100 * max(0.0, now.cpu_seconds - before.cpu_seconds) / seconds
    busiest: tuple[float, str] | None = None
    delay: float | None = None
    if now.threads is not None and before.threads is not None:
        used = {
            thread_id: share
            for thread_id, thread in now.threads.items()
            if (share := _share(before.threads.get(thread_id), thread, seconds)) is not None
        }
        busiest = max(((share, now.threads[thread_id].name) for thread_id, share in used.items()), default=None)
        if len(used) == len(now.threads) and before.threads.keys() <= now.threads.keys():
            cpu = sum(used.values())
        delays = [_delay(before.threads.get(thread_id), thread) for thread_id, thread in now.threads.items()]
        known = [each for each in delays if each is not None]
        delay = 100 * sum(known) / _NANO / seconds if known else None
    return ProcessRates(
        cpu_percent=cpu,
        busiest_thread_percent=busiest[0] if busiest else None,
        busiest_thread=busiest[1] if busiest else "",
        run_delay_percent=delay,
        read_bytes_per_second=_rate(before.read_bytes, now.read_bytes, seconds),
        written_bytes_per_second=_rate(before.written_bytes, now.written_bytes, seconds),
    )


def _share(before: ThreadCounters | None, now: ThreadCounters, seconds: float) -> float | None:
    """CPU of one thread in percent."""
    if now.cpu_ns is None:
        return None
    return 100 * _grown(before.cpu_ns if before else None, now.cpu_ns) / _NANO / seconds


def _delay(before: ThreadCounters | None, now: ThreadCounters) -> int | None:
    """Nanoseconds of waiting of one thread."""
    return None if now.run_delay_ns is None else _grown(before.run_delay_ns if before else None, now.run_delay_ns)


def _grown(before: int | None, now: int) -> int:
    """What was added: a new thread began at nothing, and so did one whose counter is below that of its id before."""
    return now - before if before is not None and before <= now else now


def _rate(before: int | None, now: int | None, seconds: float) -> float | None:
    return None if before is None or now is None else max(0, now - before) / seconds
