"""A profile under load: requests come for as long as it is recorded, and what stops either stops both."""

from collections.abc import Callable
from dataclasses import replace
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest

from tests.workbench.test_profile_run import ENGINE, FACTS, SAMPLED
from workbench.benching import Wish
from workbench.comparing.driven.profiles import recorded_under_load
from workbench.errors import Stopped, WorkbenchError
from workbench.model.latency import LoadPlan, LoadProgress
from workbench.model.probe import TargetFacts
from workbench.model.runs import NewRun
from workbench.model.wish import Wish as ProfileWish
from workbench.profilers.base import Progress

LOAD = Wish(("c:8000/",), LoadPlan(20.0, 2.0, 1.0))


class FakeBenching:
    """Asks until it is told to stop."""

    def __init__(self) -> None:
        self.asked: list[Wish] = []
        self.asks = False
        self.answered = 40
        self.fails: Exception | None = None
        self.warms_up = True

    def run(self, wish: Wish, heard: Callable[[LoadProgress], object], stop: Event) -> Any:
        self.asked.append(wish)
        if self.fails is not None:
            raise self.fails
        heard(LoadProgress(-1.0, wish.plan.seconds, 0, 0, 0, None, None, None))
        if self.warms_up:
            self.asks = True
            heard(LoadProgress(0.0, wish.plan.seconds, 1, 1, 0, 1.0, 1.0, 1.0))
        stop.wait()
        self.asks = False
        return SimpleNamespace(result=SimpleNamespace(answered=self.answered))


class FakeProfiling:
    """Records at once, what the test says."""

    def __init__(self, benching: FakeBenching) -> None:
        self._benching = benching
        self.recorded = replace(SAMPLED, complete=True)
        self.does: Callable[[], object] = lambda: None
        self.facts: TargetFacts | None = None
        self.wish: ProfileWish | None = None

    def probe(self, target: str, _stop: Event) -> TargetFacts:
        return replace(FACTS, id=target)

    def run(
        self, name: str, facts: TargetFacts, wish: ProfileWish, heard: Callable[[Progress], object], _stop: Event
    ) -> Any:
        assert name == "py-spy"
        assert self._benching.asks, "it is asked while it is recorded"
        self.facts, self.wish = facts, wish
        heard(Progress("sidecar", 0.0, wish.seconds, note="starting py-spy"))
        heard(Progress("sidecar", 2.0, wish.seconds, 180))
        self.does()
        return SimpleNamespace(recorded=self.recorded)


@pytest.fixture
def benching() -> FakeBenching:
    return FakeBenching()


@pytest.fixture
def profiling(benching: FakeBenching) -> FakeProfiling:
    return FakeProfiling(benching)


def record(benching: Any, profiling: Any, stop: Event | None = None, told: list[str] | None = None) -> NewRun:
    heard = (told if told is not None else []).append
    return recorded_under_load(benching, profiling, "c1", "api:1", LOAD, ENGINE, heard, stop or Event())


def test_it_is_asked_at_its_rate_for_as_long_as_it_is_recorded(
    benching: FakeBenching, profiling: FakeProfiling
) -> None:
    told: list[str] = []
    run = record(benching, profiling, told=told)
    assert (run.kind, run.label, run.target.name, run.status) == ("profile", "py-spy", "api:1", "complete")
    assert profiling.wish is not None
    assert profiling.wish.seconds == 5.0, "two seconds of load tell too little"
    (asked,) = benching.asked
    assert (asked.targets, asked.plan.rate, asked.plan.warmup_seconds) == (LOAD.targets, 20.0, 1.0)
    assert asked.plan.seconds > 5.0
    assert not benching.asks, "and no longer"
    assert told == [
        "looks for its Python",
        "warms up",
        "py-spy, starting py-spy",
        "py-spy, 2 s of 5 s, 180 samples",
    ]


def test_what_cannot_be_recorded_says_why(benching: FakeBenching, profiling: FakeProfiling) -> None:
    def refuse() -> None:
        assert profiling.facts is not None
        raise WorkbenchError(f"there is no Python process in {profiling.facts.name}")

    profiling.does = refuse
    with pytest.raises(WorkbenchError, match="no Python process in api:1"):
        record(benching, profiling)
    assert not benching.asks
    profiling.does = lambda: None
    profiling.recorded = replace(SAMPLED, complete=False, warnings=("the target ended after 2 s",))
    with pytest.raises(WorkbenchError, match="api:1 ended early: the target ended after 2 s"):
        record(benching, profiling)
    profiling.recorded = replace(SAMPLED, complete=True)
    benching.answered = 0
    with pytest.raises(WorkbenchError, match="nothing was answered"):
        record(benching, profiling)
    benching.fails = WorkbenchError("nobody listens at port 8000")
    with pytest.raises(WorkbenchError, match="nobody listens"):
        record(benching, profiling)


@pytest.mark.parametrize("warms_up", [False, True])
def test_it_is_stopped(benching: FakeBenching, profiling: FakeProfiling, warms_up: bool) -> None:
    stop = Event()
    benching.warms_up = warms_up
    profiling.does = stop.set
    if not warms_up:
        stop.set()
    with pytest.raises(Stopped):
        record(benching, profiling, stop)
    assert not benching.asks
