"""How far an acquisition is, in one sentence."""

from workbench.measure.units import duration, quantity
from workbench.model.acquired import AcquireProgress


def sentence(progress: AcquireProgress) -> str:
    """For the status line: what is being done, layers, bytes, rate and time left, and how to stop it."""
    told = [progress.message or "reading the image"]
    if progress.layers_total:
        told.append(f"layer {min(progress.layers_done + 1, progress.layers_total)} of {progress.layers_total}")
    if progress.bytes_done:
        of = f" of {quantity(progress.bytes_total, 'B')}" if progress.bytes_total else ""
        told.append(f"{quantity(progress.bytes_done, 'B')}{of}")
    if progress.bytes_per_second:
        told.append(f"{quantity(progress.bytes_per_second, 'B')}/s")
        if progress.bytes_total and progress.bytes_total > progress.bytes_done:
            left = (progress.bytes_total - progress.bytes_done) / progress.bytes_per_second
            told.append(f"{duration(left)} left")
    return " · ".join([*told, "Esc stops it"])
