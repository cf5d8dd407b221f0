"""What the machine and its containers use in Prometheus' text format, version 0.0.4."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from workbench.cli.stats_json import Look, container_gpus
from workbench.measure.text import printable
from workbench.model.containers import Container, ContainerUsage, MemoryParts, Pressure

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Family:
    """One metric with its samples."""

    name: str
    kind: str
    """`gauge` or `counter`."""
    help: str
    samples: tuple[tuple[Labels, float | None], ...]
    """A sample without a value is left out."""


def exposition(look: Look) -> list[str]:
    """The lines of one scrape. Families without a sample are left out."""
    return [line for family in (*_of_containers(look), *_of_the_machine(look)) for line in _lines(family)]


def escaped(text: str) -> str:
    """A label's value: backslash, quote and line feed as the format has them, controls as pictures."""
    return printable(text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n"))


def _lines(family: Family) -> Iterator[str]:
    told = [(labels, value) for labels, value in family.samples if value is not None]
    if not told:
        return
    yield f"# HELP {family.name} {family.help}"
    yield f"# TYPE {family.name} {family.kind}"
    for labels, value in told:
        inside = ",".join(f'{name}="{escaped(text)}"' for name, text in labels)
        yield f"{family.name}{{{inside}}} {_number(value)}" if inside else f"{family.name} {_number(value)}"


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else repr(float(value))


def _share(percent: float | None) -> float | None:
    return None if percent is None else percent / 100


def _of_containers(look: Look) -> Iterator[Family]:
    measured = [
        (_labels(container), container, container.usage or ContainerUsage(0.0)) for container in look.containers
    ]

    def gauge(name: str, help_: str, values: Iterable[float | None], kind: str = "gauge") -> Family:
        samples = tuple((labels, value) for (labels, _, _), value in zip(measured, values, strict=True))
        return Family(f"workbench_container_{name}", kind, help_, samples)

    usages = [usage for _, _, usage in measured]
    parts = [usage.memory or MemoryParts() for usage in usages]
    pressures = [usage.pressure or Pressure() for usage in usages]
    yield gauge("running", "1 while it runs.", [int(each.state == "running") for _, each, _ in measured])
    yield gauge("cpu_cores", "CPU time over wall time.", [usage.cpu_cores for usage in usages])
    yield gauge("cpu_limit_cores", "What it may use at most.", [each.cpu_limit_cores for _, each, _ in measured])
    yield gauge(
        "cpu_throttled_ratio",
        "Share of the scheduler's periods in which its quota was used up.",
        [_share(usage.throttled_percent) for usage in usages],
    )
    yield gauge(
        "cpu_wait_seconds_per_second",
        "Time its tasks were ready and waited for a CPU.",
        [usage.run_delay_seconds_per_second for usage in usages],
    )
    yield gauge("memory_bytes", "Without inactive page cache.", [usage.memory_used_bytes for usage in usages])
    yield gauge(
        "memory_limit_bytes", "Its limit, or the machine's memory.", [usage.memory_limit_bytes for usage in usages]
    )
    yield gauge("memory_anonymous_bytes", "Heap and stacks.", [part.anonymous_bytes for part in parts])
    yield gauge("memory_shared_bytes", "Shared memory and tmpfs.", [part.shared_bytes for part in parts])
    yield gauge(
        "oom_kills_total",
        "Processes killed for memory since it started.",
        [usage.oom_kills for usage in usages],
        "counter",
    )
    for resource in ("cpu", "memory", "io"):
        yield gauge(
            f"{resource}_pressure_ratio",
            f"Share of time in which a task waited for {resource}.",
            [_share(getattr(pressure, f"{resource}_some")) for pressure in pressures],
        )
    for direction, field in (("receive", "network_received"), ("transmit", "network_sent")):
        rates = [getattr(usage, f"{field}_bytes_per_second") for usage in usages]
        yield gauge(f"network_{direction}_bytes_per_second", "Over all of its interfaces.", rates)
    for direction, field in (("read", "block_read"), ("write", "block_written")):
        rates = [getattr(usage, f"{field}_bytes_per_second") for usage in usages]
        yield gauge(f"disk_{direction}_bytes_per_second", "Over all disks.", rates)
    yield gauge("pids", "Processes and threads.", [usage.pids for usage in usages])
    gpus = [
        ((*_labels(container), ("gpu", str(each["index"]))), each)
        for container in look.containers
        for each in container_gpus(container, look.gpu)
    ]
    yield Family(
        "workbench_container_gpu_memory_bytes",
        "gauge",
        "Of its processes on that GPU.",
        tuple((labels, each["memory_bytes"]) for labels, each in gpus),
    )
    yield Family(
        "workbench_container_gpu_sm_ratio",
        "gauge",
        "Share of time in which its kernels ran on that GPU.",
        tuple((labels, _share(each["sm_percent"])) for labels, each in gpus),
    )


def _of_the_machine(look: Look) -> Iterator[Family]:
    host = look.host
    if host is not None:
        pressure = host.pressure or Pressure()
        told: tuple[tuple[str, str, float | None], ...] = (
            ("cpu_ratio", "CPU in use, of all cores.", _share(host.cpu_percent)),
            ("cpu_cores", "Cores of the machine.", host.cpu_cores),
            ("load1", "Load average of one minute.", host.load_1_minute),
            ("memory_used_bytes", "Total minus available.", host.memory_used_bytes),
            ("memory_total_bytes", "Memory of the machine.", host.memory_total_bytes),
            ("swap_used_bytes", "Swap in use.", host.swap_used_bytes),
            ("cpu_pressure_ratio", "Share of time in which a task waited for cpu.", _share(pressure.cpu_some)),
            ("memory_pressure_ratio", "Share of time in which a task waited for memory.", _share(pressure.memory_some)),
            ("io_pressure_ratio", "Share of time in which a task waited for io.", _share(pressure.io_some)),
        )
        for name, help_, value in told:
            yield Family(f"workbench_host_{name}", "gauge", help_, (((), value),))
    devices = [
        ((("gpu", str(device.index)), ("name", device.name), ("uuid", device.uuid)), device)
        for device in (look.gpu.devices if look.gpu else ())
    ]
    for name, help_, field, scale in (
        ("utilisation_ratio", "Share of time with a kernel running.", "utilisation_percent", 0.01),
        ("memory_used_bytes", "Memory in use.", "memory_used_bytes", 1),
        ("memory_total_bytes", "Memory of the GPU.", "memory_total_bytes", 1),
        ("temperature_celsius", "Temperature.", "temperature_celsius", 1),
        ("power_watts", "Power drawn.", "power_watts", 1),
    ):
        values = [(labels, getattr(device, field)) for labels, device in devices]
        samples = tuple((labels, None if value is None else value * scale) for labels, value in values)
        yield Family(f"workbench_gpu_{name}", "gauge", help_, samples)


def _labels(container: Container) -> Labels:
    return (
        ("name", container.name),
        ("id", container.id),
        ("image", container.image),
        ("project", container.project or ""),
    )
