"""A series fits into the columns of a chart and loses no peak."""

import math
from array import array

from hypothesis import given
from hypothesis import strategies as st

from workbench.measure.series import Series

VALUES = st.lists(st.integers(0, 1000).map(float) | st.just(math.nan), min_size=1, max_size=200)


def series(values: list[float], start: float = 0.0) -> Series:
    return Series(array("d", [start + second for second in range(len(values))]), array("f", values))


@given(VALUES, st.integers(1, 80))
def test_no_peak_is_lost_and_none_is_made_up(values: list[float], count: int) -> None:
    columns = series(values).columns(0.0, float(len(values)), count)
    assert len(columns) == count
    known = [value for value in values if not math.isnan(value)]
    shown = [value for value in columns if not math.isnan(value)]
    assert max(shown, default=None) == max(known, default=None)
    assert set(shown) <= set(known)


@given(VALUES, st.integers(1, 80))
def test_means_stay_between_the_smallest_and_the_largest(values: list[float], count: int) -> None:
    known = [value for value in values if not math.isnan(value)]
    for value in series(values).columns(0.0, float(len(values)), count, "mean"):
        assert math.isnan(value) or min(known) - 1e-3 <= value <= max(known) + 1e-3


def test_a_span_without_figures_is_a_gap() -> None:
    columns = series([1.0, 2.0], start=100.0).columns(0.0, 200.0, 4)
    assert [math.isnan(value) for value in columns] == [True, True, False, True]
    assert list(series([1.0]).columns(5.0, 5.0, 0)) == []


def test_the_finer_series_follows_the_coarser_one() -> None:
    joined = series([1.0, 2.0, 3.0]).then(series([9.0, 8.0], start=1.5))
    assert list(joined.times) == [0.0, 1.0, 1.5, 2.5]
    assert list(joined.values) == [1.0, 2.0, 9.0, 8.0]
    assert list(joined.between(1.0, 1.5).values) == [2.0, 9.0]
