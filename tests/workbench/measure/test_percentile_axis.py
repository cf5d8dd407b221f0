"""Percentile curves on their axes: every nine as wide as the next, times on round marks, each curve to its own end."""

import math
import random

import pytest

from workbench.measure.histogram import Histogram
from workbench.measure.percentile_axis import Axes, axes_of, levels, time_words, value_at

Curve = list[tuple[float, float]]


def curve(*seconds: float) -> Curve:
    histogram = Histogram()
    for each in seconds:
        histogram.record(each)
    return histogram.curve_ms()


def many(scale: float, count: int = 2000) -> Curve:
    dice = random.Random(4)
    return curve(*(scale * dice.expovariate(1) for _ in range(count)))


def test_a_share_stands_where_its_nines_are() -> None:
    axes = Axes(3.0, 1.0, 100.0, is_log=False)
    assert [(round(tick.place, 3), tick.words) for tick in axes.shares()] == [
        (0.0, "0%"), (0.1, "50%"), (0.333, "90%"), (0.667, "99%"), (1.0, "99.9%"),
    ]  # fmt: skip
    assert [tick.words for tick in Axes(5.0, 1.0, 9.0, is_log=False).shares()][-2:] == ["99.99%", "99.999%"]


def test_times_are_round_and_stand_at_their_height() -> None:
    linear = Axes(3.0, 1.0, 570.0, is_log=False)
    assert [tick.words for tick in linear.times()] == ["0 ms", "100 ms", "200 ms", "300 ms", "400 ms", "500 ms"]
    assert linear.times()[1].place == pytest.approx(100 / 570)
    logarithmic = Axes(3.0, 1.0, 1000.0, is_log=True)
    assert {tick.words: round(tick.place, 3) for tick in logarithmic.times()} == {
        "1 ms": 0.0, "10 ms": 0.333, "100 ms": 0.667, "1 s": 1.0,
    }  # fmt: skip
    assert time_words(0.25) == "0.25 ms"
    assert time_words(1500) == "1.5 s"


def test_the_scale_is_logarithmic_where_a_tail_would_flatten_the_rest() -> None:
    assert not axes_of([curve(0.01, 0.02, 0.03)]).is_log
    assert axes_of([curve(*[0.01] * 999, 2.0)]).is_log
    assert not axes_of([curve(*[0.01] * 999, 2.0)], is_log=False).is_log


@pytest.mark.parametrize("is_log", [False, True])
def test_a_column_shows_the_time_of_its_share(is_log: bool) -> None:
    drawn = many(0.05)
    axes = axes_of([drawn, many(0.02)], is_log=is_log)
    columns = 200
    found = levels(drawn, axes, columns)
    for column in range(0, columns, 7):
        share = 1 - 10 ** -(axes.nines * column / (columns - 1))
        level = found[column]
        assert level is not None
        assert level == pytest.approx(axes.height(value_at(drawn, share)))
    assert found[-1] == pytest.approx(axes.height(drawn[-1][1]))
    known = [level for level in found if level is not None]
    assert known == sorted(known), "a percentile never falls"


def test_a_curve_ends_with_its_own_last_value() -> None:
    few, lots = curve(*(number / 1000 for number in range(1, 11))), many(0.05)
    axes = axes_of([few, lots])
    found = levels(few, axes, 330)
    last = max(column for column, level in enumerate(found) if level is not None)
    assert last / 329 == pytest.approx(1.1 / axes.nines, abs=0.01), "of ten values the last one begins at 90 %"
    assert None not in levels(lots, axes, 330)


@pytest.mark.parametrize("seconds", [(0.0,), (0.0, 0.0), (5.0,), (1e-6, 3600.0)])
def test_next_to_nothing_is_drawn_too(seconds: tuple[float, ...]) -> None:
    for is_log in (None, False, True):
        axes = axes_of([curve(*seconds)], is_log=is_log)
        found = [level for level in levels(curve(*seconds), axes, 20) if level is not None]
        assert found
        assert all(0 <= level <= 1 and math.isfinite(level) for level in found)
        assert axes.times()
