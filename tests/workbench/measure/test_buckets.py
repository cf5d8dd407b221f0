"""Figures in the columns of a chart: peaks kept, gaps kept, columns that stay put."""

import math

from hypothesis import given
from hypothesis import strategies as st

from workbench.measure.buckets import columns_back, in_columns

NAN = math.nan
SERIES = st.lists(st.tuples(st.floats(0, 1000), st.floats(0, 100) | st.just(NAN)), max_size=80).map(sorted)


def same(first: list[float], second: list[float]) -> bool:
    return all(a == b or (math.isnan(a) and math.isnan(b)) for a, b in zip(first, second, strict=True))


def test_peaks_and_gaps_stay_and_the_unfinished_interval_waits() -> None:
    times = [10.0, 11.0, 12.0, 13.0, 16.0, 18.5]
    values = [1.0, 9.0, NAN, 2.0, 5.0, 7.0]
    assert same(in_columns(times, values, until=18.9, step=2, columns=5), [NAN, 9.0, 2.0, NAN, 5.0])
    assert columns_back(16.0, 18.9, 2) == 0
    assert columns_back(11.0, 18.9, 2) == 3
    assert columns_back(18.5, 18.9, 2) < 0


@given(SERIES, st.floats(1, 1000), st.sampled_from([0.5, 1.0, 2.5, 10.0]), st.integers(1, 50))
def test_every_column_is_the_largest_of_its_interval(
    series: list[tuple[float, float]], until: float, step: float, columns: int
) -> None:
    drawn = in_columns([at for at, _ in series], [value for _, value in series], until, step, columns)
    for back in range(columns):
        inside = [value for at, value in series if columns_back(at, until, step) == back and not math.isnan(value)]
        figure = drawn[columns - 1 - back]
        assert figure == max(inside) if inside else math.isnan(figure)


@given(SERIES, st.floats(100, 900), st.floats(0, 5))
def test_columns_only_move_by_whole_intervals(series: list[tuple[float, float]], until: float, later: float) -> None:
    times, values = [at for at, _ in series], [value for _, value in series]
    moved = math.floor((until + later) / 2) - math.floor(until / 2)
    before = in_columns(times, values, until, 2.0, 30)
    after = in_columns(times, values, until + later, 2.0, 30)
    assert same(before[moved:], after[: 30 - moved])
