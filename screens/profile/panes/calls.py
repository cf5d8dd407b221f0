"""Who calls the chosen function, and whom it calls."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult

from screens.pane import Pane
from screens.profile.rows import neighbour_columns, neighbour_rows
from screens.profile.words import where
from screens.widgets.line import Part, Rule
from screens.widgets.live_table import LiveTable
from workbench.measure.flame.functions import Neighbour

if TYPE_CHECKING:
    from screens.profile.screen import ProfileScreen


class CallsPane(Pane):
    """Two tables, the callers above the callees."""

    ORDER: ClassVar[int] = 40

    def compose(self) -> ComposeResult:
        """Each under its title."""
        yield Rule(id="callers-title")
        yield LiveTable(neighbour_columns("samples"), empty="Nobody calls it, as far as was seen", id="callers")
        yield Rule(id="callees-title")
        yield LiveTable(neighbour_columns("samples"), empty="It calls nothing, as far as was seen", id="callees")

    def on_mount(self) -> None:
        """Follow the chosen function."""
        for name in ("state", "neighbours"):
            self.watch(self.screen, name, self._draw, init=name == "state")

    def _draw(self) -> None:
        screen = cast("ProfileScreen", self.screen)
        state, chosen = screen.state, screen.chosen
        callers, callees = screen.neighbours
        for name, word, found in (("callers", "Callers of", callers), ("callees", "Called by", callees)):
            title = self.query_one(f"#{name}-title", Rule)
            title.title(f"{word} {chosen.name if chosen else '–'}", Part(where(chosen) if chosen else "", "dim"))
            table = self.query_one(f"#{name}", LiveTable)
            table.use_columns(neighbour_columns(state.unit if state else "samples"))
            table.show([] if state is None else neighbour_rows(found, state.unit, state.whole))

    def neighbour(self, table: str) -> Neighbour | None:
        """The function under the cursor of one of the tables."""
        found = cast("ProfileScreen", self.screen).neighbours[table == "callees"]
        key = self.query_one(f"#{table}", LiveTable).current
        return found[int(key)] if key is not None and int(key) < len(found) else None


PANE = CallsPane
