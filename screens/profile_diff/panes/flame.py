"""The differential flame graph, and what the frame under its cursor gained or lost."""

from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from screens.profile.frames_pane import FramesPane, frame_parts
from screens.widgets.line import Part
from workbench.measure.compare.words import change as changed
from workbench.measure.compare.words import interval, told
from workbench.measure.flame.diff_words import chance, change, figure, least, verdict, weight
from workbench.measure.flame.search import FrameSearch
from workbench.measure.units import counted
from workbench.model.frame_tree import Place

if TYPE_CHECKING:
    from screens.profile_diff.screen import ProfileDiffScreen
    from workbench.measure.flame.diff import ProfileDiff


class DiffFlamePane(FramesPane):
    """Frames, and two rows about one of them."""

    ORDER: ClassVar[int] = 20

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
            self.flame.show(None, str, empty="the two are being compared")
            return
        self._search = FrameSearch(layout.tree)
        self.flame.show(
            layout, partial(_fill, diff), label=partial(_label, diff), empty="neither of them holds a stack"
        )
        self._mark()

    def _mark(self) -> None:
        found = self.mark(self._search, self._screen.words)
        self._found = None if found is None else found.count
        self.show_words()

    def show_words(self) -> None:
        """Tell about the frame under the cursor."""
        flame, diff = self.flame, self._screen.diff
        span = flame.span
        if diff is None or span is None:
            self.tell([], [], beside=[], found=[])
            return
        count = self._found
        where = counted(count, "frame") if count else "nowhere"
        found = [] if count is None else [Part(f"{self._screen.words}: {where} ", "accent")]
        if span.narrow:
            frame = [Part(f" {counted(span.frames, 'frame')} narrower than a cell", "strong")]
            self.tell(frame, [], beside=[], found=found)
            return
        place = diff.stacks.both.at(flame.cursor)
        before, after = diff.stacks.figures(flame.cursor)
        gained = change(after - before, by_amount=diff.by_amount)
        look = {"more": "act", "less": "good"}.get(_fill(diff, flame.cursor).removeprefix("much-"), "plain")
        parts = [
            Part(f" {_words(after - before)} {gained}", look),
            Part(f"  before {figure(before, by_amount=diff.by_amount)}"),
            Part(f"  after {figure(after, by_amount=diff.by_amount)}"),
        ]
        if worth := self._worth(place):
            parts.append(Part(f"   all of {place.name}: {worth}", "dim"))
        self.tell(frame_parts(place), parts, beside=[], found=found)

    def _worth(self, place: Place) -> str:
        """What the change of a frame's function is worth, over all stacks that it is in."""
        times = self._screen.times_at(place)
        if times is not None:
            row = times.total
            spread = f" ({interval(row)})" if row.interval else ""
            return f"{told(row.before, row.unit)} → {told(row.after, row.unit)}, {changed(row)}{spread}, {row.words}"
        one = self._screen.function_at(place)
        if one is None or one.q is None:
            return ""
        return f"{verdict(one)}, q {chance(one.q)}, seen from {least(one)} on"


def _words(gained: float) -> str:
    return "gained" if gained > 0 else "lost" if gained < 0 else "the same"


def _label(diff: "ProfileDiff", node: int) -> str:
    return change(diff.stacks.change(node), by_amount=diff.by_amount)


def _fill(diff: "ProfileDiff", node: int) -> str:
    if not node:
        return "outer" if not diff.by_amount else weight(diff, diff.stacks.change(node)) or "outer"
    return weight(diff, diff.stacks.change(node)) or "library"


PANE = DiffFlamePane
