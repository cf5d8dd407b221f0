"""The table of functions."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult

from screens.pane import Pane
from screens.profile.rows import MOST_ROWS, function_columns, function_rows, ordered
from screens.widgets.line import Part, Rule
from screens.widgets.live_table import LiveTable
from workbench.measure.units import counted

if TYPE_CHECKING:
    from screens.profile.screen import ProfileScreen


class FunctionsPane(Pane):
    """Every function, sorted and filtered."""

    ORDER: ClassVar[int] = 30

    def compose(self) -> ComposeResult:
        """A title and the table."""
        yield Rule(id="title")
        yield LiveTable(function_columns("samples", sampled=True), id="functions")

    def on_mount(self) -> None:
        """Follow what is worked out and how it is to be sorted."""
        for name in ("state", "sort", "descending", "filter_words"):
            self.watch(self.screen, name, self._draw, init=name == "state")

    def _draw(self) -> None:
        screen = cast("ProfileScreen", self.screen)
        table, title = self.query_one(LiveTable), self.query_one("#title", Rule)
        state = screen.state
        table.mark_sorted(screen.sort, screen.descending)
        if state is None:
            table.say_empty("the frames are being worked out")
            table.show([])
            return
        found = ordered(
            state.functions, screen.sort, descending=screen.descending, words=screen.filter_words, unit=state.unit
        )
        table.say_empty("No function's name or file contains these words: Esc clears the filter")
        called = not state.choices.by_number and any(each.calls is not None for each in state.functions)
        columns = function_columns(state.unit, sampled=bool(state.samples), called=called)
        table.use_columns(columns)
        table.show(function_rows(found[:MOST_ROWS], columns, state.unit, state.whole, state.samples))
        notes = [Part(f"sort {screen.sort} {'▾' if screen.descending else '▴'}", "dim", "screen.sort")]
        if len(found) > MOST_ROWS:
            notes.insert(0, Part(f"the first {MOST_ROWS:,}", "watch", "screen.filter"))
        if screen.filter_words:
            notes.append(Part(f"filter {screen.filter_words}", "accent", "screen.filter"))
        title.title(counted(len(found), "function").capitalize(), *notes)


PANE = FunctionsPane
