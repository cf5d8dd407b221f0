"""Situations made of plain figures: one in which each rule holds, where no container of this machine can be had."""

from dataclasses import replace
from typing import Any

from workbench.model.containers import Container, ContainerDetail, ContainerUsage, MemoryParts, Pressure
from workbench.model.events import EngineEvent
from workbench.model.gpu import GpuDevice, GpuProcess, GpuSnapshot
from workbench.model.host import HostSnapshot
from workbench.model.processes import FocusSnapshot, Process
from workbench.model.verdicts import Situation

MIB = 1024**2
NOW = 1_790_000_000.0
ID = "4f5e" * 16
OTHER = "beef" * 16
MACHINE = 32_000_000_000
HOST = HostSnapshot(20.0, 8, 1.0, 8_000_000_000, MACHINE, 0, 0)
QUIET = Pressure(0.1, 0.0, 0.0, 0.0, 0.1, 0.0)
CALM = ContainerUsage(
    1.0,
    cpu_percent=30.0,
    memory_used_bytes=200 * MIB,
    memory_limit_bytes=1024 * MIB,
    network_received_bytes_per_second=90_000.0,
    network_sent_bytes_per_second=120_000.0,
    block_read_bytes_per_second=0.0,
    block_written_bytes_per_second=4096.0,
    pids=8,
    throttled_percent=0.0,
    throttled_seconds_per_second=0.0,
    run_delay_seconds_per_second=0.001,
    memory=MemoryParts(150 * MIB, 0, 30 * MIB, 20 * MIB, 4 * MIB),
    refaults_per_second=0.0,
    major_faults_per_second=0.0,
    oom_kills=0,
    pressure=QUIET,
)
"""A service at work with nothing wrong."""
DETAIL = ContainerDetail(
    id=ID,
    name="api",
    image="shop/api:1.4",
    image_id="sha256:aa",
    state="running",
    command=("serve",),
    user="",
    working_dir="/",
    created="2026-09-21T10:00:00Z",
    started="2026-09-21T10:00:00Z",
    finished="",
    exit_code=None,
    out_of_memory_killed=False,
    health="",
    restart_count=0,
    restart_policy="no",
    cpu_limit_cores=None,
    memory_limit_bytes=1024 * MIB,
    pids_limit=None,
    read_only_root=False,
    privileged=False,
    network_mode="bridge",
    ports=(),
    mounts=(),
    environment=(),
    labels=(),
)


def usage(**figures: Any) -> ContainerUsage:
    """A calm reading with other figures; `pressure` takes a mapping."""
    if isinstance(figures.get("pressure"), dict):
        figures["pressure"] = replace(QUIET, **figures["pressure"])
    return replace(CALM, **figures)


def container(name: str = "api", identity: str = ID, **fields: Any) -> Container:
    return Container(
        identity, name, "shop/api:1.4", "sha256:aa", **{"state": "running", "status": "Up", **fields}, created_at=0.0
    )


def situation(*usages: ContainerUsage, count: int = 10, **fields: Any) -> Situation:
    """Ten readings, all the same unless several are given."""
    readings = usages if len(usages) > 1 else (usages or (CALM,)) * count
    told: dict[str, Any] = {
        "container": container(usage=readings[-1] if readings else None),
        "usages": readings,
        "seconds": sum(each.interval_seconds for each in readings),
        "cpus": 8,
        "host": HOST,
        "detail": DETAIL,
        "now": NOW,
    }
    return Situation(**{**told, **fields})


def gpu(*processes: GpuProcess, **fields: Any) -> GpuDevice:
    """One that works at its best."""
    told: dict[str, Any] = {
        "uuid": "GPU-0",
        "utilisation_percent": 97.0,
        "memory_used_bytes": 71 * 10**9,
        "memory_total_bytes": 80 * 10**9,
        "temperature_celsius": 62.0,
        "power_watts": 410.0,
        "power_limit_watts": 700.0,
        "slowdown_celsius": 90.0,
        "sm_clock_mhz": 1980.0,
        "sm_clock_max_mhz": 1980.0,
        "sm_active_percent": 80.0,
        "processes": processes,
    }
    return GpuDevice(0, "NVIDIA H100", **{**told, **fields})


def gpus(device: GpuDevice, count: int = 10) -> tuple[GpuSnapshot, ...]:
    return (GpuSnapshot("550.54", (device,)),) * count


