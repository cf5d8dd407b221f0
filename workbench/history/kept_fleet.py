"""Every container's figures: ten minutes by the second and a day by the minute, an hour of the chosen, bounded."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import partial

from workbench.history.kept_container import KeptContainer, container_of, identity
from workbench.history.ticks import Ticks
from workbench.measure.figure_rows import FigureRows
from workbench.measure.figures import CONTAINER_FIGURES, container_row, usage_of
from workbench.measure.metrics import METRICS, column_of
from workbench.measure.series import Series
from workbench.model.containers import ContainerUsage, EngineInfo, FleetSnapshot

SECONDS = 600
"""Readings by the second that are kept of every container."""
CHOSEN_SECONDS = 3600
"""And of the chosen one."""
MOST_CHOSEN = 3
"""Containers that are kept for so long: the chosen one, and those chosen before it."""
MINUTES = 1440
MINUTE = 60.0
_FEWEST_SECONDS = 60
_FEWEST_MINUTES = 30
_SHARE_OF_SECONDS = 0.4
"""Of the rows that a container may have, where they are not enough for all."""
_MOST_ENGINES = 20

BASE_BYTES = 12_500_000
"""What the containers may take together: about a hundred with fifteen figures each that change."""
PLAIN_BYTES = 4000
"""What each takes beside its rows."""
CONTAINER_BYTES = 30_000
"""What each may take beyond the first few hundred, up to the next."""
MOST_BYTES = 36_000_000


class KeptFleet:
    """What was read of the containers. Not thread-safe.

    Args:
        gap_seconds: A moment so long after the reading before it was not measured.
    """

    def __init__(self, gap_seconds: float) -> None:
        self._gap = gap_seconds
        self._ticks = Ticks(CHOSEN_SECONDS)
        self._minutes = Ticks(MINUTES)
        self._kept: dict[str, KeptContainer] = {}
        self._present: tuple[str, ...] = ()
        self._engines: list[tuple[float, EngineInfo, str]] = []
        self._chosen: list[str] = []
        self._caps = (SECONDS, MINUTES)
        self._minute_began = 0.0
        self._minute_tick = 0

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def data_bytes(self) -> int:
        """About the memory that all of it takes."""
        return sum(kept.data_bytes for kept in self._kept.values()) + self._ticks.data_bytes + self._minutes.data_bytes

    def span(self) -> tuple[float, float] | None:
        """From when to when there are figures."""
        spans = [span for span in (self._minutes.span(), self._ticks.span()) if span]
        return (min(span[0] for span in spans), max(span[1] for span in spans)) if spans else None

    def choose(self, container_id: str) -> None:
        """Keep an hour by the second of this one, from now on."""
        if self._chosen[-1:] == [container_id]:
            return
        self._chosen = [*(each for each in self._chosen if each != container_id), container_id][-MOST_CHOSEN:]
        self._fit(0.0)

    def add(self, at: float, fleet: FleetSnapshot) -> None:
        """Keep a reading, newer than all before."""
        if not self._engines or self._engines[-1][1:] != (fleet.engine, fleet.measured_from):
            self._engines.append((at, fleet.engine, fleet.measured_from))
            del self._engines[:-_MOST_ENGINES]
        if not self._ticks.next:
            self._minute_began = at
        elif at - self._minute_began >= MINUTE:
            self._end_minute()
            self._minute_began = at
            self._fit(at)
        tick = self._ticks.add(at)
        kept = self._kept
        for place, container in enumerate(fleet.containers):
            one = kept.get(container.id)
            if one is None:
                one = kept[container.id] = KeptContainer(*self._caps)
            if container is not one.shown or one.gone_at is not None:
                one.shown, one.row = container, container_row(container)
                now = identity(container)
                if now != one.last or one.gone_at is not None:
                    one.seen(at, now)
            one.place = place
            if one.row is not None:
                (one.seconds or one.rows()[0]).add(tick, one.row)
        present = tuple(container.id for container in fleet.containers)
        if present != self._present:
            for gone in set(self._present).difference(present):
                if gone in kept:
                    kept[gone].gone(at)
            self._present = present

    def at(self, at: float) -> FleetSnapshot | None:
        """The containers at a moment, without events; `None` outside of what is kept."""
        span = self.span()
        if span is None or not span[0] <= at <= span[1]:
            return None
        engine_at = max(0, bisect_right(self._engines, at, key=lambda known: known[0]) - 1)
        _, engine, measured_from = self._engines[engine_at]
        there = sorted(self._kept.values(), key=lambda one: one.place)
        containers = [container_of(what, self._usage(one, at)) for one in there if (what := one.at(at)) is not None]
        return FleetSnapshot(engine, tuple(containers), measured_from=measured_from)

    def series(self, container_id: str, metric: str, since: float, until: float) -> Series:
        """A metric of a container over time; empty when nothing is kept of it.

        Raises:
            KeyError: for a metric that is none of `METRICS`.
        """
        what = METRICS[metric]
        one = self._kept.get(container_id)
        if one is None or one.seconds is None or one.minutes is None:
            return Series()
        cpus = self._engines[-1][1].cpus
        parts = []
        for ticks, rows in ((self._minutes, one.minutes), (self._ticks, one.seconds)):
            low, high = ticks.upto(since), ticks.upto(until)
            first = max(ticks.first, rows.oldest, ticks.first if low is None else low)
            count = 0 if high is None else max(0, high + 1 - first)
            values = array("f", column_of(what, partial(_column, rows, first, count), cpus))
            parts.append(Series(ticks.times(first, count), values).between(since, until))
        return parts[0].then(parts[1])

    def ticks_between(self, since: float, until: float) -> Sequence[float]:
        """The moments of the readings from `since` to `until`, Unix time in seconds."""
        times = self._ticks.times(self._ticks.first, self._ticks.next - self._ticks.first)
        return times[bisect_left(times, since) : bisect_right(times, until)]

    def _usage(self, one: KeptContainer, at: float) -> ContainerUsage | None:
        if one.seconds is None or one.minutes is None:
            return None
        tick = self._ticks.upto(at)
        if tick is not None and tick >= one.seconds.complete_from:
            when = self._ticks.time(tick)
            row = one.seconds.at(tick) if at - when <= self._gap else None
            before = self._ticks.time(tick - 1) if tick > self._ticks.first else when - 1.0
            return None if row is None else usage_of(row, min(round(when - before, 3), self._gap))
        row = one.minutes.at(self._minutes.around(at))
        return None if row is None else usage_of(row, MINUTE)

    def _end_minute(self) -> None:
        """Add the means of the minute that is over."""
        first, count = self._minute_tick, self._ticks.next - self._minute_tick
        self._minute_tick = self._ticks.next
        minute = self._minutes.add(self._ticks.time(self._ticks.next - 1))
        for one in self._kept.values():
            if one.seconds and one.minutes and one.seconds.next > first:
                means = one.seconds.means(max(first, one.seconds.oldest), count)
                if means is not None:
                    one.minutes.add(minute, means)

    def _fit(self, at: float) -> None:
        """Forget what is older than a day, and keep within the bounds: first what is gone goes, then all is shorter."""
        kept = self._kept
        gone = sorted((when, name) for name, one in kept.items() if (when := one.gone_at) is not None)
        most = min(MOST_BYTES, max(BASE_BYTES, CONTAINER_BYTES * (len(kept) - len(gone))))
        used = self.data_bytes
        for when, name in gone:
            if used <= most and when > at - MINUTES * MINUTE:
                break
            used -= kept.pop(name).data_bytes
        row = sum(one.tick_bytes for one in kept.values())
        hour = sum(one.tick_bytes for name, one in kept.items() if name in self._chosen) * CHOSEN_SECONDS
        rows = max(0, most - hour - PLAIN_BYTES * len(kept)) // row if row else SECONDS + MINUTES
        # The day gives way before the ten minutes do.
        seconds = min(SECONDS, max(_FEWEST_SECONDS, round(rows * _SHARE_OF_SECONDS)))
        self._caps = seconds, min(MINUTES, max(_FEWEST_MINUTES, rows - seconds))
        for name, one in kept.items():
            one.limit(CHOSEN_SECONDS if name in self._chosen else self._caps[0], self._caps[1])


def _column(rows: FigureRows, first: int, count: int, name: str) -> Sequence[float]:
    return rows.column(CONTAINER_FIGURES.index(name), first, count)
