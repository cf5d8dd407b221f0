"""The marks A and B over what was really read: nothing is seen where nothing changed."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.screens.worlds import ENGINE, container, usage
from workbench.comparing.bundles import compare_bundles
from workbench.comparing.marks import compare_marks, spans
from workbench.errors import UsageError, WorkbenchError
from workbench.history import History
from workbench.model.containers import FleetSnapshot
from workbench.sources.demo import SESSION
from workbench.sources.recording import RecordedWorld

START = 1_790_000_000.0


@pytest.fixture(scope="module")
def recorded() -> Iterator[History]:
    """The demo's two minutes, read from real containers once a second."""
    world = RecordedWorld(SESSION)
    history = History(world.now, lambda: 0.0, 1.0, world)
    for name, at, value in world.readings():
        history.add(name, at, value)
    yield history
    world.close()


def test_minutes_of_a_container_that_nobody_changed_do_not_differ(recorded: History) -> None:
    first, last = recorded.span() or (0.0, 0.0)
    fleet = recorded.fleet_at(last)
    assert fleet is not None
    told = []
    for one in fleet.containers:
        for at in (first + 40, first + 80):
            for label in ("A", "B"):
                recorded.mark(label, one.id, at, one.name)
            told += [(one.name, row) for row in compare_marks(recorded, 40.0).rows]
    assert len(told) > 100
    seen = [(name, row.metric) for name, row in told if row.verdict not in ("same", "inconclusive")]
    # What a container waits for is its neighbours' doing, and they did change: the machine got busier.
    assert [one for one in seen if one[1] not in ("run_delay", "cpu_pressure")] == []
    assert len(seen) < 0.02 * len(told)
    assert sum(row.verdict == "same" for _, row in told) > 0.6 * len(told)


def test_two_recordings_of_one_container() -> None:
    compared = compare_bundles(SESSION, SESSION, "shop-api-1")
    assert (compared.before.name, len(compared.rows) > 8) == ("shop-api-1", True)
    assert all(row.change in (0.0, None) for row in compared.rows)
    with pytest.raises(UsageError, match="has no container nobody"):
        compare_bundles(SESSION, SESSION, "nobody")
    with pytest.raises(UsageError, match="about no single container"):
        compare_bundles(SESSION, SESSION)


class Going:
    """A history of a live session that goes on when told."""

    def __init__(self) -> None:
        self.clock = 0.0
        self.history = History(lambda: START + self.clock, lambda: self.clock)

    def on(self, seconds: int, cpu: float, memory: int = 100_000_000, number: int = 1, limit: float = 1.0) -> None:
        one = container("api", number, cpu_limit_cores=limit)
        for second in range(seconds):
            self.clock += 1
            used = usage(cpu + second % 3, memory)
            self.history.add("fleet", START + self.clock, FleetSnapshot(ENGINE, (replace(one, usage=used),)))

    def mark(self, label: str, number: int = 1) -> None:
        self.history.mark(label, container("api", number).id, name="api")  # type: ignore[arg-type]  # A and B


def test_before_ends_at_a_and_after_begins_at_b_and_grows() -> None:
    going = Going()
    going.on(100, 90.0)
    going.mark("A")
    going.on(20, 300.0)  # the change itself: neither side's
    going.mark("B")
    going.on(10, 30.0)
    chosen = spans(going.history, 60.0)
    assert chosen.before == (START + 40, START + 100)
    assert chosen.after == (START + 120, START + 130)
    assert chosen.growing
    assert compare_marks(going.history).notes[0] == "after is still being measured: 50 s to go"
    going.on(60, 30.0, limit=2.0)
    assert spans(going.history, 60.0) == replace(chosen, after=(START + 120, START + 180), growing=False)
    compared = compare_marks(going.history)
    cpu = next(row for row in compared.rows if row.metric == "cpu")
    assert (cpu.verdict, cpu.cause) == ("better", "CPU limit 1 → 2 cores")
    assert cpu.before == pytest.approx(0.91)
    assert "60 s" not in compared.before.detail
    assert "1 min 00 s up to A" in compared.before.detail
    assert "1 min 00 s from B" in compared.after.detail


def test_b_before_a_still_looks_away_from_what_is_between() -> None:
    going = Going()
    going.on(60, 30.0)
    going.mark("B")
    going.on(20, 300.0)
    going.mark("A")
    going.on(60, 90.0)
    assert spans(going.history).before == (START + 80, START + 140)
    assert spans(going.history).after == (START + 1, START + 60)


def test_a_container_that_was_made_anew_is_compared_with_itself() -> None:
    going = Going()
    going.on(60, 90.0)
    going.mark("A", 1)
    going.on(60, 30.0, number=2)
    going.clock -= 58
    going.mark("B", 2)
    going.clock += 58
    compared = compare_marks(going.history)
    assert "recreated" in compared.notes
    assert next(row for row in compared.rows if row.metric == "cpu").verdict == "better"


def test_what_is_missing_says_what_to_do() -> None:
    going = Going()
    with pytest.raises(WorkbenchError, match="no mark A"):
        compare_marks(going.history)
    going.mark("A")
    with pytest.raises(WorkbenchError, match="no mark B"):
        compare_marks(going.history)
    going.history.mark("B")
    with pytest.raises(WorkbenchError, match="nothing is kept"):
        compare_marks(going.history)
    going.on(5, 1.0)
    with pytest.raises(WorkbenchError, match="names no container"):
        compare_marks(going.history)
