"""Compare: before and after, and what each change is worth."""

from threading import Event
from types import ModuleType
from typing import ClassVar

from textual import on
from textual.reactive import var

from screens.commands.table import bindings_for
from screens.compare import panes
from screens.compare.panes.figures import FiguresPane
from screens.compare.subject import ImagePair, KeptComparison
from screens.mode import ModeScreen
from screens.text_screen import TextScreen
from screens.widgets.live_table import LiveTable
from workbench.comparing.marks import LENGTHS, USUAL_SECONDS
from workbench.measure.compare.behind import behind
from workbench.measure.compare.words import page
from workbench.measure.units import duration
from workbench.model.comparison import ComparedRow, Comparison
from workbench.model.reading import Fresh, Missing, Reading

AGAIN_SECONDS = 10.0
"""How often two marks are compared again while there is more after B."""
READING = "reading both images · Esc stops it"
STOPPED = Missing("stopped", "c on two images (3) reads them again")
_NOTHING_YET = object()
_ON_ROWS = frozenset({"open", "details", "order", "filter", "copy", "markdown"})


class CompareScreen(ModeScreen):
    """The runs or images that were chosen to be compared, else the marks A and B."""

    MODE: ClassVar[str] = "compare"
    PANES: ClassVar[ModuleType] = panes
    AUTO_FOCUS: ClassVar[str | None] = "#figures"
    VERTICAL_BREAKPOINTS = [(0, "-short"), (34, "-tall")]  # noqa: RUF012  Textual declares it
    BINDINGS = bindings_for("compare")  # type: ignore[assignment]
    WAYS: ClassVar[tuple[str, ...]] = (
        "A and B on a container, or on two (1, 2): the minute up to A, that from B on",
        "c on two images (3): what each ships",
        "space on two stored runs (7), then c; A and B: several on either side",
        "d in a profile: another one against it",
        "Enter on a comparison (7): as workbench compare BEFORE AFTER has kept it",
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
        self._shown: object = _NOTHING_YET
        """What was asked for last; `None` is the marks."""
        self._stop = Event()

    def on_mount(self) -> None:
        """Compare, and again while more comes."""
        super().on_mount()
        self.watch(self.workbench, "compared", self._chosen_anew, init=False)
        if not self.workbench.still:
            self.set_interval(AGAIN_SECONDS, self._again)
        self._chosen_anew()

    def on_screen_resume(self) -> None:
        """On screen again: perhaps something else was chosen, the marks were moved, or more came after B."""
        if self.workbench.compared != self._shown:
            self._compare()
        elif self._shown is None and self.comparison is not None:
            self._again()
        elif self._is_reading:
            self.workbench.doing = READING

    def on_screen_suspend(self) -> None:
        """What is read goes on; Esc stops it only here."""
        self._tell_no_reading()

    def on_unmount(self) -> None:
        """Nobody is left to look at what is being read."""
        self._stop_reading()

    def _chosen_anew(self) -> None:
        if self.workbench.current_mode == self.MODE and self.workbench.compared != self._shown:
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
        asked, app, subject = self._asked, self.workbench, self.workbench.compared
        self._marks = self._marks_now()
        self._stop_reading()
        if self._shown is not _NOTHING_YET and self._shown != subject:
            self.comparison = None
        self._shown = subject

        def done(reading: Reading[Comparison]) -> None:
            def show() -> None:
                if asked == self._asked and self.is_there:
                    self._stop_reading()
                    self.comparison = reading
                    self._choose()
                    self.refresh_bindings()

            app.deliver(show)

        if subject is None:
            app.session.comparisons.of_marks(self.seconds, done)
        elif isinstance(subject, ImagePair):
            app.doing = READING
            self._stop = Event()
            app.session.image_jobs.judge(subject.before[0], subject.after[0], lambda _: None, done, self._stop)
        elif isinstance(subject, KeptComparison):
            app.session.comparisons.kept(subject.run, done)
        else:
            app.session.comparisons.of_runs(*subject, done)

    @property
    def _is_reading(self) -> bool:
        """Whether images are being read."""
        return self.comparison is None and isinstance(self._shown, ImagePair)

    def _stop_reading(self) -> None:
        self._stop.set()
        self._tell_no_reading()

    def _tell_no_reading(self) -> None:
        if self.workbench.doing == READING:
            self.workbench.doing = ""

    def leave_level(self) -> bool:
        """Stop reading images."""
        if not self._is_reading:
            return False
        self._asked += 1
        self._stop_reading()
        self.comparison = STOPPED
        return True

    def can_go_back(self) -> bool:
        """There are images to stop reading, or a mode to go back to."""
        return self._is_reading or super().can_go_back()

    @on(LiveTable.Highlighted, "#figures")
    def _choose(self) -> None:
        self.chosen = self.query_one(FiguresPane).current()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without rows there is nothing to read; marks alone have spans that can be longer."""
        if action in _ON_ROWS and not isinstance(self.comparison, Fresh):
            return False
        if action == "length" and self.workbench.compared is not None:
            return False
        if action == "marks" and self.workbench.compared is None:
            return False
        if action == "swap" and (
            self.workbench.compared is None or isinstance(self.workbench.compared, KeptComparison)
        ):
            return False
        return super().check_action(action, parameters)

    def apply_filter(self, words: str) -> None:
        """Show only rows with these words."""
        self.words = words

    @on(LiveTable.Opened, "#figures")
    def action_open(self) -> None:
        """Open what lies behind the figure under the cursor; where nothing does, read everything about it."""
        row = self.query_one(FiguresPane).current()
        if row is None or not isinstance(self.comparison, Fresh):
            return
        compared = self.comparison.value
        kind = behind(row.metric, compared)
        if kind == "image":
            self._open_images(compared)
        elif kind == "latency":
            from screens.latency_curves.screen import LatencyCurvesScreen

            self.app.push_screen(LatencyCurvesScreen(compared, row.metric))
        elif kind == "build":
            from screens.build_steps.screen import BuildStepsScreen

            self.app.push_screen(BuildStepsScreen(compared, row.metric))
        elif kind == "profile":
            from screens.profile.opening import compare_kept

            compare_kept(self.workbench, *(side.profiles or side.runs for side in (compared.before, compared.after)))
        else:
            self.action_details()

    def _open_images(self, compared: Comparison) -> None:
        from screens.image_comparison.screen import ImageComparisonScreen

        subject = self.workbench.compared
        if isinstance(subject, ImagePair):
            before, after = subject.before, subject.after
        else:
            before, after = ((side.image, side.name) for side in (compared.before, compared.after))
        self.app.push_screen(ImageComparisonScreen(before, after, self.MODE))

    def action_details(self) -> None:
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
        """Compare the marks instead of what was chosen."""
        self.workbench.compared = None

    def action_swap(self) -> None:
        """Exchange before and after."""
        compared = self.workbench.compared
        if isinstance(compared, ImagePair):
            self.workbench.compared = compared.swapped()
        elif isinstance(compared, tuple):
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
