"""Repeated profiles: absolute times with verdicts where there are runs enough, else the reason in one sentence."""

import random
from dataclasses import replace

import pytest

from workbench.measure.compare.repeated_profiles import (
    RepeatedFunction,
    RepeatedProfiles,
    compare_repeated_profiles,
    compare_repeats,
)
from workbench.measure.flame.collapsed import from_collapsed
from workbench.model.comparison import Comparison, Side
from workbench.model.profile import Profile
from workbench.model.reading import Missing


def run(slow: float, same: float = 400.0, *, seconds: float = 10.0, at: float = 0.0, **more: object) -> Profile:
    """A recording of 100 samples a second."""
    text = f"main (/m.py:1);slow (/m.py:2) {slow:.0f}\nmain (/m.py:1);same (/m.py:3) {same:.0f}\n"
    tree = from_collapsed(text + "main (/m.py:1);tiny (/m.py:4) 2\n")
    profile = Profile(
        "samples", tree, "py-spy", "sidecar", "api", seconds, at, samples=round(slow + same), rate_hz=100.0
    )
    return replace(profile, **more)  # type: ignore[arg-type]


def several(count: int, slow: float, *, seed: int) -> list[Profile]:
    dice = random.Random(seed)
    return [run(slow + dice.randint(-15, 15), 400 + dice.randint(-15, 15), at=100.0 * i) for i in range(count)]


def judged(before: list[Profile], after: list[Profile]) -> RepeatedProfiles:
    found = compare_repeats(before, after)
    assert isinstance(found, RepeatedProfiles)
    return found


def by_name(found: RepeatedProfiles) -> dict[str, RepeatedFunction]:
    return {each.place.name: each for each in found.functions}


def test_a_function_that_got_quicker_is_named_with_its_times() -> None:
    found = judged(several(6, 600, seed=1), several(6, 200, seed=2))
    assert (found.unit, found.per, found.runs) == ("ms", "second of recording", (6, 6))
    slow = by_name(found)["slow"]
    # 600 samples at 100 a second in 10 s: 600 ms of each second.
    assert slow.own.before == pytest.approx(600, abs=15)
    assert slow.own.after == pytest.approx(200, abs=15)
    assert slow.total.verdict == slow.own.verdict == "better"
    assert slow.total.interval is not None
    assert -72 < slow.total.interval[0] < slow.total.change < slow.total.interval[1] < -60  # type: ignore[operator]
    assert found.functions[0].place.name in ("slow", "main")
    assert by_name(found)["main"].own.after == 0
    assert by_name(found)["same"].total.verdict == "same"
    assert "tiny" not in by_name(found), "less than 1 % is not tested"


def test_length_and_rate_make_no_difference() -> None:
    longer = [run(1200, 800, seconds=20.0, rate_hz=100.0, at=50 + 100.0 * each) for each in range(5)]
    found = judged([run(600, 400, at=100.0 * each) for each in range(5)], longer)
    assert all(abs(each.total.change or 0.0) < 0.2 for each in found.functions)
    quicker = [run(300, 200, rate_hz=50.0) for _ in range(5)]
    assert all(abs(each.total.change or 0.0) < 1 for each in judged(longer, quicker).functions)


def test_runs_of_nothing_but_noise_are_judged_wrongly_as_seldom_as_promised() -> None:
    dice = random.Random(9)
    wrong = 0
    for _ in range(60):
        sides = [[run(dice.gauss(500, 40), dice.gauss(400, 40)) for _ in range(6)] for _ in range(2)]
        wrong += any(each.total.verdict in ("better", "worse") for each in judged(*sides).functions)
    assert wrong <= 6


def test_a_few_runs_show_figures_and_say_how_many_more_it_takes() -> None:
    found = judged(several(2, 600, seed=1), several(2, 200, seed=2))
    slow = by_name(found)["slow"]
    assert slow.total.before == pytest.approx(600, abs=15)
    assert slow.total.verdict == "inconclusive"
    assert "needs about" in slow.total.words
    assert any("2 runs on a side" in flag.words for flag in found.flags)


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ([run(1)], [run(1)], "there is one run before and after"),
        ([run(1), run(2)], [run(1)], "there is one run after"),
        ([run(1)] * 2, [run(1, unit="seconds")] * 2, "the runs count samples and seconds"),
        ([run(1)] * 2, [run(1, how="fresh")] * 2, "some runs are whole"),
        ([run(1)] * 2, [run(1, rate_hz=None)] * 2, "how often a run was sampled is not known"),
        ([run(1, rate_hz=None)] * 2, [run(1, rate_hz=None)] * 2, "how often a run was sampled is not known"),
        ([run(1)] * 2, [run(1, duration_seconds=None)] * 2, "how long a run was recorded is not known"),
    ],
)
def test_where_there_can_be_none_it_says_why(before: list[Profile], after: list[Profile], why: str) -> None:
    found = compare_repeats(before, after)
    assert isinstance(found, Missing)
    assert found.reason.startswith("no absolute figures: ")
    assert why in found.reason
    assert found.hint


def test_whole_runs_are_told_by_the_run_and_what_waits_is_neither_better_nor_worse() -> None:
    def fresh(wait: float) -> Profile:
        tree = from_collapsed(f"main (/m.py:1) 1000\nmain (/m.py:1);wait (/usr/lib/python3.11/threading.py:3) {wait}\n")
        return Profile("seconds", tree, "cprofile", "fresh", "api")

    found = judged([fresh(500 + each) for each in range(6)], [fresh(100 + each) for each in range(6)])
    assert found.per == "run"
    assert by_name(found)["wait"].total.verdict == "changed"
    assert by_name(found)["main"].total.verdict == "better"


def test_samples_of_files_without_a_rate_are_counted() -> None:
    found = judged([run(9, rate_hz=None, how="file")] * 2, [run(9, rate_hz=None, how="file")] * 2)
    assert (found.unit, found.per) == ("samples", "run")


def test_one_side_recorded_before_the_other_is_a_reason_to_doubt() -> None:
    apart = judged(several(5, 600, seed=1), [replace(one, taken_at=9000.0) for one in several(5, 600, seed=2)])
    assert any("one side was recorded before the other" in flag.words for flag in apart.flags)
    turns = judged(several(5, 600, seed=1), several(5, 600, seed=2))
    assert not turns.flags


def test_as_a_comparison_each_function_has_its_total_and_its_own_time() -> None:
    made = compare_repeated_profiles(several(6, 600, seed=1), several(6, 200, seed=2), (Side("a"), Side("b")))
    assert isinstance(made, Comparison)
    titles = [row.title for row in made.rows]
    assert titles.index("slow, self") == titles.index("slow") + 1
    assert "Benjamini" in made.method
    assert "times are of a second of recording" in made.notes[0]
