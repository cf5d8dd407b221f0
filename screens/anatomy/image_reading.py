"""The acquisition of one image as its screen sees it: begun, told of, stopped, begun again."""

from collections.abc import Callable
from threading import Event
from typing import TYPE_CHECKING

from workbench.anatomy import ImageAnatomy
from workbench.model.acquired import AcquireProgress
from workbench.model.images import ImageSource
from workbench.model.reading import Missing, Reading

if TYPE_CHECKING:
    from screens.app import WorkbenchApp

STOPPED = Missing("stopped: R reads the image again")


class ImageReading:
    """Reads an image; what comes from a reading that was stopped or begun again is not told.

    Args:
        app: Runs it on a thread of its own.
        source: Id of the image, or the archive that it is in.
        on_progress: Told how far it is, on the app's thread.
        on_done: Gets what was found, or why nothing was, on the app's thread.
    """

    def __init__(
        self,
        app: "WorkbenchApp",
        source: ImageSource,
        on_progress: Callable[[AcquireProgress], object],
        on_done: Callable[[Reading[ImageAnatomy]], object],
    ) -> None:
        self._app = app
        self._source = source
        self._on_progress = on_progress
        self._on_done = on_done
        self._stop = Event()
        self._turn = 0

    def begin(self) -> None:
        """Read it, from now on."""
        self._turn += 1
        self._stop = stop = Event()
        turn, app = self._turn, self._app
        app.doing = "reading the image · Esc stops it"

        def told(progress: AcquireProgress) -> None:
            app.deliver(lambda: self._on_progress(progress) if turn == self._turn else None)

        def done(reading: Reading[ImageAnatomy]) -> None:
            app.deliver(lambda: self._done(turn, reading))

        app.session.image_jobs.analyse(self._source, told, done, stop)

    def _done(self, turn: int, reading: Reading[ImageAnatomy]) -> None:
        if turn == self._turn:
            self._app.doing = ""
            self._on_done(STOPPED if self._stop.is_set() else reading)

    def stop(self) -> None:
        """Give up; nothing more is told."""
        self._stop.set()
        self._turn += 1
        self._app.doing = ""
