"""It does nothing: there is nothing to do, or nothing reaches it."""

from workbench.measure.units import percent, quantity
from workbench.model.verdicts import Verdict
from workbench.verdicts.rule import Rule
from workbench.verdicts.window import FAIR_SECONDS, Window
from workbench.verdicts.words import figure, share, target, word

CPU_PERCENT = 2.0
"""Of one core: what timers and health checks of a waiting service take."""
NETWORK_BYTES_PER_SECOND = 10_000.0
"""In and out: above, it serves or asks somebody, and waits for that; keepalives stay far below."""
DISK_BYTES_PER_SECOND = 100_000.0
"""Read and written: a log line now and then."""
WAITED_PERCENT = 5.0
"""Of the time, by any pressure: above, it would do something if it could."""


def is_idle(window: Window) -> bool:
    """Whether it hardly uses CPU, network or disk and waits for none of them."""
    mean, pressure = window.mean, window.pressure
    network = (mean.network_received_bytes_per_second or 0.0) + (mean.network_sent_bytes_per_second or 0.0)
    disk = (mean.block_read_bytes_per_second or 0.0) + (mean.block_written_bytes_per_second or 0.0)
    waits = max(pressure.cpu_some or 0.0, pressure.memory_some or 0.0, pressure.io_some or 0.0)
    return (
        window.seconds >= FAIR_SECONDS
        and mean.cpu_percent is not None
        and mean.cpu_percent < CPU_PERCENT
        and network < NETWORK_BYTES_PER_SECOND
        and disk < DISK_BYTES_PER_SECOND
        and waits < WAITED_PERCENT
        and not any(gpu.busy_percent for gpu in window.gpus)
    )


def look(window: Window) -> Verdict | None:
    """CPU below 2% of a core, hardly any network or disk, no pressure; or it is paused."""
    if window.container.state == "paused":
        return Verdict(
            "idle",
            "fine",
            "high",
            "paused: nothing of it runs",
            f"it is paused, so 0% CPU by order ({window.container.status[:40] or 'paused'})",
            (figure("state", "paused"),),
            f"let it go on: docker unpause {target(window.container)}",
        )
    if not window.running or any(verdict.severity == "act" for verdict in window.said) or not is_idle(window):
        return None
    mean = window.mean
    received, sent = mean.network_received_bytes_per_second, mean.network_sent_bytes_per_second
    read, written = mean.block_read_bytes_per_second, mean.block_written_bytes_per_second
    return Verdict(
        "idle",
        "fine",
        window.confidence(received is None, read is None, window.pressure.cpu_some is None),
        word(f"idle: {percent(mean.cpu_percent)} of a core"),
        f"it uses {percent(mean.cpu_percent)} of a core and waits for nothing here: there is nothing for it to do, "
        "or nothing reaches it",
        (
            figure("CPU", f"{percent(mean.cpu_percent)} of a core", f"less than {percent(CPU_PERCENT)}"),
            figure("network", f"{quantity(received, 'B/s')} in, {quantity(sent, 'B/s')} out", "less than 10 kB/s"),
            figure("disk", f"{quantity(read, 'B/s')} read, {quantity(written, 'B/s')} written", "less than 100 kB/s"),
            share("CPU pressure", window.pressure.cpu_some, unit="of the time"),
        ),
        f"if it should be busy, see what it waits for: docker logs --tail 50 {target(window.container)}",
    )


RULE = Rule("idle", "idle", look, turn=1)
