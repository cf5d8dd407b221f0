"""Images, profiles and stored runs, each made into rows by its own module; and all of them into text."""

from __future__ import annotations

import random
from dataclasses import replace
from statistics import median
from typing import TYPE_CHECKING

import pytest

from tests.workbench.measure.image_building import detail, image
from tests.workbench.measure.layer_building import file, layer
from workbench.measure.analysis import analyse
from workbench.measure.compare.images import compare_two_images
from workbench.measure.compare.markdown import markdown_lines
from workbench.measure.compare.profiles import compare_two_profiles
from workbench.measure.compare.runs import compare_runs
from workbench.measure.compare.words import change, heading, interval, page, told
from workbench.measure.flame.collapsed import from_collapsed
from workbench.measure.image_compare import compare
from workbench.model.comparison import Comparison, Side
from workbench.model.image_index import ImageFinding
from workbench.model.profile import Profile
from workbench.model.runs import Conditions, Environment, Metric, RunDetail, RunSummary, Sample, Target

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Environment("h", cpu_cores=8, kernel="6.1")


def run(number: int, *values: float, **changes: object) -> RunDetail:
    metrics = (
        Metric("latency_p99", "ms", values[0], -1, samples=tuple(Sample(value) for value in values)),
        Metric("image_size", "B", 1e6 * number, -1),
        Metric("memory_peak", "B", 1e6 * number, -1),
    )
    summary = RunSummary(number, "p", Target("image", "api"), "bench", "", "complete", 1.79e9, None, False, "", 2, 0)
    made = RunDetail(summary, HERE, Conditions(configuration=(("rate", "500"),)), None, metrics, (), "1")
    return replace(made, **changes)  # type: ignore[arg-type]  # by name


def two_runs(**changes: object) -> Comparison:
    slow, fast = (44.0, 44.1, 43.9, 44.2, 43.8), (31.0, 31.1, 30.9, 31.2, 30.8)
    return compare_runs([run(5, *slow)], [run(3, *fast, **changes)])


def test_two_runs_by_their_samples_and_their_sizes() -> None:
    compared = two_runs()
    latency, size, memory = compared.rows
    assert (memory.verdict, memory.interval) == ("inconclusive", None), "measured once, it may be chance"
    assert (latency.metric, latency.verdict, latency.how, latency.n) == ("latency_p99", "inconclusive", "statistics", 5)
    assert latency.within_run
    assert latency.interval is not None
    assert latency.interval[0] < (latency.change or 0) < latency.interval[1] < 0, "what was measured is told"
    assert [flag.kind for flag in compared.flags] == ["repeats"]
    assert (size.metric, size.verdict, size.how) == ("image_size", "better", "exact")
    assert size.change == pytest.approx(-40)


def test_repeated_runs_are_the_values() -> None:
    before = [run(number, 40.0 + number / 10) for number in range(1, 6)]
    after = [run(number, 30.0 + number / 10) for number in range(11, 16)]
    compared = compare_runs(before, after)
    assert compared.rows[0].before_values == (40.1, 40.2, 40.3, 40.4, 40.5)
    assert compared.rows[0].verdict == "better"
    assert compared.after.detail.startswith("runs 11, 12, 13, 14, 15,")
    assert (compared.rows[1].how, compared.rows[1].verdict) == ("range", "worse"), "each of the larger ones is larger"
    one = compare_runs(before, after[:1])
    assert (one.rows[0].n, one.rows[0].verdict) == (1, "inconclusive"), "samples are not held against medians of runs"


def test_a_size_that_is_the_same_in_each_run_stays_exact() -> None:
    before = [run(5, 40.0 + number) for number in range(2)]
    after = [run(4, 40.0 + number) for number in range(2)]
    size = compare_runs(before, after).rows[1]
    assert (size.metric, size.how, size.verdict, size.n) == ("image_size", "exact", "better", 1)


def series(draw: random.Random, sides: str, drift: Callable[[float], float]) -> Comparison:
    """Runs of the same in this order of sides: each with ten samples around a level that differs from run to run."""
    made: dict[str, list[RunDetail]] = {"b": [], "a": []}
    level = 40.0
    for number, side in enumerate(sides):
        level = drift(level)
        one = run(1, *(draw.gauss(level, 0.4) for _ in range(10)))
        moment = replace(one.summary, id=number, started_at=1.79e9 + number)
        middle = replace(one.metrics[0], value=median(sample.value for sample in one.metrics[0].samples))
        made[side].append(replace(one, summary=moment, metrics=(middle,)))
    return compare_runs(made["b"], made["a"])


