"""One thing the user can do, and where."""

from dataclasses import dataclass
from typing import Literal

Where = Literal[
    "everywhere",
    "live",
    "fleet",
    "container",
    "image",
    "anatomy",
    "image_comparison",
    "logs",
    "build",
    "build_view",
    "gpu",
    "profile",
    "profile_diff",
    "compare",
    "latency_curves",
    "build_steps",
    "runs",
]

LIVE: tuple[Where, ...] = ("fleet", "container", "gpu")
"""The modes with figures that move: `live` is all of them."""


@dataclass(frozen=True, slots=True)
class Command:
    """One thing the user can do."""

    id: str
    """Stable name for settings: `fleet.sort`."""
    key: str
    """Default key, or several separated by commas."""
    title: str
    """A word or two for the key line and the palette."""
    help: str
    """One sentence: what it does."""
    action: str
    """Textual's action syntax, with the namespace: a key, a click and the palette then mean the same."""
    where: Where = "everywhere"
    footer: bool = True
    """Whether the key line names it."""
