"""Containers as the engine lists them, and what each one used over the last interval."""

from dataclasses import dataclass
from typing import Literal

from workbench.model.events import EngineEvent

ContainerState = Literal["created", "running", "paused", "restarting", "removing", "exited", "dead", "unknown"]


@dataclass(frozen=True, slots=True)
class Pressure:
    """Share of an interval in which tasks waited for a resource, in percent: the kernel's pressure stall information.

    `some` is at least one task waiting, `full` all that are not idle at once. `None` where the kernel does not say.
    """

    cpu_some: float | None = None
    cpu_full: float | None = None
    memory_some: float | None = None
    memory_full: float | None = None
    io_some: float | None = None
    io_full: float | None = None


@dataclass(frozen=True, slots=True)
class MemoryParts:
    """What a container's memory is made of, in bytes. `None` is not measured."""

    anonymous_bytes: int | None = None
    """Heap and stacks: cannot be dropped without swap."""
    shared_bytes: int | None = None
    """tmpfs and shared memory, `/dev/shm` among them: cannot be dropped either."""
    file_active_bytes: int | None = None
    """Page cache that was used lately."""
    file_inactive_bytes: int | None = None
    """Page cache that goes first; `docker stats` does not count it."""
    kernel_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class ContainerUsage:
    """What a running container used over one interval. `None` is not measured; `0` is measured zero."""

    interval_seconds: float
    """Length of the interval that the rates are averaged over."""
    cpu_percent: float | None = None
    """CPU time over wall time in percent; 100 is one core busy, as `docker stats` counts."""
    memory_used_bytes: int | None = None
    """Memory without inactive page cache, as `docker stats` counts."""
    memory_limit_bytes: int | None = None
    """The container's own limit; the machine's memory when it has none."""
    network_received_bytes_per_second: float | None = None
    network_sent_bytes_per_second: float | None = None
    block_read_bytes_per_second: float | None = None
    block_written_bytes_per_second: float | None = None
    pids: int | None = None
    pids_limit: int | None = None
    network_dropped_per_second: float | None = None
    """Packets dropped, in and out; so is the next for errors."""
    network_errors_per_second: float | None = None
    throttled_percent: float | None = None
    """Share of the scheduler's periods in which its CPU quota was used up; 0 without a quota."""
    throttled_seconds_per_second: float | None = None
    """Time its CPUs stood still for the quota, over wall time; more than 1 when several did at once."""
    run_delay_seconds_per_second: float | None = None
    """Time its tasks were ready and waited for a CPU, over wall time, summed over tasks."""
    busiest_task_percent: float | None = None
    """CPU of the busiest single thread, 100 is one core; measured only while the whole uses about one core."""
    memory: MemoryParts | None = None
    memory_high_bytes: int | None = None
    """The limit at which it is slowed down and reclaimed from (`memory.high`), when it has one."""
    refaults_per_second: float | None = None
    """Pages of its page cache read again soon after they were dropped: the sign of thrashing."""
    major_faults_per_second: float | None = None
    oom_kills: int | None = None
    """Processes that the kernel killed for memory since the container started."""
    pressure: Pressure | None = None

    @property
    def cpu_cores(self) -> float | None:
        """CPU time over wall time: 1.0 is one core busy."""
        return None if self.cpu_percent is None else self.cpu_percent / 100


@dataclass(frozen=True, slots=True)
class Container:
    """One container, running or not."""

    id: str
    """The full id, 64 hexadecimal digits."""
    name: str
    """Without the leading slash. Hostile text: may hold anything the engine allows."""
    image: str
    """The reference it was started from, as the engine shows it."""
    image_id: str
    state: ContainerState
    status: str
    """The engine's own sentence: `Up 2 minutes (healthy)`, `Exited (137) 3 hours ago`."""
    created_at: float
    """Unix time in seconds."""
    project: str | None = None
    """The compose project it belongs to."""
    cpu_limit_cores: float | None = None
    """Its CPU quota in cores; `None` when it has none or it is not known yet."""
    usage: ContainerUsage | None = None
    """`None` when it is not running or has not been measured yet."""
    usage_age_seconds: float = 0.0
    """How long before the reading its usage was measured: containers that are polled are measured more seldom."""


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """The engine that answered."""

    endpoint: str
    """Its address: `unix:///var/run/docker.sock`, `ssh://me@box`, …"""
    context: str | None
    """The docker context the address came from, if any."""
    product: str
    """`docker` or `podman`."""
    version: str
    api_version: str
    """The version spoken, the newest that both sides know."""
    storage_driver: str
    operating_system: str
    cgroup_version: int | None
    cpus: int
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class FleetSnapshot:
    """Every container of one engine at one moment."""

    engine: EngineInfo
    containers: tuple[Container, ...]
    events: tuple[EngineEvent, ...] = ()
    """What the engine told since the reading before, oldest first."""
    measured_from: str = ""
    """Where the figures come from, in words: `cgroup v2`, `cgroup v1 and /proc`, `the engine's statistics`."""
    engine_cost_percent: float | None = None
    """About what all this asking costs the engine, in percent of one of its cores; `None` is not known."""


@dataclass(frozen=True, slots=True)
class ContainerDetail:
    """What inspect knows of one container, secrets masked."""

    id: str
    name: str
    image: str
    image_id: str
    state: ContainerState
    command: tuple[str, ...]
    """Entrypoint and arguments as they are run."""
    user: str
    """Empty means root."""
    working_dir: str
    created: str
    """ISO 8601, as the engine gives it; so are the next two. Empty when it never happened."""
    started: str
    finished: str
    exit_code: int | None
    """`None` while it runs."""
    out_of_memory_killed: bool
    health: str
    """`healthy`, `unhealthy`, `starting`, or empty when it has no health check."""
    restart_count: int
    restart_policy: str
    cpu_limit_cores: float | None
    memory_limit_bytes: int | None
    pids_limit: int | None
    read_only_root: bool
    privileged: bool
    network_mode: str
    ports: tuple[str, ...]
    """`127.0.0.1:8080 → 80/tcp`; `80/tcp` when exposed and not published."""
    mounts: tuple[str, ...]
    """`/host/path → /path (ro)`."""
    environment: tuple[tuple[str, str], ...]
    """Name and value in the container's order; values of secret-looking names are masked."""
    labels: tuple[tuple[str, str], ...]
    pid: int | None = None
    """Of its first process, in the host's namespace; `None` while it does not run."""
    cpuset: str = ""
    """The cores it may run on, `0-3,6`; empty for all."""
    shm_size_bytes: int | None = None
    tty: bool = False
    log_driver: str = ""
    gpus: tuple[str, ...] = ()
    """The GPUs it was given: indexes, UUIDs or `all`."""
