"""Stacks as a slow, obvious dictionary, and trees made from them."""

from collections import Counter
from collections.abc import Iterable, Sequence

from hypothesis import strategies as st

from workbench.measure.flame.building import TreeBuilder
from workbench.model.frame_tree import FrameTree, Place

Stack = tuple[Place, ...]
Stacks = Sequence[tuple[Stack, float]]

PLACES = st.builds(
    Place,
    st.sampled_from(["main", "work", "f", "<lambda>", "größe", "a b"]),
    st.sampled_from(["", "app.py", "/srv/a (b)/app.py", "lib.so"]),
    st.integers(0, 3),
    st.just("code"),
).map(lambda place: place if place.file else place._replace(line=0))
STACKS = st.lists(
    st.tuples(st.lists(PLACES, min_size=1, max_size=6).map(tuple), st.integers(1, 50).map(float)), max_size=25
)


def tree_of(stacks: Stacks, *, in_order: bool = False) -> FrameTree:
    builder = TreeBuilder(in_order=in_order)
    for stack, value in stacks:
        builder.stack([builder.intern(place) for place in stack], value)
    return builder.finish()


def added(stacks: Iterable[tuple[Stack, float]]) -> Counter[Stack]:
    """Every stack and what was measured at its end."""
    found: Counter[Stack] = Counter()
    for stack, value in stacks:
        found[stack] += value  # type: ignore[assignment]  # figures are whole here, their type is not
    return +found


def stacks_of(tree: FrameTree) -> Counter[Stack]:
    """What a tree says, as stacks."""
    return added(
        (tuple(tree.at(step) for step in tree.path(node)), tree.own[node])
        for node in range(1, len(tree))
        if tree.own[node]
    )


def check_shape(tree: FrameTree) -> None:
    """What holds for every tree."""
    assert tree.parent[0] == -1
    assert tree.end[0] == len(tree)
    for node in range(len(tree)):
        below = [child for child in range(len(tree)) if tree.parent[child] == node]
        assert list(tree.children(node)) == below
        assert tree.total[node] == tree.own[node] + sum(tree.total[child] for child in below)
        if node:
            assert tree.parent[node] < node < tree.end[node] <= tree.end[tree.parent[node]]
