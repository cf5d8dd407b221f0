"""Its GPU runs slower than it could: too hot, or at its power limit."""

import re

from workbench.measure.text import printable
from workbench.measure.units import percent
from workbench.model.gpu import GpuDevice
from workbench.model.verdicts import Verdict
from workbench.verdicts.gpus import UsedGpu
from workbench.verdicts.rule import Rule
from workbench.verdicts.window import Window
from workbench.verdicts.words import figure, listed, word

HELD_PERCENT = 25.0
"""Of the readings with a reason to hold the clocks down: as for the CPU's quota, one in four."""
USED_PERCENT = 10.0
"""Of the time with a kernel running: what hardly works is not slowed down."""
BAD = re.compile(r"hot|therm|brake|hardware|hw", re.IGNORECASE)
"""Reasons that mean a fault or bad cooling. At its power limit, a chip that is well used is as it should be."""


def look(window: Window) -> Verdict | None:
    """Clocks held down (power, heat, hardware) in more than 25% of readings while it works on that GPU."""
    held = [gpu for gpu in window.gpus if _held(gpu) > HELD_PERCENT]
    if not window.running or not held:
        return None
    gpu = max(held, key=_held)
    device, often = gpu.newest, _held(gpu)
    reasons = [printable(reason) for reason, _ in gpu.throttled]
    bad = any(BAD.search(reason) for reason in reasons)
    evidence = [
        figure(f"GPU {device.index} held down: {printable(reason)}", f"{percent(part)} of readings", _threshold())
        for reason, part in gpu.throttled
    ]
    evidence += _state(device)
    clocks = ""
    if device.sm_clock_mhz is not None and device.sm_clock_max_mhz:
        clocks = f", at {device.sm_clock_mhz:.0f} of {device.sm_clock_max_mhz:.0f} MHz"
    return Verdict(
        "gpu-throttled",
        "act" if bad else "watch",
        window.confidence(gpu.utilisation_percent is None, gpu.readings < 3),
        word(f"GPU {device.index} held down: {listed(reasons, 1)}"),
        f"GPU {device.index} ran with its clocks held down in {often:.0f}% of readings ({listed(reasons)}){clocks}",
        tuple(evidence),
        "see what it says of itself: nvidia-smi -q -d PERFORMANCE,TEMPERATURE,POWER,CLOCK "
        f"-i {device.index}; " + ("mend its cooling or its power" if bad else "a higher limit: nvidia-smi -pl"),
        often,
    )


def _held(gpu: UsedGpu) -> float:
    """Share of the readings in which the most frequent reason held, in percent; 0 while it hardly works."""
    if gpu.utilisation_percent is not None and gpu.utilisation_percent < USED_PERCENT:
        return 0.0
    return gpu.throttled[0][1] if gpu.throttled else 0.0


def _threshold() -> str:
    return f"more than {percent(HELD_PERCENT)}"


def _state(device: GpuDevice) -> list[str]:
    lines = []
    if device.temperature_celsius is not None:
        limit = f"slows down at {device.slowdown_celsius:.0f} °C" if device.slowdown_celsius is not None else ""
        lines.append(figure("temperature", f"{device.temperature_celsius:.0f} °C", limit))
    if device.power_watts is not None:
        limit = f"limit {device.power_limit_watts:.0f} W" if device.power_limit_watts is not None else ""
        lines.append(figure("power", f"{device.power_watts:.0f} W", limit))
    return lines


RULE = Rule("gpu-throttled", "GPU clocks held down", look)
