"""The few looks that text may have, shared by everything drawn line by line. Colour means something or is not there."""

from rich.style import Style
from textual.widget import Widget

LOOKS = ("plain", "strong", "dim", "accent", "act", "watch", "good", "past", "heading", "rule")
"""dim: stale, absent or less important; accent: where you are; act is red, watch yellow, good green;
past is on a ground of its own: a moment that is not now."""

MUTED = "$foreground 60%"
"""The dim look for `Content`, where `$text-muted` would come out pure white: its colour is made from a background that
text does not know."""

LOOKS_CSS = """
    & > .look--plain { color: $foreground; }
    & > .look--strong { color: $foreground; text-style: bold; }
    & > .look--dim { color: $text-muted; }
    & > .look--accent { color: $text-accent; text-style: bold; }
    & > .look--act { color: $text-error; text-style: bold; }
    & > .look--watch { color: $text-warning; }
    & > .look--good { color: $text-success; }
    & > .look--past { color: $background; background: $text-warning; text-style: bold; }
    & > .look--heading { color: $text-muted; }
    & > .look--rule { color: $foreground 30%; }
"""


class Looks(Widget):
    """A widget whose line drawing asks for styles by look."""

    COMPONENT_CLASSES = {f"look--{name}" for name in LOOKS}  # noqa: RUF012  Textual's own declaration
    DEFAULT_CSS = f"Looks {{ {LOOKS_CSS} }}"

    def look(self, name: str) -> Style:
        """The style of one look under the current theme."""
        return self.get_component_rich_style(f"look--{name}")
