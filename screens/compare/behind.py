"""A screen of what lies behind a comparison's figure: read on a thread, and left for the comparison."""

from collections.abc import Callable
from typing import ClassVar, TypeVar

from screens.mode import ModeScreen
from workbench.model.comparison import Comparison
from workbench.model.reading import Reading

T = TypeVar("T")


class BehindScreen(ModeScreen):
    """Lies on the comparison.

    Args:
        comparison: Whose runs keep what is read.
        metric: Of the row that it is opened from.
    """

    MODE: ClassVar[str] = "compare"

    def __init__(self, comparison: Comparison, metric: str) -> None:
        super().__init__()
        self.comparison = comparison
        self.metric = metric

    def read(self, work: Callable[[], T], come: Callable[[Reading[T]], object]) -> None:
        """Read something of the store on a thread, and take it on the app's own, if this screen is there by then."""
        app = self.workbench

        def done(reading: Reading[T]) -> None:
            if self.is_attached:
                come(reading)

        app.session.work_out(work, lambda reading: app.deliver(lambda: done(reading)))

    def leave_level(self) -> bool:
        """Back to the comparison."""
        self.app.pop_screen()
        return True

    def can_go_back(self) -> bool:
        """There is always the comparison."""
        return True
