"""Containers as the engine lists them, and what each one used over the last interval."""

from dataclasses import dataclass
from typing import Literal

ContainerState = Literal["created", "running", "paused", "restarting", "removing", "exited", "dead", "unknown"]


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
