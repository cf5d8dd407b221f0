"""Why the container is slow: the most telling verdict, what it stands on, and the next step."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult

from screens.pane import Pane
from screens.verdicts import SIGNS
from screens.widgets.line import Line, Part
from workbench.model.verdicts import Verdict

LINES = 3


class VerdictPane(Pane):
    """Three lines; `w` shows all of it."""

    ORDER: ClassVar[int] = 10
    DEFAULT_CSS = "VerdictPane { height: 3; }"

    def compose(self) -> ComposeResult:
        """The verdict, its evidence, the next step."""
        for name in ("verdict", "evidence", "step"):
            yield Line(id=name)

    def on_mount(self) -> None:
        """Follow the verdicts."""
        self.watch(self.screen, "verdicts", self._show)

    def _show(self, verdicts: Sequence[Verdict] | None) -> None:
        verdict, evidence, step = (self.query_one(f"#{name}", Line) for name in ("verdict", "evidence", "step"))
        if not verdicts:
            verdict.show([Part(" … not judged yet", "dim")] if verdicts is not None else [])
            evidence.show([])
            step.show([])
            return
        first, *others = verdicts
        sign, look = SIGNS[first.severity]
        notes = [Part(f"  confidence {first.confidence} ", "dim")]
        if others:
            notes.append(Part(f"· {len(others)} more: w ", "dim", "screen.why"))
        verdict.show([Part(f" {sign} ", look), Part(first.message, look if look != "dim" else "plain")], notes)
        evidence.show([Part("   "), Part(" · ".join(first.evidence), "dim")])
        step.show([Part("   next: ", "dim"), Part(first.next_step)] if first.next_step else [])


PANE = VerdictPane
