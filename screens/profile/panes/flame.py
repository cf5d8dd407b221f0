"""The flame graph, and what the frame under its cursor is."""

from typing import TYPE_CHECKING, ClassVar, cast

from screens.profile.frames_pane import FramesPane, frame_parts
from screens.profile.words import share
from screens.widgets.line import Part
from workbench.measure.flame.words import amount, error
from workbench.measure.units import counted
from workbench.model.frame_tree import ROOT

if TYPE_CHECKING:
    from screens.profile.screen import ProfileScreen
    from screens.profile.state import ProfileState


class FlamePane(FramesPane):
    """Frames, and two rows about one of them."""

    ORDER: ClassVar[int] = 20

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
            self.flame.show(None, str, empty="the frames are being worked out")
            return
        self.flame.show(state.layout, state.fill, empty="No stack is left: Esc or w shows all")
        self._mark()

    def _mark(self) -> None:
        state = self._screen.state
        found = self.mark(state.search if state is not None else None, self._screen.words)
        self._screen.found = None if found is None else (found.count, found.total)
        self.show_words()

    def show_words(self) -> None:
        """Tell about the frame under the cursor."""
        flame, state = self.flame, self._screen.state
        span = flame.span
        if state is None or span is None:
            self.tell([], [], beside=[], found=[])
            return
        tree, profile = state.shown.drawn, state.profile
        found = self._search_words(state)
        estimated = [Part("estimated from pairs ", "watch")] if profile.tree_is_estimated else []
        if span.narrow:
            nodes = state.layout.nodes_in(span)
            total = sum(tree.total[node] for node in nodes)
            frame = [Part(f" {counted(len(nodes), 'frame')} narrower than a cell", "strong")]
            named = ", ".join(tree.at(node).name for node in nodes[:5])
            figures = [Part(f" {share(total, state.whole)} together: ", "plain"), Part(named, "dim")]
            self.tell(frame, figures, beside=estimated, found=found)
            return
        own, total = tree.own[flame.cursor], tree.total[flame.cursor]
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
        self.tell(frame_parts(tree.at(flame.cursor)), parts, beside=estimated, found=found)

    def _search_words(self, state: "ProfileState") -> list[Part]:
        found = self._screen.found
        if found is None:
            return []
        count, total = found
        off = error(total, state.whole, state.samples)
        told = f"{share(total, state.whole)}{off and ' '}{off}, {counted(count, 'frame')} "
        return [Part(f"{self._screen.words}: {told if count else 'nowhere '}", "accent")]


PANE = FlamePane
