"""Readings that resemble those before them are worth less, and windows of one process don't differ."""

import random

import pytest

from workbench.measure.statistics.blocks import FEWEST_BLOCKS, MOST_BLOCKS, block_length, blocks, correlation_time
from workbench.measure.statistics.ranks import mann_whitney


def remembering(count: int, rho: float, draw: random.Random) -> list[float]:
    """A process of which each value keeps `rho` of the one before: its correlation time is (1 + rho) / (1 - rho)."""
    value = draw.gauss(0, 1) / (1 - rho * rho) ** 0.5
    values = []
    for _ in range(count):
        value = rho * value + draw.gauss(0, 1)
        values.append(value)
    return values


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.8])
def test_the_correlation_time_of_a_known_process(rho: float) -> None:
    windows = [remembering(4000, rho, random.Random(seed)) for seed in (1, 2)]
    assert correlation_time(windows) == pytest.approx((1 + rho) / (1 - rho), rel=0.25)


def test_a_step_between_two_windows_is_no_correlation() -> None:
    draw = random.Random(3)
    windows = [[draw.gauss(level, 1) for _ in range(200)] for level in (0, 100)]
    assert correlation_time(windows) < 1.7


def test_what_does_not_vary_has_none() -> None:
    assert correlation_time([[5.0] * 50, [5.0] * 50]) == 1.0
    assert correlation_time([]) == 1.0
    assert correlation_time([[1.0], [2.0]]) == 1.0


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.8])
def test_two_windows_of_one_process_seldom_differ(rho: float) -> None:
    draw, alarms, times = random.Random(4), 0, 250
    for _ in range(times):
        windows = [remembering(60, rho, draw) for _ in range(2)]
        length = block_length(windows)
        before, after = (blocks(window, length) for window in windows)
        if min(len(before), len(after)) >= FEWEST_BLOCKS:
            alarms += mann_whitney(before, after) < 0.05
    assert alarms / times < 0.11
    if rho == 0.8:  # taken for sixty measurements, every third pair of windows would differ
        naive = sum(mann_whitney(remembering(60, rho, draw), remembering(60, rho, draw)) < 0.05 for _ in range(100))
        assert naive > 25


def test_blocks_keep_the_newest_and_are_not_too_many() -> None:
    assert blocks([9.0, 1.0, 3.0, 5.0, 7.0], 2) == [2.0, 6.0]
    draw = random.Random(5)
    window = [draw.random() for _ in range(600)]
    assert len(blocks(window, block_length([window, window]))) <= MOST_BLOCKS
