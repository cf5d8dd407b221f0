"""How long a build has left: worked out by hand."""

from dataclasses import replace

import pytest

from workbench.measure.build_forecast import remaining_seconds
from workbench.model.build import BuildStep, EarlierBuilds


def step(
    name: str, *inputs: int, began: float | None = None, ended: float | None = None, cached: bool = False
) -> BuildStep:
    return BuildStep(name[0], int(name[1]), f"RUN {name}", None, began, ended, cached, "", inputs)


USUAL = {("a", "RUN a1"): 10.0, ("a", "RUN a2"): 20.0, ("b", "RUN b1"): 5.0, ("c", "RUN c1"): 1.0}
EARLIER = EarlierBuilds(3, 40.0, USUAL)


def left(*steps: BuildStep, at: float, in_turns: bool = False, uses_cache: bool = True) -> float | None:
    return remaining_seconds(steps, at, EARLIER, in_turns=in_turns, uses_cache=uses_cache)


def test_before_anything_ran_it_is_what_is_missing_to_the_usual() -> None:
    assert left(at=0.0) == 40.0
    assert left(step("a1", began=1.0, ended=1.0, cached=True), step("a2", 0), at=15.0) == 25.0
    assert left(at=50.0) == 0.0


def test_then_it_is_the_longest_chain_of_what_must_run() -> None:
    steps = (step("a1", began=2.0), step("a2", 0), step("b1", began=2.0, ended=4.0), step("c1", 1, 2))
    assert left(*steps, at=6.0) == pytest.approx(10 - 4 + 20 + 1)
    late = (steps[0], steps[1], replace(steps[2], ended=None), step("c1", 1, 2))
    assert left(*late, at=30.0) == pytest.approx(0 + 20 + 1), "a step that takes longer than usual is taken to end now"


def test_what_needs_nothing_that_ran_is_taken_from_the_cache() -> None:
    steps = (step("a1"), step("a2", 0), step("b1", began=0.0), step("c1", 1, 2))
    assert left(*steps, at=1.0) == pytest.approx(4 + 1)
    assert left(*steps, at=1.0, uses_cache=False) == pytest.approx(10 + 20 + 1)


def test_a_step_that_is_new_makes_it_unknown() -> None:
    steps = (step("a1", began=0.0), step("a9", 0))
    assert left(*steps, at=1.0) is None


def test_one_step_at_a_time_adds_up_with_those_that_are_not_told_of_yet() -> None:
    earlier = replace(EARLIER, last=(step("a1"), step("a2"), step("b1"), step("c1")))
    steps = (step("a1", began=0.0, ended=10.0), step("a2", 0, began=10.0))
    assert remaining_seconds(steps, 12.0, earlier, in_turns=True, uses_cache=True) == pytest.approx(18 + 5 + 1)


def test_without_earlier_builds_there_is_no_figure() -> None:
    nothing = EarlierBuilds(0, None, {})
    assert remaining_seconds((step("a1", began=0.0),), 1.0, nothing, in_turns=False, uses_cache=True) is None
    cold_only = EarlierBuilds(1, None, USUAL)
    assert remaining_seconds((), 1.0, cold_only, in_turns=False, uses_cache=True) is None, "no warm one says how long"


def test_steps_that_need_each_other_in_a_circle_end_it_all_the_same() -> None:
    steps = (step("a1", 1, began=0.0), step("a2", 0))
    assert left(*steps, at=0.0) is not None