@pytest.mark.parametrize("kind", ["each run is another", "slow drift", "one run each"])
def test_runs_of_the_same_are_hardly_ever_better_or_worse_though_the_machine_differs_between_them(kind: str) -> None:
    draw = random.Random(kind)
    drifts: dict[str, tuple[str, Callable[[float], float]]] = {
        "each run is another": ("bababababa", lambda _: draw.gauss(40, 8)),
        "slow drift": ("babaabbaba", lambda level: max(10.0, level + draw.gauss(0.5, 2))),
        "one run each": ("ba", lambda _: draw.gauss(40, 8)),
    }
    told = [series(draw, *drifts[kind]).rows[0].verdict for _ in range(100)]
    assert told.count("better") + told.count("worse") <= (0 if kind == "one run each" else 5)


def test_doubts_about_runs() -> None:
    elsewhere = two_runs(
        environment=replace(HERE, kernel="6.8"),
        conditions=Conditions(
            configuration=(("rate", "900"),), load_1_minute=9.0, pressure=(("cpu.some.avg10", 20.0),)
        ),
    )
    told_of = " | ".join(flag.words for flag in elsewhere.flags)
    assert "kernel 6.1 → 6.8" in told_of
    assert "rate 500 → 900" in told_of
    assert "load 9.0 on 8 cores after" in told_of
    assert "waited for a CPU 20%" in told_of
    metrics = (Metric("latency_p99", "ms", 31.0, -1, definition_version=2), Metric("image_size", "B", 1.0))
    redefined = two_runs(metrics=metrics)
    assert "latency_p99" not in [row.metric for row in redefined.rows]
    assert any(flag.kind == "definition" for flag in redefined.flags)


def test_two_images_with_the_cause() -> None:
    base = layer(file("base", 10_000))
    before = analyse(image([base, layer(file("cuda", 900_000))], detail("ADD /", "RUN pip install torch")))
    after = analyse(image([base, layer(file("app", 1000))], detail("ADD /", "COPY app /")))
    finding = ImageFinding("x", "high", "t", "", 0)
    compared = compare_two_images(compare(before, after), ((finding,), ()), (3, 2))
    rows = {row.metric: row for row in compared.rows}
    assert (rows["size"].verdict, rows["size"].how) == ("better", "exact")
    assert rows["size"].cause.startswith("layer 1: ")
    assert rows["size"].cause.endswith("−900 kB")
    assert (rows["findings_high"].verdict, rows["packages"].verdict, rows["layers"].verdict) == (
        "better",
        "changed",
        "same",
    )


def test_two_profiles_by_function() -> None:
    def sampled(text: str, count: int) -> Profile:
        return Profile("samples", from_collapsed(text), "py-spy", target="t", samples=count)

    before = sampled("main (a.py:1);slow (a.py:5) 600\nmain (a.py:1);other (a.py:9) 400\n", 1000)
    after = sampled("main (a.py:1);slow (a.py:5) 100\nmain (a.py:1);other (a.py:9) 900\n", 1000)
    compared = compare_two_profiles(before, after, (Side("a"), Side("b")))
    rows = {row.title: row for row in compared.rows}
    assert rows["slow"].verdict == "changed"
    assert rows["slow"].change == pytest.approx(-50)
    assert rows["slow"].interval == pytest.approx((-53.6, -46.4), abs=0.2)
    assert rows["main"].verdict == "same"


def test_everything_foreign_stays_text() -> None:
    bad = "api`|\x1b[31m\n<script>"
    compared = replace(two_runs(), before=Side(bad, bad), notes=(bad,))
    compared = replace(compared, rows=tuple(replace(row, cause=bad) for row in compared.rows))
    for line in markdown_lines(compared):
        assert "\x1b" not in line
        assert "\n" not in line
        assert "`|" not in line.replace("` |", "")


def test_words() -> None:
    compared = two_runs()
    latency, size, _ = compared.rows
    assert (told(latency.before, "ms"), change(latency)) == ("44 ms", "−30%")
    assert interval(latency).startswith("(−")
    assert "as far as it shows within the two runs" in page(latency, compared)
    latency = replace(latency, within_run=False, p=0.008)
    assert interval(size) == "exact"
    assert heading(compared).startswith("Compare  api   run 5")
    text = page(latency, compared)
    for words in ("44 ms → 31 ms", "95% interval of the change", "adjusted for all rows", "a quarter", "◂ median"):
        assert words in text
    assert interval(replace(latency, interval=(-2.04, 7.6))) == "−2.0 … +7.6"
    assert change(replace(latency, change=None)) == "–"
    assert change(replace(latency, change=4200.0)) == "×43"
    assert change(replace(latency, change=31.0, change_unit="points")) == "+31 pts"
