"""A change is called what it is worth, never more."""

import random
from dataclasses import replace

import pytest

from workbench.measure.compare.flags import environment_flags, load_flags, noise_flags
from workbench.measure.compare.judged import amount, judged
from workbench.model.comparison import ComparedRow, Matters, Measured
from workbench.model.runs import ELSEWHERE, Environment

TIMING = Measured("ready", "time to ready", "s", -1, "statistics", (), ())


def drawn(level: float, noise: float, count: int = 10, seed: int = 1) -> tuple[float, ...]:
    draw = random.Random(seed)
    return tuple(draw.gauss(level, noise) for _ in range(count))


def row_of(before: tuple[float, ...], after: tuple[float, ...], **changed: object) -> ComparedRow:
    [row] = judged([replace(TIMING, before=before, after=after, **changed)])  # type: ignore[arg-type]  # by name
    return row


def test_a_clear_change_is_better_or_worse_by_its_direction() -> None:
    faster = row_of(drawn(10, 0.1), drawn(8, 0.1, seed=2))
    assert (faster.verdict, faster.words, faster.change_unit) == ("better", "better", "%")
    assert faster.change == pytest.approx(-20, abs=2)
    assert faster.interval is not None
    assert faster.interval[0] < (faster.change or 0) < faster.interval[1] < -15
    assert faster.p is not None
    assert faster.p < 0.001
    assert faster.n == 10
    assert row_of(drawn(8, 0.1), drawn(10, 0.1, seed=2)).verdict == "worse"
    assert row_of(drawn(8, 0.1), drawn(10, 0.1, seed=2), better=1).verdict == "better"
    assert row_of(drawn(8, 0.1), drawn(10, 0.1, seed=2), better=0).verdict == "changed"


def test_no_change_is_told_with_what_would_have_been_seen() -> None:
    same = row_of(drawn(10, 0.1), drawn(10, 0.1, seed=2))
    assert same.verdict == "same"
    wider = row_of(drawn(10, 0.25), drawn(10, 0.25, seed=2))
    assert wider.verdict == "same"
    assert wider.words.startswith("no detectable change (would see ")


def test_noise_is_inconclusive_and_says_how_much_more_it_takes() -> None:
    noisy = row_of(drawn(10, 2), drawn(9.6, 2, seed=2))
    assert noisy.verdict == "inconclusive"
    assert "more run" in noisy.words
    timed = row_of(drawn(10, 2), drawn(9.6, 2, seed=2), repeat_seconds=5.0)
    assert timed.words.startswith("inconclusive: needs about ")
    assert timed.words.endswith(" more")
    hopeless = row_of(drawn(10, 40), drawn(10, 40, seed=2))
    assert hopeless.words == "inconclusive: too noisy to tell"


def test_too_few_values_can_never_tell() -> None:
    three = row_of((10.0, 10.1, 10.2), (5.0, 5.1, 5.2))
    assert (three.verdict, three.words) == ("inconclusive", "inconclusive: needs about 1 more run")
    one = row_of((10.0,), (5.0,))
    assert one.words == "inconclusive: needs about 3 more runs"
    four = row_of((10.0, 10.1, 10.2, 10.3), (5.0, 5.1, 5.2, 5.3))
    assert four.verdict == "better"


def test_many_rows_ask_for_more_than_one() -> None:
    figure = replace(TIMING, before=(10.0, 10.1, 10.2, 10.3), after=(5.0, 5.1, 5.2, 5.3))
    assert judged([figure])[0].verdict == "better"
    rows = judged([replace(figure, metric=str(number)) for number in range(12)])
    assert {row.words for row in rows} == {"inconclusive: needs about 2 more runs"}


def test_a_true_change_that_does_not_matter_is_the_same() -> None:
    tiny = row_of(drawn(10, 0.01, 20), drawn(10.1, 0.01, 20, seed=2))
    assert (tiny.verdict, tiny.words) == ("same", "no change (within 2.0%)")
    assert row_of(drawn(10, 0.01, 20), drawn(10.1, 0.01, 20, seed=2), matters=Matters(0.001)).verdict == "worse"


