"""Nothing is saturated here: if it is slow, it waits for somebody else."""

from workbench.measure.units import percent, quantity
from workbench.model.verdicts import Verdict
from workbench.verdicts.rule import Rule
from workbench.verdicts.window import FAIR_SECONDS, Window
from workbench.verdicts.words import figure, share, target, used_of, word

GPU_PERCENT = 80.0
"""Of the time with a kernel running: then the GPU is what it waits for, and that is as it should be."""


def enough(window: Window) -> bool:
    """Whether enough was measured to say that nothing is saturated: CPU, and what waits for CPU, memory and disk."""
    pressure = window.pressure
    return (
        window.seconds >= FAIR_SECONDS
        and window.cores is not None
        and pressure.cpu_some is not None
        and pressure.memory_some is not None
        and pressure.io_some is not None
    )


def look(window: Window) -> Verdict | None:
    """It works, no pressure or throttling is above its threshold, and all of them were measured: look elsewhere."""
    if not window.running or not enough(window):
        return None
    if any(verdict.severity == "act" or verdict.rule == "idle" for verdict in window.said):
        return None
    pressure, mean = window.pressure, window.mean
    received, sent = mean.network_received_bytes_per_second, mean.network_sent_bytes_per_second
    used = used_of(window.cores, window.cores_at_hand)
    evidence = [
        figure("CPU used", used),
        share("throttled", mean.throttled_percent, unit="of periods"),
        share("CPU pressure", pressure.cpu_some, 20.0, unit="of the time"),
        share("memory pressure", pressure.memory_some, 5.0, unit="of the time"),
        share("I/O pressure", pressure.io_some, 20.0, unit="of the time"),
        figure("network", f"{quantity(received, 'B/s')} in, {quantity(sent, 'B/s')} out"),
    ]
    evidence += [figure(f"GPU {gpu.newest.index} busy", percent(gpu.busy_percent)) for gpu in window.gpus]
    waits = (
        f"it uses {used}, waits for a CPU {percent(pressure.cpu_some)}, for memory {percent(pressure.memory_some)} "
        f"and for a disk {percent(pressure.io_some)} of the time"
    )
    working = max((gpu.busy_percent or 0.0 for gpu in window.gpus), default=0.0)
    on_gpu = working >= GPU_PERCENT
    return Verdict(
        "look-downstream",
        "fine",
        window.confidence(received is None, mean.busiest_task_percent is None and (window.cores or 0) > 0.5),
        word(f"its GPU is at work: busy {working:.0f}%" if on_gpu else f"not saturated here: uses {used}"),
        f"its GPU is busy {working:.0f}% of the time and nothing else is saturated: {waits}"
        if on_gpu
        else f"nothing is saturated: {waits}",
        tuple(evidence),
        "see what its kernels do, with a GPU profiler in it"
        if on_gpu
        else f"look at what it calls: docker logs --tail 50 {target(window.container)}; then ask the same of its "
        "database, its cache and the services behind it: workbench why CONTAINER",
    )


RULE = Rule("look-downstream", "nothing saturated here", look, turn=2)
