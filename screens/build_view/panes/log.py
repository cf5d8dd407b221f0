"""What the step under the cursor wrote. It follows the end until it is scrolled."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult

from screens.build_view.log_lines import lines_of
from screens.build_view.log_rows import StepLogRows
from screens.build_view.part import BuildPane
from screens.build_view.rows import instruction, state_of, step_name
from screens.build_view.shown import Shown
from screens.widgets.line import Part, Rule
from workbench.measure.log_text import without_escapes
from workbench.measure.text import printable
from workbench.measure.units import counted

_NOTHING = {
    "waiting": "it has not begun",
    "not run": "it did not run",
    "cached": "it came from the cache: what it wrote belongs to the build that ran it",
    "running": "nothing was written yet",
}


class StepLogPane(BuildPane):
    """A title and the lines."""

    ORDER: ClassVar[int] = 30

    def compose(self) -> ComposeResult:
        """A title and the lines."""
        yield Rule(id="log-title")
        yield StepLogRows(id="log")

    def on_mount(self) -> None:
        """Follow the build and the cursor."""
        self._of: int | None = None
        self._text = ""
        for watched in ("shown", "chosen"):
            self.watch(self.screen, watched, self._draw, init=False)
        self._draw()

    @property
    def rows(self) -> StepLogRows:
        """The lines with their cursor."""
        return self.query_one(StepLogRows)

    def _draw(self) -> None:
        shown, place, rows = self.view.shown, self.view.chosen, self.rows
        if place is None or place >= len(shown.steps):
            self._of, self._text = None, ""
            rows.say_empty("")
            rows.show((), follow=True)
            self.query_one("#log-title", Rule).title("Log")
            return
        step = shown.steps[place]
        if not step.log:
            rows.say_empty(_NOTHING.get(state_of(step, shown), "it wrote nothing"))
        if place != self._of or (step.log != self._text and rows.following):
            self._of, self._text = place, step.log
            rows.show(lines_of(step.log), follow=True)
        self._title(shown, place)

    def _title(self, shown: Shown, place: int) -> None:
        step = shown.steps[place]
        name = step_name(step) or instruction(step)
        lines = counted(self.rows.line_count, "line")
        notes = []
        if not self.rows.following:
            more = ", more below" if step.log != self._text else ""
            notes.append(Part(f"held{more}: f follows", "watch", "screen.newest"))
        elif shown.running and self.rows.line_count:
            notes.append(Part("following", "good"))
        self.query_one("#log-title", Rule).title(f"Log of {name} · {lines}", *notes)

    @on(StepLogRows.Highlighted)
    def _moved(self) -> None:
        self._draw()

    def to_read(self) -> tuple[str, str] | None:
        """The line in full."""
        place = self.rows.current
        return None if place is None else (f"line {place + 1}", self._line)

    def to_copy(self) -> tuple[str, str]:
        """The line."""
        return self._line, "the line"

    @property
    def _line(self) -> str:
        return printable(without_escapes(self.rows.current_line))

    def newest(self) -> None:
        """Go to the end, and follow it."""
        self.rows.action_edge(1)


PANE = StepLogPane
