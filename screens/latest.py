"""Work of which only the newest matters: off the app's thread, one at a time, so that keys are painted meanwhile."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from workbench.model.reading import Fresh, Reading

if TYPE_CHECKING:
    from textual.timer import Timer

    from screens.app import WorkbenchApp

T = TypeVar("T")


class Owner(Protocol):
    """A pane or a screen of the app."""

    @property
    def workbench(self) -> "WorkbenchApp":
        """The app."""
        ...

    @property
    def is_attached(self) -> bool:
        """Whether it is still there to be told."""
        ...

    def set_timer(self, delay: float, callback: Callable[[], None]) -> "Timer":
        """Call back later."""
        ...


class Latest(Generic[T]):
    """Runs what was asked last; what was asked before it is not told any more, and not begun if it has to wait.

    Args:
        owner: The pane or screen that asks.
    """

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._turn = 0
        self._running = False
        self._waiting: Callable[[], None] | None = None

    def ask(self, work: Callable[[], T], then: Callable[[T], object], *, rest: float = 0) -> None:
        """Run `work` on another thread and hand what it gives to `then`, on the app's thread.

        Args:
            work: Something pure; what it raises is dropped.
            then: Not called when something else was asked meanwhile.
            rest: Seconds in which nothing else may be asked before it begins.
        """
        self._turn += 1
        turn = self._turn

        def begin() -> None:
            if turn != self._turn:
                return
            if self._running:
                self._waiting = begin
                return
            self._running = True
            app = self._owner.workbench
            app.session.work_out(work, lambda reading: app.deliver(lambda: done(reading)))

        def done(reading: Reading[T]) -> None:
            self._running = False
            if (waiting := self._waiting) is not None:
                self._waiting = None
                waiting()
            if turn == self._turn and isinstance(reading, Fresh) and self._owner.is_attached:
                then(reading.value)

        if rest:
            self._owner.set_timer(rest, begin)
        else:
            begin()

    def forget(self) -> None:
        """Nothing that was asked is wanted any more."""
        self._turn += 1
        self._waiting = None
