"""A flame graph above two rows about the frame under its cursor, with a search: of one profile, or of two compared."""

from textual import on
from textual.app import ComposeResult

from screens.pane import Pane
from screens.profile.words import whole_path, whose
from screens.widgets.flame_graph import FlameGraph
from screens.widgets.line import Line, Part
from workbench.measure.flame.search import Found, FrameSearch
from workbench.model.frame_tree import Place


class FramesPane(Pane):
    """Draws nothing by itself: what is shown, found and told is said by what is made of it."""

    def compose(self) -> ComposeResult:
        """The graph above its words."""
        yield FlameGraph(id="flame")
        yield Line(id="frame")
        yield Line(id="figures")

    @property
    def flame(self) -> FlameGraph:
        """The graph."""
        return self.query_one(FlameGraph)

    def mark(self, search: FrameSearch | None, words: str) -> Found | None:
        """Mark the frames that contain the words; nothing without words."""
        found = search.find(words) if search is not None and words else None
        self.flame.mark(found.nodes if found else b"", found.outermost if found else ())
        return found

    def tell(self, frame: list[Part], figures: list[Part], *, beside: list[Part], found: list[Part]) -> None:
        """Fill both rows.

        Args:
            frame: Which frame it is.
            figures: What it comes to.
            beside: At the right end of the first row.
            found: What the search found, at the right end of the second.
        """
        self.query_one("#frame", Line).show(frame, beside)
        self.query_one("#figures", Line).show(figures, found)

    @on(FlameGraph.Highlighted)
    def _cursor_moved(self) -> None:
        self.show_words()

    def show_words(self) -> None:
        """Tell about the frame under the cursor."""
        raise NotImplementedError


def frame_parts(place: Place) -> list[Part]:
    """A frame's name, whose code it is, and where."""
    return [Part(f" {place.name}", "strong"), Part(f"  {whose(place)}", "dim"), Part(f"  {whole_path(place)}")]
