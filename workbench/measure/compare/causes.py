"""Why a container's figures may have changed between two spans of time, as far as the readings show it."""

from collections.abc import Sequence
from statistics import median
from typing import TYPE_CHECKING

from workbench.measure.units import percent, quantity

if TYPE_CHECKING:
    from workbench.measure.compare.windows import Window

_PARTS = {
    "anonymous_bytes": "anonymous",
    "shared_bytes": "shared",
    "file_active_bytes": "active page cache",
    "kernel_bytes": "kernel",
}
_TELLING_SHARE = 0.5
"""Of the whole change that one part of memory must make up."""


def causes(before: "Window", after: "Window") -> dict[str, str]:
    """A cause for each metric that has one. The texts may hold hostile names."""
    why = {
        "memory": _memory(before, after),
        "cpu_pressure": _host(before, after, "cpu_share", "the machine's CPU"),
        "run_delay": _host(before, after, "cpu_share", "the machine's CPU"),
        "io_pressure": _host(before, after, "pressure_io_some", "the machine's disk pressure"),
    }
    made = _configuration(before, after)
    for metric in ("throttled", "cpu", "cpu_pressure", "run_delay"):
        why[metric] = made.get("cpu") or why.get(metric, "")
    why["memory"] = ", ".join(text for text in (made.get("memory", ""), why["memory"]) if text)
    image = made.get("image", "")
    return {metric: text or image for metric, text in why.items() if text or image}


def _configuration(before: "Window", after: "Window") -> dict[str, str]:
    old, new = before.container, after.container
    if old is None or new is None:
        return {}
    made = {}
    if old.cpu_limit_cores != new.cpu_limit_cores:
        told = [f"{each:g}" if each is not None else "none" for each in (old.cpu_limit_cores, new.cpu_limit_cores)]
        made["cpu"] = f"CPU limit {told[0]} → {told[1]} cores" if new.cpu_limit_cores else f"CPU limit {told[0]} → none"
    limits = [container.usage.memory_limit_bytes if container.usage else None for container in (old, new)]
    if None not in limits and limits[0] != limits[1]:
        made["memory"] = f"limit {quantity(limits[0], 'B')} → {quantity(limits[1], 'B')}"
    if old.image_id != new.image_id:
        made["image"] = f"image {old.image} → {new.image}" if old.image != new.image else "another build of its image"
    return made


def _memory(before: "Window", after: "Window") -> str:
    """The part of memory that makes up most of the change."""
    whole = _change(before.readings.get("memory_used_bytes", ()), after.readings.get("memory_used_bytes", ()))
    if not whole:
        return ""
    changes = {
        words: _change(before.readings.get(name, ()), after.readings.get(name, ())) for name, words in _PARTS.items()
    }
    words, most = max(changes.items(), key=lambda part: abs(part[1]))
    if most * whole <= 0 or abs(most) < _TELLING_SHARE * abs(whole):
        return ""
    return f"{words} {'+' if most > 0 else ''}{quantity(most, 'B')}"


def _host(before: "Window", after: "Window", metric: str, words: str) -> str:
    sides = [before.host.get(metric, ()), after.host.get(metric, ())]
    if not all(sides):
        return ""
    old, new = (median(side) for side in sides)
    return f"{words} {percent(old)} → {percent(new)}" if abs(new - old) >= 10 else ""


def _change(before: Sequence[float], after: Sequence[float]) -> float:
    return median(after) - median(before) if before and after else 0.0
