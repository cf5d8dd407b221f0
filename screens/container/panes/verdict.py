"""Why the container is slow: the most telling verdict, what it stands on, and the next step."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult

from screens.pane import Pane
from screens.verdicts import SIGNS
from screens.widgets.line import Line, Part
from workbench.model.verdicts import Verdict


class VerdictPane(Pane):
    """Three lines, a fourth where there is room; `w` shows all of it."""

    ORDER: ClassVar[int] = 10
    DEFAULT_CSS = "VerdictPane { height: auto; }"

    def compose(self) -> ComposeResult:
        """The verdict in a few words, its sentence, its evidence, the next step."""
        for name in ("word", "message", "evidence", "step"):
            yield Line(id=name)

    def on_mount(self) -> None:
        """Follow the verdicts."""
        self.watch(self.screen, "verdicts", self._show)

    def _show(self, verdicts: Sequence[Verdict] | None) -> None:
        word, message, evidence, step = self.query(Line)
        if not verdicts:
            word.show([] if verdicts is None else [Part(" … not judged yet", "dim")])
            for line in (message, evidence, step):
                line.show([])
            return
        first, *others = verdicts
        sign, look = SIGNS[first.severity]
        notes = [Part(f"  confidence {first.confidence} ", "dim")]
        if others:
            notes.append(Part(f"· {len(others)} more ", "dim"))
        notes.append(Part("· w why ", "accent", "screen.why"))
        word.show([Part(f" {sign} {first.word}", look if look != "dim" else "plain")], notes)
        message.show([Part(f"   {first.message}")])
        evidence.show([Part("   "), Part(" · ".join(first.evidence), "dim")])
        step.show([Part("   next: ", "dim"), Part(first.next_step)] if first.next_step else [])


PANE = VerdictPane
