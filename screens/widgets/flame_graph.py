"""A flame graph that hangs from its root: a row for each depth, drawn when seen, however many frames there are."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from screens.widgets.columns import fitted
from screens.widgets.fills import FILLS, fills_css
from screens.widgets.looks import LOOKS, LOOKS_CSS
from workbench.measure.flame.geometry import FlameLayout, Span
from workbench.measure.text import printable
from workbench.measure.units import percent
from workbench.model.frame_tree import ROOT, FrameTree

EDGE, END, HERE, HIT = "▏", "▕", "▸", "•"
"""The left cell of a frame tells its border, the cursor and a match without colours; blanks behind it need its end."""
MANY, MANY_MORE = "…", "┄"
"""Frames that are narrower than a cell."""
EDGES = {"more": "+", "much-more": "+", "less": "−", "much-less": "−"}
"""The left cell of what gained or lost tells that without colours."""
SHORT = 5
"""Cells in which a name is cut without an ellipsis."""
CLEAREST = 8
"""How many of its callers are kept on the screen, at most, when the view must zoom to show a frame."""


class FlameGraph(ScrollView, can_focus=True):
    """Frames with a cursor that goes to caller, callee and neighbours, and with one frame as wide as the screen."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"look--{name}" for name in LOOKS} | {f"flame--{name}" for name in FILLS}
    DEFAULT_CSS = f"""
    FlameGraph {{
        height: 1fr;
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
        {LOOKS_CSS}
        {fills_css("flame")}
    }}
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "rise", "Caller", show=False),
        Binding("down,j", "sink", "Callee", show=False),
        Binding("left", "aside(-1)", "Left", show=False),
        Binding("right", "aside(1)", "Right", show=False),
        Binding("home,g", "top", "Top", show=False),
        Binding("end,G", "hottest", "Hottest", show=False),
        Binding("backspace", "zoom_out", "Out", show=False),
    ]
    ALLOW_SELECT = False

    cursor: reactive[int] = reactive(ROOT, repaint=False)
    """The frame that the cursor is on, or the first of those that it is on."""

    class FlameMessage(Message):
        """Something happened to a frame."""

        def __init__(self, flame: "FlameGraph", node: int) -> None:
            self.flame = flame
            self.node = node
            super().__init__()

        @property
        def control(self) -> "FlameGraph":
            """The widget, for `@on(…, "#id")`."""
            return self.flame

    class Highlighted(FlameMessage):
        """The cursor is on another frame, or what is shown has changed."""

    class Zoomed(FlameMessage):
        """Another frame is as wide as the screen."""

    def __init__(self, *, empty: str = "", id: str | None = None) -> None:
        super().__init__(id=id)
        self._layout_now: FlameLayout | None = None
        self._fill: Callable[[int], str] = _all_alike
        self._label: Callable[[int], str] | None = None
        self._empty = empty
        self._zooms: list[int] = [ROOT]
        self._found = b""
        self._stops: Sequence[int] = ()
        self._stop = -1
        self._rows: dict[int, list[Span]] = {}
        self._rows_width = -1

    # --- what is shown ---------------------------------------------------------------------------------------------

    @property
    def frames(self) -> FrameTree | None:
        """What is shown."""
        return self._layout_now.tree if self._layout_now else None

    @property
    def zoomed(self) -> int:
        """The frame that is as wide as the screen."""
        return self._zooms[-1]

    @property
    def span(self) -> Span | None:
        """The cells that the cursor is on."""
        if self._layout_now is None:
            return None
        return next((span for span in self._row(self._depth(self.cursor)) if self._holds(span, self.cursor)), None)

    def show(
        self,
        layout: FlameLayout | None,
        fill: Callable[[int], str],
        *,
        label: Callable[[int], str] | None = None,
        at: int = ROOT,
        empty: str = "",
    ) -> None:
        """Show a tree from now on.

        Args:
            layout: Its rows; `None` for nothing.
            fill: What a frame is painted as.
            label: What stands behind a frame's name; without it its share of the whole.
            at: The frame that the cursor is put on.
            empty: What to say when there is nothing.
        """
        self._layout_now, self._fill, self._label, self._empty = layout, fill, label, empty
        self._zooms, self._found = [ROOT], b""
        self.set_reactive(FlameGraph.cursor, at)
        self._laid_out()
        self._come_to_cursor()

    def mark(self, found: bytes, stops: Sequence[int]) -> None:
        """Show what a search found.

        Args:
            found: For every node 1 or 0; nothing for no search.
            stops: The frames that `next_match` goes to, in this order.
        """
        self._stops, self._stop = stops, -1
        if found != self._found:
            self._found = found
            self.refresh()

    def _laid_out(self) -> None:
        self._rows.clear()
        self._rows_width = self._width
        layout = self._layout_now
        self.virtual_size = Size(self.size.width, layout.height(self.zoomed) if layout else 1)
        self.refresh()

    def on_resize(self) -> None:
        """Other cells, the same frames."""
        if self._width != self._rows_width:
            self._laid_out()
        self._come_to_cursor()

    def notify_style_update(self) -> None:
        """Repaint under a new theme."""
        super().notify_style_update()
        self.refresh()

    @property
    def _width(self) -> int:
        return self.scrollable_content_region.width

    def _row(self, depth: int) -> list[Span]:
        if self._layout_now is None:
            return []
        spans = self._rows.get(depth)
        if spans is None:
            spans = self._rows[depth] = self._layout_now.row(depth, self._width, self.zoomed)
        return spans

    def _depth(self, node: int) -> int:
        return self._layout_now.depth[node] if self._layout_now else 0

    def _holds(self, span: Span, node: int) -> bool:
        return self._layout_now is not None and self._layout_now.holds(span, node)

    # --- the cursor ------------------------------------------------------------------------------------------------

    def _come_to_cursor(self) -> None:
        """A frame that takes no cell cannot have the cursor: the one it is in has it then."""
        tree = self.frames
        if tree is None or not self._width:
            return
        node = self.cursor
        while node != ROOT and self.span is None:
            node = tree.parent[node]
            self.set_reactive(FlameGraph.cursor, node)
        self._to_sight()
        self.post_message(self.Highlighted(self, self.cursor).set_sender(self))

    def place(self, node: int) -> None:
        """Put the cursor on a frame."""
        if node == self.cursor:
            return
        self._refresh_row(self._depth(self.cursor))
        self.cursor = node
        self._refresh_row(self._depth(node))
        self._to_sight()
        self.post_message(self.Highlighted(self, node).set_sender(self))

    def _refresh_row(self, depth: int) -> None:
        y = depth - round(self.scroll_offset.y)
        if 0 <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def _to_sight(self) -> None:
        depth, top, page = self._depth(self.cursor), round(self.scroll_target_y), self.size.height
        # One row more than the cursor's, so that it shows whether anything is called.
        if depth < top + 1:
            self.scroll_to(y=max(0, depth - 1), animate=False, immediate=True, force=True)
        elif page > 0 and depth + 1 >= top + page:
            self.scroll_to(y=depth + 2 - page, animate=False, immediate=True, force=True)

    def action_rise(self) -> None:
        """To the caller."""
        if self.frames is not None and self.cursor != ROOT:
            self.place(self.frames.parent[self.cursor])

    def action_sink(self) -> None:
        """To the widest callee."""
        layout, node = self._layout_now, self.cursor
        if layout is None:
            return
        # Above the zoomed frame there is one way down.
        on_way = self._depth(node) < self._depth(self.zoomed)
        child = self._toward(node) if on_way else layout.widest_child(node)
        if child is not None:
            span = next((span for span in self._row(self._depth(child)) if self._holds(span, child)), None)
            if span is not None:
                self.place(span.node)

    def _toward(self, node: int) -> int | None:
        path = self.frames.path(self.zoomed) if self.frames else []
        depth = self._depth(node)
        return path[depth] if depth < len(path) else None

    def action_aside(self, step: int) -> None:
        """To the next frame of the row, whoever called it."""
        spans = self._row(self._depth(self.cursor))
        here = next((place for place, span in enumerate(spans) if self._holds(span, self.cursor)), None)
        if here is not None and 0 <= here + step < len(spans):
            self.place(spans[here + step].node)

    def action_top(self) -> None:
        """To the frame that is as wide as the screen."""
        self.place(self.zoomed)

    def action_hottest(self) -> None:
        """Down the widest callees to the last one that is a cell wide."""
        before = -1
        while before != self.cursor:
            before = self.cursor
            self.action_sink()

    # --- zoom ------------------------------------------------------------------------------------------------------

    def zoom_in(self) -> None:
        """The frame under the cursor as wide as the screen; of several narrow ones, the frame that they are in."""
        tree, span = self.frames, self.span
        if tree is None or span is None:
            return
        top = tree.parent[span.node] if span.narrow else self.cursor
        # Where they are narrow even so, the largest of them.
        self._zoom_to(self.cursor if top == self.zoomed and span.narrow else top)

    def _zoom_to(self, node: int) -> None:
        if node != self.zoomed and self.frames is not None:
            # Every zoom is within the one before: out of one is back to the frame it was chosen from.
            while len(self._zooms) > 1 and not self._zooms[-1] <= node < self.frames.end[self._zooms[-1]]:
                self._zooms.pop()
            if node != self.zoomed:
                self._zooms.append(node)
            self._zoom_changed(node)

    def _zoom_changed(self, cursor: int) -> None:
        self.set_reactive(FlameGraph.cursor, cursor)
        self._laid_out()
        self._come_to_cursor()
        self.post_message(self.Zoomed(self, self.zoomed).set_sender(self))

    def zoom_out(self) -> bool:
        """Back to the zoom before; `False` when all is shown."""
        if len(self._zooms) == 1:
            return False
        self._zoom_changed(self._zooms.pop())
        return True

    def action_zoom_out(self) -> None:
        """Backspace."""
        self.zoom_out()

    def reveal(self, node: int) -> None:
        """Put the cursor on a frame; where it is narrow or out of sight, zoom until it shows."""
        layout, tree = self._layout_now, self.frames
        if layout is None or tree is None:
            return
        top = self.zoomed if self.zoomed <= node < tree.end[self.zoomed] else ROOT
        span = layout.span_of(node, self._width, top)
        if span is None or span.narrow:
            top = node
            for _ in range(CLEAREST):
                above = tree.parent[top]
                span = layout.span_of(node, self._width, above) if above >= ROOT else None
                if span is None or span.narrow:
                    break
                top = above
        if top != self.zoomed:
            if top == ROOT:
                self._zooms = [ROOT]
                self._zoom_changed(node)
                return
            self._zoom_to(top)
        self.place(node)

    def next_match(self, step: int) -> bool:
        """To the next of the frames to stop at, or the one before; `False` when there is none."""
        if not self._stops:
            return False
        self._stop = (self._stop + step) % len(self._stops) if self._stop >= 0 else 0 if step > 0 else -1
        self._stop %= len(self._stops)
        self.reveal(self._stops[self._stop])
        return True

    # --- mouse -----------------------------------------------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        """A frame takes the cursor; the frame under the cursor zooms."""
        depth = event.y + round(self.scroll_offset.y)
        span = next((span for span in self._row(depth) if span.x <= event.x < span.x + span.width), None)
        if span is None:
            return
        if self._holds(span, self.cursor) and self.has_focus:
            self.zoom_in()
        else:
            self.place(span.node)

    # --- drawing ---------------------------------------------------------------------------------------------------

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"flame--{name}")

    def render_line(self, y: int) -> Strip:
        """Draw one depth."""
        width = self._width
        tree = self.frames
        if tree is None or len(tree) < 2:
            text = f"  {printable(self._empty)}" if y == 1 else ""
            return Strip([Segment(fitted(text, width), self.get_component_rich_style("look--dim"))], width)
        spans = self._row(y + round(self.scroll_offset.y))
        plain = self.get_component_rich_style("look--plain")
        segments: list[Segment] = []
        at = 0
        for place, span in enumerate(spans):
            if span.x > at:
                segments.append(Segment(" " * (span.x - at), plain))
            at = span.x + span.width
            closed = place + 1 < len(spans) and spans[place + 1].x == at
            fill, text = self._painted(tree, span, closed=closed or at == width)
            segments.append(Segment(text, self._style(fill)))
        # Neighbours in one look are one run: a run costs about 36 bytes on the way to the terminal.
        return Strip(segments).simplify().extend_cell_length(width, plain).crop(0, width)

    def _painted(self, tree: FrameTree, span: Span, *, closed: bool) -> tuple[str, str]:
        """What a span is painted as, and its text."""
        here = self._holds(span, self.cursor)
        hit = bool(self._found) and (
            1 in bytes(map(self._found.__getitem__, self._layout_now.nodes_in(span)))
            if span.narrow and self._layout_now
            else bool(self._found[span.node])
        )
        fill = "cursor" if here else "match" if hit else self._fill(span.node)
        if span.narrow:
            first = HERE if here else HIT if hit else MANY
            return ("native" if fill not in ("cursor", "match") else fill), first + MANY_MORE * (span.width - 1)
        first = HERE if here else HIT if hit else EDGES.get(fill, EDGE)
        room = span.width - 1
        last = "" if closed or room < 1 else END
        room -= len(last)
        name = printable(tree.at(span.node).name)
        label = f"  {self._label(span.node) if self._label else self._share(tree, span.node)}"
        text = name + label if cell_len(name) + len(label) <= room else name
        # In a few cells an ellipsis would take the place of letters, and look like frames too narrow to show.
        cut = fitted(text, room) if room > SHORT else set_cell_size(text, room)
        return fill, first + cut + last

    @staticmethod
    def _share(tree: FrameTree, node: int) -> str:
        return percent(100 * tree.total[node] / (tree.total[ROOT] or 1))


def _all_alike(node: int) -> str:  # noqa: ARG001  one signature
    return "own"
