"""Rank tests, against published examples and against counting every possibility."""

import math
import random
from collections.abc import Sequence
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.measure.statistics import ranks
from workbench.measure.statistics.ranks import holm, mann_whitney, midranks, smallest_p, spearman

# Hollander and Wolfe (1973), page 69: permeability constants of the placental membrane, at term and at 12 to 26 weeks.
AT_TERM = (0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46)
EARLIER = (1.15, 0.88, 0.90, 0.74, 1.21)


def counted(before: Sequence[float], after: Sequence[float]) -> float:
    """Every way to choose the first side's ranks, one by one."""
    ranked = midranks([*before, *after])
    mean = len(before) * (len(ranked) + 1) / 2
    observed = abs(sum(ranked[: len(before)]) - mean)
    sums = [abs(sum(chosen) - mean) for chosen in combinations(ranked, len(before))]
    return sum(each >= observed - 1e-9 for each in sums) / len(sums)


def test_a_published_example() -> None:
    # One-sided P(W >= 35) = 0.1272 there.
    assert mann_whitney(AT_TERM, EARLIER) == pytest.approx(2 * 0.1272, abs=1e-4)


def test_a_published_table() -> None:
    # Mann and Whitney (1947), table for m = n = 5: P(U <= 2) = 0.016, P(U <= 3) = 0.028.
    assert mann_whitney([1, 2, 3, 4, 7], [5, 6, 8, 9, 10]) == pytest.approx(2 * 4 / 252)
    assert mann_whitney([1, 2, 3, 4, 8], [5, 6, 7, 9, 10]) == pytest.approx(2 * 7 / 252)


small = st.lists(st.integers(0, 6), min_size=1, max_size=6)


@given(small, small)
def test_exact_p_is_what_counting_gives_ties_included(before: list[int], after: list[int]) -> None:
    assert mann_whitney(before, after) == pytest.approx(counted(before, after))


@given(small, small)
def test_neither_side_nor_direction_matters(before: list[int], after: list[int]) -> None:
    p = mann_whitney(before, after)
    assert p == pytest.approx(mann_whitney(after, before))
    assert p == pytest.approx(mann_whitney([-value for value in before], [-value for value in after]))
    assert 0 < p <= 1


@pytest.mark.parametrize("tied", [False, True])
def test_the_approximation_goes_on_where_exact_ends(monkeypatch: pytest.MonkeyPatch, tied: bool) -> None:
    draw = random.Random(3)
    for shift in (0.0, 0.4, 0.8):
        before = [draw.gauss(0, 1) for _ in range(30)]
        after = [draw.gauss(shift, 1) for _ in range(30)]
        if tied:
            before, after = [round(each) for each in before], [round(each) for each in after]
        exact = mann_whitney(before, after)
        with monkeypatch.context() as patched:
            patched.setattr(ranks, "MOST_EXACT", 0)
            assert mann_whitney(before, after) == pytest.approx(exact, abs=0.01)


def test_what_cannot_be_told() -> None:
    assert mann_whitney([], [1.0]) == 1.0
    assert mann_whitney([5.0] * 40, [5.0] * 40) == 1.0
    assert mann_whitney([5.0] * 4, [5.0] * 4) == 1.0


def test_the_smallest_p() -> None:
    for count in range(1, 8):
        p = mann_whitney(range(count), range(count, 2 * count))
        assert p == pytest.approx(smallest_p(count, count))
    assert smallest_p(3, 3) == pytest.approx(0.1)
    assert smallest_p(4, 4) == pytest.approx(0.02857, abs=1e-5)
    assert smallest_p(0, 5) == 1.0


def test_holm_as_published() -> None:
    # The example of R's p.adjust literature: 0.01, 0.04, 0.03, 0.005.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), max_size=8))
def test_holm_never_lowers_a_p_and_keeps_their_order(values: list[float]) -> None:
    adjusted = holm(values)
    assert all(value <= new <= 1 for value, new in zip(values, adjusted, strict=True))
    order = sorted(range(len(values)), key=values.__getitem__)
    assert [adjusted[place] for place in order] == sorted(adjusted)


def test_spearman_as_published() -> None:
    # IQ and hours of television, the worked example of most textbooks: rho = -29 / 165.
    iq = (106, 100, 86, 101, 99, 103, 97, 113, 112, 110)
    hours = (7, 27, 2, 50, 28, 29, 20, 12, 6, 17)
    assert spearman(iq, hours) == pytest.approx(-29 / 165)
    assert spearman([1, 1, 1], [1, 2, 3]) == 0.0


def test_midranks() -> None:
    assert midranks([3.0, 1.0, 3.0, 2.0]) == [3.5, 1.0, 3.5, 2.0]
    assert math.fsum(midranks([1.0] * 5)) == 15
