"""256 colours instead of sixteen million, from now on: they take a third fewer bytes."""

from functools import lru_cache

from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter


@lru_cache(maxsize=2048)
def _few(style: Style) -> Style:
    colours = (
        None if colour is None else colour.downgrade(ColorSystem.EIGHT_BIT) for colour in (style.color, style.bgcolor)
    )
    return style + Style.from_color(*colours)


class FewColours(LineFilter):
    """Takes the nearest of 256 colours for each."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002  what a filter is given
        """The same text in fewer colours."""
        return [Segment(text, style and _few(style), control) for text, style, control in segments]
