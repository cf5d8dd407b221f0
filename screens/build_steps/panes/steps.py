"""Every step of both builds, those that are the same in one row."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult

from screens.build_steps.rows import COLUMNS, change_words, rows
from screens.pane import Pane
from screens.trouble import Trouble
from screens.widgets.line import Line, Part, Rule
from screens.widgets.live_table import LiveTable
from workbench.measure.units import counted
from workbench.model.behind import BuildsBehind
from workbench.model.reading import Fresh, Missing

if TYPE_CHECKING:
    from screens.build_steps.screen import BuildStepsScreen


class StepsPane(Pane):
    """A title, what they come to, and the table."""

    ORDER: ClassVar[int] = 10

    def compose(self) -> ComposeResult:
        """From the top."""
        yield Rule(id="title")
        yield Line(id="sums")
        yield LiveTable(COLUMNS, id="steps")
        yield Trouble()

    def on_mount(self) -> None:
        """Follow what was read and how it is to be shown."""
        for name in ("builds", "by_change", "words"):
            self.watch(self.screen, name, self._draw)

    def _draw(self) -> None:
        screen = cast("BuildStepsScreen", self.screen)
        reading, table, trouble = screen.builds, self.query_one(LiveTable), self.query_one(Trouble)
        title, sums = self.query_one("#title", Rule), self.query_one("#sums", Line)
        trouble.display = isinstance(reading, Missing)
        table.display = not trouble.display
        if not isinstance(reading, Fresh):
            title.title("Build steps", *([] if reading else [Part("reading both builds", "dim")]))
            sums.show([])
            table.show([])
            if isinstance(reading, Missing):
                trouble.explain(reading, "d in the comparison tells all figures of the row.")
            return
        builds = reading.value
        order = "largest change first" if screen.by_change else "in the order of the build"
        title.title(
            f"Build steps  {builds.names[0]} → {builds.names[1]}",
            Part(counted(len(builds.steps), "step"), "dim"),
            Part(order, "plain", "screen.order"),
        )
        sums.show(_sums(builds))
        table.say_empty("Nothing contains these words: Esc clears the filter" if screen.words else "no step was kept")
        table.mark_sorted("change" if screen.by_change else "", descending=True)
        table.show(rows(builds, by_change=screen.by_change, words=screen.words))


def _sums(builds: BuildsBehind) -> list[Part]:
    old = sum(pair.before.seconds for pair in builds.steps if pair.before)
    new = sum(pair.after.seconds for pair in builds.steps if pair.after)
    medians = "" if max(builds.builds) < 2 else f", medians of {builds.builds[0]} and {builds.builds[1]} builds"
    ran = [
        sum(1 for pair in builds.steps if (step := getattr(pair, side)) is not None and not step.cached)
        for side in ("before", "after")
    ]
    return [
        Part(f" work {old:.1f} s → {new:.1f} s  ", "plain"),
        Part(change_words(new - old), "strong"),
        Part(f"   {ran[0]} → {ran[1]} steps ran, the others were cached{medians}", "dim"),
    ]


PANE = StepsPane
