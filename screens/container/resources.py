"""Utilisation, saturation and errors of each resource of a container, in words: pure, no widgets."""

from collections.abc import Sequence
from typing import NamedTuple

from screens.levels import level
from screens.widgets.line import Part
from workbench.measure.units import NOT_MEASURED, counted, percent, quantity
from workbench.model.containers import Container, ContainerDetail, ContainerUsage, Pressure
from workbench.model.gpu import GpuDevice, GpuSnapshot
from workbench.model.host import HostSnapshot
from workbench.settings import Thresholds

THROTTLED = (5.0, 25.0)
"""Percent of periods: yellow from the first, red from the second; so are the next ones."""
MEMORY_STALLED = (2.0, 5.0)
PIDS = (80.0, 90.0)
_MUCH_DISK = 10e6
"""Bytes a second that fill a chart while there is not more; so is the next."""
_MUCH_NETWORK = 1e6
_MANY_PIDS = 20
_A_REFAULT_MATTERS = 10.0
"""Pages a second."""


class Resource(NamedTuple):
    """One row: what of a resource is used, how far it is exhausted, and what went wrong."""

    name: str
    metrics: tuple[str, ...]
    """What its chart shows, added up."""
    share: float | None
    """Used over its limit; 1 is all of it. `None` where there is no limit or no figure."""
    look: str
    top: float
    """The figure that fills its chart: the limit, or without one so much that little looks little."""
    limited: bool
    """Whether that is the limit; else a larger figure stretches the scale."""
    used: str
    saturation: tuple[Part, ...]
    """The most telling first: narrow screens cut the rest."""
    errors: tuple[Part, ...]
    host: str
    """The same of the whole machine."""
    line: float | None = None
    """The user's threshold, which its chart shows."""


def resources(
    container: Container,
    cpus: int,
    limits: Thresholds,
    *,
    detail: ContainerDetail | None = None,
    host: HostSnapshot | None = None,
    gpu: GpuSnapshot | None = None,
) -> list[Resource]:
    """The rows of one container, always in the same order; a GPU row only where there is a GPU."""
    usage = container.usage or ContainerUsage(0.0)
    pressure = usage.pressure or Pressure()
    rows = [
        _cpu(container, usage, pressure, cpus, limits, host),
        _memory(usage, pressure, limits, host),
        _disk(usage, pressure, limits, host),
        _network(usage, host),
    ]
    if gpu is not None and gpu.devices:
        rows.append(_gpu(container, detail, gpu))
    rows.append(_pids(container, usage, detail))
    return rows


def _cpu(
    container: Container,
    usage: ContainerUsage,
    pressure: Pressure,
    cpus: int,
    limits: Thresholds,
    host: HostSnapshot | None,
) -> Resource:
    at_hand = container.cpu_limit_cores or cpus or None
    share = None if usage.cpu_cores is None or not at_hand else usage.cpu_cores / at_hand
    used = NOT_MEASURED if usage.cpu_cores is None else f"{usage.cpu_cores:.2f}"
    saturation = [
        _share("throttled", usage.throttled_percent, THROTTLED),
        _share("waits", pressure.cpu_some, (limits.pressure_watch, limits.pressure_act)),
    ]
    if usage.run_delay_seconds_per_second is not None:
        saturation.append(Part(f"run queue {usage.run_delay_seconds_per_second:.2f} s/s", "dim"))
    return Resource(
        "cpu",
        ("cpu_cores",),
        share,
        level(None if share is None else 100 * share, limits.cpu_watch, limits.cpu_act),
        at_hand or 1.0,
        True,
        f"{used} of {at_hand:g} {'quota' if container.cpu_limit_cores else 'cores'}" if at_hand else used,
        _known(saturation),
        (),
        "" if host is None else percent(host.cpu_percent),
        None if not at_hand else at_hand * limits.cpu_act / 100,
    )


def _memory(usage: ContainerUsage, pressure: Pressure, limits: Thresholds, host: HostSnapshot | None) -> Resource:
    used, limit = usage.memory_used_bytes, usage.memory_limit_bytes
    share = None if used is None or not limit else used / limit
    saturation = [_share("waits", pressure.memory_some, MEMORY_STALLED)]
    if usage.refaults_per_second is not None:
        look = "watch" if usage.refaults_per_second >= _A_REFAULT_MATTERS else "dim"
        saturation.append(Part(f"refaults {quantity(usage.refaults_per_second)}/s", look))
    if usage.memory is not None and usage.memory.anonymous_bytes is not None:
        held = usage.memory.anonymous_bytes + (usage.memory.shared_bytes or 0)
        saturation.append(Part(f"held {quantity(held)}", "dim"))
    kills = usage.oom_kills
    return Resource(
        "mem",
        ("memory_used_bytes",),
        share,
        level(None if share is None else 100 * share, limits.memory_watch, limits.memory_act),
        float(limit or 1),
        True,
        f"{quantity(used)} of {quantity(limit)}",
        _known(saturation),
        () if kills is None else (Part(f"{kills} OOM", "act" if kills else "dim"),),
        ""
        if host is None or not host.memory_total_bytes
        else percent(100 * host.memory_used_bytes / host.memory_total_bytes),
        None if not limit else limit * limits.memory_act / 100,
    )


