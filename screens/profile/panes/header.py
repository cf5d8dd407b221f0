"""What was profiled and how, and where its figures mislead."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult

from screens.pane import Pane
from screens.profile.words import heading, warnings
from screens.widgets.fills import PaintedLine
from screens.widgets.line import Part, Rule
from workbench.measure.flame.views import Choices
from workbench.model.profile import Profile

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
        choices, profile, state = screen.choices, screen.profile, screen.state
        self.query_one("#title", Rule).title(f"Profile  {heading(profile, state.tree if state else profile.tree)}")
        notes = _memory(profile, choices) if profile.unit == "bytes" else _running(choices, apart=screen.threads_apart)
        if state is not None and state.legend:
            notes.append(Part("  colours "))
            notes += [Part(f" {name} ", look) for name, look in state.legend]
        if choices.fold_library:
            notes.append(Part("  libraries folded", "accent", "screen.fold_library"))
        if choices.fold_recursion:
            notes.append(Part("  recursion folded", "accent", "screen.fold_recursion"))
        if profile.aspects:
            notes.append(Part(f"  {profile.aspects[choices.aspect].words}", "dim"))
        found = warnings(profile)
        more = f" (and {len(found) - 1} more: W)" if len(found) > 1 else ""
        right = [Part(f"{found[0]}{more} ", "watch", "screen.warnings")] if found else []
        if right and sum(len(part.text) for part in [*notes, *right]) > self.size.width:
            right = [
                Part(f" {len(found)} warnings: W " if len(found) > 1 else " a warning: W ", "watch", "screen.warnings")
            ]
        self.query_one("#choices", PaintedLine).show(notes, right)

    def on_resize(self) -> None:
        """There may be room for the whole warning now."""
        self._show()


def _memory(profile: Profile, choices: Choices) -> list[Part]:
    """Which of its trees is shown, and of what."""
    notes = [Part(" ")]
    for number, aspect in enumerate(profile.aspects):
        notes += [Part(aspect.name, "accent" if number == choices.aspect else "dim", "screen.aspect"), Part("  ")]
    by = Part("number" if choices.by_number else "size", "accent" if choices.by_number else "plain", "screen.by_number")
    return [*notes, Part("by ", "dim"), by]


def _running(choices: Choices, *, apart: bool) -> list[Part]:
    """Which threads are shown, with what they wait for or without, and in which order."""
    part = " ".join(place.name for place in choices.part[-1:])
    return [
        Part(" show ", "dim"),
        Part("busy" if choices.busy else "all", "accent" if choices.busy else "plain", "screen.busy"),
        Part("  of ", "dim"),
        Part(part or "every thread", "accent" if part else "plain", "screen.part(1)"),
        Part("" if part or apart else " together", "plain", "screen.threads"),
        Part("  order ", "dim"),
        Part("time" if choices.in_time else "largest first", "plain", "screen.order"),
    ]


PANE = ProfileHeaderPane
