"""Functions as causes: those that a change of CPU per request comes from, where their shares differ beyond chance."""

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import pytest

from workbench.measure.compare.function_causes import function_cause
from workbench.measure.compare.judged import judged
from workbench.measure.flame.collapsed import read_collapsed
from workbench.measure.flame.diff import compare_several
from workbench.model.comparison import ComparedRow, Measured, Verdict
from workbench.model.profile import Profile

MAIN = "main (/srv/app.py:1);do_GET (/srv/app.py:5)"
LIBRARY = "/usr/lib/python3.11/json/decoder.py"


def profile(**samples: int) -> Profile:
    """Of what `do_GET` calls, by name, with the parts of a path apart from each other by `__`."""
    lines = []
    for name, count in samples.items():
        parts = name.split("__")
        below = ";".join(f"{part} ({LIBRARY if part == 'decode' else '/srv/app.py'}:9)" for part in parts)
        lines.append(f"{MAIN};{below} {count}\n")
    tree, moments = read_collapsed("".join(lines))
    return Profile("samples", tree, "py-spy", moments=moments, samples=sum(samples.values()))


def cpu(before: float | None, after: float | None, verdict: Verdict = "inconclusive") -> ComparedRow:
    old, new = (() if value is None else (value,) for value in (before, after))
    (row,) = judged([Measured("cpu_per_request", "CPU per request", "ms", -1, "statistics", old, new)])
    return replace(row, verdict=verdict)


def cause(before: Profile, after: Profile, row: ComparedRow, sign: int = -1) -> str:
    return function_cause(compare_several([before], [after]), row, sign)


def test_the_function_that_takes_less_is_told_and_not_those_that_gained_its_share() -> None:
    before, after = profile(load=410, render=590), profile(load=30, render=970)
    assert cause(before, after, cpu(10, 6)) == "app.py:load 41% → 3.0% of samples"
    assert cause(after, before, cpu(6, 10), 1) == "app.py:load 3.0% → 41% of samples"


def test_neither_callers_nor_what_a_library_does_for_it() -> None:
    before, after = profile(load=10, load__decode=700, render=290), profile(load=10, load__decode=100, render=890)
    assert cause(before, after, cpu(10, 4)) == "app.py:load 71% → 11% of samples"
    # The caller's own part of the change stands beside that of what it calls
    before, after = profile(serve=400, serve__load=400, render=200), profile(serve=10, serve__load=10, render=980)
    assert cause(before, after, cpu(10, 2.1)) == (
        "app.py:load 40% → 1.0% of samples, app.py:serve 80% → 2.0% of samples"
    )
    # What several call is told by who calls it more or less
    before, after = (
        profile(price__burn=700, render__burn=200, rest=100),
        profile(price__burn=20, render__burn=780, rest=200),
    )
    assert cause(before, after, cpu(10, 3)) == "app.py:price 70% → 2.0% of samples"
    before, after = profile(decode=700, render=300), profile(decode=100, render=300)
    assert cause(before, after, cpu(10, 4)).startswith("decoder.py:decode 70% → "), "where nothing else changed"


def test_a_function_that_is_nearly_all_of_it_is_told_by_its_time() -> None:
    before, after = profile(load=950, render=50), profile(load=900, render=100)
    assert cause(before, after, cpu(10, 5, "better")) == "app.py:load 9.50 ms → 4.50 ms of CPU per request"
    assert cause(before, after, cpu(10, 5)) == "app.py:load 95% → 90% of samples", "its time is not sure"


@pytest.mark.parametrize(
    ("row", "sign"),
    [
        (cpu(10, 6), 1),  # what is to be explained asks for more
        (cpu(10, 9.8), -1),
    ],
)
def test_cpu_that_went_another_way_or_nowhere_is_no_cause(row: ComparedRow, sign: int) -> None:
    assert cause(profile(load=410, render=590), profile(load=30, render=970), row, sign) == ""


def test_chance_is_no_cause() -> None:
    before, after = profile(load=20, render=30), profile(load=17, render=33)
    assert cause(before, after, cpu(10, 7)) == ""
    assert cause(before, before, cpu(10, 10)) == ""


EVEN = {"a": 0.3, "b": 0.2, "serve__c": 0.2, "serve__d": 0.15, "serve": 0.05, "e": 0.1}


def causes(after: Mapping[str, float], row: ComparedRow, sign: int = 1) -> list[str]:
    """Functions named in each of 100 trials: 900 samples by the shares of `EVEN`, and as many by others."""
    found = []
    for seed in range(100):
        chance = random.Random(seed)
        sides = [
            profile(**Counter(chance.choices(list(shares), list(shares.values()), k=900))) for shares in (EVEN, after)
        ]
        found.append(" ".join(part.split()[0] for part in cause(sides[0], sides[1], row, sign).split(", ") if part))
    return found


@pytest.mark.parametrize("verdict", ["worse", "inconclusive"])
def test_samples_that_differ_by_chance_name_nothing_however_sure_the_cpu_is(verdict: Verdict) -> None:
    assert causes(EVEN, cpu(10, 11, verdict)).count("") >= 95
    assert causes(EVEN, cpu(10, 5, verdict), -1).count("") >= 95
    assert causes(EVEN, cpu(10, 50, verdict)).count("") >= 95, "all take longer, so that none is the cause"


@pytest.mark.parametrize(("grows", "by", "told"), [("a", 2, "app.py:a"), ("serve__c", 1.3, "app.py:c")])
def test_the_function_that_grows_is_named_alone_and_not_its_caller(grows: str, by: float, told: str) -> None:
    after = {name: (10 * share + by * (name == grows)) / (10 + by) for name, share in EVEN.items()}
    assert causes(after, cpu(10, 10 + by, "worse")).count(told) >= 95


def test_a_share_that_falls_is_no_reason_for_more() -> None:
    before, after = profile(load=5000, render=5000), profile(load=4500, render=5500)
    assert cause(before, after, cpu(10, 13, "worse"), 1) == "app.py:render 5 ms → 7.15 ms of CPU per request"


def test_without_the_cpu_per_request_a_share_must_change_by_much() -> None:
    assert cause(profile(load=4100, render=5900), profile(load=300, render=9700), cpu(None, None)).startswith(
        "app.py:load 41% → "
    )
    assert cause(profile(load=1000, render=9000), profile(load=700, render=9300), cpu(None, None)) == ""


def test_what_waits_is_no_cause() -> None:
    idle = profile(load=1000)
    tree, _ = read_collapsed(f"{MAIN};load (/srv/app.py:9) 1000\nselect (/usr/lib/python3.11/selectors.py:4) 9000\n")
    busy = replace(idle, tree=tree, samples=10_000)
    assert cause(busy, idle, cpu(None, None)) == ""
