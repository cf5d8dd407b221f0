"""One container in the control groups of version 1, a directory for each controller."""

from collections.abc import Mapping

from workbench.measure.rates import Counters
from workbench.model.containers import MemoryParts
from workbench.sources.cgroups.kept_file import Allowance, KeptFile, Stillness, close_all, read_once
from workbench.sources.cgroups.limits import Limits
from workbench.sources.cgroups.parse import first_of, flat_keyed, limit, whole
from workbench.sources.cgroups.pressure import PressureFiles
from workbench.sources.cgroups.traffic import TrafficOf, no_traffic
from workbench.sources.cpu_limit import cpu_limit_of

_ABSENT = "/nonexistent"


class GroupV1:
    """Files of Documentation/admin-guide/cgroup-v1, and the pressure that a hybrid machine has in `unified`.

    Args:
        folders: Directory by controller; the v2 one is `unified`. Any may be missing.
        allowance: Of open files.
    """

    def __init__(self, folders: Mapping[str, str], allowance: Allowance) -> None:
        cpuacct, memory = folders.get("cpuacct", _ABSENT), folders.get("memory", _ABSENT)
        self._folders = folders
        self._cpu = KeptFile(f"{cpuacct}/cpuacct.usage", whole, allowance, essential=True)
        self._quota = KeptFile(f"{folders.get('cpu', _ABSENT)}/cpu.stat", flat_keyed, allowance)
        self._memory = KeptFile(f"{memory}/memory.usage_in_bytes", whole, allowance)
        self._memory_stat = KeptFile(f"{memory}/memory.stat", flat_keyed, allowance)
        self._kernel = KeptFile(f"{memory}/memory.kmem.usage_in_bytes", whole, allowance)
        self._oom = KeptFile(f"{memory}/memory.oom_control", flat_keyed, allowance)
        self._pids = KeptFile(f"{folders.get('pids', _ABSENT)}/pids.current", whole, allowance)
        blocks = f"{folders.get('blkio', _ABSENT)}/blkio.throttle.io_service_bytes_recursive"
        self._blocks = KeptFile(blocks, parse_blocks, allowance)
        self._stillness = Stillness()
        self._parts: MemoryParts | None = None
        self._pressure = PressureFiles(folders.get("unified"), allowance)
        self.processes_folder = cpuacct
        self.tasks_path = f"{cpuacct}/tasks"

    def read(self, taken_ns: int, limits: Limits, traffic_of: TrafficOf = no_traffic) -> Counters:
        """All counters of this moment.

        Raises:
            GroupGoneError: when the container has ended.
        """
        cpu_ns = self._cpu.read()
        usage = self._memory.read()
        still = self._stillness.holds(cpu_ns, usage)
        quota = self._quota.read(again=not still) or {}
        stat = self._memory_stat.read(again=not still) or {}
        traffic = traffic_of()
        inactive = stat.get(b"total_inactive_file")
        read, written = self._blocks.read(again=not still) or (None, None)
        if not still:
            self._parts = (
                None
                if not stat
                else MemoryParts(
                    anonymous_bytes=stat.get(b"total_rss"),
                    shared_bytes=stat.get(b"total_shmem"),
                    file_active_bytes=stat.get(b"total_active_file"),
                    file_inactive_bytes=inactive,
                    kernel_bytes=self._kernel.read(again=not still),
                )
            )
        return Counters(
            taken_ns=taken_ns,
            cpu_ns=cpu_ns,
            memory_used_bytes=without_inactive(usage, inactive),
            memory_limit_bytes=limits.memory_bytes,
            network_received_bytes=traffic.received_bytes,
            network_sent_bytes=traffic.sent_bytes,
            block_read_bytes=read,
            block_written_bytes=written,
            pids=self._pids.read(again=not still),
            pids_limit=limits.pids,
            network_dropped=traffic.dropped,
            network_errors=traffic.errors,
            periods=quota.get(b"nr_periods"),
            throttled_periods=quota.get(b"nr_throttled"),
            throttled_ns=quota.get(b"throttled_time"),
            memory=self._parts,
            refaults=first_of(stat, b"total_workingset_refault_file", b"total_workingset_refault"),
            major_faults=stat.get(b"total_pgmajfault"),
            oom_kills=(self._oom.read(again=not still) or {}).get(b"oom_kill"),
            pressure=self._pressure.read(still=still),
        )

    def rests(self) -> bool:
        """Whether its CPU time and its memory are what they were when all counters were read.

        Raises:
            GroupGoneError: when the container has ended.
        """
        return self._stillness.goes_on(self._cpu.read(), self._memory.read())

    def limits(self, machine_cpus: int) -> Limits:
        """What the container may use, as the kernel enforces it now."""
        cpu, memory = self._folders.get("cpu", _ABSENT), self._folders.get("memory", _ABSENT)
        pinned = read_once(f"{self._folders.get('cpuset', _ABSENT)}/cpuset.cpus") or b""
        return Limits(
            cpu_cores=cpu_limit_of(
                limit(read_once(f"{cpu}/cpu.cfs_quota_us")),
                limit(read_once(f"{cpu}/cpu.cfs_period_us")),
                pinned.decode("ascii", "replace").strip(),
                machine_cpus,
            ),
            memory_bytes=limit(read_once(f"{memory}/memory.limit_in_bytes")),
            pids=limit(read_once(f"{self._folders.get('pids', _ABSENT)}/pids.max")),
        )

    def close(self) -> None:
        """Hold no file open."""
        own = (self._cpu, self._quota, self._memory, self._memory_stat, self._kernel, self._oom, self._pids)
        close_all(*own, self._blocks, *self._pressure.files)


def parse_blocks(content: bytes) -> tuple[int, int]:
    """Bytes read and written over all devices, from lines such as `254:0 Read 12288`; the last is a total.

    Raises:
        ValueError: when a figure is no number.
    """
    words = content.split()
    read = sum(int(words[at + 1]) for at, word in enumerate(words) if word == b"Read")
    return read, sum(int(words[at + 1]) for at, word in enumerate(words) if word == b"Write")


def without_inactive(usage: int | None, inactive: int | None) -> int | None:
    """Memory as `docker stats` counts it: without inactive page cache, where that is less than the whole."""
    return usage - inactive if usage is not None and inactive is not None and 0 <= inactive < usage else usage
