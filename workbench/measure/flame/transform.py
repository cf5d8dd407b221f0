"""One tree made into another: merged, relabelled, folded, restricted, ordered, cut to a window of time, inverted."""

from __future__ import annotations  # array[int] cannot be subscripted before Python 3.12

from array import array
from typing import TYPE_CHECKING

from workbench.measure.flame.building import TreeBuilder, lay_out
from workbench.model.frame_tree import NONE, ROOT, FrameTree, Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

FEW_THREADS = 12


def merged(trees: Iterable[FrameTree]) -> FrameTree:
    """Several trees added up: the segments of a recording, or the results of several processes."""
    builder = TreeBuilder()
    for tree in trees:
        _put(builder, tree, [builder.intern(place) for place in tree.places])
    return builder.finish()


def below(place: Place, tree: FrameTree) -> FrameTree:
    """The tree under one frame more: what a process is to its stacks."""
    builder = TreeBuilder()
    top = builder.child(ROOT, builder.intern(place))
    _put(builder, tree, [builder.intern(each) for each in tree.places], top)
    return builder.finish()


def relabelled(tree: FrameTree, places: Sequence[Place]) -> FrameTree:
    """Other places for a tree's own, by number; siblings that have become equal are added up."""
    builder = TreeBuilder()
    _put(builder, tree, [builder.intern(place) for place in places])
    return builder.finish()


def _put(builder: TreeBuilder, tree: FrameTree, numbers: Sequence[int], top: int = ROOT) -> None:
    moved = array("i", [top]) * len(tree)
    calls = tree.calls
    for node in range(len(tree)):
        if node:
            moved[node] = builder.child(moved[tree.parent[node]], numbers[tree.place[node]])
        builder.add(moved[node], tree.own[node], None if calls is None else calls[node])


def kept(tree: FrameTree, keep: Callable[[int], bool]) -> FrameTree:
    """Only some nodes; what was measured in the others counts for the nearest one above them that stays.

    Args:
        tree: The tree.
        keep: Asked for every node but the root.
    """
    builder = TreeBuilder()
    numbers = [builder.intern(place) for place in tree.places]
    moved = array("i", [ROOT]) * len(tree)
    calls = tree.calls
    for node in range(len(tree)):
        above = moved[tree.parent[node]] if node else ROOT
        stays = node > ROOT and keep(node)
        moved[node] = builder.child(above, numbers[tree.place[node]]) if stays else above
        # The calls of a frame that goes are no calls of the one above it.
        builder.add(moved[node], tree.own[node], None if calls is None else calls[node] if stays else 0.0)
    return builder.finish()


def few_threads(tree: FrameTree) -> bool:
    """Whether threads are so few that each may be drawn on its own."""
    return sum(place.kind == "thread" for place in tree.places) <= FEW_THREADS


def without_threads(tree: FrameTree) -> FrameTree:
    """What all threads of a process did, together."""
    return kept(tree, lambda node: tree.at(node).kind != "thread")


def by_function(tree: FrameTree) -> FrameTree:
    """Frames that differ in their line alone added up; the line that stays is the one with the largest total."""
    weights: dict[tuple[str, str, str], dict[int, float]] = {}
    for node in range(1, len(tree)):
        place = tree.at(node)
        lines = weights.setdefault((place.name, place.file, place.kind), {})
        lines[place.line] = lines.get(place.line, 0.0) + tree.total[node]
    hottest = {key: max(lines, key=lambda line: (lines[line], -line)) for key, lines in weights.items()}
    return relabelled(
        tree,
        [place._replace(line=hottest.get((place.name, place.file, place.kind), place.line)) for place in tree.places],
    )


