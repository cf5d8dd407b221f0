"""Two spans of time of a container: what it used before and after."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median
from typing import NamedTuple

from workbench.measure.compare.causes import causes
from workbench.measure.compare.flags import noise_flags
from workbench.measure.compare.judged import METHOD, judged
from workbench.measure.statistics.blocks import block_length, blocks
from workbench.measure.units import counted, percent
from workbench.model.comparison import ComparedRow, Comparison, Flag, How, Matters, Measured, Side
from workbench.model.containers import Container
from workbench.model.events import EngineEvent
from workbench.model.runs import Better

READINGS = (
    "Readings that resemble those before them are put together into blocks of several correlation times, each of which "
    "counts as one."
)
_BUSY_SHARE = 20.0
"""Points that the machine's CPU use may differ by."""
_WORK_SHARE = 0.25
"""Of the traffic: a larger difference is other work."""
_WORK_BYTES = 1000.0
"""A second: less traffic tells nothing of the work."""
_DISTURBING = frozenset({"create", "start", "stop", "die", "kill", "oom", "restart", "pause", "unpause", "update"})


class _Figure(NamedTuple):
    metric: str
    series: str
    title: str
    unit: str
    better: Better
    how: How
    matters: Matters


FIGURES = (
    _Figure("cpu", "cpu_cores", "CPU", "cores", -1, "statistics", Matters(0.02, 0.01)),
    _Figure("throttled", "throttled_percent", "throttled", "%", -1, "statistics", Matters(0.02, 1.0)),
    _Figure("run_delay", "run_delay_seconds_per_second", "CPU wait", "s/s", -1, "statistics", Matters(0.05, 0.01)),
    _Figure("memory", "memory_used_bytes", "memory", "B", -1, "range", Matters(0.02, 1e6)),
    _Figure("cpu_pressure", "pressure_cpu_some", "CPU pressure", "%", -1, "statistics", Matters(0.05, 1.0)),
    _Figure("memory_pressure", "pressure_memory_some", "memory pressure", "%", -1, "statistics", Matters(0.05, 1.0)),
    _Figure("io_pressure", "pressure_io_some", "disk pressure", "%", -1, "statistics", Matters(0.05, 1.0)),
    _Figure("received", "network_received_bytes_per_second", "received", "B/s", 0, "statistics", Matters(0.05, 1e3)),
    _Figure("sent", "network_sent_bytes_per_second", "sent", "B/s", 0, "statistics", Matters(0.05, 1e3)),
    _Figure("read", "block_read_bytes_per_second", "read", "B/s", 0, "statistics", Matters(0.05, 1e4)),
    _Figure("written", "block_written_bytes_per_second", "written", "B/s", 0, "statistics", Matters(0.05, 1e4)),
    _Figure("pids", "pids", "PIDs", "", 0, "range", Matters(0.0, 0.5)),
    _Figure("gpu", "gpu_percent", "GPU busy", "%", 0, "statistics", Matters(0.02, 2.0)),
    _Figure("gpu_memory", "gpu_memory_bytes", "GPU memory", "B", -1, "range", Matters(0.02, 1e6)),
)
"""What is compared, in the order shown. `series` is a metric of the history."""
PARTS = ("anonymous_bytes", "shared_bytes", "file_active_bytes", "file_inactive_bytes", "kernel_bytes")
HOST = ("cpu_share", "pressure_cpu_some", "pressure_io_some")


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time of a container. Readings are oldest first, without gaps."""

    name: str
    since: float
    """Unix time in seconds, as is the next."""
    until: float
    words: str
    """Which span it is: `60 s up to A`."""
    container: Container | None = None
    """What it was at the end of the span; `None` when it was gone by then."""
    readings: Mapping[str, Sequence[float]] = field(default_factory=dict)
    """By metric of the history: those of `FIGURES` and `PARTS`."""
    host: Mapping[str, Sequence[float]] = field(default_factory=dict)
    """The machine's, by metric of the history: those of `HOST`."""
    events: tuple[EngineEvent, ...] = ()
    """What happened to the container within it."""
    interval: float = 1.0
    """Seconds between two readings."""
    container_id: str = ""

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.until - self.since


