"""What is to be built."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult

from screens.build.fields import COLUMNS, field_rows
from screens.pane import Pane
from screens.widgets.line import Part, Rule
from screens.widgets.live_table import LiveTable
from screens.widgets.wrapped import Paragraph, Wrapped

if TYPE_CHECKING:
    from screens.build.screen import BuildScreen

WORDS = (
    "b builds a Dockerfile and shows each step on a timeline: which wait for which, what came from the cache, "
    "and what a step costs the whole"
)


class FormPane(Pane):
    """A sentence, the fields, and why it cannot be built."""

    ORDER: ClassVar[int] = 10

    def compose(self) -> ComposeResult:
        """From the top."""
        yield Rule(id="form-title")
        yield Wrapped(indent=2, id="form-words")
        yield LiveTable(COLUMNS, id="fields")
        yield Wrapped(indent=2, id="form-problem")

    def on_mount(self) -> None:
        """Follow what is chosen."""
        self.query_one("#form-words", Wrapped).show([Paragraph(WORDS, "dim", 2)])
        for watched in ("wish", "problem"):
            self.watch(self.screen, watched, self._draw, init=False)
        self._draw()

    def _draw(self) -> None:
        screen = cast("BuildScreen", self.screen)
        self.query_one("#form-title", Rule).title("Build", Part("b builds it", "accent", "screen.build"))
        self.query_one(LiveTable).show(field_rows(screen.wish))
        self.query_one("#form-problem", Wrapped).show([Paragraph(screen.problem, "act", 2)] if screen.problem else [])


PANE = FormPane
