"""What makes a sample untrustworthy is told, and a quiet one is left in peace."""

from workbench.measure.statistics.change_points import change_points
from workbench.measure.statistics.noise import drifts, first_is_slow, outliers, relative_spread

QUIET = (10.0, 10.1, 9.9, 10.05, 9.95, 10.02, 9.98, 10.0)


def test_a_quiet_sample_has_no_signs() -> None:
    assert not outliers(QUIET)
    assert not drifts(QUIET)
    assert not first_is_slow(QUIET)
    assert (relative_spread(QUIET) or 1) < 0.02


def test_each_sign() -> None:
    assert outliers((*QUIET, 30.0)) == 1
    assert drifts([1.0, 2.0, 3.0, 5.0, 4.0, 6.0, 7.0, 8.0, 9.0])
    assert first_is_slow((15.0, *QUIET))
    assert not first_is_slow((*QUIET, 15.0))
    assert (relative_spread([5.0, 10.0, 15.0, 20.0]) or 0) > 0.1
    assert relative_spread([0.0, 0.0]) is None
    assert relative_spread([]) is None


def test_change_points_of_a_step_and_of_an_outlier() -> None:
    level = [10.0, 10.2, 9.9, 10.1, 10.0, 9.8, 10.1, 10.0]
    step = [*level, *(value * 1.5 for value in level)]
    [found] = change_points(step)
    assert (found.place, round(found.before, 1), round(found.after, 1)) == (8, 10.0, 15.0)
    assert change_points([*level, 40.0, *level]) == []
    assert change_points(level) == []
    assert change_points([]) == []


def test_two_steps_and_back() -> None:
    level = [10.0, 10.2, 9.9, 10.1, 10.0, 9.8, 10.1, 10.0, 10.05, 9.95, 10.1, 9.9]
    there = [*level, *(value + 5 for value in level), *level]
    assert [point.place for point in change_points(there)] == [12, 24]


def test_a_change_too_small_to_matter_is_none() -> None:
    assert change_points([10.0] * 10 + [10.1] * 10) == []
    assert len(change_points([10.0] * 10 + [10.1] * 10, least_share=0.001)) == 1
