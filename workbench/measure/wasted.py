"""Every file that is shipped and cannot be seen, named."""

from collections.abc import Iterator
from typing import NamedTuple

from workbench.measure.overlay import HiddenKind, Overlay


class WastedPath(NamedTuple):
    """A body that is shipped and cannot be seen."""

    path: str
    """Where it last stood, without a leading slash."""
    size_bytes: int
    kind: HiddenKind
    written_by: int
    """Index of the layer that ships it."""
    hidden_by: int
    """Index of the layer that hid it."""


def wasted_paths(overlay: Overlay) -> Iterator[WastedPath]:
    """Every hidden body, the largest first; made one at a time, for there may be as many as files.

    Args:
        overlay: The stacked image.
    """
    for hidden in sorted(overlay.hidden, key=lambda one: (-one.size, one.written_by, one.node)):
        yield WastedPath(overlay.path(hidden.node), hidden.size, hidden.kind, hidden.written_by, hidden.hidden_by)
