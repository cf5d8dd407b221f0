"""Which readings are shown, and when."""

import pytest

from screens.arrivals import Arrivals
from screens.slow_link import Pace


class Now:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def now() -> Now:
    return Now()


def test_on_a_terminal_that_keeps_up_every_reading_is_shown(now: Now) -> None:
    arrivals = Arrivals(Pace(1.0), now)
    assert not any(arrivals.is_early("fleet", 1.0) for _ in range(3))


def test_a_slow_terminal_is_sent_each_feed_when_it_is_due(now: Now) -> None:
    arrivals = Arrivals(Pace(4.0), now)
    shown = []
    for second in range(9):
        now.now = 100.0 + second
        shown += [second] if not arrivals.is_early("fleet", 1.0) else []
    assert shown == [0, 4, 8]
    assert not arrivals.is_early("host", 1.0), "each for itself"
    assert arrivals.is_early("fleet", 1.0)
    arrivals.hurry()
    assert not arrivals.is_early("fleet", 1.0), "what somebody asks for does not wait"


@pytest.mark.parametrize(("after", "near"), [(0.0, False), (0.6, False), (0.8, True), (1.05, True), (1.2, False)])
def test_the_fleet_is_waited_for_when_it_is_about_to_come(now: Now, after: float, near: bool) -> None:
    arrivals = Arrivals(Pace(1.0), now)
    assert not arrivals.fleet_is_near
    arrivals.fleet_came()
    now.now += after
    assert arrivals.fleet_is_near is near


def test_what_comes_all_the_time_is_not_waited_for(now: Now) -> None:
    arrivals = Arrivals(Pace(0.2), now)
    arrivals.fleet_came()
    now.now += 0.1
    assert not arrivals.fleet_is_near


@pytest.mark.parametrize(("pace", "after", "often"), [(1.0, 1.4, True), (1.0, 1.6, False), (16.0, 6.0, False)])
def test_time_is_told_with_the_fleet_as_long_as_it_comes(now: Now, pace: float, after: float, often: bool) -> None:
    arrivals = Arrivals(Pace(pace), now)
    assert not arrivals.fleet_comes_often
    arrivals.fleet_came()
    now.now += after
    assert arrivals.fleet_comes_often is often
