"""Finds paths by a part of their name among hundreds of thousands, while somebody types."""

from __future__ import annotations  # array[int] cannot be subscripted before Python 3.12

from array import array
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.measure.overlay import Overlay


class NameSearch:
    """The names of an overlay as one text, in lower case: one pass over it costs milliseconds.

    Args:
        overlay: The stacked image.
    """

    def __init__(self, overlay: Overlay) -> None:
        self._overlay = overlay
        names = [name.lower().replace("\n", " ") for name in overlay.names]
        self._text = "\n".join(names)
        self._starts = array("I", accumulate((len(name) + 1 for name in names[:-1]), initial=0))

    def find(self, words: str, most: int | None = None) -> array[int]:
        """Every node, dead ones too, whose name contains `words`, in the order of the nodes.

        With a slash in `words` the path is asked: its last name begins with what follows the last slash, and what is
        above ends with what stands before it. Capital letters make no difference.

        Args:
            words: A part of a name or of a path.
            most: Stop at so many names; `None` looks at all.
        """
        folder, slash, wanted = words.lower().rpartition("/")
        found = array("i")
        if not words or "\n" in words:
            return found
        if not wanted:
            return array("i", (node for node in self.find(folder) if self._overlay.is_directory[node]))
        text, starts = self._text, self._starts
        # Every name but the root's, which is empty, follows the end of a line.
        sought = f"\n{wanted}" if slash else wanted
        lead = len(sought) - len(wanted)
        below: dict[int, bool] = {}
        at = text.find(sought)
        while at >= 0 and (most is None or len(found) < most):
            node = bisect_right(starts, at + lead) - 1
            if not slash or self._is_below(node, folder, below):
                found.append(node)
            # A line end that begins the next match is the character before that name.
            at = text.find(sought, starts[node + 1] - lead) if node + 1 < len(starts) else -1
        return found

    def _is_below(self, node: int, folder: str, known: dict[int, bool]) -> bool:
        """Whether the path of what a node is in ends with `folder`."""
        parent = self._overlay.parent[node]
        below = known.get(parent)
        if below is None:
            path = self._overlay.path(parent)
            below = known[parent] = (f"/{path}" if path else "").lower().endswith(folder)
        return below
