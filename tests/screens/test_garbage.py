"""Cycles are looked for when nobody is typing, and then they are found."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from screens.garbage import BEFORE_FULL, EVERY_SECONDS, IDLE_SECONDS, GarbageTimes


class Knot:
    """Refers to itself."""

    def __init__(self) -> None:
        self.self = self


class Hands:
    """A clock turned by hand."""

    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Hands:
    hands = Hands()
    monkeypatch.setattr("screens.garbage.time", hands)
    return hands


@pytest.fixture(autouse=True)
def own_collector() -> Iterator[None]:
    """The process gets its collector back."""
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()


def tie() -> "weakref.ref[Knot]":
    return weakref.ref(Knot())


def test_nothing_is_collected_while_somebody_types(hands: Hands) -> None:
    times = GarbageTimes()
    assert gc.get_threshold() == BEFORE_FULL
    knot = tie()
    for _ in range(100):
        times.typed()
        hands.now += IDLE_SECONDS / 2
        times.look()
    assert knot() is not None
    hands.now += IDLE_SECONDS
    times.look()
    assert knot() is None


def test_what_is_there_from_the_start_is_put_aside_and_the_rest_is_looked_at_now_and_then(hands: Hands) -> None:
    times = GarbageTimes()
    hands.now += IDLE_SECONDS
    times.look()
    assert gc.get_freeze_count() > 0
    knot = tie()
    hands.now += EVERY_SECONDS - 1
    times.look()
    assert knot() is not None, "not before it is due"
    hands.now += 1
    times.look()
    assert knot() is None
