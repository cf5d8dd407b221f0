"""The table of a driven comparison: its rows in their order, their causes, and a reason where a figure is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from workbench.measure.compare.document import document
from workbench.measure.compare.driven import Drive, DrivenSide, compare_driven, known_rows
from workbench.measure.compare.driven_causes import build_cause
from workbench.measure.compare.gates import judge_gate, parse_gate
from workbench.measure.compare.markdown import markdown_lines
from workbench.measure.flame.collapsed import read_collapsed
from workbench.model.behind import StepTimes
from workbench.model.comparison import ComparedRow
from workbench.model.driven import DrivenPlan, Subject
from workbench.model.profile import Profile
from workbench.model.runs import Conditions, Environment, Metric, RunDetail, RunSummary, Target

PLAN = DrivenPlan(Subject("api:1", image="api:1"), Subject("api:2", image="api:2"), target="/", rate=200.0)
NOTHING: Mapping[Any, Sequence[RunDetail]] = {
    what: [] for what in ("build_cold", "build_touched", "startup", "load", "knee", "profile")
}
HERE = Environment("h", cpu_cores=8)


def run(kind: str, quality: str = "", load: float = 0.1, **values: float) -> RunDetail:
    metrics = tuple(Metric(name, "", value, quality=quality) for name, value in values.items())
    summary = RunSummary(1, "p", Target("image", "api"), kind, "", "complete", 1.0, 2.0, False, "", 1, 0)
    return RunDetail(summary, HERE, Conditions(load_1_minute=load), None, metrics, (), "0")


def side(steps: Mapping[Any, Sequence[StepTimes]] | None = None, **runs: list[RunDetail]) -> DrivenSide:
    return DrivenSide({**NOTHING, **runs}, {"build_cold": (), "build_touched": (), **(steps or {})})  # type: ignore[dict-item]  # by name


def drive(before: DrivenSide, after: DrivenSide, plan: DrivenPlan = PLAN, **more: Any) -> Drive:
    return Drive(plan, before, after, more.get("images", []), "", "", more.get("failed", {}), {})


def rows(of: Drive) -> dict[str, ComparedRow]:
    return {row.metric: row for row in compare_driven(of).rows}


def starts(*levels: float, started: float = 200.0) -> list[RunDetail]:
    return [run("startup", time_to_created=50, time_to_started=started, time_to_ready=level) for level in levels]


def test_rows_in_their_order_with_what_they_lack() -> None:
    found = rows(drive(side(), side()))
    assert list(found)[:5] == ["size", "compressed_size", "pull_estimated", "build_cold", "build_touched"]
    assert list(found)[-1] == "findings_low"
    assert found["latency_p99"].title == "p99 at 200/s"
    assert found["build_cold"].words.startswith("not measured: no build is known, --build")
    assert found["throughput_at_knee"].words == "not measured: --knee RATE looks for it"
    assert found["time_to_ready"].words == "not measured: stopped before it was measured"
    assert "error_rate" not in found, "where nothing failed"
    unasked = rows(drive(side(), side(), replace(PLAN, target="")))
    assert unasked["latency_p50"].words == "not measured: nothing was asked, --url PORT/path says what to ask for"
    slow, fast = [run("bench", throughput_at_knee=0.0)], [run("bench", throughput_at_knee=300.0)]
    slow = [replace(one, metrics=()) for one in slow]
    kneeless = rows(drive(side(knee=slow), side(knee=fast), replace(PLAN, knee_most=500.0)))["throughput_at_knee"]
    assert kneeless.words == "not measured: before did not keep up with 200/s, the lowest rate"
    failed = rows(drive(side(), side(), failed={"run": "after: it was not ready"}))
    assert failed["time_to_ready"].words == failed["memory_peak"].words == "not measured: after: it was not ready"


def test_a_builders_words_stay_words() -> None:
    said = "the build failed: `x` | <img src=x>\udcff\n## more"
    compared = compare_driven(drive(side(), side(), failed={"run": said}))
    lines = [line for line in markdown_lines(compared) if "build failed" in line]
    assert lines
    for line in lines:
        assert line.count("`") % 2 == 0, "it does not leave its code span"
        assert line.count("|") in (0, 8), "nor its cell"
        assert "\n" not in line
    msgspec.json.encode(document(compared))


def test_ready_names_the_phase_that_changed() -> None:
    slow, fast = starts(1500, 1510, 1505, 1490, 1502, 1508), starts(500, 510, 505, 490, 502, 508)
    row = rows(drive(side(startup=slow), side(startup=fast)))["time_to_ready"]
    assert (row.unit, row.verdict, row.n) == ("s", "better", 6)
    assert row.before == pytest.approx(1.5035)
    assert row.cause == "the program, once it runs: 1.30 s → 0.30 s"
    late = starts(1500, 1510, 1505, started=1300.0)
    assert rows(drive(side(startup=fast), side(startup=late)))["time_to_ready"].cause.startswith("starting its first")


def test_latency_names_throttling_else_cpu() -> None:
    def load(p99: float, cpu: float, throttled: float) -> list[RunDetail]:
        return [run("bench", latency_p99=p99 + i, cpu_per_request=cpu, throttled=throttled) for i in range(6)]

    found = rows(drive(side(load=load(50, 5, 0)), side(load=load(90, 5, 31))))
    assert (found["latency_p99"].verdict, found["latency_p99"].cause) == ("worse", "throttled 0% → 31%")
    found = rows(drive(side(load=load(50, 5, 0)), side(load=load(20, 2, 0))))
    assert found["latency_p99"].cause == "CPU per request 5 ms → 2 ms"
    assert found["memory_peak"].words == "not measured: the engine does not tell it"


def test_functions_are_told_where_they_explain_the_row_and_throttling_beside_them() -> None:
    def load(p99: float, cpu: float, throttled: float) -> list[RunDetail]:
        levels = [(p99 + i, 30 - p99 / 10 + i, cpu + i / 100) for i in range(6)]
        return [
            run("bench", latency_p99=slow, latency_p50=usual, cpu_per_request=each, throttled=throttled)
            for slow, usual, each in levels
        ]

    def recorded(share: int) -> Profile:
        tree, _ = read_collapsed(f"load (/srv/app.py:2) {share}\nrest (/srv/app.py:3) {1000 - share}\n")
        return Profile("samples", tree, "py-spy", samples=1000)

    sides = side(load=load(90, 10, 31), profile=[run("profile")]), side(load=load(50, 6, 0), profile=[run("profile")])
    driven = replace(drive(*sides), profiles=(recorded(410), recorded(30)))
    found = rows(driven)
    assert found["latency_p99"].cause == "app.py:load 41% → 3.0% of samples; throttled 31% → 0%"
    assert found["cpu_per_request"].cause == "app.py:load 41% → 3.0% of samples"
    assert found["latency_p50"].cause == "throttled 31% → 0%", "it grew, and takes less"
    assert found["latency_p95"].cause == ""
    half = replace(driven, profiles=(recorded(410), None))
    assert rows(half)["latency_p99"].cause == "throttled 31% → 0%"


def test_a_build_names_the_kind_of_step_and_how_many_run_again() -> None:
    old = (StepTimes("", "RUN pip install -r all.txt", 90.0, False), StepTimes("", "COPY . .", 2.0, False))
    new = (
        StepTimes("", "RUN /usr/bin/pip install --no-cache-dir -r requirements.txt", 30.0, False),
        StepTimes("", "COPY app app", 1.0, False),
        StepTimes("", "exporting to image", 3.0, False),
    )
    assert build_cause(old, new) == "RUN pip install 90 s → 30 s"
    assert build_cause(old[1:], (*old[1:], StepTimes("", "RUN A=1 set -e", 7.0, False))) == "RUN none → 7 s"
    assert build_cause(old, old) == build_cause((), ()) == ""
    builds = (
        [run("build", build_touched=92.0, steps=8.0, cache_hits=1.0)],
        [run("build", build_touched=4.0, steps=14.0, cache_hits=11.0)],
    )
    before = side({"build_touched": old}, build_touched=builds[0])
    after = side({"build_touched": new[1:]}, build_touched=builds[1])
    cause = rows(drive(before, after))["build_touched"].cause
    assert cause == "3 of 14 steps run, was 7 of 8; RUN pip install 90 s → none"


def test_doubts() -> None:
    late = [run("bench", "meter lagged", 9.0, latency_p99=5.0), run("bench", "", 9.0, latency_p99=5.0)]
    compared = compare_driven(drive(side(load=late, startup=starts(1, 2)), side(load=late)))
    told = " | ".join(flag.words for flag in compared.flags)
    assert "the meter itself was late in 1 of 2 loads before" in told
    assert "load 9.0 on 8 cores after" in told
    assert compared.before.detail == "2 starts"
    failing = [run("bench", error_rate=4.0)]
    compared = compare_driven(drive(side(load=failing), side(load=[*failing, run("bench", error_rate=0.0)])))
    assert [flag.words for flag in compared.flags if flag.kind == "errors" and flag.serious] == [
        "requests failed in 1 of 1 load before, up to 4.0%: their latency is that of the others",
        "requests failed in 1 of 2 loads after, up to 4.0%: their latency is that of the others",
    ]
    assert next(row.title for row in compared.rows if row.metric == "error_rate") == "failed requests"


def test_a_gate_can_be_judged_before_anything_is_measured() -> None:
    known = known_rows(PLAN)
    for text in ("p99>+10%", "size>+5MB", "ready>2s", "memory_peak>500MB", "findings_high>0"):
        judge_gate(parse_gate(text), known)
