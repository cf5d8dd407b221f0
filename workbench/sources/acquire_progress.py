"""Telling how far an acquisition is: not more often than a screen can show."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from threading import Event

from workbench.errors import Stopped
from workbench.model.acquired import AcquireProgress, LayerFigures, Stage
from workbench.model.images import ImageDetail
from workbench.model.layer_index import LayerIndex
from workbench.sources.base import Clock

Tell = Callable[[AcquireProgress], object]
_PAUSE_SECONDS = 0.1
_RATE_SECONDS = 2.0


class Teller:
    """Keeps the state of an acquisition and tells it.

    Args:
        tell: Told on the acquiring thread; may be called often and must not block.
        stop: Set by the user to give up.
        clock: A test holds it still.
    """

    def __init__(self, tell: Tell, stop: Event, clock: Clock = time.monotonic) -> None:
        self._tell = tell
        self._stop = stop
        self._clock = clock
        self._now = AcquireProgress("inspect")
        self._diff_ids: tuple[str, ...] = ()
        self._figures: dict[int, LayerFigures] = {}
        self._told_at = 0.0
        self._rate_at, self._rate_bytes = 0.0, 0

    def check(self) -> None:
        """Give up when the user wants that.

        Raises:
            Stopped: then.
        """
        if self._stop.is_set():
            raise Stopped("stopped")

    def stage(self, stage: Stage, message: str, bytes_total: int | None = None) -> None:
        """A new part of the work begins."""
        self.check()
        self._rate_at, self._rate_bytes = self._clock(), 0
        self._now = replace(
            self._now, stage=stage, message=message, bytes_done=0, bytes_total=bytes_total, bytes_per_second=None
        )
        self._say()

    def expect(self, diff_ids: Sequence[str], detail: ImageDetail | None = None) -> None:
        """The image's layers are known, base first, and maybe what inspect tells."""
        self._diff_ids = tuple(diff_ids)
        self._now = replace(self._now, detail=detail, layers_total=len(self._diff_ids))
        self._say()

    def layer(self, index: LayerIndex | None) -> None:
        """One more layer is complete; `None` where it is not known yet which one."""
        if index is not None:
            self._know(index.diff_id, index.shipped_bytes, len(index))
        self._now = replace(self._now, layers_done=min(self._now.layers_done + 1, self._now.layers_total))
        self._tell(replace(self._now, layer=index))
        self._told_at = self._clock()

    def known(self, diff_id: str, shipped_bytes: int, entries: int) -> None:
        """A layer that was counted as complete turns out to be this one."""
        if self._know(diff_id, shipped_bytes, entries):
            self._say()

    def _know(self, diff_id: str, shipped_bytes: int, entries: int) -> bool:
        """Note it at every place that the layer has."""
        places = [place for place, each in enumerate(self._diff_ids) if each == diff_id and place not in self._figures]
        if places:
            self._figures |= {place: LayerFigures(place, shipped_bytes, entries) for place in places}
            self._now = replace(self._now, figures=tuple(self._figures[place] for place in sorted(self._figures)))
        return bool(places)

    def passed(self, size: int) -> None:
        """Bytes came; 0 to say that none did.

        Raises:
            Stopped: when the user gives up.
        """
        self.check()
        done = self._now.bytes_done + size
        if size and self._now.stage == "waiting":
            self._now = replace(self._now, stage="stream", message="the engine sends the image")
            self._rate_at, self._told_at = self._clock(), 0.0
        self._now = replace(self._now, bytes_done=done)
        now = self._clock()
        if now - self._told_at < _PAUSE_SECONDS:
            return
        if now - self._rate_at >= _RATE_SECONDS:
            rate = (done - self._rate_bytes) / (now - self._rate_at)
            self._now = replace(self._now, bytes_per_second=rate)
            self._rate_at, self._rate_bytes = now, done
        self._say()

    def _say(self) -> None:
        self._told_at = self._clock()
        self._tell(self._now)
