"""Why the container is slow: the most telling verdict, what it stands on, and the next step."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult

from screens.pane import Pane
from screens.verdicts import SIGNS
from screens.widgets.line import Line, Part
from screens.widgets.wrapped import Paragraph, Wrapped
from workbench.model.verdicts import Verdict


class VerdictPane(Pane):
    """A few rows, more of them on a tall screen, and always as many: nothing below moves. `w` shows all of it."""

    ORDER: ClassVar[int] = 10
    DEFAULT_CSS = "VerdictPane { height: auto; }"

    def compose(self) -> ComposeResult:
        """The verdict in a few words; below it its sentence, the next step, and evidence as far as there is room."""
        yield Line(id="word")
        yield Wrapped(indent=3, id="told")

    def on_mount(self) -> None:
        """Follow the verdicts."""
        self.watch(self.screen, "verdicts", self._show)

    def _show(self, verdicts: Sequence[Verdict] | None) -> None:
        word, told = self.query_one("#word", Line), self.query_one("#told", Wrapped)
        if not verdicts:
            word.show([] if verdicts is None else [Part(" … not judged yet", "dim")])
            told.show([])
            return
        first, *others = verdicts
        sign, look = SIGNS[first.severity]
        notes = [Part(f"  confidence {first.confidence} ", "dim")]
        if others:
            notes.append(Part(f"· {len(others)} more ", "dim"))
        notes.append(Part("· w why ", "accent", "screen.why"))
        word.show([Part(f" {sign} {first.word}", look if look != "dim" else "plain")], notes)
        told.show(
            [
                Paragraph(first.message, most=2),
                Paragraph(f"next: {first.next_step}" if first.next_step else "", most=2),
                *(Paragraph(f"· {figure}", "dim") for figure in first.evidence),
            ]
        )


PANE = VerdictPane
