"""One row of text in a few looks, parts of it clickable. Repaints only when its text changed."""

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual import events
from textual.geometry import Region
from textual.strip import Strip

from screens.widgets.difference import reach
from screens.widgets.looks import Looks
from workbench.measure.text import printable


class Part(NamedTuple):
    """A run of text in one look."""

    text: str
    look: str = "plain"
    action: str = ""
    """What a click runs, in Textual's action syntax; empty for nothing."""


def padded(parts: Sequence[Part], width: int) -> list[Part]:
    """Parts in exactly `width` cells: the last that fits is cut with an ellipsis, or blanks are added."""
    fitting: list[Part] = []
    room = width
    for part in parts:
        text = printable(part.text)
        length = cell_len(text)
        if length > room:
            text = set_cell_size(text, room - 1) + "…" if room > 0 else ""
            length = room
        if text:
            fitting.append(part._replace(text=text))
        room -= length
    if room > 0:
        fitting.append(Part(" " * room))
    return fitting


def whole(parts: Sequence[Part], width: int) -> list[Part]:
    """Parts two blanks apart in exactly `width` cells. One that does not fit is left out; only the first is cut."""
    fitting: list[Part] = []
    room = width
    for part in parts:
        length = cell_len(printable(part.text)) + (2 if fitting else 0)
        if fitting and length > room:
            continue
        # A gap in the look of what is before it needs no run of its own.
        fitting += [Part("  ", fitting[-1].look), part] if fitting else [part]
        room -= length
    return padded(fitting, width)


class Line(Looks):
    """One row: parts from the left, parts from the right, the filler between them.

    When they do not all fit, whole parts are left out: first those on the right from their left end, then the left
    side is cut.
    """

    DEFAULT_CSS = """
    Line { height: 1; width: 1fr; }
    """
    FILLER = " "
    KEEP_RIGHT = False
    """Whether the right side stays, however narrow the screen, and the left is cut instead."""
    ALLOW_SELECT = False

    def __init__(
        self, *left: Part, right: Sequence[Part] = (), id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._left: tuple[Part, ...] = left
        self._right: tuple[Part, ...] = tuple(right)

    def show(self, left: Sequence[Part], right: Sequence[Part] = ()) -> None:
        """Show these parts from now on."""
        if (tuple(left), tuple(right)) != (self._left, self._right):
            width = self.size.width
            before = [(part.text, part.look) for part in self._fit(width)]
            self._left, self._right = tuple(left), tuple(right)
            far = reach(before, [(part.text, part.look) for part in self._fit(width)], width)
            if far:
                self.refresh(Region(0, 0, far, 1))

    @property
    def text(self) -> str:
        """What is on screen, without looks."""
        return "".join(part.text for part in self._fit(self.size.width))

    def _fit(self, width: int) -> list[Part]:
        left = [part._replace(text=printable(part.text)) for part in self._left]
        right = [part._replace(text=printable(part.text)) for part in self._right]
        taken = sum(cell_len(part.text) for part in left)
        while right and not self.KEEP_RIGHT and taken + sum(cell_len(part.text) for part in right) > width:
            right.pop(0)
        room = width - sum(cell_len(part.text) for part in right)
        fitted: list[Part] = []
        for part in left:
            length = cell_len(part.text)
            if length > room:
                cut = set_cell_size(part.text, room - 1) + "…" if room > 1 else ""
                fitted.append(part._replace(text=cut))
                room -= cell_len(cut)
                break
            fitted.append(part)
            room -= length
        if room > 0:
            fitted.append(Part(self.FILLER * room, "rule"))
        return fitted + right

    def render_line(self, y: int) -> Strip:
        """Draw the one row."""
        if y > 0:
            return Strip.blank(self.size.width, self.look("plain"))
        parts = self._fit(self.size.width)
        return Strip([Segment(part.text, self.look(part.look)) for part in parts], self.size.width).simplify()

    async def on_click(self, event: events.Click) -> None:
        """Run the action of the part under the pointer."""
        start = 0
        for part in self._fit(self.size.width):
            end = start + cell_len(part.text)
            if start <= event.x < end and part.action:
                event.stop()
                await self.run_action(part.action)
                return
            start = end


class Rule(Line):
    """A title on a rule."""

    FILLER = "─"

    def title(self, title: str, *notes: Part) -> None:
        """Show a title, and notes at the right end."""
        spaced: list[Part] = []
        for note in notes:
            spaced += [Part(" ", "rule"), note, Part(" ─", "rule")]
        self.show([Part("─ ", "rule"), Part(title, "strong"), Part(" ", "rule")], spaced)