MINE = GpuProcess(4242, "python", ID, 70 * 10**9, 95.0)
THEIRS = GpuProcess(4343, "python", OTHER, 8 * 10**9, 55.0)
GIVEN = replace(DETAIL, gpus=("0",))


def process(pid: int, parent: int, command: str, **fields: Any) -> Process:
    return Process(pid, parent, command.split(" ", maxsplit=1)[0], command=command, **fields)


def gunicorn(workers: int) -> FocusSnapshot:
    command = "/usr/bin/python3 /usr/local/bin/gunicorn app:app"
    master = process(100, 1, command)
    return FocusSnapshot(ID, (master, *(process(101 + each, 100, command) for each in range(workers))))


CONSTRUCTED: dict[str, Situation] = {
    "cpu-quota": situation(
        usage(
            cpu_percent=98.0,
            throttled_percent=63.0,
            throttled_seconds_per_second=0.6,
            run_delay_seconds_per_second=0.6,
            pressure={"cpu_some": 58.0},
        ),
        container=container(cpu_limit_cores=1.0),
    ),
    "cpu-contention": situation(
        usage(cpu_percent=13.0, throttled_percent=4.0, pressure={"cpu_some": 49.0}),
        neighbours=(
            container("batch", OTHER, usage=usage(cpu_percent=610.0)),
            container("web", "cafe" * 16, usage=usage(cpu_percent=80.0)),
        ),
        host=replace(HOST, cpu_percent=99.0),
    ),
    "memory-thrash": situation(
        usage(
            memory_limit_bytes=24 * MIB,
            memory=MemoryParts(4 * MIB, 0, 9 * MIB, 9 * MIB, MIB),
            refaults_per_second=32_000.0,
            block_read_bytes_per_second=140e6,
            pressure={"memory_some": 16.0, "memory_full": 14.0, "io_some": 38.0},
        ),
        detail=replace(DETAIL, memory_limit_bytes=24 * MIB),
    ),
    "memory-near-limit": situation(
        usage(memory=MemoryParts(900 * MIB, 40 * MIB, 10 * MIB, 2 * MIB, MIB), memory_used_bytes=980 * MIB)
    ),
    "oom-killed": situation(
        container=container(state="exited", status="Exited (137) 2 minutes ago"),
        usages=(),
        seconds=0.0,
        detail=replace(DETAIL, state="exited", exit_code=137, out_of_memory_killed=True),
        events=(EngineEvent(NOW - 120, "oom", ID, "api"), EngineEvent(NOW - 120, "die", ID, "api", "exit 137")),
    ),
    "disk-wait": situation(
        usage(block_read_bytes_per_second=2e6, block_written_bytes_per_second=1e6, pressure={"io_some": 71.0}),
        focus=(FocusSnapshot(ID, (process(7, 1, "postgres: writer", state="D", waiting_threads=1),)),) * 5,
    ),
    "single-thread": situation(usage(cpu_percent=101.0, busiest_task_percent=99.0)),
    "workers-above-quota": situation(
        usage(throttled_percent=12.0), container=container(cpu_limit_cores=2.0), focus=(gunicorn(9),)
    ),
    "gpu-starved": situation(
        usage(cpu_percent=110.0, busiest_task_percent=60.0, pressure={"io_some": 31.0}),
        gpus=gpus(gpu(replace(MINE, sm_percent=22.0), utilisation_percent=22.0, sm_active_percent=15.0)),
    ),
    "gpu-throttled": situation(
        gpus=gpus(gpu(MINE, throttle_reasons=("too hot",), temperature_celsius=91.0, sm_clock_mhz=1200.0))
    ),
    "gpu-shared": situation(
        gpus=gpus(gpu(replace(MINE, sm_percent=42.0), THEIRS)), neighbours=(container("notebook", OTHER),)
    ),
    "gpu-lost": situation(gpus=gpus(gpu(problem="the GPU is lost: it fell off the bus")), detail=GIVEN),
    "gpu-unused": situation(usage(cpu_percent=640.0), gpus=gpus(gpu(utilisation_percent=0.0)), detail=GIVEN),
    "shm-full": situation(focus=(FocusSnapshot(ID, shm_used_bytes=64 * MIB - 4096, shm_size_bytes=64 * MIB),)),
    "idle": situation(
        usage(
            cpu_percent=0.2,
            network_received_bytes_per_second=120.0,
            network_sent_bytes_per_second=60.0,
            block_written_bytes_per_second=0.0,
        )
    ),
    "look-downstream": situation(),
    "insufficient-data": situation(count=1, host=None),
}
"""By the rule that must be the first to speak."""
