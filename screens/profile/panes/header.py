"""What was profiled and how, and where its figures mislead."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult

from screens.pane import Pane
from screens.profile.words import heading, warnings
from screens.widgets.fills import PaintedLine
from screens.widgets.line import Line, Part, Rule
from workbench.measure.flame.views import threads_are_apart

if TYPE_CHECKING:
    from screens.profile.screen import ProfileScreen


class ProfileHeaderPane(Pane):
    """A title with what is chosen, and the first warning."""

    ORDER: ClassVar[int] = 10

    def compose(self) -> ComposeResult:
        """Two rows."""
        yield Rule(id="title")
        yield PaintedLine(id="choices")

    def on_mount(self) -> None:
        """Follow what is chosen."""
        self.watch(self.screen, "choices", self._show)
        self.watch(self.screen, "state", self._show, init=False)

    def _show(self) -> None:
        screen = cast("ProfileScreen", self.screen)
        choices, profile = screen.choices, screen.profile
        self.query_one("#title", Rule).title(f"Profile  {heading(profile)}")
        apart = threads_are_apart(profile.tree, choices)
        part = " ".join(place.name for place in choices.part[-1:])
        notes: list[Part] = []
        if profile.aspects:
            aspect = profile.aspects[choices.aspect]
            notes += [
                Part(" memory ", "dim"),
                Part(f"{aspect.name}: {aspect.words}", "accent" if choices.aspect else "plain", "screen.aspect"),
                Part("  by ", "dim"),
                Part("number" if choices.by_number else "size", "plain", "screen.by_number"),
                Part(" "),
            ]
        notes += [
            Part(" show ", "dim"),
            Part("busy" if choices.busy else "all", "accent" if choices.busy else "plain", "screen.busy"),
            Part("  of ", "dim"),
            Part(part or "every thread", "accent" if part else "plain", "screen.part(1)"),
            Part("" if part or apart else " together", "plain", "screen.threads"),
            Part("  order ", "dim"),
            Part("time" if choices.in_time else "largest first", "plain", "screen.order"),
        ]
        state = screen.state
        if state is not None and state.legend:
            notes.append(Part("  colours "))
            notes += [Part(f" {name} ", look) for name, look in state.legend]
        if choices.fold_library:
            notes.append(Part("  libraries folded", "accent", "screen.fold_library"))
        if choices.fold_recursion:
            notes.append(Part("  recursion folded", "accent", "screen.fold_recursion"))
        found = warnings(profile)
        more = f" (and {len(found) - 1} more: W)" if len(found) > 1 else ""
        right = [Part(f"{found[0]}{more} ", "watch", "screen.warnings")] if found else []
        if right and sum(len(part.text) for part in [*notes, *right]) > self.size.width:
            right = [
                Part(f"{len(found)} warnings: W " if len(found) > 1 else "a warning: W ", "watch", "screen.warnings")
            ]
        self.query_one("#choices", Line).show(notes, right)

    def on_resize(self) -> None:
        """There may be room for the whole warning now."""
        self._show()


PANE = ProfileHeaderPane
