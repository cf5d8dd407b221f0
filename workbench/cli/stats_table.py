"""What containers use as a table for people."""

from collections.abc import Mapping, Sequence
from typing import Literal

from workbench.cli.stats_json import Look, container_gpus
from workbench.measure.units import NOT_MEASURED, percent, quantity
from workbench.model.containers import Container, ContainerUsage, Pressure
from workbench.model.verdicts import Verdict

Column = tuple[str, Literal["left", "right"]]


def columns(look: Look) -> list[Column]:
    """The headings; the GPU's only where there is one."""
    told: list[Column] = [
        ("NAME", "left"),
        ("CPU", "right"),
        ("OF LIMIT", "right"),
        ("THROTTLED", "right"),
        ("MEMORY", "right"),
        ("OF LIMIT", "right"),
        ("PSI C/M/I", "right"),
        ("NET IN/OUT", "right"),
        ("DISK R/W", "right"),
        ("PIDS", "right"),
    ]
    if _has_gpu(look):
        told.append(("GPU", "left"))
    return [*told, ("VERDICT", "left")]


def rows(look: Look, verdicts: Mapping[str, Verdict]) -> list[Sequence[str]]:
    """One for each container, the one that uses most CPU first; those that do not run last."""
    ordered = sorted(look.containers, key=lambda each: (-_cpu(each), each.name))
    return [_row(each, look, verdicts) for each in ordered]


def _row(container: Container, look: Look, verdicts: Mapping[str, Verdict]) -> list[str]:
    usage = container.usage or ContainerUsage(0.0)
    limit, used, memory = container.cpu_limit_cores or look.engine.cpus, usage.cpu_cores, usage.memory_used_bytes
    cells = [
        container.name,
        percent(usage.cpu_percent),
        percent(100 * used / limit if used is not None and limit else None),
        percent(usage.throttled_percent),
        quantity(memory, "B"),
        percent(100 * memory / usage.memory_limit_bytes if memory is not None and usage.memory_limit_bytes else None),
        _pressure(usage.pressure),
        _pair(usage.network_received_bytes_per_second, usage.network_sent_bytes_per_second),
        _pair(usage.block_read_bytes_per_second, usage.block_written_bytes_per_second),
        NOT_MEASURED if usage.pids is None else str(usage.pids),
    ]
    if _has_gpu(look):
        held = [f"{each['index']}: {percent(each['sm_percent'])}" for each in container_gpus(container, look.gpu)]
        cells.append(", ".join(held) or NOT_MEASURED)
    verdict = verdicts.get(container.id)
    cells.append(verdict.word if verdict else container.status if container.state != "running" else "")
    return cells


def _cpu(container: Container) -> float:
    usage = container.usage
    return -1.0 if usage is None or usage.cpu_percent is None else usage.cpu_percent


def _has_gpu(look: Look) -> bool:
    return bool(look.gpu and look.gpu.devices)


def _pressure(pressure: Pressure | None) -> str:
    told = pressure or Pressure()
    shares = (told.cpu_some, told.memory_some, told.io_some)
    return "/".join(NOT_MEASURED if share is None else f"{share:.0f}" for share in shares)


def _pair(one: float | None, other: float | None) -> str:
    return NOT_MEASURED if one is None and other is None else f"{quantity(one, 'B')}/{quantity(other, 'B')}"
