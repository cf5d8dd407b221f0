"""A treemap in characters: every tile has its own top and left edge, so it reads without colour."""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from screens.widgets.columns import MARK
from screens.widgets.looks import Looks
from workbench.measure.text import printable
from workbench.measure.treemap import Tile, treemap, worth_a_tile


class Patch(NamedTuple):
    """One thing of a size. The texts may be hostile."""

    key: str
    name: str
    weight: float
    figure: str
    """Its size, as it is shown."""


class TreeMap(Looks, can_focus=True):
    """Patches as tiles, the largest first, with a cursor that goes to the next tile in a direction."""

    DEFAULT_CSS = """
    TreeMap { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "go(0, -1)", "Up", show=False),
        Binding("down,j", "go(0, 1)", "Down", show=False),
        Binding("left", "go(-1, 0)", "Left", show=False),
        Binding("right", "go(1, 0)", "Right", show=False),
        Binding("home,g", "edge(0)", "Largest", show=False),
        Binding("end,G", "edge(-1)", "Smallest", show=False),
    ]
    ALLOW_SELECT = False

    cursor: reactive[int] = reactive(0)

    class Highlighted(Message):
        """The cursor is on another tile, or on none (`key` is then `None`)."""

        def __init__(self, map: "TreeMap", key: str | None) -> None:
            self.map = map
            self.key = key
            super().__init__()

    class Opened(Message):
        """The tile under the cursor was clicked once more: the same as Enter."""

        def __init__(self, map: "TreeMap", key: str) -> None:
            self.map = map
            self.key = key
            super().__init__()

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._patches: tuple[Patch, ...] = ()
        self._shown: list[Patch] = []
        self._tiles: list[Tile] = []
        self._empty = ""

    @property
    def current(self) -> str | None:
        """The key of the tile under the cursor; `None` on the one that stands for the small rest."""
        return self._key(self.cursor)

    def _key(self, tile: int) -> str | None:
        if not 0 <= tile < len(self._tiles):
            return None
        return self._shown[self._tiles[tile].item].key or None

    def show(self, patches: Sequence[Patch], *, at: str | None = None, empty: str = "") -> None:
        """Show these from now on.

        Args:
            patches: The largest first.
            at: Where the cursor is put, if it is there.
            empty: What to say when there is nothing of any size.
        """
        self._patches = tuple(patches)
        self._empty = empty
        self._lay()
        self.cursor = self._place_of(at)
        self.refresh()
        self.post_message(self.Highlighted(self, self.current).set_sender(self))

    def _place_of(self, key: str | None) -> int:
        return next((place for place in range(len(self._tiles)) if key and self._key(place) == key), 0)

    def _lay(self) -> None:
        width, height = self.size
        weights = [patch.weight for patch in self._patches]
        keep = worth_a_tile(weights, width * height)
        rest = self._patches[keep:]
        self._shown = list(self._patches[:keep])
        if any(patch.weight > 0 for patch in rest):
            count = sum(patch.weight > 0 for patch in rest)
            self._shown.append(Patch("", f"{count} smaller", sum(patch.weight for patch in rest), ""))
        self._tiles = treemap([patch.weight for patch in self._shown], width, height)

    def on_resize(self) -> None:
        """Lay the tiles out again."""
        before = self.current
        self._lay()
        self.cursor = self._place_of(before)
        self.refresh()
        self.post_message(self.Highlighted(self, self.current).set_sender(self))

    # --- the cursor ------------------------------------------------------------------------------------------------

    def watch_cursor(self) -> None:
        """Say what it is on."""
        self.post_message(self.Highlighted(self, self.current).set_sender(self))

    def action_go(self, x: int, y: int) -> None:
        """Go to the nearest tile in a direction."""
        if not self._tiles:
            return
        here = self._tiles[self.cursor]
        best: tuple[float, int] | None = None
        for place, tile in enumerate(self._tiles):
            ahead = (tile.x - here.x) * x + (tile.y - here.y) * y
            if ahead <= 0:
                continue
            if x:
                apart = max(0, tile.y - here.y - here.height + 1, here.y - tile.y - tile.height + 1)
            else:
                apart = max(0, tile.x - here.x - here.width + 1, here.x - tile.x - tile.width + 1)
            cost = ahead + 4.0 * apart + 0.1 * abs((tile.y - here.y) if x else (tile.x - here.x))
            if best is None or cost < best[0]:
                best = (cost, place)
        if best:
            self.cursor = best[1]

    def action_edge(self, place: int) -> None:
        """Go to the largest tile (0) or the smallest (-1)."""
        if self._tiles:
            self.cursor = place % len(self._tiles)

    def on_click(self, event: events.Click) -> None:
        """A tile takes the cursor; the tile under the cursor opens."""
        for place, tile in enumerate(self._tiles):
            if tile.x <= event.x < tile.x + tile.width and tile.y <= event.y < tile.y + tile.height:
                key = self._key(place)
                if place == self.cursor and self.has_focus and key:
                    self.post_message(self.Opened(self, key).set_sender(self))
                else:
                    self.cursor = place
                return

    # --- drawing ---------------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """Draw one row across all tiles."""
        width = self.size.width
        if not self._tiles:
            text = f"  {printable(self._empty)}" if y == 1 else ""
            return Strip([Segment(set_cell_size(text, width), self.look("dim"))], width)
        across = sorted((tile.x, place) for place, tile in enumerate(self._tiles) if tile.y <= y < tile.y + tile.height)
        segments: list[Segment] = []
        at = 0
        for x, place in across:
            if x > at:
                segments.append(Segment(" " * (x - at), self.look("plain")))
            tile = self._tiles[place]
            segments += self._row(tile, y - tile.y, here=place == self.cursor)
            at = x + tile.width
        return Strip(segments).extend_cell_length(width, self.look("plain")).crop(0, width)

    def _row(self, tile: Tile, row: int, *, here: bool) -> list[Segment]:
        patch = self._shown[tile.item]
        look = "accent" if here else "plain"
        backdrop = Style(reverse=True) if here and self.has_focus else Style.null()
        inner = tile.width - 1
        edge = self.look("accent" if here else "rule")
        if row == 0:
            mark = MARK if here and inner > len(MARK) else ""
            name = _cut(mark + printable(patch.name), inner)
            segments = [Segment("┌" if tile.width > 1 else "│", edge), Segment(name, self.look(look) + backdrop)]
            segments.append(Segment("─" * (inner - cell_len(name)), edge))
            return segments
        text = ""
        if row == 1 and patch.figure:
            text = _cut(patch.figure, inner)
        return [Segment("│", edge), Segment(set_cell_size(text, inner), self.look("dim"))]


def _cut(text: str, width: int) -> str:
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1) + "…" if width > 1 else ""
