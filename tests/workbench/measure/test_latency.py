"""What a load test tells: flags, and the search for the knee on services whose knee is known."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.measure.histogram import Histogram
from workbench.measure.latency import flags_of, judge_step, knee_of, next_rate, percentiles_ms
from workbench.model.latency import KneeStep, LoadBlock, LoadPlan, LoadResult

PLAN = LoadPlan(rate=100, seconds=10)


def cells(*milliseconds: float) -> tuple[tuple[int, int], ...]:
    histogram = Histogram()
    for value in milliseconds:
        histogram.record(value / 1000)
    return tuple(histogram.pairs())


def result(**changes: Any) -> LoadResult:
    fine = LoadResult(
        engine="built-in",
        began_at=0,
        seconds=10,
        was_stopped=False,
        sent=1000,
        answered=1000,
        answered_in_time=1000,
        errors=(),
        statuses=(("200", 1000),),
        body_bytes=0,
        least_body_bytes=0,
        most_body_bytes=0,
        samples=(),
        waited=0,
        retried=0,
        latency=cells(*[10.0] * 1000),
        service=cells(10),
        connect=(),
        lag=cells(0.05),
    )
    return replace(fine, **changes)


FEW = LoadBlock(1, 10, 10, 0, cells(*[1.0] * 10))


@pytest.mark.parametrize(
    ("changes", "flag"),
    [
        ({}, None),
        ({"lag": cells(8)}, "meter_lagged"),
        ({"lag": cells(0.2), "latency": cells(0.3)}, None),
        ({"errors": (("reset", 1),)}, "errors"),
        ({"answered_in_time": 900}, "rate"),
        ({"waited": 100}, "connections"),
        ({"was_stopped": True}, "stopped"),
        ({"is_open_loop": False}, "closed_loop"),
        ({"blocks": (FEW,)}, "few"),
    ],
)
def test_flags(changes: dict[str, Any], flag: str | None) -> None:
    assert [each.name for each in flags_of(PLAN, result(**changes))] == ([flag] if flag else [])


def test_percentiles() -> None:
    told = percentiles_ms(cells(*range(1, 1001)))
    assert told["p50"] == pytest.approx(500, rel=0.001)
    assert told["p99.9"] == pytest.approx(999, rel=0.001)
    assert told["max"] == pytest.approx(1000, rel=0.001)
    assert set(percentiles_ms(()).values()) == {None}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, ""),
        ({"answered_in_time": 900}, "90 answers a second"),
        ({"errors": (("timeout", 20),)}, "2% failed"),
        ({"latency": cells(*[80.0] * 1000)}, "p99 80.1 ms, above 70 ms"),
    ],
)
def test_steps_are_judged(changes: dict[str, Any], reason: str) -> None:
    assert judge_step(result(**changes), 100, result(), None) == reason
    assert judge_step(result(), 100, None, 5.0)


@given(st.floats(5, 900), st.floats(0.02, 0.3))
def test_knee_is_found(truth: float, precision: float) -> None:
    steps: list[KneeStep] = []
    rate: float | None = 5.0
    while rate is not None:
        steps.append(KneeStep(rate, result(), rate <= truth, ""))
        rate = next_rate(steps, 1000, precision)
    found = knee_of(steps)
    assert found is not None
    assert found <= truth < found * (1 + precision) * 1.001
    assert len(steps) < 40


def test_knee_that_is_not_there() -> None:
    high, low = KneeStep(100, result(), True, ""), KneeStep(100, result(), False, "x")
    assert next_rate([high], 100) is None
    assert knee_of([high]) == 100
    assert next_rate([low], 1000) is None
    assert knee_of([low]) is None
