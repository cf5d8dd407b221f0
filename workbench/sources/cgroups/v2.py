"""One container in the unified control groups of version 2."""

from workbench.measure.rates import Counters
from workbench.model.containers import MemoryParts
from workbench.sources.cgroups.kept_file import Allowance, KeptFile, Stillness, close_all, read_once
from workbench.sources.cgroups.limits import Limits
from workbench.sources.cgroups.parse import first_of, flat_keyed, limit, whole
from workbench.sources.cgroups.pressure import PressureFiles
from workbench.sources.cgroups.traffic import TrafficOf, no_traffic
from workbench.sources.cgroups.v1 import without_inactive
from workbench.sources.cpu_limit import cpu_limit_of

_MICRO = 1000
_KERNEL_PARTS = (b"slab", b"kernel_stack", b"pagetables", b"percpu")


class GroupV2:
    """Files of Documentation/admin-guide/cgroup-v2.rst. A controller that is not enabled has no files.

    Args:
        folder: The container's directory.
        allowance: Of open files.
    """

    def __init__(self, folder: str, allowance: Allowance) -> None:
        self._folder = folder
        self._cpu = KeptFile(f"{folder}/cpu.stat", flat_keyed, allowance, essential=True)
        self._memory = KeptFile(f"{folder}/memory.current", whole, allowance)
        self._memory_stat = KeptFile(f"{folder}/memory.stat", flat_keyed, allowance)
        self._memory_events = KeptFile(f"{folder}/memory.events", flat_keyed, allowance)
        self._pids = KeptFile(f"{folder}/pids.current", whole, allowance)
        self._blocks = KeptFile(f"{folder}/io.stat", parse_io, allowance)
        self._stillness = Stillness()
        self._parts: MemoryParts | None = None
        self._pressure = PressureFiles(folder, allowance)
        self.processes_folder = folder
        self.tasks_path = f"{folder}/cgroup.threads"

    def read(self, taken_ns: int, limits: Limits, traffic_of: TrafficOf = no_traffic) -> Counters:
        """All counters of this moment.

        Raises:
            GroupGoneError: when the container has ended.
        """
        cpu = self._cpu.read() or {}
        usage = self._memory.read()
        still = self._stillness.holds(cpu.get(b"usage_usec"), usage)
        stat = self._memory_stat.read(again=not still) or {}
        traffic = traffic_of()
        inactive = stat.get(b"inactive_file")
        read, written = self._blocks.read() or (None, None)
        if not still:
            self._parts = (
                None
                if not stat
                else MemoryParts(
                    anonymous_bytes=stat.get(b"anon"),
                    shared_bytes=stat.get(b"shmem"),
                    file_active_bytes=stat.get(b"active_file"),
                    file_inactive_bytes=inactive,
                    kernel_bytes=_kernel_bytes(stat),
                )
            )
        return Counters(
            taken_ns=taken_ns,
            cpu_ns=_nano(cpu.get(b"usage_usec")),
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
            periods=cpu.get(b"nr_periods"),
            throttled_periods=cpu.get(b"nr_throttled"),
            throttled_ns=_nano(cpu.get(b"throttled_usec")),
            memory=self._parts,
            memory_high_bytes=limits.memory_high_bytes,
            refaults=first_of(stat, b"workingset_refault_file", b"workingset_refault"),
            major_faults=stat.get(b"pgmajfault"),
            oom_kills=(self._memory_events.read(again=not still) or {}).get(b"oom_kill"),
            pressure=self._pressure.read(still=still),
        )

    def rests(self) -> bool:
        """Whether its CPU time and its memory are what they were when all counters were read.

        Raises:
            GroupGoneError: when the container has ended.
        """
        return self._stillness.goes_on((self._cpu.read() or {}).get(b"usage_usec"), self._memory.read())

    def limits(self, machine_cpus: int) -> Limits:
        """What the container may use, as the kernel enforces it now."""
        quota, period = [*(read_once(f"{self._folder}/cpu.max") or b"").split(), b"", b""][:2]
        pinned = read_once(f"{self._folder}/cpuset.cpus") or b""
        return Limits(
            cpu_cores=cpu_limit_of(
                limit(quota), limit(period), pinned.decode("ascii", "replace").strip(), machine_cpus
            ),
            memory_bytes=limit(read_once(f"{self._folder}/memory.max")),
            memory_high_bytes=limit(read_once(f"{self._folder}/memory.high")),
            pids=limit(read_once(f"{self._folder}/pids.max")),
        )

    def close(self) -> None:
        """Hold no file open."""
        own = (self._cpu, self._memory, self._memory_stat, self._memory_events, self._pids, self._blocks)
        close_all(*own, *self._pressure.files)


def parse_io(content: bytes) -> tuple[int, int]:
    """Bytes read and written over all devices, from lines such as `254:0 rbytes=4096 wbytes=0 rios=1 …`.

    Raises:
        ValueError: when a figure is no number.
    """
    words = content.split()
    read = sum(int(word[7:]) for word in words if word.startswith(b"rbytes="))
    return read, sum(int(word[7:]) for word in words if word.startswith(b"wbytes="))


def _nano(microseconds: int | None) -> int | None:
    return None if microseconds is None else microseconds * _MICRO


def _kernel_bytes(stat: dict[bytes, int]) -> int | None:
    """The sum that Linux 5.18 and later give, else what it is made of."""
    if b"kernel" in stat:
        return stat[b"kernel"]
    known = [stat[name] for name in _KERNEL_PARTS if name in stat]
    return sum(known) if known else None
