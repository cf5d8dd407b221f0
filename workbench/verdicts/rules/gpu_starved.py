"""Its GPU waits for input: the CPU or the disk in front of it is the bottleneck."""

from workbench.measure.units import percent
from workbench.model.verdicts import Verdict
from workbench.verdicts.rule import Rule
from workbench.verdicts.rules.cpu_quota import THROTTLED_PERCENT
from workbench.verdicts.window import Window
from workbench.verdicts.words import figure, target, used_of, word

BUSY_PERCENT = 30.0
"""Of the time with a kernel running: NVML's utilisation says little of how full the chip is, but a low one is low."""
TASK_PERCENT = 85.0
"""Of a core for its busiest thread: the one that prepares or moves the input."""
CORES_SHARE = 0.85
"""Of the cores at hand: all of them prepare input."""
PRESSURE_PERCENT = 20.0
"""Of the time, waiting for a CPU or a disk: the thresholds of contention and of waiting for a disk."""


def look(window: Window) -> Verdict | None:
    """GPU below 30% while the container is bound by a thread, its cores, its quota or a disk: its input pipeline."""
    starved = [gpu for gpu in window.gpus if gpu.busy_percent is not None and gpu.busy_percent < BUSY_PERCENT]
    if not window.running or not starved or len(starved) < len(window.gpus):
        return None
    bounds = _bounds(window)
    if not bounds:
        return None
    gpu = min(starved, key=lambda each: each.busy_percent or 0.0)
    busy = gpu.busy_percent or 0.0
    index = gpu.newest.index
    cause = bounds[0]
    evidence = [
        figure(f"GPU {each.newest.index} busy", percent(each.busy_percent), f"less than {percent(BUSY_PERCENT)}")
        for each in starved
    ]
    return Verdict(
        "gpu-starved",
        "act",
        window.confidence(gpu.newest.sm_active_percent is None and gpu.own_sm_percent is None, bool(gpu.others)),
        word(f"GPU {index} starved at {busy:.0f}%: {cause[0]}"),
        f"GPU {index} is busy {busy:.0f}% of the time while {cause[1]}: its input comes too slowly",
        (*evidence, *(line for _, _, line in bounds)),
        f"see what prepares the input: docker top {target(window.container)} -eLo pid,tid,pcpu,stat,comm; "
        "then more loader processes, larger batches, or faster storage",
        100.0 - busy,
    )


def _bounds(window: Window) -> list[tuple[str, str, str]]:
    """What holds its CPU side back: in two words, in a sentence, and as evidence."""
    mean, pressure, at_hand = window.mean, window.pressure, window.cores_at_hand
    found = []
    if pressure.io_some is not None and pressure.io_some > PRESSURE_PERCENT:
        told = f"{pressure.io_some:.0f}% of the time"
        line = figure("I/O pressure", told, f"more than {percent(PRESSURE_PERCENT)}")
        found.append(("input waits for disk", f"its tasks wait for a disk {told}", line))
    if mean.throttled_percent is not None and mean.throttled_percent > THROTTLED_PERCENT:
        told = f"{mean.throttled_percent:.0f}% of periods"
        line = figure("throttled", told, f"more than {percent(THROTTLED_PERCENT)}")
        found.append(("own CPU quota", f"its CPU quota stops it in {told}", line))
    if window.cores is not None and at_hand and window.cores >= CORES_SHARE * at_hand:
        told = used_of(window.cores, at_hand)
        line = figure("CPU used", told, f"at least {percent(100 * CORES_SHARE)}")
        found.append(("its CPUs are full", f"it uses {told}", line))
    elif mean.busiest_task_percent is not None and mean.busiest_task_percent >= TASK_PERCENT:
        told = f"{mean.busiest_task_percent:.0f}% of a core"
        line = figure("busiest thread", told, f"at least {percent(TASK_PERCENT)}")
        found.append(("one thread feeds it", f"one thread that feeds it uses {told}", line))
    if pressure.cpu_some is not None and pressure.cpu_some > PRESSURE_PERCENT and not found:
        told = f"{pressure.cpu_some:.0f}% of the time"
        line = figure("CPU pressure", told, f"more than {percent(PRESSURE_PERCENT)}")
        found.append(("waits for a CPU", f"its tasks wait for a CPU {told}", line))
    return found


RULE = Rule("gpu-starved", "GPU waits for its input", look)
