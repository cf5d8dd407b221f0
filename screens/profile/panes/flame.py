"""The flame graph, and what the frame under its cursor is."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.app import ComposeResult

from screens.pane import Pane
from screens.profile.words import share, whole_path, whose
from screens.widgets.flame_graph import FlameGraph
from screens.widgets.line import Line, Part
from workbench.measure.flame.words import amount, error
from workbench.measure.units import counted
from workbench.model.frame_tree import ROOT

if TYPE_CHECKING:
    from screens.profile.screen import ProfileScreen
    from screens.profile.state import ProfileState


class FlamePane(Pane):
    """Frames, and two rows about one of them."""

    ORDER: ClassVar[int] = 20

    def compose(self) -> ComposeResult:
        """The graph above its words."""
        yield FlameGraph(id="flame")
        yield Line(id="frame")
        yield Line(id="figures")

    def on_mount(self) -> None:
        """Follow what is worked out."""
        self.watch(self.screen, "state", self._draw)
        self.watch(self.screen, "words", self._mark, init=False)

    @property
    def _screen(self) -> "ProfileScreen":
        return cast("ProfileScreen", self.screen)

    def _draw(self) -> None:
        state = self._screen.state
        if state is None:
            self.query_one(FlameGraph).show(None, str, empty="the frames are being worked out")
            return
        self.query_one(FlameGraph).show(state.layout, state.fill, empty="No stack is left: Esc or w shows all")
        self._mark()

    def _mark(self) -> None:
        state, words = self._screen.state, self._screen.words
        found = state.search.find(words) if state is not None and words else None
        self.query_one(FlameGraph).mark(found.nodes if found else b"", found.outermost if found else ())
        self._screen.found = None if found is None else (found.count, found.total)
        self._tell()

    @on(FlameGraph.Highlighted)
    def _tell(self) -> None:
        flame, state = self.query_one(FlameGraph), self._screen.state
        frame, figures = self.query_one("#frame", Line), self.query_one("#figures", Line)
        span = flame.span
        if state is None or span is None:
            frame.show([])
            figures.show([])
            return
        tree, profile = state.shown.drawn, state.profile
        place = tree.at(flame.cursor)
        right = self._search_words(state)
        estimated = [Part("estimated from pairs ", "watch")] if profile.tree_is_estimated else []
        if span.narrow:
            nodes = state.layout.nodes_in(span)
            total = sum(tree.total[node] for node in nodes)
            frame.show([Part(f" {counted(len(nodes), 'frame')} narrower than a cell", "strong")], estimated)
            named = ", ".join(tree.at(node).name for node in nodes[:5])
            figures.show([Part(f" {share(total, state.whole)} together: ", "plain"), Part(named, "dim")], right)
            return
        own, total = tree.own[flame.cursor], tree.total[flame.cursor]
        frame.show(
            [Part(f" {place.name}", "strong"), Part(f"  {whose(place)}", "dim"), Part(f"  {whole_path(place)}")],
            estimated,
        )
        calls = "" if tree.calls is None else f"   calls {round(tree.calls[flame.cursor]):,}"
        if tree.calls is not None and profile.unit == "bytes":
            # An allocation is of the frame that made it: above that they add up.
            calls = f"   {counted(round(sum(tree.calls[flame.cursor : tree.end[flame.cursor]])), 'allocation')}"
        off = error(total, state.whole, state.samples)
        parts = [
            Part(f" total {share(total, state.whole)}", "strong"),
            Part(f"{off and ' '}{off}  {amount(total, state.unit)}"),
            Part(f"   self {share(own, state.whole)}  {amount(own, state.unit)}{calls}"),
        ]
        if flame.zoomed != ROOT:
            zoomed = tree.total[flame.zoomed]
            parts.append(Part(f"   {share(total, zoomed)} of {tree.at(flame.zoomed).name}", "dim"))
        figures.show(parts, right)

    def _search_words(self, state: "ProfileState") -> list[Part]:
        found = self._screen.found
        if found is None:
            return []
        count, total = found
        off = error(total, state.whole, state.samples)
        told = f"{share(total, state.whole)}{off and ' '}{off}, {counted(count, 'frame')} "
        return [Part(f"{self._screen.words}: {told if count else 'nowhere '}", "accent")]


PANE = FlamePane
