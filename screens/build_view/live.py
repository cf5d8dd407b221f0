"""A build that runs: what its thread tells becomes what is shown, once a second and not more often."""

import time
from collections.abc import Callable
from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING

from screens.build_view.shown import BuildClock, Shown
from workbench.model.build import Builder, BuildStep, BuildWish, EarlierBuilds
from workbench.model.opened_build import OpenedBuild
from workbench.model.reading import Reading

if TYPE_CHECKING:
    from screens.app import WorkbenchApp

_EARLY_SECONDS = 0.1
"""News may be shown so much before they are due."""


class LiveBuild:
    """Starts a build and follows it.

    Args:
        app: Whose session builds.
        wish: What.
        on_change: Gets, on the app's thread, what turns the build as it is shown into the newest.
        on_done: Gets what came of it, on the app's thread.
        is_seen: Whether anybody looks at it now; nothing changes while nobody does.
    """

    def __init__(
        self,
        app: "WorkbenchApp",
        wish: BuildWish,
        on_change: Callable[[Callable[[Shown], Shown]], object],
        on_done: Callable[[Reading[OpenedBuild]], object],
        is_seen: Callable[[], bool],
    ) -> None:
        self._app = app
        self._wish = wish
        self._on_change = on_change
        self._on_done = on_done
        self._is_seen = is_seen
        self._stop = Event()
        self._clock = BuildClock()
        self._steps: tuple[BuildStep, ...] = ()
        """The newest, set by the build's thread."""
        self._bytes_read = 0
        self._woken = False
        """Whether the app was told of news, and has not looked yet."""
        self._painted = 0.0

    def start(self) -> None:
        """Begin to build."""
        app = self._app
        app.session.builds.start(
            self._wish,
            lambda name, builder, earlier: app.deliver(lambda: self._begun(name, builder, earlier)),
            self._read,
            self._heard,
            lambda reading: app.deliver(lambda: self._on_done(reading)),
            self._stop,
        )

    def stop(self) -> None:
        """End it; what it made is removed."""
        self._stop.set()

    def _read(self, size: int) -> None:
        """On the build's thread."""
        self._bytes_read = size
        self._wake()

    def _heard(self, steps: tuple[BuildStep, ...]) -> None:
        """On the build's thread."""
        self._clock.hear(steps, self._app.session.clock())
        self._steps = steps
        self._wake()

    def _wake(self) -> None:
        if not self._woken:
            self._woken = True
            self._app.deliver(self._news)

    def _begun(self, name: str, builder: Builder, earlier: EarlierBuilds) -> None:
        self._on_change(lambda shown: replace(shown, name=name, builder=builder, earlier=earlier))

    def _news(self) -> None:
        self._woken = False
        if self._app.still and self._is_seen():
            self.paint()
        else:
            self.tick()

    def tick(self) -> None:
        """Paint the newest when it is due and seen."""
        if self._is_seen() and time.monotonic() - self._painted >= self._app.pace.interval - _EARLY_SECONDS:
            self.paint()

    def paint(self) -> None:
        """Paint the newest now."""
        self._painted = time.monotonic()
        steps, elapsed = self._steps, self._clock.elapsed(self._app.session.clock())
        read = self._bytes_read
        self._on_change(lambda shown: replace(shown, steps=steps, now=elapsed, bytes_read=read))
