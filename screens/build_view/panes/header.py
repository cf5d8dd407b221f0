"""How far the build is and how long it takes; afterwards what it came to, an error first."""

from typing import ClassVar

from textual.app import ComposeResult

from screens.build_view.part import BuildPane
from screens.build_view.words import told
from screens.widgets.line import Part, Rule
from screens.widgets.wrapped import Wrapped


class HeaderPane(BuildPane):
    """A title and a few sentences."""

    ORDER: ClassVar[int] = 10
    VIEW: ClassVar[str] = ""

    def compose(self) -> ComposeResult:
        """From the top."""
        yield Rule(id="build-title")
        yield Wrapped(indent=2, id="build-told")

    def on_mount(self) -> None:
        """Follow the build."""
        for watched in ("shown", "view_name", "words"):
            self.watch(self.screen, watched, self._draw, init=False)
        self._draw()

    def _draw(self) -> None:
        view, shown = self.view, self.view.shown
        notes = [Part(f"stage {shown.target}", "dim")] if shown.target else []
        if view.words:
            notes.append(Part(f"filter {view.words}", "accent", "screen.filter"))
        if len(view.views) > 1:
            notes.append(Part(f"view {view.view_name} ▾", "dim", "screen.view"))
        self.query_one("#build-title", Rule).title(f"Build {shown.name}", *notes)
        self.query_one("#build-told", Wrapped).show(told(shown))


PANE = HeaderPane
