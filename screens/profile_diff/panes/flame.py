"""The differential flame graph, and what the frame under its cursor gained or lost."""

from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.app import ComposeResult

from screens.pane import Pane
from screens.profile.words import whole_path, whose
from screens.widgets.flame_graph import FlameGraph
from screens.widgets.line import Line, Part
from workbench.measure.flame.diff_words import chance, change, figure, least, verdict, weight
from workbench.measure.flame.search import FrameSearch
from workbench.measure.units import counted

if TYPE_CHECKING:
    from screens.profile_diff.screen import ProfileDiffScreen
    from workbench.measure.flame.diff import ProfileDiff


class DiffFlamePane(Pane):
    """Frames, and two rows about one of them."""

    ORDER: ClassVar[int] = 20

    def compose(self) -> ComposeResult:
        """The graph above its words."""
        yield FlameGraph(id="flame")
        yield Line(id="frame")
        yield Line(id="figures")

    def on_mount(self) -> None:
        """Follow what is compared."""
        self._search: FrameSearch | None = None
        self.watch(self.screen, "diff", self._draw)
        self.watch(self.screen, "words", self._mark, init=False)

    @property
    def _screen(self) -> "ProfileDiffScreen":
        return cast("ProfileDiffScreen", self.screen)

    def _draw(self) -> None:
        diff, layout = self._screen.diff, self._screen.layout_now
        if diff is None or layout is None:
            self.query_one(FlameGraph).show(None, str, empty="the two are being compared")
            return
        self._search = FrameSearch(layout.tree)
        self.query_one(FlameGraph).show(
            layout, partial(_fill, diff), label=partial(_label, diff), empty="neither of them holds a stack"
        )
        self._mark()

    def _mark(self) -> None:
        words = self._screen.words
        found = self._search.find(words) if self._search is not None and words else None
        self.query_one(FlameGraph).mark(found.nodes if found else b"", found.outermost if found else ())
        self._found = None if found is None else found.count
        self._tell()

    @on(FlameGraph.Highlighted)
    def _tell(self) -> None:
        flame, diff = self.query_one(FlameGraph), self._screen.diff
        frame, figures = self.query_one("#frame", Line), self.query_one("#figures", Line)
        span = flame.span
        if diff is None or span is None:
            frame.show([])
            figures.show([])
            return
        count = self._found
        told = counted(count, "frame") if count else "nowhere"
        right = [] if count is None else [Part(f"{self._screen.words}: {told} ", "accent")]
        if span.narrow:
            frame.show([Part(f" {counted(span.frames, 'frame')} narrower than a cell", "strong")])
            figures.show([], right)
            return
        place = diff.stacks.both.at(flame.cursor)
        frame.show([Part(f" {place.name}", "strong"), Part(f"  {whose(place)}", "dim"), Part(f"  {whole_path(place)}")])
        before, after = diff.stacks.figures(flame.cursor)
        gained = change(after - before, by_amount=diff.by_amount)
        look = {"more": "act", "less": "good"}.get(_fill(diff, flame.cursor).removeprefix("much-"), "plain")
        parts = [
            Part(f" {_words(after - before)} {gained}", look),
            Part(f"  before {figure(before, by_amount=diff.by_amount)}"),
            Part(f"  after {figure(after, by_amount=diff.by_amount)}"),
        ]
        one = self._screen.function_at(place)
        if one is not None and one.q is not None:
            worth = f"{verdict(one)}, q {chance(one)}, seen from {least(one)} on"
            parts.append(Part(f"   all of {place.name}: {worth}", "dim"))
        figures.show(parts, right)


def _words(gained: float) -> str:
    return "gained" if gained > 0 else "lost" if gained < 0 else "the same"


def _label(diff: "ProfileDiff", node: int) -> str:
    return change(diff.stacks.change(node), by_amount=diff.by_amount)


def _fill(diff: "ProfileDiff", node: int) -> str:
    if not node:
        return "outer" if not diff.by_amount else weight(diff, diff.stacks.change(node)) or "outer"
    return weight(diff, diff.stacks.change(node)) or "library"


PANE = DiffFlamePane
