"""What is kept of one container: what it was called and was doing, and its figures by the second and by the minute."""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import fields
from operator import attrgetter
from typing import Any

from workbench.measure.figure_rows import FigureRows
from workbench.measure.figures import CONTAINER_FIGURES
from workbench.model.containers import Container, ContainerUsage

Identity = tuple[Any, ...]
"""Every field of a `Container` but its usage and how old that is."""
_FIELDS = tuple(f.name for f in fields(Container) if f.name not in ("usage", "usage_age_seconds"))
identity: Callable[[Container], Identity] = attrgetter(*_FIELDS)
_STATUS = _FIELDS.index("status")
_STATUS_SECONDS = 60.0
"""How often a status that only counts on (`Up 5 minutes`) is kept anew."""
MOST_VERSIONS = 200
_VERSION_BYTES = 330
"""What a version takes: its tuples, its status, its time."""
_PLAIN_BYTES = 1300


class KeptContainer:
    """One container. Times are Unix seconds and rise.

    Args:
        seconds: Readings of its figures that are kept.
        minutes: Minutes that are kept.
    """

    __slots__ = ("_caps", "_versions", "gone_at", "last", "minutes", "place", "row", "seconds", "shown")

    def __init__(self, seconds: int, minutes: int) -> None:
        self._caps = (seconds, minutes)
        self._versions: list[tuple[float, Identity | None]] = []
        """What it was from when on; `None` is gone."""
        self.last: Identity | None = None
        """What it was when it was last seen."""
        self.seconds: FigureRows | None = None
        """`None` as long as it was never measured; so is the next."""
        self.minutes: FigureRows | None = None
        self.gone_at: float | None = None
        """Since when the engine does not list it any more."""
        self.shown: Container | None = None
        """As it was at the last reading, and the row that was made of it."""
        self.row: tuple[float | None, ...] | None = None
        self.place = 0
        """Its place in the newest snapshot that it was in."""

    @property
    def data_bytes(self) -> int:
        """About the memory that it takes."""
        rows = sum(each.data_bytes for each in (self.seconds, self.minutes) if each)
        return _PLAIN_BYTES + rows + _VERSION_BYTES * len(self._versions)

    @property
    def tick_bytes(self) -> int:
        """What each more tick takes."""
        return self.seconds.tick_bytes if self.seconds else 0

    def limit(self, seconds: int, minutes: int) -> None:
        """Keep fewer or more from now on."""
        self._caps = (seconds, minutes)
        if self.seconds:
            self.seconds.limit(seconds)
        if self.minutes:
            self.minutes.limit(minutes)

    def rows(self) -> tuple[FigureRows, FigureRows]:
        """Its figures by the second and by the minute, made now if it was never measured."""
        if self.seconds is None or self.minutes is None:
            self.seconds = FigureRows(len(CONTAINER_FIGURES), self._caps[0])
            self.minutes = FigureRows(len(CONTAINER_FIGURES), self._caps[1])
        return self.seconds, self.minutes

    def seen(self, at: float, now: Identity) -> None:
        """It is this, from this moment on."""
        before, self.last, self.gone_at = self.last, now, None
        if before is not None and self._versions[-1][1] is not None and before != now:
            only_counts = before[:_STATUS] + before[_STATUS + 1 :] == now[:_STATUS] + now[_STATUS + 1 :] and (
                before[_STATUS].partition("(")[2] == now[_STATUS].partition("(")[2]
            )
            if only_counts and at - self._versions[-1][0] < _STATUS_SECONDS:
                return
        self._versions.append((at, now))
        del self._versions[:-MOST_VERSIONS]

    def gone(self, at: float) -> None:
        """The engine does not list it any more."""
        self.gone_at = at
        self._versions.append((at, None))
        del self._versions[:-MOST_VERSIONS]

    def at(self, at: float) -> Identity | None:
        """What it was at a moment; `None` when it was not there."""
        place = bisect_right(self._versions, at, key=lambda version: version[0])
        return self._versions[place - 1][1] if place else None


def container_of(what: Identity, usage: ContainerUsage | None) -> Container:
    """The container that an identity was taken from, with some usage."""
    return Container(**dict(zip(_FIELDS, what, strict=True)), usage=usage)
