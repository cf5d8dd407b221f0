"""The interval of a median's change, against a published example, brute force and its own promise."""

import random
from itertools import product
from statistics import median, pstdev

import pytest

from workbench.measure.statistics.medians import change_of_median, resampled_median, spread

# Efron and Tibshirani (1993), table 2.1: days that mice lived after surgery.
TREATED = (94, 197, 16, 38, 99, 141, 23)
CONTROL = (52, 104, 146, 10, 51, 30, 40, 27, 46)


def test_the_error_of_a_median_as_published() -> None:
    # Table 2.2: with infinitely many resamples the treated mice's median has a standard error of 37.83.
    draw, ordered = random.Random(1), sorted(TREATED)
    drawn = [resampled_median(ordered, draw) for _ in range(40_000)]
    assert pstdev(drawn) == pytest.approx(37.83, rel=0.02)


@pytest.mark.parametrize("values", [(1.0, 2.0, 4.0, 8.0), (1.0, 2.0, 4.0, 8.0, 16.0), (3.0, 3.0, 5.0, 9.0), (2.0, 7.0)])
def test_resampled_medians_come_as_often_as_among_all_resamples(values: tuple[float, ...]) -> None:
    every = [median(chosen) for chosen in product(values, repeat=len(values))]
    draw, times = random.Random(2), 40_000
    drawn = [resampled_median(values, draw) for _ in range(times)]
    assert set(drawn) <= set(every)
    for value in set(every):
        assert drawn.count(value) / times == pytest.approx(every.count(value) / len(every), abs=0.012)


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    draw, held, times = random.Random(4), 0, 200
    for _ in range(times):
        before = [draw.gauss(100, 5) for _ in range(10)]
        after = [draw.gauss(110, 5) for _ in range(10)]
        change = change_of_median(before, after, resamples=400)
        held += change.low <= 10 <= change.high
    assert 0.90 <= held / times <= 0.99


def test_the_same_values_give_the_same_interval() -> None:
    before, after = [3.0, 4.0, 5.0, 9.0], [1.0, 2.0, 2.0, 8.0]
    assert change_of_median(before, after) == change_of_median(before[::-1], after)
    assert change_of_median([7.0], [9.0]) == (2.0, 2.0, 2.0, 0.0)
    assert change_of_median([8.0], [6.0], relative=True) == (-0.25, -0.25, -0.25, 0.0)


def test_spread_of_a_normal_sample_is_its_deviation() -> None:
    draw = random.Random(5)
    assert spread([draw.gauss(0, 3) for _ in range(4000)]) == pytest.approx(3, rel=0.06)
    assert spread([1.0, 1.0, 1.0, 50.0]) == 0.0
    assert spread([]) == 0.0
