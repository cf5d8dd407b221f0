"""One sample of an engine's statistics stream, read into counters."""

from collections.abc import Iterable
from typing import Any

import msgspec

from workbench.measure.instants import unix_nanoseconds
from workbench.measure.rates import Counters
from workbench.model.containers import MemoryParts
from workbench.sources.answers import Answer, limit, number, part, parts, text


def decode_counters(line: bytes) -> Counters | None:
    """The counters in one line of the stream; `None` for a line that is no sample of a running container."""
    try:
        sample: Any = msgspec.json.decode(line)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    return counters_of(sample) if isinstance(sample, dict) else None


def counters_of(sample: Answer) -> Counters | None:
    """The counters in one decoded sample; `None` when it has no time, as for a container that is not running."""
    taken_ns = unix_nanoseconds(text(sample, "read"))
    if taken_ns is None:
        return None
    memory = part(sample, "memory_stats")
    cpu = part(sample, "cpu_stats")
    throttling = part(cpu, "throttling_data")
    details = part(memory, "stats")
    networks = sample.get("networks")
    interfaces = list(networks.values()) if isinstance(networks, dict) else []
    blocks = part(sample, "blkio_stats")
    pids = part(sample, "pids_stats")
    return Counters(
        taken_ns=taken_ns,
        cpu_ns=number(part(cpu, "cpu_usage"), "total_usage"),
        memory_used_bytes=_memory_used(memory),
        memory_limit_bytes=limit(memory, "limit"),
        network_received_bytes=_over(interfaces, "rx_bytes"),
        network_sent_bytes=_over(interfaces, "tx_bytes"),
        block_read_bytes=_blocks(blocks, "r"),
        block_written_bytes=_blocks(blocks, "w"),
        pids=number(pids, "current"),
        pids_limit=limit(pids, "limit"),
        network_dropped=_over(interfaces, "rx_dropped", "tx_dropped"),
        network_errors=_over(interfaces, "rx_errors", "tx_errors"),
        periods=number(throttling, "periods"),
        throttled_periods=number(throttling, "throttled_periods"),
        throttled_ns=number(throttling, "throttled_time"),
        memory=_memory_parts(details),
        refaults=_first(details, "total_workingset_refault_file", "workingset_refault_file", "workingset_refault"),
        major_faults=_first(details, "total_pgmajfault", "pgmajfault"),
    )


def _memory_parts(stats: Answer) -> MemoryParts | None:
    """What engines pass on of `memory.stat`: v1 has sums with `total_` before the name, v2 other names."""
    if not stats:
        return None
    return MemoryParts(
        anonymous_bytes=_first(stats, "total_rss", "anon"),
        shared_bytes=_first(stats, "total_shmem", "shmem"),
        file_active_bytes=_first(stats, "total_active_file", "active_file"),
        file_inactive_bytes=_first(stats, "total_inactive_file", "inactive_file"),
        kernel_bytes=_first(stats, "kernel"),
    )


def _first(stats: Answer, *names: str) -> int | None:
    return next((value for name in names if (value := number(stats, name)) is not None), None)


def _memory_used(memory: Answer) -> int | None:
    """As `docker stats` counts: without inactive page cache, whose key tells the cgroup version."""
    usage = number(memory, "usage")
    if usage is None:
        return None
    stats = part(memory, "stats")
    inactive = _first(stats, "total_inactive_file", "inactive_file") or 0
    return usage - inactive if 0 <= inactive < usage else usage


def _over(interfaces: Iterable[object], *keys: str) -> int | None:
    """The sum over all network interfaces; `None` when none is counted, as in the host's network."""
    counted = [number(interface, key) for interface in interfaces if isinstance(interface, dict) for key in keys]
    known = [count for count in counted if count is not None]
    return sum(known) if known else None


def _blocks(blocks: Answer, operation: str) -> int | None:
    """Bytes over all devices of operations that begin with this letter: cgroup v1 says `Read`, v2 `read`."""
    if not isinstance(blocks.get("io_service_bytes_recursive"), list):
        return None
    entries = parts(blocks, "io_service_bytes_recursive")
    return sum(number(entry, "value") or 0 for entry in entries if text(entry, "op")[:1].lower() == operation)
