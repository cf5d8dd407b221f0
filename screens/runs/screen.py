"""Runs: what was measured and kept, to be found again, compared, labelled, and carried elsewhere."""

from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual import on
from textual.reactive import var

from screens.ask import AskScreen
from screens.choose import ConfirmScreen
from screens.commands.table import bindings_for
from screens.compare.subject import KeptComparison
from screens.mode import ModeScreen
from screens.profile.opening import show_profile
from screens.runs import panes
from screens.runs.panes.list import RunListPane
from screens.text_screen import TextScreen
from screens.widgets.live_table import LiveTable
from workbench.measure.compare.words import told
from workbench.measure.units import counted, quantity
from workbench.model.profile import Profile
from workbench.model.reading import Fresh, Missing, Reading
from workbench.model.runs import RunSummary
from workbench.run_book import RunPage

if TYPE_CHECKING:
    from workbench.profiling import Opened

T = TypeVar("T")
NOTE_SECONDS = 12.0
_ON_ROWS = frozenset(
    {
        "open",
        "choose",
        "compare",
        "side",
        "pin",
        "label",
        "note",
        "delete",
        "export",
        "sort",
        "reverse",
        "copy",
        "filter",
    }
)


class RunsScreen(ModeScreen):
    """The list of runs and the one under the cursor."""

    MODE: ClassVar[str] = "runs"
    PANES: ClassVar[ModuleType] = panes
    AUTO_FOCUS: ClassVar[str | None] = "#runs"
    VERTICAL_BREAKPOINTS = [(0, "-short"), (34, "-tall")]  # noqa: RUF012  Textual declares it
    BINDINGS = bindings_for("runs")  # type: ignore[assignment]

    runs: var[Reading[tuple[RunSummary, ...]] | None] = var(None)
    """`None` until they are read."""
    page: var[Reading[RunPage] | None] = var(None)
    """The run under the cursor."""
    chosen: var[tuple[int, ...]] = var(())
    """The runs that were chosen, in that order."""
    sides: var[dict[int, str]] = var(dict[int, str]())
    """By run, the side of a comparison that it was put on: `A` is before, `B` after."""
    deleted: var[bool] = var(False)
    """Whether there is something to bring back."""

    def on_screen_resume(self) -> None:
        """On screen, for the first time or again: perhaps there are more."""
        self._read()

    @property
    def list(self) -> RunListPane:
        """The pane with the table."""
        return self.query_one(RunListPane)

    def _read(self) -> None:
        def come(reading: Reading[tuple[RunSummary, ...]]) -> None:
            self.runs = reading
            if isinstance(reading, Fresh):
                there = {run.id for run in reading.value}
                self.sides = {number: side for number, side in self.sides.items() if number in there}
            self.refresh_bindings()
            self._show_page()

        self.work_out(lambda: self.workbench.session.runs.runs(), come)

    def _do(self, work: Callable[[], T], word: Callable[[T], str]) -> None:
        """Change something in the store, say what came of it, and read the list again."""

        def done(reading: Reading[T]) -> None:
            self.workbench.say(reading.reason if isinstance(reading, Missing) else word(reading.value), NOTE_SECONDS)
            self._read()

        self.work_out(work, done)

    @on(LiveTable.Highlighted, "#runs")
    def _show_page(self) -> None:
        run = self.list.current()
        if run is None:
            self.page = None
            return

        def come(reading: Reading[RunPage]) -> None:
            here = self.list.current()
            if here is not None and here.id == run.id:
                self.page = reading

        self.work_out(lambda: self.workbench.session.runs.page(run.id), come)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without a run there is nothing to open; there is a way back only after something was deleted."""
        if action in _ON_ROWS and not (isinstance(self.runs, Fresh) and self.runs.value):
            return False
        if action == "undo":
            return self.deleted
        return super().check_action(action, parameters)

    def apply_filter(self, words: str) -> None:
        """Show only runs that contain these words."""
        self.list.words = words

    # --- looking ---------------------------------------------------------------------------------------------------

    @on(LiveTable.Opened, "#runs")
    def action_open(self) -> None:
        """Open the profile, build or comparison that it kept, the image that it is of, or else all its figures."""
        run = self.list.current()
        if run is None:
            return
        if run.kind == "profile":
            app = self.workbench
            app.session.profiles.open_kept(run.id, lambda reading: app.deliver(lambda: self._kept(run, reading)))
        elif run.kind == "build":
            from screens.build_view.opening import show_kept_build

            show_kept_build(self.workbench, run.id, self.MODE, lambda _: self._figures(run))
        elif run.kind == "image" and isinstance(self.page, Fresh) and self.page.value.detail.conditions.image_id:
            from screens.anatomy.screen import AnatomyScreen

            self.app.push_screen(AnatomyScreen(self.page.value.detail.conditions.image_id, run.target.name))
        elif run.kind == "comparison":
            self.workbench.compared = KeptComparison(run.id)
            self.workbench.mode_itself("compare")
        else:
            self._figures(run)

    def _kept(self, run: RunSummary, reading: "Reading[Opened]") -> None:
        if isinstance(reading, Fresh):
            show_profile(self.workbench, reading.value)
        else:  # made by what is not known here: its files may be read all the same
            self.work_out(lambda: self.workbench.session.runs.profile(run.id), lambda found: self._profile(run, found))

    def _profile(self, run: RunSummary, reading: Reading[Profile | None]) -> None:
        if isinstance(reading, Fresh) and reading.value is not None:
            from screens.profile.screen import ProfileScreen

            profile = reading.value
            self.app.push_screen(ProfileScreen(profile, lambda _: Missing("sources are not kept with a run")))
        else:
            self._figures(run)

    def _figures(self, run: RunSummary) -> None:
        page = self.page
        if not isinstance(page, Fresh) or page.value.detail.summary.id != run.id:
            return
        lines = [
            f"{metric.name:24}{told(metric.value, metric.unit):>14}   {metric.quality}".rstrip()
            for metric in page.value.detail.metrics
        ]
        self.app.push_screen(TextScreen(f"run {run.id} · {run.kind} of {run.target.name}", "\n".join(lines)))

    @on(LiveTable.HeadingClicked, "#runs")
    def _heading(self, event: LiveTable.HeadingClicked) -> None:
        self.list.sort_by(event.column)

    def action_sort(self) -> None:
        """Sort by the next column."""
        self.list.sort_next()

    def action_reverse(self) -> None:
        """Turn the order round."""
        self.list.sort_by(self.list.sort)

    def action_copy(self) -> None:
        """Copy the command that shows the run."""
        if run := self.list.current():
            self.copy(f"workbench runs show {run.id}")

    # --- comparing -------------------------------------------------------------------------------------------------

    def action_choose(self) -> None:
        """Choose the run under the cursor, or no longer."""
        if run := self.list.current():
            without = tuple(each for each in self.chosen if each != run.id)
            self.chosen = without if run.id in self.chosen else (*without, run.id)
            self.query_one("#runs", LiveTable).action_move(1)

    def leave_level(self) -> bool:
        """Forget the sides that runs were put on."""
        had, self.sides = bool(self.sides), {}
        return had

    def can_go_back(self) -> bool:
        """There are sides to forget, or a mode to go back to."""
        return bool(self.sides) or super().can_go_back()

    def action_side(self, side: str) -> None:
        """Put the run under the cursor on a side of a comparison, or take it off."""
        if run := self.list.current():
            without = {number: here for number, here in self.sides.items() if number != run.id}
            self.sides = without if self.sides.get(run.id) == side else {**without, run.id: side}
            self.query_one("#runs", LiveTable).action_move(1)

    def action_compare(self) -> None:
        """Hold two sides, or two chosen runs, against each other; of two the older is before."""
        if self.sides:
            self._compare_sides()
            return
        here = self.list.current()
        these = {*self.chosen, *((here.id,) if here is not None and len(self.chosen) == 1 else ())}
        runs = self.runs.value if isinstance(self.runs, Fresh) else ()
        pair = sorted((run for run in runs if run.id in these), key=lambda run: run.started_at)
        if len(pair) != 2:
            self.workbench.say("space chooses two runs, or A and B put several on either side; c compares them")
            return
        self.chosen = ()
        self._hold_together(pair[:1], pair[1:])

    def _compare_sides(self) -> None:
        """Those of A with those of B; the marks stay, to be changed and compared again."""
        runs = self.runs.value if isinstance(self.runs, Fresh) else ()
        sides = [[run for run in reversed(runs) if self.sides.get(run.id) == side] for side in "AB"]
        for here, other in ((0, "B"), (1, "A")):
            if not sides[1 - here]:
                self.workbench.say(f"nothing is on the side {other} yet: {other} puts the run under the cursor there")
                return
        self._hold_together(*sides)

    def _hold_together(self, before: Sequence[RunSummary], after: Sequence[RunSummary]) -> None:
        ids = tuple(run.id for run in before), tuple(run.id for run in after)
        if all(run.kind == "profile" for run in (*before, *after)):
            from screens.profile.opening import compare_kept

            compare_kept(self.workbench, *ids)
            return
        self.workbench.compared = ids
        self.workbench.mode_itself("compare")

    # --- changing --------------------------------------------------------------------------------------------------

    def _these(self) -> tuple[int, ...]:
        """The runs that were chosen, else the one under the cursor."""
        run = self.list.current()
        return self.chosen or ((run.id,) if run else ())

    def action_pin(self) -> None:
        """Keep the run when old ones are pruned, or no longer."""
        if run := self.list.current():
            self._do(
                lambda: self.workbench.session.runs.pin(run.id, pinned=not run.pinned),
                lambda _: f"run {run.id} {'unpinned' if run.pinned else 'pinned'}",
            )

    def action_label(self) -> None:
        """Give the run another label."""
        if run := self.list.current():
            self._write(run, "Label", run.label, self.workbench.session.runs.label)

    def action_note(self) -> None:
        """Write a note to the run."""
        if run := self.list.current():
            self._write(run, "Note", run.note, self.workbench.session.runs.note)

    def _write(self, run: RunSummary, what: str, text: str, keep: Callable[[int, str], None]) -> None:
        def answered(answer: str | None) -> None:
            if answer is not None:
                self._do(lambda: keep(run.id, answer.strip()), lambda _: f"run {run.id}: {what.lower()} kept")

        self.app.push_screen(AskScreen(f"{what} of run {run.id}", text), answered)

    def action_delete(self) -> None:
        """Delete the chosen runs, or the one under the cursor, after a question."""
        these = self._these()
        if not these:
            return
        which = f"run {these[0]}" if len(these) == 1 else counted(len(these), "run")

        def answered(yes: bool | None) -> None:
            if yes:
                self.workbench.session.runs.delete(these)
                self.chosen = ()
                self.deleted = True
                self.workbench.say(f"{which} deleted: u brings it back until the workbench closes", NOTE_SECONDS)
                self._read()

        question = f"Delete {which}?\nIts figures, and files that no other run has, are gone when the workbench closes."
        self.app.push_screen(ConfirmScreen(question, "delete"), answered)

    def action_undo(self) -> None:
        """Bring back what was deleted last."""
        back = self.workbench.session.runs.undo()
        self.deleted = bool(back)
        self.workbench.say(f"{counted(len(back), 'run')} back" if back else "nothing was deleted")
        self._read()

    # --- files -----------------------------------------------------------------------------------------------------

    def action_export(self) -> None:
        """Write the chosen runs, or the one under the cursor, into a file for another workbench."""
        these = self._these()
        if these:
            self._do(
                lambda: self.workbench.session.runs.export(these),
                lambda made: f"{counted(len(these), 'run')}, {quantity(made[1], 'B')}: {made[0]}",
            )

    def action_import(self) -> None:
        """Read runs out of a file."""

        def answered(answer: str | None) -> None:
            if answer and answer.strip():
                path = Path(answer.strip()).expanduser()
                self._do(
                    lambda: self.workbench.session.runs.import_(path), lambda got: _imported(len(got.ids), got.known)
                )

        self.app.push_screen(AskScreen("Import runs from which .wbrun file?"), answered)


def _imported(new: int, known: int) -> str:
    had = f", {known} here already" if known else ""
    return f"{counted(new, 'run')} imported{had}"
