"""What the machine and its containers use as JSON, schema 1: an interface that programs rely on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.cli.gpu_json import gpu_document
from workbench.measure.text import encodable
from workbench.model.containers import Container, ContainerUsage, EngineInfo, MemoryParts, Pressure
from workbench.model.gpu import GpuSnapshot
from workbench.model.host import HostSnapshot

SCHEMA = 1
Document = dict[str, Any]
"""What becomes a JSON object."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look at everything."""

    taken_at: float
    """Unix time in seconds."""
    engine: EngineInfo
    measured_from: str
    containers: Sequence[Container]
    host: HostSnapshot | None
    gpu: GpuSnapshot | None


def look_document(look: Look) -> Document:
    """The whole look. What was not measured is `null`, what was measured zero is `0`."""
    names = {each.id: each.name for each in look.containers}
    return {
        "schema": SCHEMA,
        "taken_at": round(look.taken_at, 3),
        "engine": encodable(look.engine.endpoint),
        "measured_from": encodable(look.measured_from),
        "host": _host(look.host),
        "gpus": [gpu_document(device, names) for device in look.gpu.devices] if look.gpu else [],
        "containers": [_container(each, look.gpu) for each in look.containers],
    }


def _host(host: HostSnapshot | None) -> Document | None:
    if host is None:
        return None
    return {
        "cpu_percent": host.cpu_percent,
        "cpu_cores": host.cpu_cores,
        "cpu_percent_by_core": host.cpu_percent_by_core,
        "load_1_minute": host.load_1_minute,
        "load_5_minutes": host.load_5_minutes,
        "load_15_minutes": host.load_15_minutes,
        "memory_used_bytes": host.memory_used_bytes,
        "memory_total_bytes": host.memory_total_bytes,
        "swap_used_bytes": host.swap_used_bytes,
        "swap_total_bytes": host.swap_total_bytes,
        "psi": psi(host.pressure),
        "net_rx_bytes_per_second": host.network_received_bytes_per_second,
        "net_tx_bytes_per_second": host.network_sent_bytes_per_second,
        "disks": [
            {
                "name": encodable(disk.name),
                "read_bytes_per_second": disk.read_bytes_per_second,
                "write_bytes_per_second": disk.written_bytes_per_second,
                "busy_percent": disk.busy_percent,
            }
            for disk in host.disks
        ],
    }


def psi(pressure: Pressure | None) -> Document:
    """Pressure `some`, in percent of the time."""
    pressure = pressure or Pressure()
    return {"cpu": pressure.cpu_some, "memory": pressure.memory_some, "io": pressure.io_some}


def _container(container: Container, gpu: GpuSnapshot | None) -> Document:
    usage = container.usage or ContainerUsage(0.0)
    parts = usage.memory or MemoryParts()
    used, limit = usage.memory_used_bytes, usage.memory_limit_bytes
    return {
        "name": encodable(container.name),
        "id": encodable(container.id),
        "image": encodable(container.image),
        "project": None if container.project is None else encodable(container.project),
        "state": container.state,
        "interval_seconds": round(usage.interval_seconds, 3),
        "age_seconds": None if container.usage is None else round(container.usage_age_seconds, 3),
        "cpu_percent": usage.cpu_percent,
        "cpu_cores": usage.cpu_cores,
        "cpu_limit_cores": container.cpu_limit_cores,
        "throttled_percent": usage.throttled_percent,
        "throttled_seconds_per_second": usage.throttled_seconds_per_second,
        "run_delay_seconds_per_second": usage.run_delay_seconds_per_second,
        "memory_bytes": used,
        "memory_limit_bytes": limit,
        "memory_percent": None if used is None or not limit else 100 * used / limit,
        "memory": {
            "anonymous_bytes": parts.anonymous_bytes,
            "shared_bytes": parts.shared_bytes,
            "file_active_bytes": parts.file_active_bytes,
            "file_inactive_bytes": parts.file_inactive_bytes,
            "kernel_bytes": parts.kernel_bytes,
        },
        "refaults_per_second": usage.refaults_per_second,
        "major_faults_per_second": usage.major_faults_per_second,
        "oom_kills": usage.oom_kills,
        "psi": psi(usage.pressure),
        "net_rx_bytes_per_second": usage.network_received_bytes_per_second,
        "net_tx_bytes_per_second": usage.network_sent_bytes_per_second,
        "net_dropped_per_second": usage.network_dropped_per_second,
        "net_errors_per_second": usage.network_errors_per_second,
        "read_bytes_per_second": usage.block_read_bytes_per_second,
        "write_bytes_per_second": usage.block_written_bytes_per_second,
        "pids": usage.pids,
        "pids_limit": usage.pids_limit,
        "gpus": list(container_gpus(container, gpu)),
    }


def container_gpus(container: Container, gpu: GpuSnapshot | None) -> Iterator[Document]:
    """What its processes take of each GPU that they are on. `null` is what the driver does not tell."""
    for device in gpu.devices if gpu else ():
        mine = [process for process in device.processes if process.container_id == container.id]
        if mine:
            memory = [process.memory_bytes for process in mine if process.memory_bytes is not None]
            kernels = [process.sm_percent for process in mine if process.sm_percent is not None]
            yield {
                "index": device.index,
                "uuid": encodable(device.uuid),
                "processes": len(mine),
                "memory_bytes": sum(memory) if memory else None,
                "sm_percent": sum(kernels) if kernels else None,
            }
