"""What of a profile is looked at: which threads, with waiting or without, folded or not, in which order."""

from dataclasses import dataclass

from workbench.measure.flame.origin import origin
from workbench.measure.flame.transform import (
    by_function,
    kept,
    leaving_out,
    left_heavy,
    subtree,
    without_recursion,
)
from workbench.measure.flame.waits import waits
from workbench.model.frame_tree import FrameTree, Place
from workbench.model.profile import Profile

Part = tuple[Place, ...]
"""A process, or a process and one of its threads; empty for all of them."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the reader has chosen."""

    part: Part = ()
    busy: bool = False
    """Leave out stacks that end in a known wait."""
    fold_library: bool = False
    """Count what libraries did for the own frame that called them."""
    fold_recursion: bool = False
    in_time: bool = False
    """In the order of time, where that is known; else the largest first."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Two trees of what is looked at."""

    lines: FrameTree
    """A frame for each line that ran: for tables and sources."""
    drawn: FrameTree
    """A frame for each function, folded and ordered as chosen: for the flame graph."""


def parts(tree: FrameTree) -> list[Part]:
    """Every process and every thread, in the tree's order."""
    found: list[Part] = []
    node = 1
    while node < len(tree):
        if tree.at(node).kind not in ("process", "thread"):
            node = tree.end[node]
            continue
        found.append(tuple(tree.at(step) for step in tree.path(node)))
        node += 1
    return found


def shown(profile: Profile, choices: Choices) -> Shown:
    """The trees of what is chosen."""
    lines = _restricted(profile.tree, choices)
    if choices.in_time and profile.timeline is not None:
        return Shown(lines, _restricted(profile.timeline, choices))
    drawn = by_function(lines) if profile.line_is == "ran" else lines
    if choices.fold_library:
        own = [origin(place) == "own" for place in drawn.places]
        tree = drawn
        drawn = kept(tree, lambda node: own[tree.place[node]])
    if choices.fold_recursion:
        drawn = without_recursion(drawn)
    return Shown(lines, left_heavy(drawn))


def _restricted(tree: FrameTree, choices: Choices) -> FrameTree:
    if choices.part:
        node = _node_of(tree, choices.part)
        tree = subtree(tree, node) if node else tree
    if choices.busy:
        tree = leaving_out(tree, [waits(place) for place in tree.places])
    return tree


def _node_of(tree: FrameTree, part: Part) -> int:
    node = 0
    for place in part:
        node = next((child for child in tree.children(node) if tree.at(child) == place), 0)
        if not node:
            return 0
    return node
