"""The builds that are kept, newest first."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.reactive import var

from screens.build.kept_rows import COLUMNS, kept_rows
from screens.pane import Pane
from screens.runs.rows import matching
from screens.trouble import Trouble
from screens.widgets.line import Part, Rule
from screens.widgets.live_table import LiveTable
from workbench.measure.units import counted
from workbench.model.reading import Fresh, Missing

if TYPE_CHECKING:
    from screens.build.screen import BuildScreen


class KeptPane(Pane):
    """A title and the table."""

    ORDER: ClassVar[int] = 20
    words: var[str] = var("")
    """The filter."""

    def compose(self) -> ComposeResult:
        """A title, the table, and the place for trouble."""
        yield Rule(id="kept-title")
        yield LiveTable(COLUMNS, empty="reading the runs", id="builds")
        yield Trouble()

    def on_mount(self) -> None:
        """Follow the runs and the filter."""
        self.watch(self.screen, "kept", self._draw, init=False)
        self.watch(self, "words", self._draw, init=False)
        self._draw()

    def _draw(self) -> None:
        reading = cast("BuildScreen", self.screen).kept
        table, trouble, title = self.query_one(LiveTable), self.query_one(Trouble), self.query_one("#kept-title", Rule)
        trouble.display = isinstance(reading, Missing)
        table.display = not trouble.display
        if isinstance(reading, Missing):
            trouble.explain(reading, "workbench runs  says the same without the screens.")
        runs = reading.value if isinstance(reading, Fresh) else ()
        shown = matching(runs, self.words)
        if isinstance(reading, Fresh):
            table.say_empty(
                "Nothing contains these words: Esc clears the filter" if self.words else "No build is kept yet"
            )
        table.show(kept_rows(shown))
        notes = [Part(f"filter {self.words}", "accent", "screen.filter")] if self.words else []
        some = f"{len(shown)} of " if len(shown) != len(runs) else ""
        title.title(f"Earlier builds · {some}{counted(len(runs), 'run')}" if runs else "Earlier builds", *notes)


PANE = KeptPane
