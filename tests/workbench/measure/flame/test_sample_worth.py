"""What samples are worth: alike ones count less, false alarms stay rare, and independent ones lose little."""

import random
from statistics import median

import pytest

from workbench.measure.flame.collapsed import read_collapsed
from workbench.measure.flame.diff import compare_several
from workbench.measure.flame.sample_worth import sample_worth
from workbench.measure.flame.significance import two_proportions
from workbench.model.profile import Profile

SECONDS, RATE, SHARE = 20, 100, 0.3
A = ("a", "/m.py")


def recording(dice: random.Random, stays: float, share: float = SHARE, seconds: int = SECONDS) -> Profile:
    """One thread that is in `a` or in `b`; with a chance of `stays` the next sample is where the one before was."""
    lines, inside = [], dice.random() < share
    for second in range(seconds):
        lines.append(f"# from {second}.000 s to {second + 1}.000 s")
        counts = [0, 0]
        for _ in range(RATE):
            inside = inside if dice.random() < stays else dice.random() < share
            counts[inside] += 1
        lines += [f"main (/m.py:1);{name} (/m.py:2) {count}" for name, count in zip("ba", counts, strict=True) if count]
    tree, moments = read_collapsed("\n".join(lines) + "\n")
    return Profile("samples", tree, "py-spy", samples=seconds * RATE, moments=moments)


@pytest.mark.parametrize(("stays", "indifferent"), [(0.0, True), (0.9, False), (0.97, False)])
def test_false_alarms_are_rare_however_alike_neighbours_are(stays: float, indifferent: bool) -> None:
    dice, naive, judged, pairs = random.Random(3), 0, 0, 200
    for _ in range(pairs):
        diff = compare_several([recording(dice, stays)], [recording(dice, stays)])
        one = next(each for each in diff.functions if each.place.name == "a")
        shares, every = (one.total_before, one.total_after), SECONDS * RATE
        naive += two_proportions(shares[0] * every, every, shares[1] * every, every) < 0.05
        worth = one.worth
        judged += two_proportions(shares[0] * worth[0], worth[0], shares[1] * worth[1], worth[1]) < 0.05
    assert judged / pairs <= 0.09
    assert (naive / pairs <= 0.09) is indifferent


def test_independent_samples_lose_little_and_alike_ones_much() -> None:
    dice = random.Random(5)

    def effect(stays: float) -> float:
        worth = [sample_worth([recording(dice, stays, seconds=60)]) for _ in range(15)]
        assert all(each.has_times for each in worth)
        return median(each.design_effect(A) for each in worth)

    assert effect(0.0) < 1.5
    # A chain that stays with r has a variance of (1 + r) / (1 - r) times that of independent samples: 19.
    assert 13 < effect(0.9) < 30


def test_a_large_change_is_found_all_the_same() -> None:
    dice = random.Random(11)
    diff = compare_several([recording(dice, 0.5, 0.3)], [recording(dice, 0.5, 0.6)])
    one = next(each for each in diff.functions if each.place.name == "a")
    assert one.q is not None
    assert one.q < 0.05
    assert "samples close in time are alike: 2,000 and 2,000 are worth about " in diff.method


def test_without_times_samples_are_taken_as_independent_and_that_is_said() -> None:
    tree, moments = read_collapsed("main (/m.py:1);a (/m.py:2) 30\nmain (/m.py:1);b (/m.py:2) 70\n")
    assert moments is None
    profile = Profile("samples", tree, "py-spy", samples=100)
    diff = compare_several([profile], [profile])
    assert diff.method.startswith("samples are taken as independent")
    assert {each.worth for each in diff.functions} == {(100, 100)}


def test_what_differs_between_runs_counts_where_it_is_more() -> None:
    dice = random.Random(2)
    alike = [recording(dice, 0.0, 0.3) for _ in range(4)]
    apart = [recording(dice, 0.0, share) for share in (0.1, 0.3, 0.5, 0.7)]
    assert sample_worth(apart).design_effect(A) > 20 * sample_worth(alike).design_effect(A)
    diff = compare_several(alike, apart)
    one = next(each for each in diff.functions if each.place.name == "a")
    assert one.q is not None
    assert one.q > 0.05


def test_a_function_that_is_new_is_as_uncertain_as_it_is_on_its_own_side() -> None:
    dice = random.Random(4)
    tree, moments = read_collapsed("".join(f"# from {s}.000 s to {s + 1}.000 s\nb (/m.py:2) 100\n" for s in range(20)))
    bare = Profile("samples", tree, "py-spy", samples=2000, moments=moments)
    diff = compare_several([bare], [recording(dice, 0.97)])
    one = next(each for each in diff.functions if each.place.name == "a")
    assert one.worth[0] == pytest.approx(one.worth[1])
    assert one.worth[1] < 400
