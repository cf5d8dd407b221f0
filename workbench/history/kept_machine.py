"""What is kept of the machine: its figures by the second and by the minute, and whole snapshots of it and its GPUs."""

from array import array
from dataclasses import replace
from functools import partial
from typing import Generic, TypeVar

from workbench.history.snapshots import Snapshots
from workbench.history.ticks import Ticks
from workbench.measure.figure_rows import FigureRows
from workbench.measure.figures import HOST_FIGURES, host_figures, host_row
from workbench.measure.metrics import HOST_METRICS, column_of
from workbench.measure.ring import Floats
from workbench.measure.series import Series
from workbench.model.host import HostSnapshot

T = TypeVar("T")

SECONDS = 3600
"""Readings of its figures by the second."""
SNAPSHOTS = 600
"""Whole snapshots by the second."""
MINUTES = 1440
MINUTE = 60.0
SECOND_BYTES = 1_200_000
"""What the snapshots of one kind by the second may take, and by the minute."""
MINUTE_BYTES = 800_000


class KeptSnapshots(Generic[T]):
    """Ten minutes of snapshots by the second, and the last one of every minute for a day. Not thread-safe."""

    def __init__(self, shape: type[T]) -> None:
        self._seconds = Snapshots(shape, SNAPSHOTS, SECOND_BYTES)
        self._minutes = Snapshots(shape, MINUTES, MINUTE_BYTES)
        self._minute = -MINUTE

    @property
    def data_bytes(self) -> int:
        """About the memory that they take."""
        return self._seconds.data_bytes + self._minutes.data_bytes

    def add(self, at: float, value: T) -> bool:
        """Keep a reading, newer than all before; whether a minute is over with it."""
        self._seconds.add(at, value)
        if at - self._minute < MINUTE:
            return False
        self._minutes.add(at, value)
        self._minute = at
        return True

    def at(self, at: float, gap_seconds: float) -> T | None:
        """The newest not after `at`; `None` when that is longer ago than a gap, or than a minute further back."""
        for kept, longest in ((self._seconds, gap_seconds), (self._minutes, MINUTE + gap_seconds)):
            found = kept.at(at)
            if found and at - found[0] <= longest:
                return found[1]
        return None

    def span(self) -> tuple[float, float] | None:
        """From when to when there are any."""
        spans = [span for span in (self._minutes.span(), self._seconds.span()) if span]
        return (min(span[0] for span in spans), max(span[1] for span in spans)) if spans else None


class KeptHost:
    """The machine. Not thread-safe.

    Args:
        gap_seconds: A moment so long after the reading before it was not measured.
    """

    def __init__(self, gap_seconds: float) -> None:
        self._gap = gap_seconds
        self._snapshots = KeptSnapshots(HostSnapshot)
        self._ticks, self._minutes = Ticks(SECONDS), Ticks(MINUTES)
        self._by_second = FigureRows(len(HOST_FIGURES), SECONDS)
        self._by_minute = FigureRows(len(HOST_FIGURES), MINUTES)
        self._minute_tick = 0

    @property
    def data_bytes(self) -> int:
        """About the memory that it takes."""
        kept = (self._snapshots, self._ticks, self._minutes, self._by_second, self._by_minute)
        return sum(each.data_bytes for each in kept)

    def add(self, at: float, host: HostSnapshot) -> None:
        """Keep a reading, newer than all before."""
        first, count = self._minute_tick, self._ticks.next - self._minute_tick
        if self._snapshots.add(at, host) and count:
            means = self._by_second.means(first, count)
            minute = self._minutes.add(self._ticks.time(self._ticks.next - 1))
            if means is not None:
                self._by_minute.add(minute, means)
            self._minute_tick = self._ticks.next
        self._by_second.add(self._ticks.add(at), host_row(host))

    def at(self, at: float) -> HostSnapshot | None:
        """The machine at a moment, its figures by the second, further back the minute's means; `None` outside."""
        host = self._snapshots.at(at, self._gap)
        if host is None:
            return None
        tick = self._ticks.upto(at)
        if tick is not None and at - self._ticks.time(tick) <= self._gap:
            row = self._by_second.at(tick)
        else:
            row = self._by_minute.at(self._minutes.around(at))
        return host if row is None else replace(host, **host_figures(row))

    def series(self, metric: str, since: float, until: float) -> Series:
        """A metric of the machine over time.

        Raises:
            KeyError: for a metric that is none of `HOST_METRICS`.
        """
        what = HOST_METRICS[metric]
        parts = []
        for ticks, rows in ((self._minutes, self._by_minute), (self._ticks, self._by_second)):
            first = max(ticks.first, rows.oldest)
            count = ticks.next - first
            values = array("f", column_of(what, partial(_column, rows, first, count)))
            parts.append(Series(ticks.times(first, count), values).between(since, until))
        return parts[0].then(parts[1])


def _column(rows: FigureRows, first: int, count: int, name: str) -> Floats:
    return rows.column(HOST_FIGURES.index(name), first, count)