def _disk(usage: ContainerUsage, pressure: Pressure, limits: Thresholds, host: HostSnapshot | None) -> Resource:
    busiest = max((disk.busy_percent or 0.0 for disk in host.disks), default=None) if host else None
    return Resource(
        "disk",
        ("block_read_bytes_per_second", "block_written_bytes_per_second"),
        None,
        "plain",
        _MUCH_DISK,
        False,
        _pair(usage.block_read_bytes_per_second, usage.block_written_bytes_per_second, "rw"),
        _known([_share("waits", pressure.io_some, (limits.pressure_watch, limits.pressure_act))]),
        (),
        "" if host is None else percent(busiest),
    )


def _network(usage: ContainerUsage, host: HostSnapshot | None) -> Resource:
    dropped, errors = usage.network_dropped_per_second, usage.network_errors_per_second
    both = None
    if host is not None and host.network_received_bytes_per_second is not None:
        both = host.network_received_bytes_per_second + (host.network_sent_bytes_per_second or 0.0)
    return Resource(
        "net",
        ("network_received_bytes_per_second", "network_sent_bytes_per_second"),
        None,
        "plain",
        _MUCH_NETWORK,
        False,
        _pair(usage.network_received_bytes_per_second, usage.network_sent_bytes_per_second, "↓↑"),
        () if dropped is None else (Part(f"drops {quantity(dropped)}/s", "watch" if dropped else "dim"),),
        () if errors is None else (Part(f"{quantity(errors)}/s", "act" if errors else "dim"),),
        "" if both is None else f"{quantity(both)}",
    )


def _pids(container: Container, usage: ContainerUsage, detail: ContainerDetail | None) -> Resource:
    share = usage.pids / usage.pids_limit if usage.pids is not None and usage.pids_limit else None
    count = NOT_MEASURED if usage.pids is None else str(usage.pids)
    errors: list[Part] = []
    if detail is not None:
        restarts = detail.restart_count
        errors.append(Part(counted(restarts, "restart"), "watch" if restarts else "dim"))
    health = "unhealthy" in container.status
    return Resource(
        "pids",
        ("pids",),
        share,
        level(None if share is None else 100 * share, *PIDS),
        float(usage.pids_limit or _MANY_PIDS),
        bool(usage.pids_limit),
        f"{count} of {usage.pids_limit}" if usage.pids_limit else count,
        (Part("health check fails", "act"),) if health else (),
        tuple(errors),
        "",
    )


def _gpu(container: Container, detail: ContainerDetail | None, gpu: GpuSnapshot) -> Resource:
    """Its processes on all GPUs together; the devices that it has a context on, or was given, in the saturation."""
    mine = [
        (device, process)
        for device in gpu.devices
        for process in device.processes
        if process.container_id == container.id
    ]
    devices = list({device.index: device for device, _ in mine}.values())
    if not mine:
        given = ", ".join(detail.gpus) if detail else ""
        words = f"given {given}, no process" if given else "none"
        return Resource("gpu", (), None, "dim", 100.0, True, words, (), (), _busiest(gpu.devices))
    shares = [process.sm_percent for _, process in mine if process.sm_percent is not None]
    memory = sum(process.memory_bytes or 0 for _, process in mine)
    total = sum(device.memory_total_bytes or 0 for device in devices)
    used = sum(shares) if shares else None
    saturation = [
        Part(f"{device.index}: {reason}", "watch") for device in devices for reason in device.throttle_reasons
    ]
    if total:
        saturation.append(
            Part(f"memory {quantity(memory)} of {quantity(total)}", level(100 * memory / total, 90.0, 97.0))
        )
    problems = tuple(Part(f"{device.index}: {device.problem}", "act") for device in devices if device.problem)
    failures = tuple(Part(f"{device.index}: {device.ecc_errors} ECC", "act") for device in devices if device.ecc_errors)
    return Resource(
        "gpu",
        (),
        None if used is None else used / 100 / len(devices),
        "plain",
        100.0 * len(devices),
        True,
        f"{percent(used)} on {', '.join(str(device.index) for device in devices)}",
        tuple(saturation),
        problems + failures,
        _busiest(gpu.devices),
    )


def _busiest(devices: Sequence[GpuDevice]) -> str:
    known = [device.utilisation_percent for device in devices if device.utilisation_percent is not None]
    return percent(max(known, default=None))


def _share(word: str, value: float | None, limits: tuple[float, float]) -> Part | None:
    if value is None:
        return None
    look = level(value, *limits)
    return Part(f"{word} {percent(value)}", "dim" if look == "plain" else look)


def _known(parts: Sequence[Part | None]) -> tuple[Part, ...]:
    return tuple(part for part in parts if part is not None)


def _pair(first: float | None, second: float | None, marks: str) -> str:
    if first is None and second is None:
        return NOT_MEASURED
    return f"{marks[0]} {quantity(first)} {marks[1]} {quantity(second)}/s"
