"""What a container used between two looks at its raw counters."""

from dataclasses import dataclass

from workbench.model.containers import ContainerUsage

_NANO = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Counters:
    """One raw sample of a container. `None` is a figure that the engine does not give."""

    taken_ns: int
    """When the engine looked, in nanoseconds of its own clock."""
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


def usage_between(before: Counters | None, now: Counters, machine_memory_bytes: int) -> ContainerUsage:
    """Rates between two samples, levels from the newer one.

    There are no rates without an earlier sample, when time stands still or goes back, or when any counter
    went back, which means that the container was started anew in between.

    Args:
        before: The earlier sample, if there is one.
        now: The newer one.
        machine_memory_bytes: The limit of a container that has none of its own; 0 when not known.
    """
    seconds = 0.0
    if before is not None and now.taken_ns > before.taken_ns and not _started_anew(before, now):
        seconds = (now.taken_ns - before.taken_ns) / _NANO
    else:
        before = None

    def rate(then: int | None, this: int | None) -> float | None:
        return None if before is None or then is None or this is None else (this - then) / seconds

    then = before or now
    cores = rate(then.cpu_ns, now.cpu_ns)
    return ContainerUsage(
        interval_seconds=seconds,
        cpu_percent=None if cores is None else cores / _NANO * 100,
        memory_used_bytes=now.memory_used_bytes,
        memory_limit_bytes=_memory_limit(now.memory_limit_bytes, machine_memory_bytes),
        network_received_bytes_per_second=rate(then.network_received_bytes, now.network_received_bytes),
        network_sent_bytes_per_second=rate(then.network_sent_bytes, now.network_sent_bytes),
        block_read_bytes_per_second=rate(then.block_read_bytes, now.block_read_bytes),
        block_written_bytes_per_second=rate(then.block_written_bytes, now.block_written_bytes),
        pids=now.pids,
        pids_limit=now.pids_limit,
    )


def _started_anew(before: Counters, now: Counters) -> bool:
    pairs = (
        (before.cpu_ns, now.cpu_ns),
        (before.network_received_bytes, now.network_received_bytes),
        (before.network_sent_bytes, now.network_sent_bytes),
        (before.block_read_bytes, now.block_read_bytes),
        (before.block_written_bytes, now.block_written_bytes),
    )
    return any(then is not None and this is not None and this < then for then, this in pairs)


def _memory_limit(own: int | None, machine: int) -> int | None:
    """Engines write "no limit" as the machine's memory, as 0, or as the largest number they know."""
    limits = [limit for limit in (own or 0, machine) if limit > 0]
    return min(limits, default=None)
