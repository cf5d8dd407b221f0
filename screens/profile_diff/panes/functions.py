"""The functions of both profiles, with what their differences are worth."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult

from screens.pane import Pane
from screens.profile.rows import MOST_ROWS
from screens.profile_diff import times
from screens.profile_diff.rows import columns, ordered, rows
from screens.widgets.line import Part, Rule
from screens.widgets.live_table import LiveTable
from workbench.measure.compare.repeated_profiles import RepeatedProfiles
from workbench.measure.units import counted
from workbench.model.reading import Missing

if TYPE_CHECKING:
    from screens.profile_diff.screen import ProfileDiffScreen


class DiffFunctionsPane(Pane):
    """A table."""

    ORDER: ClassVar[int] = 30

    def compose(self) -> ComposeResult:
        """A title and the table."""
        yield Rule(id="title")
        yield LiveTable((), id="functions")

    def on_mount(self) -> None:
        """Follow what is compared and how it is to be sorted."""
        for name in ("diff", "in_times", "sort", "descending", "filter_words"):
            self.watch(self.screen, name, self._draw, init=name == "diff")

    def _draw(self) -> None:
        screen = cast("ProfileDiffScreen", self.screen)
        table, title, diff = self.query_one(LiveTable), self.query_one("#title", Rule), screen.diff
        if diff is None:
            table.say_empty("the two are being compared")
            table.show([])
            return
        table.mark_sorted(screen.sort, screen.descending)
        table.say_empty("No function's name or file contains these words: Esc clears the filter")
        words, repeats, notes = screen.filter_words, screen.repeats, []
        if screen.in_times and isinstance(repeats, RepeatedProfiles):
            several = times.ordered(repeats.functions, screen.sort, descending=screen.descending, words=words)
            table.use_columns(times.COLUMNS)
            table.show(times.rows(several))
            count = len(several)
            notes.append(Part(_of(repeats), "plain", "screen.times"))
        else:
            found = ordered(diff.functions, screen.sort, descending=screen.descending, words=words)
            table.use_columns(columns(diff))
            table.show(rows(found[:MOST_ROWS], diff))
            count = len(found)
            alone = isinstance(repeats, Missing) and not diff.by_amount
            notes += [Part("shares only", "plain", "screen.times")] if alone else []
        notes += [Part(f"sort {screen.sort} {'▾' if screen.descending else '▴'}", "dim", "screen.sort")]
        if screen.filter_words:
            notes.append(Part(f"filter {screen.filter_words}", "accent", "screen.filter"))
        title.title(counted(count, "function").capitalize(), *notes)


def _of(repeats: RepeatedProfiles) -> str:
    """What the figures are: `medians of 5 and 5 runs, of a second of recording`."""
    first, second = repeats.runs
    return f"medians of {first} and {second} runs, per {repeats.per}"


PANE = DiffFunctionsPane
