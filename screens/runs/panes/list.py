"""Every stored run, one row each."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.reactive import var

from screens.pane import Pane
from screens.runs.rows import COLUMNS, DESCENDING, SORTS, matching, ordered, rows
from screens.trouble import Trouble
from screens.widgets.line import Part, Rule
from screens.widgets.live_table import LiveTable
from workbench.measure.units import counted
from workbench.model.reading import Fresh, Missing
from workbench.model.runs import RunSummary

if TYPE_CHECKING:
    from screens.runs.screen import RunsScreen


class RunListPane(Pane):
    """A title and the table."""

    ORDER: ClassVar[int] = 10
    sort: var[str] = var("when")
    descending: var[bool] = var(True)
    words: var[str] = var("")

    def compose(self) -> ComposeResult:
        """A title, the table, and the place for trouble."""
        yield Rule(id="title")
        yield LiveTable(COLUMNS, empty="reading the store", id="runs")
        yield Trouble()

    def on_mount(self) -> None:
        """Follow the runs and how they are to be shown."""
        self.query_one(Trouble).display = False
        self._by_id: dict[str, RunSummary] = {}
        for watched in ("runs", "chosen", "sides"):
            self.watch(self.screen, watched, self._draw, init=False)
        for choice in ("sort", "descending", "words"):
            self.watch(self, choice, self._draw, init=False)
        self._draw()

    def _draw(self) -> None:
        screen = cast("RunsScreen", self.screen)
        reading, table, title = screen.runs, self.query_one(LiveTable), self.query_one("#title", Rule)
        trouble = self.query_one(Trouble)
        trouble.display = isinstance(reading, Missing)
        table.display = not trouble.display
        if isinstance(reading, Missing):
            trouble.explain(reading, "workbench runs  says the same without the screens.")
        if not isinstance(reading, Fresh):
            title.title("Runs")
            return
        everything = reading.value
        shown = ordered(matching(everything, self.words), self.sort, descending=self.descending)
        self._by_id = {str(run.id): run for run in shown}
        table.say_empty(
            "Nothing contains these words: Esc clears the filter"
            if self.words
            else "No runs yet: p profiles a container, R records the session, workbench compare keeps what it found"
        )
        table.mark_sorted(self.sort, self.descending)
        table.show(rows(shown, screen.chosen, screen.sides))
        notes = [Part(f"sort {self.sort} {'▾' if self.descending else '▴'}", "dim", "screen.sort")]
        if self.words:
            notes.append(Part(f"filter {self.words}", "accent", "screen.filter"))
        if screen.chosen:
            notes.insert(0, Part(f"{len(screen.chosen)} chosen: c compares two", "accent"))
        if screen.sides:
            counts = [sum(side == name for side in screen.sides.values()) for name in "AB"]
            notes.insert(0, Part(f"A {counts[0]} · B {counts[1]}: c compares, Esc forgets", "accent", "screen.compare"))
        some = f"{len(shown)} of " if len(shown) != len(everything) else ""
        title.title(f"{some}{counted(len(everything), 'run')}", *notes)

    def current(self) -> RunSummary | None:
        """The run under the cursor."""
        return self._by_id.get(self.query_one(LiveTable).current or "")

    def sort_by(self, column: str) -> None:
        """Sort by a column; by the same one again, turn the order round."""
        if column == self.sort:
            self.descending = not self.descending
        elif column in SORTS:
            self.set_reactive(RunListPane.descending, column in DESCENDING)
            self.sort = column

    def sort_next(self) -> None:
        """Sort by the next column that can be sorted by."""
        self.sort_by(SORTS[(SORTS.index(self.sort) + 1) % len(SORTS)])


PANE = RunListPane