def without_recursion(tree: FrameTree) -> FrameTree:
    """A function that calls itself, directly or round about, once in each stack.

    The second time it comes, the stack is cut back to the first: its callees hang below that one, so a cycle shows as
    what it is made of. A function's own figure stays its own.
    """
    functions: dict[tuple[str, str], int] = {}
    number = [functions.setdefault(place.function, len(functions)) for place in tree.places]
    builder = TreeBuilder()
    numbers = [builder.intern(place) for place in tree.places]
    moved = array("i", [ROOT]) * len(tree)
    above, function_of = array("i", [ROOT]), array("i", [NONE])
    for node in range(len(tree)):
        if node:
            parent, function = moved[tree.parent[node]], number[tree.place[node]]
            first = parent
            while first != ROOT and function_of[first] != function:
                first = above[first]
            moved[node] = first if first != ROOT else builder.child(parent, numbers[tree.place[node]])
            if moved[node] == len(above):
                above.append(parent)
                function_of.append(function)
        builder.add(moved[node], tree.own[node], None if tree.calls is None else tree.calls[node])
    return builder.finish()


def containing(tree: FrameTree, wanted: Sequence[bool]) -> FrameTree:
    """Only stacks with a frame at one of the places.

    Args:
        tree: The tree.
        wanted: For every place of the tree.
    """
    return with_own(tree, [own if held else 0.0 for own, held in zip(tree.own, _held(tree, wanted), strict=True)])


def not_containing(tree: FrameTree, unwanted: Sequence[bool]) -> FrameTree:
    """Only stacks without a frame at any of the places.

    Args:
        tree: The tree.
        unwanted: For every place of the tree.
    """
    return with_own(tree, [0.0 if held else own for own, held in zip(tree.own, _held(tree, unwanted), strict=True)])


def leaving_out(tree: FrameTree, unwanted: Sequence[bool]) -> FrameTree:
    """Only stacks that end at none of the places: what a thread spends waiting, say."""
    return with_own(tree, [0.0 if unwanted[place] else own for own, place in zip(tree.own, tree.place, strict=True)])


def _held(tree: FrameTree, wanted: Sequence[bool]) -> bytearray:
    held = bytearray(len(tree))
    for node in range(1, len(tree)):
        held[node] = wanted[tree.place[node]] or held[tree.parent[node]]
    return held


def with_own(tree: FrameTree, own: Sequence[float]) -> FrameTree:
    """The same tree with other figures, without the nodes that have come to nothing."""
    changed = lay_out(tree.places, tree.place, tree.parent, own, tree.calls)
    alive = array("i", (node for node in range(len(changed)) if changed.total[node] > 0 or node == ROOT))
    if len(alive) == len(changed):
        return changed
    moved = {node: place for place, node in enumerate(alive)}
    return lay_out(
        changed.places,
        [changed.place[node] for node in alive],
        [moved[changed.parent[node]] if node else NONE for node in alive],
        [changed.own[node] for node in alive],
        None if changed.calls is None else [changed.calls[node] for node in alive],
    )


def subtree(tree: FrameTree, node: int) -> FrameTree:
    """A node and what is below it, under a root of its own."""
    stop = tree.end[node]
    if node == ROOT:
        return tree
    return lay_out(
        tree.places,
        [tree.place[ROOT], *tree.place[node:stop]],
        [NONE, ROOT, *(parent - node + 1 for parent in tree.parent[node + 1 : stop])],
        [0.0, *tree.own[node:stop]],
        None if tree.calls is None else [0.0, *tree.calls[node:stop]],
    )


def left_heavy(tree: FrameTree) -> FrameTree:
    """The largest sibling first; equal ones as they stood."""
    ranks = array("d", (-total for total in tree.total))
    return lay_out(tree.places, tree.place, tree.parent, tree.own, tree.calls, ranks=ranks)


def starts(tree: FrameTree) -> array[float]:
    """Where every frame begins on the scale of the root's total."""
    if tree.begin is not None:
        return tree.begin
    found = array("d", [0.0]) * len(tree)
    taken = array("d", [0.0]) * len(tree)
    parent, total = tree.parent, tree.total
    for node in range(1, len(tree)):
        above = parent[node]
        start = taken[above]
        found[node] = taken[node] = start
        taken[above] = start + total[node]
    return found
