"""Trees made into others: against the same done to a list of stacks."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from tests.workbench.measure.flame.stacks import STACKS, Stack, Stacks, added, check_shape, stacks_of, tree_of
from workbench.measure.flame.transform import (
    below,
    by_function,
    containing,
    kept,
    leaving_out,
    merged,
    not_containing,
    subtree,
    without_recursion,
)
from workbench.model.frame_tree import FrameTree, Place


def each(stacks: Stacks, change: Callable[[Stack], Stack]) -> Stacks:
    return [(change(stack), value) for stack, value in stacks]


def without_empty(stacks: Stacks) -> Stacks:
    return [(stack, value) for stack, value in stacks if stack]


@given(st.lists(STACKS, max_size=4))
def test_segments_are_added_up(segments: list[Stacks]) -> None:
    tree = merged(tree_of(segment) for segment in segments)
    check_shape(tree)
    assert stacks_of(tree) == added(pair for segment in segments for pair in segment)


@given(STACKS)
def test_a_process_is_a_frame_more(stacks: Stacks) -> None:
    process = Place("7 app", kind="process")
    assert stacks_of(below(process, tree_of(stacks))) == added(each(stacks, lambda stack: (process, *stack)))


@given(STACKS)
def test_frames_that_go_leave_their_figure_above(stacks: Stacks) -> None:
    tree = tree_of(stacks)
    fewer = kept(tree, lambda node: tree.at(node).file != "lib.so")
    check_shape(fewer)
    own = each(stacks, lambda stack: tuple(place for place in stack if place.file != "lib.so"))
    assert stacks_of(fewer) == added(without_empty(own))
    assert fewer.total[0] == tree.total[0]


@given(STACKS)
def test_lines_are_put_together(stacks: Stacks) -> None:
    tree = by_function(tree_of(stacks))
    check_shape(tree)
    lines = {place.function: place.line for place in tree.places}
    assert stacks_of(tree) == added(
        each(stacks, lambda stack: tuple(place._replace(line=lines[place.function]) for place in stack))
    )


def folded(stack: Stack) -> Stack:
    """Cut back to the first time a function was on the stack, whenever it comes again."""
    found: list[Place] = []
    for place in stack:
        if place in found:
            del found[found.index(place) + 1 :]
        else:
            found.append(place)
    return tuple(found)


@given(STACKS)
def test_recursion_is_folded(stacks: Stacks) -> None:
    tree = by_function(tree_of(stacks))
    flat = without_recursion(tree)
    check_shape(flat)
    assert stacks_of(flat) == added((folded(stack), own) for stack, own in stacks_of(tree).items())
    assert flat.total[0] == tree.total[0]


@given(STACKS, st.sampled_from(["main", "work", "nowhere"]))
def test_stacks_with_a_frame_and_stacks_that_end_at_one(stacks: Stacks, name: str) -> None:
    tree = tree_of(stacks)
    wanted = [place.name == name for place in tree.places]
    some = containing(tree, wanted)
    check_shape(some)
    assert stacks_of(some) == added(pair for pair in stacks if any(place.name == name for place in pair[0]))
    rest = not_containing(tree, wanted)
    check_shape(rest)
    assert stacks_of(rest) == added(pair for pair in stacks if all(place.name != name for place in pair[0]))
    others = leaving_out(tree, wanted)
    check_shape(others)
    assert stacks_of(others) == added(pair for pair in stacks if pair[0][-1].name != name)


@given(STACKS, st.integers(0, 30))
def test_a_subtree_stands_alone(stacks: Stacks, pick: int) -> None:
    tree = tree_of(stacks)
    node = pick % len(tree)
    alone = subtree(tree, node)
    check_shape(alone)
    assert alone.total[0] == tree.total[node]
    path = [tree.at(step) for step in tree.path(node)]
    inside = [(stack, own) for stack, own in stacks_of(tree).items() if list(stack[: len(path)]) == path]
    assert stacks_of(alone) == added((stack[max(0, len(path) - 1) :], own) for stack, own in inside)


def deep(levels: int) -> FrameTree:
    return tree_of([(tuple(Place(f"f{level % 7}") for level in range(levels)), 1.0)])


def test_the_deepest_stack_is_no_recursion_of_ours() -> None:
    tree = deep(2000)
    for made in (by_function(tree), without_recursion(tree), merged([tree, tree]), subtree(tree, 5)):
        check = made.total[0]
        assert check in (1.0, 2.0)