def compare_windows(before: Window, after: Window, between: Sequence[EngineEvent] = ()) -> Comparison:
    """Judge what changed from one span of time to another.

    Args:
        before: The first side.
        after: The second side.
        between: What happened to the container between the two.
    """
    why = causes(before, after)
    figures = [_measured(figure, before, after, why.get(figure.metric, "")) for figure in FIGURES]
    rows = judged([figure for figure in figures if figure.before or figure.after])
    return Comparison(
        "windows",
        Side(before.name, before.words),
        Side(after.name, after.words),
        rows,
        (*_flags(before, after), *noise_flags(rows, runs=False)),
        f"{METHOD} {READINGS}",
        tuple(_notes(between)),
    )


def known_rows() -> tuple[ComparedRow, ...]:
    """Every row that a comparison may have, as if it had been measured: what a gate can be held against early."""
    return judged([Measured(one.metric, one.title, one.unit, -1, "exact", (1.0,), (1.0,)) for one in FIGURES])


def _measured(figure: _Figure, before: Window, after: Window, cause: str) -> Measured:
    old, new = before.readings.get(figure.series, ()), after.readings.get(figure.series, ())
    readings = (tuple(old), tuple(new))
    seconds = None
    if figure.how == "statistics" and old and new:
        length = block_length([old, new])
        old, new = blocks(old, length) or [fmean(old)], blocks(new, length) or [fmean(new)]
        seconds = length * max(before.interval, after.interval)
    return Measured(
        figure.metric,
        figure.title,
        figure.unit,
        figure.better,
        figure.how,
        tuple(old),
        tuple(new),
        figure.matters,
        cause,
        seconds,
        readings,
    )


def _flags(before: Window, after: Window) -> Iterator[Flag]:
    for side, window in (("before", before), ("after", after)):
        if not window.readings:
            yield Flag("data", f"nothing was measured {side}", serious=True)
        elif window.interval > 30:
            yield Flag("data", f"of {side} only means of a minute are kept", serious=True)
        disturbed = [event for event in window.events if event.kind in _DISTURBING]
        if disturbed:
            kinds = ", ".join(dict.fromkeys(event.kind for event in disturbed))
            yield Flag("events", f"{kinds} within {side}: it was not steady", serious=True)
    if before.until > after.since and before.since < after.until and before.container_id == after.container_id:
        yield Flag("data", "the two spans overlap", serious=True)
    idle, busy = (_median(window.host.get("cpu_share", ())) for window in (before, after))
    if idle is not None and busy is not None and abs(busy - idle) > _BUSY_SHARE:
        yield Flag("load", f"the machine was busy {percent(idle)} before and {percent(busy)} after")
    old, new = _traffic(before), _traffic(after)
    if old is not None and new is not None and max(old, new) > _WORK_BYTES:
        change = new / old - 1 if old else 1.0
        if abs(change) > _WORK_SHARE:
            more = "more" if change > 0 else "less"
            words = f"{percent(abs(100 * change))} {more} traffic after: perhaps not the same work"
            yield Flag("work", words, serious=True)


def _traffic(window: Window) -> float | None:
    sides = [_median(window.readings.get(f"network_{way}_bytes_per_second", ())) for way in ("received", "sent")]
    return sum(side for side in sides if side is not None) if any(side is not None for side in sides) else None


def _notes(between: Sequence[EngineEvent]) -> Iterator[str]:
    told = [event for event in between if event.kind not in ("mark", "exec")]
    if told:
        words = [" ".join(word for word in (event.kind, event.detail) if word) for event in told[-4:]]
        more = f" and {counted(len(told) - 4, 'event')} earlier" if len(told) > 4 else ""
        yield f"between the two: {', '.join(words)}{more}"


def _median(values: Sequence[float]) -> float | None:
    return median(values) if values else None
