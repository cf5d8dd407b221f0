"""Compare: before and after, and what each change is worth."""

from types import ModuleType
from typing import ClassVar

from textual import on
from textual.reactive import var

from screens.commands.table import bindings_for
from screens.compare import panes
from screens.compare.panes.figures import FiguresPane
from screens.mode import ModeScreen
from screens.text_screen import TextScreen
from screens.widgets.live_table import LiveTable
from workbench.comparing.marks import LENGTHS, USUAL_SECONDS
from workbench.measure.compare.words import page
from workbench.measure.units import duration
from workbench.model.comparison import ComparedRow, Comparison
from workbench.model.reading import Fresh, Reading

AGAIN_SECONDS = 10.0
"""How often two marks are compared again while there is more after B."""
_ON_ROWS = frozenset({"open", "order", "filter", "copy", "markdown"})


class CompareScreen(ModeScreen):
    """What was chosen to be compared, else the marks A and B."""

    MODE: ClassVar[str] = "compare"
    PANES: ClassVar[ModuleType] = panes
    AUTO_FOCUS: ClassVar[str | None] = "#figures"
    VERTICAL_BREAKPOINTS = [(0, "-short"), (34, "-tall")]  # noqa: RUF012  Textual declares it
    BINDINGS = bindings_for("compare")  # type: ignore[assignment]
    WAYS: ClassVar[tuple[str, ...]] = (
        "A on a container marks before, B marks after: the minute up to A is held against the minute from B on.",
        "Space on two runs (7) chooses them, c compares them.",
        "c on two images (3) puts them side by side.",
        "workbench compare BEFORE AFTER  does it without the screens.",
    )

    comparison: var[Reading[Comparison] | None] = var(None)
    """`None` until it is worked out."""
    chosen: var[ComparedRow | None] = var(None)
    """The figure under the cursor."""
    by_verdict: var[bool] = var(False)
    """Whether the worst is on top."""
    words: var[str] = var("")
    """Only rows with these words."""
    seconds: var[float] = var(USUAL_SECONDS)
    """How long a side of two marks is."""

    def __init__(self) -> None:
        super().__init__()
        self._asked = 0
        self._marks: tuple[float, ...] = ()

    def on_mount(self) -> None:
        """Compare, and again while more comes."""
        super().on_mount()
        self.watch(self.workbench, "compared", self._compare, init=False)
        if not self.workbench.still:
            self.set_interval(AGAIN_SECONDS, self._again)
        self._compare()

    def on_screen_resume(self) -> None:
        """On screen again: perhaps the marks were moved."""
        if self.workbench.compared is None and self._marks_now() != self._marks:
            self._compare()

    def _again(self) -> None:
        if self.workbench.compared is None and self.workbench.current_mode == self.MODE:
            after = max(self._marks, default=0.0) + self.seconds
            if self._marks_now() != self._marks or self.workbench.session.history.now() < after + AGAIN_SECONDS:
                self._compare()

    def _marks_now(self) -> tuple[float, ...]:
        marks = self.workbench.session.history.marks()
        return tuple(marks[label].at for label in sorted(marks))

    def _compare(self) -> None:
        """Work out what is chosen, on a thread; the newest question wins."""
        self._asked += 1
        asked, app = self._asked, self.workbench
        self._marks = self._marks_now()

        def done(reading: Reading[Comparison]) -> None:
            def show() -> None:
                if asked == self._asked and self.is_attached:
                    self.comparison = reading
                    self._choose()
                    self.refresh_bindings()

            app.deliver(show)

        if app.compared is None:
            app.session.compare_marks(self.seconds, done)
        else:
            app.session.compare_runs(*app.compared, done)

    @on(LiveTable.Highlighted, "#figures")
    def _choose(self) -> None:
        self.chosen = self.query_one(FiguresPane).current()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without rows there is nothing to read; marks alone have spans that can be longer."""
        if action in _ON_ROWS and not isinstance(self.comparison, Fresh):
            return False
        if action == "length" and self.workbench.compared is not None:
            return False
        if action in ("swap", "marks") and self.workbench.compared is None:
            return False
        return super().check_action(action, parameters)

    def apply_filter(self, words: str) -> None:
        """Show only rows with these words."""
        self.words = words

    @on(LiveTable.Opened, "#figures")
    def action_open(self) -> None:
        """Read everything about the figure under the cursor."""
        row = self.query_one(FiguresPane).current()
        if row is not None and isinstance(self.comparison, Fresh):
            self.app.push_screen(TextScreen(row.title, page(row, self.comparison.value)))

    def action_order(self) -> None:
        """The worst on top, or the usual order again."""
        self.by_verdict = not self.by_verdict

    def action_length(self) -> None:
        """Hold longer spans against each other, or the shortest again."""
        self.seconds = LENGTHS[(LENGTHS.index(self.seconds) + 1) % len(LENGTHS)]
        self.workbench.say(f"{duration(self.seconds)} on either side")
        self._compare()

    def action_marks(self) -> None:
        """Compare the marks instead of the runs that were chosen."""
        self.workbench.compared = None

    def action_swap(self) -> None:
        """Exchange before and after."""
        compared = self.workbench.compared
        if compared is not None:
            self.workbench.compared = compared[::-1]

    def action_copy(self) -> None:
        """Copy the row under the cursor."""
        from workbench.measure.compare.words import change, told

        row = self.query_one(FiguresPane).current()
        if row is not None:
            sides = f"{told(row.before, row.unit)} → {told(row.after, row.unit)}"
            self.copy(f"{row.title}: {sides}, {change(row)}, {row.words}")

    def action_markdown(self) -> None:
        """Copy the whole table as Markdown."""
        from workbench.measure.compare.markdown import markdown_lines

        if isinstance(self.comparison, Fresh):
            self.copy("\n".join(markdown_lines(self.comparison.value)), "the table as Markdown")
