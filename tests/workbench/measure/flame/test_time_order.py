"""Folding in the order of time: what is there is the same as folded without it, and nothing changes its turn."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workbench.measure.flame.stacks import STACKS, Stack, Stacks, added, check_shape, stacks_of
from workbench.measure.flame.building import TreeBuilder
from workbench.measure.flame.collapsed import read_collapsed, slice_mark
from workbench.measure.flame.time_order import folded_in_time, stacks_in_time
from workbench.measure.flame.transform import kept, without_recursion
from workbench.measure.flame.views import Choices, shown
from workbench.model.frame_tree import FrameTree, Place
from workbench.model.profile import Profile


def ordered(slices: list[Stacks]) -> FrameTree:
    builder = TreeBuilder(in_order=True)
    for stacks in slices:
        for stack, value in stacks:
            builder.stack([builder.intern(place) for place in stack], value)
    return builder.finish()


def rounded(tree: FrameTree) -> Counter[Stack]:
    return Counter({stack: round(own, 6) for stack, own in stacks_of(tree).items() if own > 1e-9})


def bare(tree: FrameTree) -> dict[Stack, float]:
    """Without lines."""
    found = ((tuple(place._replace(line=0) for place in stack), own) for stack, own in rounded(tree).items())
    return dict(added(found))


@given(st.lists(STACKS, min_size=1, max_size=4))
def test_stacks_come_back_as_they_came(slices: list[Stacks]) -> None:
    tree = ordered(slices)
    found = [(tuple(tree.places[place] for place in stack), own) for stack, own in stacks_in_time(tree)]
    assert sum(own for _, own in found) == pytest.approx(tree.total[0])
    again = ordered([found])
    assert [again.at(node) for node in range(len(again))] == [tree.at(node) for node in range(len(tree))]
    assert list(again.total) == pytest.approx(list(tree.total))
    assert list(again.begin or ()) == pytest.approx(list(tree.begin or ()))


@given(st.lists(STACKS, min_size=1, max_size=4), st.booleans())
def test_what_is_folded_is_the_same_as_without_an_order(slices: list[Stacks], recursion: bool) -> None:
    tree = ordered(slices)
    keep = [number % 3 > 0 for number in range(len(tree.places))]
    found = folded_in_time(tree, keep, recursion=recursion)
    check_shape(found)
    builder = TreeBuilder()
    for stack, own in stacks_of(tree).items():
        builder.stack([builder.intern(place) for place in stack], own)
    plain = builder.finish()
    stays = dict(zip(tree.places, keep, strict=True))
    expected = kept(plain, lambda node: stays[plain.at(node)])
    if recursion:
        expected = without_recursion(expected)
        # Lines of one function are different places: which of them stays is told by the tree alone.
        assert bare(found) == {stack: pytest.approx(own) for stack, own in bare(expected).items()}
        return
    assert {stack: pytest.approx(own) for stack, own in rounded(expected).items()} == dict(rounded(found))


def test_a_library_between_two_of_its_callers_turns_goes_to_them_in_turn() -> None:
    text = (
        slice_mark(0, 1) + "main (/srv/a.py:1);dumps (/usr/lib/python3.11/json/__init__.py:2) 3\n"
        + slice_mark(1, 2) + "main (/srv/a.py:1);walk (/srv/a.py:5);walk (/srv/a.py:5) 2\n"
        + slice_mark(2, 3) + "main (/srv/a.py:1);dumps (/usr/lib/python3.11/json/__init__.py:2) 1\n"
    )  # fmt: skip
    tree, moments = read_collapsed(text)
    profile = Profile("samples", tree, moments=moments)

    def frames(choices: Choices) -> list[tuple[str, float]]:
        drawn = shown(profile, choices).drawn
        return [(drawn.at(node).name, drawn.total[node]) for node in range(1, len(drawn))]

    assert frames(Choices(in_time=True)) == [("main", 6), ("dumps", 3), ("walk", 2), ("walk", 2), ("dumps", 1)]
    assert frames(Choices(in_time=True, fold_library=True)) == [("main", 6), ("walk", 2), ("walk", 2)]
    assert frames(Choices(in_time=True, fold_recursion=True)) == [("main", 6), ("dumps", 3), ("walk", 2), ("dumps", 1)]
    drawn = shown(profile, Choices(in_time=True, fold_library=True)).drawn
    assert drawn.begin is not None
    assert list(drawn.begin) == [0, 0, 3, 3]
    assert drawn.at(1) == Place("main", "/srv/a.py", 1)
