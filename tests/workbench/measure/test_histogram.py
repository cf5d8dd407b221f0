"""Histograms against the sorted values they stand for."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.measure.histogram import LARGEST_US, Histogram, cell_of, largest_in

MICROSECONDS = st.integers(0, LARGEST_US)


@given(MICROSECONDS)
def test_a_cell_holds_its_values_to_a_thousandth(value: int) -> None:
    cell = cell_of(value)
    largest = largest_in(cell)
    assert value <= largest <= value * (1 + 1 / 1024)
    assert cell_of(largest) == cell
    assert cell_of(largest + 1) == cell + 1


@given(st.lists(MICROSECONDS, min_size=1, max_size=200), st.floats(0, 1))
def test_quantiles_are_nearest_ranks(values: list[int], share: float) -> None:
    histogram = Histogram()
    for value in values:
        histogram.record(value / 1e6)
    exact = sorted(values)[max(1, math.ceil(share * len(values) - 1e-9)) - 1]
    found = histogram.quantile_ms(share)
    assert found is not None
    assert exact / 1000 <= found <= exact / 1000 * (1 + 1 / 1024)


@given(st.lists(MICROSECONDS, max_size=100), st.lists(MICROSECONDS, max_size=100))
def test_sums_lose_nothing(one: list[int], other: list[int]) -> None:
    whole, left, right = Histogram(), Histogram(), Histogram()
    for value in one:
        whole.record(value / 1e6)
        left.record(value / 1e6)
    for value in other:
        whole.record(value / 1e6)
        right.record(value / 1e6)
    left.add(right)
    assert left.pairs() == whole.pairs() == Histogram(whole.pairs()).pairs()
    assert left.count == len(one) + len(other)
    curve = [share for share, _ in left.curve_ms()]
    assert curve == sorted(curve)
    assert curve[-1:] in ([], [1.0])


def test_ends_of_the_scale() -> None:
    histogram = Histogram()
    histogram.record(-1)
    histogram.record(1e9)
    assert histogram.quantile_ms(0) == 0
    assert histogram.quantile_ms(1) == pytest.approx(LARGEST_US / 1000, rel=0.001)
    assert Histogram().quantile_ms(0.5) is None


@pytest.mark.parametrize("pair", [(-1, 1), (cell_of(LARGEST_US) + 1, 1), (3, 0)])
def test_foreign_cells_are_refused(pair: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="no cell"):
        Histogram([pair])
