"""Two profiles compared: both figures of every stack, and what a difference is worth."""

import math
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workbench.measure.flame.stacks import STACKS, Stacks, check_shape, stacks_of, tree_of
from workbench.measure.flame.diff import compare_several
from workbench.measure.flame.significance import (
    benjamini_hochberg,
    detectable_change,
    share_error,
    two_proportions,
)
from workbench.measure.flame.stack_diff import compare_stacks
from workbench.measure.flame.transform import by_function
from workbench.model.frame_tree import Place
from workbench.model.profile import FunctionFigures, Profile


@given(STACKS, STACKS)
def test_every_stack_keeps_both_of_its_figures(first: Stacks, second: Stacks) -> None:
    trees = by_function(tree_of(first)), by_function(tree_of(second))
    diff = compare_stacks(*trees)
    for tree, before in ((diff.before, trees[0]), (diff.after, trees[1])):
        check_shape(tree)

        def bare(of: Counter[tuple[Place, ...]]) -> Counter[tuple[tuple[str, str], ...]]:
            return Counter({tuple(place.function for place in stack): own for stack, own in of.items()})

        assert bare(stacks_of(tree)) == bare(stacks_of(before))
    assert list(diff.before.place) == list(diff.after.place) == list(diff.both.place)
    assert list(diff.before.parent) == list(diff.after.parent) == list(diff.both.parent)
    for node in range(len(diff.both)):
        larger = max(each.total[node] / each.total[0] if each.total[0] else 0.0 for each in (diff.before, diff.after))
        assert diff.both.total[node] >= larger - 1e-9


@given(st.lists(st.floats(0, 1), max_size=30))
def test_benjamini_hochberg_by_its_definition(values: list[float]) -> None:
    found = benjamini_hochberg(values)
    for value, q in zip(values, found, strict=True):
        slow = min(
            [1.0, *(other * len(values) / sum(each <= other for each in values) for other in values if other >= value)]
        )
        assert q == pytest.approx(slow)


def test_the_formulas_against_worked_figures() -> None:
    assert 100 * detectable_change(0.24, 500, 500) == pytest.approx(7.6, abs=0.05)
    assert 100 * detectable_change(0.24, 10_000, 10_000) == pytest.approx(1.7, abs=0.05)
    assert share_error(0.5, 400) == pytest.approx(0.049)
    # z = 0.05 / sqrt(0.265 * 0.735 * 2 / 500) = 1.791
    assert two_proportions(120, 500, 145, 500) == pytest.approx(0.0733, abs=0.0005)
    assert two_proportions(0, 500, 0, 500) == two_proportions(3, 0, 1, 10) == 1.0


def test_false_alarms_are_as_rare_as_promised() -> None:
    dice = random.Random(7)

    def seen() -> int:
        return sum(dice.random() < 0.24 for _ in range(500))

    values = [two_proportions(seen(), 500, seen(), 500) for _ in range(2000)]
    assert 0.035 < sum(value < 0.05 for value in values) / len(values) < 0.065
    assert sum(q < 0.05 for q in benjamini_hochberg(values)) == 0


def sampled(stacks: dict[str, int]) -> Profile:
    tree = tree_of([((Place("main", "app.py", 1), Place(name, "app.py", 2)), float(n)) for name, n in stacks.items()])
    return Profile("samples", tree, "py-spy", samples=sum(stacks.values()))


def test_a_function_that_grew_and_one_that_vanished_stand_first() -> None:
    diff = compare_several([sampled({"a": 500, "b": 400, "gone": 100})], [sampled({"a": 480, "b": 1520})])
    names = [each.place.name for each in diff.functions]
    assert set(names[:3]) == {"a", "b", "gone"}
    gone = next(each for each in diff.functions if each.place.name == "gone")
    assert gone.after is None
    assert (gone.total_before, gone.total_after) == (0.1, 0.0)
    assert gone.q is not None
    assert gone.q < 0.01
    main = next(each for each in diff.functions if each.place.name == "main")
    assert main.q == 1.0
    assert not diff.warnings
    node = next(node for node in range(len(diff.stacks.both)) if diff.stacks.both.at(node).name == "gone")
    assert diff.stacks.change(node) == pytest.approx(-0.1)
    assert diff.stacks.both.total[node] == pytest.approx(0.1)


def test_a_small_difference_of_few_samples_is_no_finding() -> None:
    diff = compare_several([sampled({"a": 100, "b": 300})], [sampled({"a": 110, "b": 290})])
    assert all(each.q is not None and each.q > 0.05 for each in diff.functions)
    assert len(diff.warnings) == 2
    change = next(each for each in diff.functions if each.place.name == "a")
    assert change.detectable is not None
    assert math.isclose(change.detectable, 2.8 * math.sqrt(0.2625 * 0.7375 * 2 / 400))


def counted(calls: dict[str, int]) -> Profile:
    tree = tree_of([((Place(name, "app.py", 2),), 1.0) for name in calls])
    functions = tuple(FunctionFigures(Place(name, "app.py", 2), 1.0, 1.0, count) for name, count in calls.items())
    return Profile("seconds", tree, "cprofile", functions=functions, line_is="defined")


def test_exact_numbers_of_calls_come_first() -> None:
    diff = compare_several([counted({"a": 5, "b": 400})], [counted({"a": 5, "b": 1, "new": 7})])
    assert {each.place.name: each.calls_change for each in diff.functions} == {"b": -399, "new": 7, "a": 0}
    assert diff.functions[-1].place.name == "a"
    assert all(each.q is None for each in diff.functions)
