"""It was given a GPU and has nothing on it: what should run there may run on the CPU."""

from workbench.measure.instants import unix_nanoseconds
from workbench.measure.units import duration
from workbench.model.verdicts import Verdict
from workbench.verdicts.gpus import given_devices
from workbench.verdicts.rule import Rule
from workbench.verdicts.window import SURE_SECONDS, Window
from workbench.verdicts.words import cores, figure, target, word

YOUNG_SECONDS = 60.0
"""Since it started: a framework takes so long to be loaded before it opens the GPU."""
WORKING_CORES = 0.5
"""With so much CPU in use, what should be on the GPU may be on the CPU."""


def look(window: Window) -> Verdict | None:
    """GPUs assigned (`--gpus`, `NVIDIA_VISIBLE_DEVICES`) and no process on any of them for the whole window."""
    situation = window.situation
    given = given_devices(situation)
    if not window.running or not given or any(device.problem for device in given):
        return None
    if window.seconds < SURE_SECONDS or _age(window) < YOUNG_SECONDS or _has_process(window):
        return None
    strangers = any(process.container_id is None for device in given for process in device.processes)
    used = window.cores
    working = used is not None and used >= WORKING_CORES
    indexes = ", ".join(str(device.index) for device in given)
    return Verdict(
        "gpu-unused",
        "watch",
        window.confidence(strangers, not working),
        word(f"GPU {indexes} given and not used"),
        f"it was given GPU {indexes} and had no process on it for {duration(window.seconds)}"
        + (f", while it used {cores(used)} of CPU" if working else ""),
        (
            figure("GPUs given", f"{len(given)} ({indexes})"),
            figure("its processes on them", "0", f"for {duration(window.seconds)}"),
            figure("CPU used", cores(used), f"at least {cores(WORKING_CORES)} looks like work on the CPU instead"),
        ),
        f"see whether it finds the GPU: docker exec {target(window.container)} nvidia-smi; `Unknown Error` there comes "
        f"from a systemctl daemon-reload, and docker restart {target(window.container)} cures it",
        10.0,
    )


def _has_process(window: Window) -> bool:
    return any(
        process.container_id == window.container.id
        for snapshot in window.situation.gpus
        for device in snapshot.devices
        for process in device.processes
    )


def _age(window: Window) -> float:
    """Seconds since it started; since it was created when that is not told."""
    detail = window.situation.detail
    started = unix_nanoseconds(detail.started) if detail else None
    return window.situation.now - (started / 1e9 if started else window.container.created_at)


RULE = Rule("gpu-unused", "GPU given and not used", look)
