"""What frames are painted as, and a line of text that can be painted so as well: a legend."""

from typing import ClassVar

from screens.widgets.line import Line
from screens.widgets.looks import LOOKS

MODULES = ("module1", "module2", "module3", "module4", "module5")
FILLS = ("own", "library", "native", "outer", *MODULES, "more", "much-more", "less", "much-less", "match", "cursor")
"""What a frame is painted as: three origins, what is around them, a few modules, what it gained or lost, what a search
found, and where the cursor is."""
_RULES = """
        & > .flame--own { color: $foreground; background: $foreground 22%; text-style: bold; }
        & > .flame--library { color: $foreground; background: $foreground 10%; }
        & > .flame--native { color: $text-muted; background: $foreground 5%; }
        & > .flame--outer { color: $text-muted; }
        & > .flame--module1 { color: $foreground; background: $primary 40%; }
        & > .flame--module2 { color: $foreground; background: $warning 30%; }
        & > .flame--module3 { color: $foreground; background: $success 25%; }
        & > .flame--module4 { color: $foreground; background: $error 25%; }
        & > .flame--module5 { color: $foreground; background: $secondary 25%; }
        & > .flame--more { color: $foreground; background: $error 20%; }
        & > .flame--much-more { color: $foreground; background: $error 45%; text-style: bold; }
        & > .flame--less { color: $foreground; background: $primary 22%; }
        & > .flame--much-less { color: $foreground; background: $primary 50%; text-style: bold; }
        & > .flame--match { color: $text-accent; background: $accent 25%; text-style: bold; }
        & > .flame--cursor { color: $foreground; background: $foreground 40%; text-style: bold; }
        &:focus > .flame--cursor { color: $text; background: $accent 60%; text-style: bold; }
"""


def fills_css(prefix: str) -> str:
    """Rules for a widget's component classes of that prefix, one for each fill."""
    return _RULES.replace("flame--", f"{prefix}--")


class PaintedLine(Line):
    """A row of text whose parts may look like frames."""

    KEEP_RIGHT = True
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"look--{name}" for name in (*LOOKS, *FILLS)}
    DEFAULT_CSS = f"PaintedLine {{ {fills_css('look')} }}"
