"""The steps as a timeline: a row for each, its bar on an axis of time that they share."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult

from screens.build_view.part import BuildPane
from screens.build_view.rows import axis_of, columns, instruction, listed, rows, state_of
from screens.build_view.shown import Shown
from screens.build_view.words import page
from screens.widgets.live_table import LiveTable


class StepsPane(BuildPane):
    """The table. Its cursor follows what runs until the user moves it, and goes to the step that failed."""

    ORDER: ClassVar[int] = 20
    MAIN: ClassVar[str] = "#steps"

    def compose(self) -> ComposeResult:
        """The table alone: the header above has the title."""
        yield LiveTable(columns(Shown(""), 1.0, 0), empty="no step is known yet", id="steps")

    def on_mount(self) -> None:
        """Follow the build, and how its steps are to be shown."""
        self._follows = True
        """Whether the cursor is where we put it."""
        self._put: str | None = None
        self._ended = False
        for watched in ("shown", "order", "words", "internal"):
            self.watch(self.screen, watched, self._draw, init=False)
        self._draw()

    def on_resize(self) -> None:
        """The bars have more room now, or less."""
        self.call_after_refresh(self._draw)

    @property
    def table(self) -> LiveTable:
        """The steps."""
        return self.query_one(LiveTable)

    def _draw(self) -> None:
        view, shown, table = self.view, self.view.shown, self.table
        places = listed(shown, view.order, view.words, internal=view.internal)
        axis = axis_of(shown)
        table.use_columns(columns(shown, axis, table.width_of("chart")))
        width = table.width_of("chart")
        table.use_columns(columns(shown, axis, width))  # the scale over the bars is as wide as they are
        if not shown.steps:
            table.say_empty("no step is known yet" if shown.running else "there is no step to show")
        elif view.words:
            table.say_empty("No step contains these words: Esc clears the filter")
        else:
            table.say_empty("Only the builder's own short steps so far: i shows them")
        if view.order != "stage":
            table.mark_sorted("seconds" if view.order == "cost" else "worth", descending=True)
        else:
            table.mark_sorted("", descending=False)
        follow = self._to_follow(shown, places)
        table.show(rows(shown, places, axis, width, with_stage=not table.has_room_for("step")))
        if follow is not None:
            self._put = str(follow)
            table.go_to(self._put)

    def _to_follow(self, shown: Shown, places: list[int]) -> int | None:
        """The step that the cursor is to be put on; `None` leaves it where it is."""
        ended, self._ended = self._ended, not shown.running
        if not shown.running and not ended and shown.failed is not None:
            return shown.failed
        if not self._follows:
            return None
        if shown.running:
            return next((place for place in reversed(places) if state_of(shown.steps[place], shown) == "running"), None)
        if not ended and shown.build is not None and shown.build.was_stopped:
            return next((place for place in reversed(places) if state_of(shown.steps[place], shown) == "stopped"), None)
        if not ended and shown.graph and shown.steps:
            return max(range(len(shown.steps)), key=lambda place: shown.steps[place].seconds)
        return None

    @on(LiveTable.Highlighted, "#steps")
    def _moved(self, event: LiveTable.Highlighted) -> None:
        key = event.key
        self.view.chosen = int(key) if key is not None else None

    def on_key(self) -> None:
        """Whoever moves the cursor keeps it: called before the table has moved it."""
        self.call_after_refresh(self._look)

    def on_click(self) -> None:
        """The same with the mouse."""
        self.call_after_refresh(self._look)

    def _look(self) -> None:
        if self._put is not None and self.table.current != self._put:
            self._follows = False

    def to_read(self) -> tuple[str, str] | None:
        """Everything about the step."""
        place, shown = self.view.chosen, self.view.shown
        return ("The step", page(shown, place)) if place is not None and place < len(shown.steps) else None

    def to_copy(self) -> tuple[str, str]:
        """Its instruction."""
        place, shown = self.view.chosen, self.view.shown
        known = place is not None and place < len(shown.steps)
        return (instruction(shown.steps[place or 0]) if known else "", "the instruction")


PANE = StepsPane
