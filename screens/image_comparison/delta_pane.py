"""A pane with one table of differences."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult

from screens.pane import Pane
from screens.widgets.line import Rule
from screens.widgets.live_table import Column, LiveTable, Row
from workbench.model.image_comparison import ImageComparison
from workbench.model.reading import Fresh, Missing

if TYPE_CHECKING:
    from screens.image_comparison.screen import ImageComparisonScreen


class DeltaPane(Pane):
    """A title and a table."""

    TABLE: ClassVar[str]
    COLUMNS: ClassVar[tuple[Column, ...]]
    NOTHING: ClassVar[str]
    """What to say when nothing differs."""

    def compose(self) -> ComposeResult:
        """A title and the table."""
        yield Rule(id="title")
        yield LiveTable(self.COLUMNS, id=self.TABLE)

    def on_mount(self) -> None:
        """Follow the comparison and how it is to be shown."""
        for name in ("comparison", "by_change", "words"):
            self.watch(self.screen, name, self._draw, init=name == "comparison")

    def rows(self, comparison: ImageComparison, *, by_change: bool, words: str) -> Sequence[Row]:
        """The rows as they are sorted and filtered."""
        raise NotImplementedError

    def title(self, comparison: ImageComparison) -> str:
        """What the rule says."""
        raise NotImplementedError

    def text(self, comparison: ImageComparison, place: int) -> str:
        """What there is to read of one row, by its key."""
        raise NotImplementedError

    def _draw(self) -> None:
        screen = cast("ImageComparisonScreen", self.screen)
        reading = screen.comparison
        table, title = self.query_one(LiveTable), self.query_one("#title", Rule)
        if not isinstance(reading, Fresh):
            title.title(self.TABLE.capitalize())
            table.say_empty(reading.reason if isinstance(reading, Missing) else "both images are still being read")
            table.show([])
            return
        table.say_empty("Nothing contains these words: Esc clears the filter" if screen.words else self.NOTHING)
        table.mark_sorted("delta" if screen.by_change else "", descending=True)
        table.show(self.rows(reading.value, by_change=screen.by_change, words=screen.words))
        title.title(self.title(reading.value))

    def current(self) -> int | None:
        """The key of the row under the cursor."""
        key = self.query_one(LiveTable).current
        return None if key is None else int(key)
