"""The GPUs in the gauges' row: as much of each as there is room for."""

from typing import TYPE_CHECKING

from rich.cells import cell_len

from screens.levels import level, severity_look
from screens.widgets.line import Part
from workbench.measure.throttling import gravest
from workbench.measure.units import bar, percent, quantity

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from workbench.model.gpu import GpuDevice
    from workbench.settings import Thresholds

BAR = 8


def gpu_gauges(devices: "Sequence[GpuDevice]", limits: "Thresholds", room: int) -> list[Part]:
    """Every GPU in the fullest form that fits; the last sums them up.

    Args:
        devices: All of them.
        limits: When memory is worth a colour.
        room: Cells.
    """
    forms: tuple[Callable[[GpuDevice, Thresholds], list[Part]], ...] = (_full, _with_bar, _short)
    for form in forms:
        parts = [part for device in devices for part in form(device, limits)]
        if sum(cell_len(part.text) for part in parts) <= room:
            return parts
    if len(devices) == 1 and (held := _held_back(devices[0])):
        return [Part(f"  gpu{devices[0].index}", "dim"), *held]
    return _summed_up(devices, room)


def _full(device: "GpuDevice", limits: "Thresholds") -> list[Part]:
    if device.problem:
        return [_name(device), Part(device.problem.partition(":")[0], "act")]
    parts = [_name(device), _bar(device), Part(f" {percent(device.utilisation_percent)}")]
    if device.memory_total_bytes:
        used = device.memory_used_bytes
        share = None if used is None else 100 * used / device.memory_total_bytes
        parts.append(
            Part(
                f"  {quantity(used)}/{quantity(device.memory_total_bytes)}",
                level(share, limits.memory_watch, limits.memory_act),
            )
        )
    if device.temperature_celsius is not None:
        parts.append(Part(f"  {device.temperature_celsius:.0f}°C"))
    return parts + _held_back(device)


def _with_bar(device: "GpuDevice", limits: "Thresholds") -> list[Part]:
    del limits
    if device.problem:
        return [_name(device), Part(_trouble(device), "act")]
    return [_name(device), _bar(device), Part(f" {percent(device.utilisation_percent)}"), *_held_back(device)]


def _short(device: "GpuDevice", limits: "Thresholds") -> list[Part]:
    del limits
    name = Part(f"  gpu{device.index} ", "dim")
    if device.problem:
        return [name, Part(_trouble(device), "act")]
    return [name, Part(percent(device.utilisation_percent)), *_held_back(device)]


def _summed_up(devices: "Sequence[GpuDevice]", room: int) -> list[Part]:
    """Their number, how busy they are on the average, and how many are in trouble: that first, where room is short."""
    used = [device.utilisation_percent for device in devices if device.utilisation_percent is not None]
    name = Part(f"  {len(devices)} gpus", "dim")
    busy = Part(f" {percent(sum(used) / len(used) if used else None)}")
    trouble: list[Part] = []
    held = [found for device in devices if (found := gravest(device.throttle_reasons))]
    troubles = [_trouble(device) for device in devices if device.problem]
    if troubles:
        trouble.append(Part(f" {len(troubles)} {max(troubles)}", "act"))
    if held:
        look = "act" if any(severity == "act" for _, severity in held) else "watch"
        trouble.append(Part(f" {len(held)} throttled", look))
    for parts in ([name, busy, *trouble], [name, *trouble]):
        if sum(cell_len(part.text) for part in parts) <= room:
            return parts
    return [name, *(trouble or [busy])[:1]]


def _trouble(device: "GpuDevice") -> str:
    return "lost" if device.problem.startswith("fallen off") else "unreadable"


def _name(device: "GpuDevice") -> Part:
    return Part(f"   gpu{device.index} ", "dim")


def _bar(device: "GpuDevice") -> Part:
    return Part(bar(None if device.utilisation_percent is None else device.utilisation_percent / 100, BAR))


def _held_back(device: "GpuDevice") -> list[Part]:
    found = gravest(device.throttle_reasons)
    return [Part(f" {found[0]}", severity_look(found[1]))] if found else []
