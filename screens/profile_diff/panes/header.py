"""Which two profiles, what the colours mean, and where the figures mislead."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult

from screens.pane import Pane
from screens.widgets.fills import PaintedLine
from screens.widgets.line import Part, Rule
from workbench.measure.flame.diff_words import totals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from screens.profile_diff.screen import ProfileDiffScreen
    from workbench.model.profile import Profile


class DiffHeaderPane(Pane):
    """Two rows."""

    ORDER: ClassVar[int] = 10

    def compose(self) -> ComposeResult:
        """A title, and the legend."""
        yield Rule(id="title")
        yield PaintedLine(id="legend")

    def on_mount(self) -> None:
        """Follow what is compared."""
        self.watch(self.screen, "diff", self._show)

    def _show(self) -> None:
        screen = cast("ProfileDiffScreen", self.screen)
        before, after, diff = screen.before, screen.after, screen.diff
        made = ", ".join(dict.fromkeys(side[0].profiler for side in (before, after)))
        names = [_name(side, word) for side, word in ((before, "before"), (after, "after"))]
        title = f"Difference  {names[0]} → {names[1]} · {made}"
        self.query_one("#title", Rule).title(title, *([Part(totals(diff), "dim")] if diff else []))
        legend = [
            *([Part(f" memory {screen.aspect}", "accent", "screen.aspect")] if screen.aspect else []),
            Part(" "),
            Part("+ gained", "much-more"),
            Part(" "),
            Part("− lost", "much-less"),
            Part("  a frame is as wide as the larger of both", "dim"),
        ]
        found = screen.warnings()
        right = [Part(f"{found[0]} ", "watch", "screen.warnings")] if found else []
        if (right and sum(len(part.text) for part in [*legend, *right]) > self.size.width) or len(found) > 1:
            many = f"{len(found)} warnings" if len(found) > 1 else "a warning"
            right = [Part(f"{many}: W ", "watch", "screen.warnings")]
        self.query_one("#legend", PaintedLine).show(legend, right)

    def on_resize(self) -> None:
        """There may be room for the whole warning now."""
        self._show()


def _name(side: "Sequence[Profile]", word: str) -> str:
    several = f", {len(side)} runs" if len(side) > 1 else ""
    return f"{side[0].target or word}{several}"


PANE = DiffHeaderPane
