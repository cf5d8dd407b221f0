"""What of a profile is looked at: which threads, with waiting or without, folded or not, in which order."""

from dataclasses import dataclass

from workbench.measure.flame.moments import between, in_order
from workbench.measure.flame.origin import origin
from workbench.measure.flame.time_order import folded_in_time
from workbench.measure.flame.transform import (
    by_function,
    few_threads,
    kept,
    leaving_out,
    left_heavy,
    subtree,
    with_own,
    without_recursion,
    without_threads,
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
    span: tuple[int, int] | None = None
    """From one slice of the recording until before another; `None` for all of it."""
    aspect: int = 0
    """Which of the profile's aspects, where it has several."""
    by_number: bool = False
    """How many allocations instead of how many bytes."""
    threads_apart: bool | None = None
    """Draw every thread on its own; `None` where there are few of them."""
    by_module: bool = False
    """Painted by module instead of by whose code it is."""


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
    moments, span = profile.moments, choices.span
    tree = chosen_tree(profile, choices)
    if moments is not None and span is not None:
        tree = between(tree, moments, *span)
    if choices.by_number and tree.calls is not None:
        tree = with_own(tree, tree.calls)
    lines = _restricted(tree, choices)
    if choices.in_time and (timeline := _timeline(profile, choices)) is not None:
        return Shown(lines, _folded_in_time(_restricted(timeline, choices), choices))
    drawn = by_function(lines) if profile.line_is == "ran" else lines
    if not threads_are_apart(profile.tree, choices):
        drawn = without_threads(drawn)
    if choices.fold_library:
        drawn = _without_libraries(drawn)
    if choices.fold_recursion:
        drawn = without_recursion(drawn)
    return Shown(lines, left_heavy(drawn))


def chosen_tree(profile: Profile, choices: Choices) -> FrameTree:
    """The one of several trees that is looked at, where there are several."""
    return profile.aspects[choices.aspect].tree if profile.aspects else profile.tree


def threads_are_apart(tree: FrameTree, choices: Choices) -> bool:
    """Whether each thread is drawn on its own. A thread for each request would leave nothing to see."""
    if choices.threads_apart is None:
        return few_threads(tree)
    return choices.threads_apart


def _without_libraries(tree: FrameTree) -> FrameTree:
    own = [origin(place) == "own" for place in tree.places]
    return kept(tree, lambda node: own[tree.place[node]])


def _folded_in_time(tree: FrameTree, choices: Choices) -> FrameTree:
    if not choices.fold_library and not choices.fold_recursion:
        return tree
    keep = [not choices.fold_library or origin(place) == "own" for place in tree.places]
    return folded_in_time(tree, keep, recursion=choices.fold_recursion)


def _timeline(profile: Profile, choices: Choices) -> FrameTree | None:
    moments, span = profile.moments, choices.span
    apart = threads_are_apart(profile.tree, choices)
    if moments is None or (span is None and apart and profile.timeline is not None):
        return profile.timeline
    return in_order(profile.tree, moments, *(span or (0, len(moments))), threads_apart=apart or bool(choices.part))


def _restricted(tree: FrameTree, choices: Choices) -> FrameTree:
    if choices.part:
        node = _node_of(tree, choices.part)
        # A thread that did nothing in the span is not there.
        tree = subtree(tree, node) if node else with_own(tree, [0.0] * len(tree))
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
