"""A search in the tree of files: its matches, and the one that the cursor is at."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from screens.latest import Latest
from screens.widgets.line import Part
from workbench.anatomy import ImageAnatomy
from workbench.measure.text import shorten

if TYPE_CHECKING:
    from array import array

    from screens.pane import Pane

MOST_MATCHES = 10_000
"""Matches that a search looks at: a single letter is in every second name."""
LONGEST_WORDS = 20


@dataclass(frozen=True, slots=True)
class Matches:
    """What a search found."""

    nodes: list[int]
    """The largest first."""
    cut: bool = False
    """Whether there may be more."""


def matches(anatomy: ImageAnatomy, words: str, layer: int | None, standing: "array[int] | None") -> Matches:
    """The nodes of the tree whose name or path contains what was typed.

    Args:
        anatomy: The image.
        words: What was typed.
        layer: The layer whose changes are shown; `None` in the merged system.
        standing: What stands after that layer, where what it left as it was is shown too.
    """
    found = anatomy.names.find(words, MOST_MATCHES)
    cut = len(found) >= MOST_MATCHES
    if layer is None:
        alive = anatomy.analysis.overlay.alive
        nodes = [node for node in found if node and alive[node]]
        nodes.sort(key=anatomy.analysis.sizes.__getitem__, reverse=True)
        return Matches(nodes, cut)
    weighed: list[tuple[int, int]] = []
    for node in found:
        change = anatomy.changes[layer].at(node)
        if node and change is not None:
            weighed.append((change.shipped + change.hidden, node))
        elif node and standing is not None and standing[node] >= 0:
            weighed.append((0, node))
    return Matches([node for _, node in sorted(weighed, reverse=True)], cut)


class TreeSearch:
    """What is sought, and where the cursor is among the matches. It tells of the last search until the next is done.

    Args:
        pane: Whose tree is searched.
    """

    def __init__(self, pane: "Pane") -> None:
        self._latest: Latest[Matches] = Latest(pane)
        self._words = ""
        self._found = Matches([])
        self._place = 0
        self._pending = False
        self._steps = 0

    def begin(self, words: str, work: Callable[[], Matches], then: Callable[[], object], *, at_once: bool) -> None:
        """Search.

        Args:
            words: What was typed.
            work: Gives the matches.
            then: Called when they are known, on the app's thread.
            at_once: It takes no time that would be felt.
        """

        def done(found: Matches) -> None:
            self._pending = False
            self._words, self._found = words, found
            self._place = self._steps % len(found.nodes) if found.nodes else 0
            self._steps = 0
            then()

        self._steps = 0
        if at_once:
            self._latest.forget()
            done(work())
        else:
            self._pending = True
            self._latest.ask(work, done)

    def clear(self) -> None:
        """Nothing is sought any more."""
        self._latest.forget()
        self._words, self._found = "", Matches([])
        self._place = self._steps = 0
        self._pending = False

    def step(self, step: int) -> bool:
        """Go to the next match or the one before; `False` while the matches are not known, or when there are none.

        What is asked before they are known is done when they are.
        """
        if self._pending:
            self._steps += step
        elif self._found.nodes:
            self._place = (self._place + step) % len(self._found.nodes)
        return not self._pending and bool(self._found.nodes)

    def settle(self, is_there: Callable[[int], bool]) -> None:
        """Stay at the match, or go on to the first that is in the tree: those that a filter hides are passed over."""
        for _ in range(min(len(self._found.nodes), 100)):
            if is_there(self._found.nodes[self._place]):
                return
            self._place = (self._place + 1) % len(self._found.nodes)

    def notes(self) -> list[Part]:
        """For the title, the most important last; none when nothing is sought."""
        if not self._words:
            return []
        words = f"/{shorten(self._words, LONGEST_WORDS)}"
        if not self._found.nodes:
            return [Part(f"{words}  no match", "watch")]
        more = "+" if self._found.cut else ""
        where = f"{words}  match {self._place + 1} of {len(self._found.nodes)}{more}"
        return [Part("largest first", "dim"), Part(where, "accent")]
