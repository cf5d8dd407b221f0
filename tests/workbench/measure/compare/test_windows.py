"""Two spans of time of a container: verdicts, causes and doubts."""

import random
from dataclasses import replace

from workbench.measure.compare.windows import Window, compare_windows
from workbench.model.comparison import ComparedRow, Comparison
from workbench.model.containers import Container, ContainerUsage
from workbench.model.events import EngineEvent

API = Container(
    "a" * 64,
    "api",
    "api:1.4",
    "sha256:1",
    "running",
    "Up 2 minutes",
    0.0,
    cpu_limit_cores=0.5,
    usage=ContainerUsage(1.0, memory_limit_bytes=1 << 30),
)


def around(level: float, noise: float, seed: int = 1, count: int = 60) -> tuple[float, ...]:
    draw = random.Random(seed)
    return tuple(max(0.0, draw.gauss(level, noise)) for _ in range(count))


BEFORE = Window(
    "api",
    1000.0,
    1060.0,
    "60 s up to A",
    API,
    {
        "cpu_cores": around(0.5, 0.01),
        "throttled_percent": around(63, 3),
        "memory_used_bytes": around(210e6, 1e5),
        "anonymous_bytes": around(180e6, 1e5),
        "network_received_bytes_per_second": around(84e3, 900),
        "network_sent_bytes_per_second": around(920e3, 9000),
        "pressure_cpu_some": around(41, 2),
    },
    {"cpu_share": around(60, 2)},
)
AFTER = replace(
    BEFORE,
    since=1100.0,
    until=1160.0,
    words="60 s from B",
    container=replace(API, cpu_limit_cores=2.0),
    readings={
        "cpu_cores": around(0.8, 0.01, 2),
        "throttled_percent": (0.0,) * 60,
        "memory_used_bytes": around(330e6, 1e5, 3),
        "anonymous_bytes": around(300e6, 1e5, 3),
        "network_received_bytes_per_second": around(84e3, 900, 4),
        "network_sent_bytes_per_second": around(920e3, 9000, 5),
        "pressure_cpu_some": around(3, 0.5, 6),
    },
    host={"cpu_share": around(63, 2)},
)


def row(compared: Comparison, metric: str) -> ComparedRow:
    return next(row for row in compared.rows if row.metric == metric)


def kinds(compared: Comparison) -> set[str]:
    return {flag.kind for flag in compared.flags}


def test_a_fix_is_seen_with_its_cause() -> None:
    compared = compare_windows(BEFORE, AFTER)
    throttled = row(compared, "throttled")
    assert (throttled.verdict, throttled.cause) == ("better", "CPU limit 0.5 → 2 cores")
    assert (row(compared, "cpu").verdict, row(compared, "cpu_pressure").verdict) == ("worse", "better")
    memory = row(compared, "memory")
    assert (memory.verdict, memory.how, memory.p) == ("worse", "range", None)
    assert memory.cause == "anonymous +120 MB"
    assert row(compared, "sent").verdict == "same"
    assert [each.metric for each in compared.rows] == [
        *("cpu", "throttled", "memory", "cpu_pressure", "received", "sent"),
    ], "what neither side measured has no row"
    assert compared.noise == "low"
    assert throttled.readings[0] == BEFORE.readings["throttled_percent"]
    assert len(throttled.before_values) == 12


def test_readings_that_follow_each_other_make_few_blocks() -> None:
    waves = tuple(50 + 40 * ((second // 15) % 2) for second in range(60))
    compared = compare_windows(
        replace(BEFORE, readings={"pressure_cpu_some": waves}),
        replace(AFTER, readings={"pressure_cpu_some": waves[7:] + waves[:7]}),
    )
    [pressure] = compared.rows
    assert pressure.verdict == "inconclusive"
    assert pressure.n < 4
    assert pressure.words.endswith(" more")


def test_a_new_image_is_the_cause_where_nothing_else_is() -> None:
    after = replace(BEFORE, container=replace(API, image="api:1.5", image_id="sha256:2"), readings=AFTER.readings)
    assert row(compare_windows(BEFORE, after), "throttled").cause == "image api:1.4 → api:1.5"


def test_the_machine_is_the_cause_of_waiting() -> None:
    waiting = {**BEFORE.readings, "pressure_cpu_some": around(80, 2)}
    busy = replace(BEFORE, readings=waiting, host={"cpu_share": (98.0,) * 60})
    compared = compare_windows(BEFORE, busy)
    assert row(compared, "cpu_pressure").cause == "the machine's CPU 60% → 98%"
    assert "load" in kinds(compared)


def test_doubts() -> None:
    idle = replace(
        AFTER,
        readings={**AFTER.readings, "network_sent_bytes_per_second": around(100e3, 900)},
        events=(EngineEvent(1110.0, "restart", API.id),),
    )
    compared = compare_windows(BEFORE, idle, (EngineEvent(1080.0, "update", API.id), EngineEvent(1081.0, "mark")))
    assert {"work", "events"} <= kinds(compared)
    assert compared.noise == "high"
    assert compared.notes == ("between the two: update",)
    overlapping = compare_windows(BEFORE, replace(AFTER, since=1030.0))
    assert any("overlap" in flag.words for flag in overlapping.flags)
    nothing = compare_windows(BEFORE, replace(AFTER, readings={}))
    assert any(flag.words == "nothing was measured after" for flag in nothing.flags)
    assert row(nothing, "cpu").words == "not measured after"
    coarse = compare_windows(BEFORE, replace(AFTER, interval=60.0))
    assert any("means of a minute" in flag.words for flag in coarse.flags)
