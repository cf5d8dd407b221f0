"""A screen of what lies behind a comparison's figure: read on a thread, and left for the comparison."""

from typing import ClassVar

from screens.mode import ModeScreen
from workbench.model.comparison import Comparison


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

    def leave_level(self) -> bool:
        """Back to the comparison."""
        self.app.pop_screen()
        return True

    def can_go_back(self) -> bool:
        """There is always the comparison."""
        return True
