"""Every figure before and after, with bars, the change, its interval and the verdict."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult

from screens.compare.rows import COLUMNS, doubts, rows, summary
from screens.pane import Pane
from screens.trouble import Trouble
from screens.widgets.line import Line, Part, Rule
from screens.widgets.live_table import LiveTable
from workbench.measure.compare.words import heading
from workbench.model.comparison import ComparedRow
from workbench.model.reading import Fresh, Missing

if TYPE_CHECKING:
    from screens.compare.screen import CompareScreen

MOST_DOUBTS = 3
"""Lines that reasons to doubt may take."""


FRAME = 2
"""The title and the headings."""
TALL = 34
"""Rows of the screen from which on the readings are shown."""
OTHERS = 13
"""Rows that are not this pane's: the app's own four, and the least that the readings need."""


class FiguresPane(Pane):
    """A title, reasons to doubt, and the table."""

    ORDER: ClassVar[int] = 10

    def compose(self) -> ComposeResult:
        """From the top."""
        yield Rule(id="title")
        for place in range(MOST_DOUBTS):
            yield Line(id=f"doubt-{place}")
        yield LiveTable(COLUMNS, empty="nothing is compared yet", id="figures")
        yield Trouble()

    def on_mount(self) -> None:
        """Follow what is compared and how it is to be shown."""
        for choice in ("comparison", "by_verdict", "words"):
            self.watch(self.screen, choice, self._draw)

    @property
    def _screen(self) -> "CompareScreen":
        return cast("CompareScreen", self.screen)

    def _draw(self) -> None:
        screen, table, trouble = self._screen, self.query_one(LiveTable), self.query_one(Trouble)
        reading = screen.comparison
        trouble.display = isinstance(reading, Missing)
        table.display = not trouble.display
        title = self.query_one("#title", Rule)
        lines: list[Part] = []
        if isinstance(reading, Missing):
            trouble.explain(reading, *screen.WAYS)
            title.title("Compare")
            table.show([])
        elif not isinstance(reading, Fresh):
            title.title("Compare", Part("working it out", "dim"))
            table.show([])
        else:
            lines = doubts(reading.value)
            title.title(heading(reading.value), *summary(reading.value))
            table.say_empty("Nothing contains these words: Esc clears the filter")
            table.show(rows(reading.value, by_verdict=screen.by_verdict, words=screen.words))
        self._tell(lines)
        self._fit(min(len(lines), MOST_DOUBTS))

    def _fit(self, lines: int) -> None:
        """As high as its rows, with room left for the readings; all there is where they are not shown."""
        height = self.app.size.height
        needs = FRAME + lines + self.query_one(LiveTable).row_count
        shown = isinstance(self._screen.comparison, Fresh) and height >= TALL
        self.styles.height = min(needs, height - OTHERS) if shown else "1fr"

    def on_resize(self) -> None:
        """Fit again."""
        self._draw()

    def _tell(self, lines: list[Part]) -> None:
        for place in range(MOST_DOUBTS):
            line = self.query_one(f"#doubt-{place}", Line)
            line.display = place < len(lines)
            if line.display:
                left = len(lines) - MOST_DOUBTS
                more = f"   and {left} more: d" if place == MOST_DOUBTS - 1 and left > 0 else ""
                line.show([Part("  "), lines[place], Part(more, "dim")])

    def current(self) -> ComparedRow | None:
        """The figure under the cursor."""
        reading, key = self._screen.comparison, self.query_one(LiveTable).current
        if not isinstance(reading, Fresh):
            return None
        return next((row for row in reading.value.rows if row.metric == key), None)


PANE = FiguresPane
