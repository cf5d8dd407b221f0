"""Charts over time: peaks kept, gaps kept, columns that stay put."""

import math
from array import array

from hypothesis import given
from hypothesis import strategies as st

from screens.time_axis import chart_columns, columns_back
from workbench.measure.series import Series

NAN = math.nan
FIGURES = st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 100) | st.just(NAN)), max_size=80).map(
    lambda found: sorted(dict(found).items())
)


def series(*figures: tuple[float, float]) -> Series:
    return Series(array("d", [at for at, _ in figures]), array("f", [value for _, value in figures]))


def same(first: list[float], second: list[float]) -> bool:
    return all(a == b or (math.isnan(a) and math.isnan(b)) for a, b in zip(first, second, strict=True))


def test_peaks_and_gaps_stay_and_the_unfinished_interval_waits() -> None:
    figures = series((10.0, 1.0), (11.0, 9.0), (12.0, NAN), (13.0, 2.0), (16.0, 5.0), (18.5, 7.0))
    assert same(chart_columns([figures], until=18.9, step=2, columns=5), [NAN, 9.0, 2.0, NAN, 5.0])
    assert columns_back(16.0, 18.9, 2) == 0
    assert columns_back(11.0, 18.9, 2) == 3
    assert columns_back(18.5, 18.9, 2) < 0


def test_figures_of_one_moment_are_added_up_and_a_missing_one_is_no_zero() -> None:
    read, written = series((10.0, 1.0), (12.0, NAN)), series((10.0, 4.0), (12.0, 3.0))
    assert same(chart_columns([read, written], until=16, step=2, columns=3), [5.0, 3.0, NAN])


@given(FIGURES, st.integers(1, 1000), st.sampled_from([1.0, 2.0, 10.0]), st.integers(1, 50))
def test_every_column_is_the_largest_of_its_interval(
    figures: list[tuple[float, float]], until: int, step: float, columns: int
) -> None:
    drawn = chart_columns([series(*figures)], until, step, columns)
    for back in range(columns):
        inside = [value for at, value in figures if columns_back(at, until, step) == back and not math.isnan(value)]
        figure = drawn[columns - 1 - back]
        assert figure == max(inside) if inside else math.isnan(figure)


@given(FIGURES, st.integers(100, 900), st.integers(0, 5))
def test_columns_only_move_by_whole_intervals(figures: list[tuple[float, float]], until: int, later: int) -> None:
    moved = (until + later) // 2 - until // 2
    before = chart_columns([series(*figures)], until, 2.0, 30)
    after = chart_columns([series(*figures)], until + later, 2.0, 30)
    assert same(before[moved:], after[: 30 - moved])