def test_exact_figures_need_no_chance() -> None:
    size = {"how": "exact", "unit": "B", "matters": Matters(0.01)}
    smaller = row_of((4.71e9,), (1.12e9,), **size)
    assert (smaller.verdict, smaller.p, smaller.interval) == ("better", None, None)
    assert smaller.change == pytest.approx(-76.2, abs=0.1)
    assert row_of((5e6,), (5e6,), **size).words == "the same"
    assert row_of((5_000_000.0,), (5_000_001.0,), **size).words == "no change (within 1.0%)"
    from_nothing = row_of((0.0,), (7.0,), **size)
    assert (from_nothing.change, from_nothing.change_unit, from_nothing.verdict) == (7.0, "B", "worse")


def test_levels_are_judged_by_all_their_readings() -> None:
    level = {"how": "range", "unit": "B", "matters": Matters(0.02, 1e6)}
    less = row_of((500e6, 505e6, 510e6), (100e6, 104e6), **level)
    assert (less.verdict, less.p) == ("better", None)
    assert less.interval is not None
    assert less.interval == pytest.approx((-100 * (1 - 100 / 510), -100 * (1 - 104 / 500)))
    assert row_of((500e6, 520e6), (503e6, 515e6), **level).words == "no change (within 2.0%)"
    assert row_of((500e6, 520e6), (515e6, 600e6), **level).words == "inconclusive: readings overlap"
    assert row_of((10e6,), (10.9e6,), **level).verdict == "same", "less than a megabyte does not matter"


def test_percentages_change_by_points() -> None:
    throttled = row_of((0.0,) * 10, drawn(31, 1), unit="%", matters=Matters(0.0, 1.0))
    assert (throttled.change_unit, throttled.verdict) == ("points", "worse")
    assert throttled.change == pytest.approx(31, abs=1)
    assert row_of((0.0,) * 10, (0.0,) * 10, unit="%").words == "the same"


def test_what_was_not_measured_says_so() -> None:
    assert row_of((), (1.0,)).words == "not measured before"
    assert row_of((1.0,), ()).words == "not measured after"
    assert row_of((), ()).words == "not measured"
    assert row_of((), (1.0,)).change is None


def test_under_no_change_at_all_hardly_a_row_is_better_or_worse() -> None:
    alarms = 0
    for seed in range(20):
        rows = judged(
            [
                replace(TIMING, before=drawn(10, 1, 8, 1000 * seed + n), after=drawn(10, 1, 8, -seed * 77 - n))
                for n in range(10)
            ]
        )
        alarms += any(row.verdict in ("better", "worse") for row in rows)
    assert alarms <= 3


def test_flags_of_noise() -> None:
    noisy = row_of(drawn(10, 2), drawn(9.6, 2, seed=2))
    kinds = {flag.kind: flag.serious for flag in noise_flags([noisy])}
    assert kinds["spread"] is True
    cold = row_of((30.0, *drawn(10, 0.1)), drawn(8, 0.1))
    assert "first-run" in {flag.kind for flag in noise_flags([cold])}
    rising = row_of(tuple(float(n) for n in range(10, 22)), drawn(50, 0.1, 12))
    assert "drift" in {flag.kind for flag in noise_flags([rising])}
    assert not list(noise_flags([row_of(drawn(10, 0.1), drawn(8, 0.1, seed=2))]))


def test_flags_of_where_it_was_measured() -> None:
    here = Environment("a", kernel="6.1", cpu_cores=2)
    assert not list(environment_flags(here, here))
    [flag] = environment_flags(here, replace(here, kernel="6.8"))
    assert flag.words == "kernel 6.1 → 6.8"
    [flag] = environment_flags(here, replace(here, host_id="b"))
    assert flag.serious
    for before, after, which in (
        (here, Environment(ELSEWHERE), "after"),
        (Environment(ELSEWHERE), here, "before"),
        (Environment(ELSEWHERE), Environment(ELSEWHERE), "before and after"),
    ):
        [flag] = environment_flags(before, after)
        assert (flag.words, flag.serious) == (f"where it was built is not known: {which}", True)
    assert [flag.kind for flag in load_flags("before", 1.6, 2, 22.0)] == ["load", "pressure"]
    assert not list(load_flags("after", 0.4, 2, None))


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (1.53e9, "B", "1.53 GB"),
        (0.98, "cores", "0.98 cores"),
        (31.4, "%", "31%"),
        (44.25, "ms", "44.2 ms"),
        (12.0, "", "12"),
        (-0.004, "s/s", "−0.004 s/s"),
        (0.0, "cores", "0 cores"),
    ],
)
def test_amounts(value: float, unit: str, words: str) -> None:
    assert amount(value, unit) == words
