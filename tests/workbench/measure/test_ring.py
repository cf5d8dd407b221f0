"""Rings keep the newest rows, whatever is added, resized and widened meanwhile."""

import math

from hypothesis import given
from hypothesis import strategies as st

from workbench.measure.figure_rows import FigureRows
from workbench.measure.ring import Ring

WHOLE = st.integers(-1000, 1000).map(float)


@given(st.lists(st.tuples(WHOLE, WHOLE), max_size=40), st.integers(1, 12), st.integers(1, 12))
def test_a_ring_holds_the_newest_rows_in_order(rows: list[tuple[float, float]], capacity: int, other: int) -> None:
    ring = Ring(2, capacity)
    for row in rows:
        ring.add(row)
    kept = rows[-capacity:]
    assert [tuple(ring.row(index)) for index in range(len(ring))] == kept
    assert list(ring.column(1)) == [row[1] for row in kept]
    again = ring.resized(other)
    again.add((7.0, 8.0))
    assert [tuple(again.row(index)) for index in range(len(again))] == [*kept, (7.0, 8.0)][-other:]
    wide = ring.widened(1, 5.0)
    assert [tuple(wide.row(index)) for index in range(len(wide))] == [(first, 5.0, last) for first, last in kept]
    assert ring.data_bytes <= 4 * 2 * capacity


FIGURE = st.none() | st.sampled_from([0.0, 1.0, 2.0])
STEPS = st.lists(st.tuples(st.integers(1, 4), st.tuples(FIGURE, FIGURE, FIGURE)), max_size=40)


@given(STEPS, st.integers(1, 9), st.integers(1, 9))
def test_rows_with_gaps_give_back_what_was_added(
    steps: list[tuple[int, tuple[float | None, ...]]], capacity: int, later: int
) -> None:
    rows = FigureRows(3, capacity)
    added: dict[int, list[float | None]] = {}
    tick = -1
    for index, (step, row) in enumerate(steps):
        if index == len(steps) // 2:
            rows.limit(later)
        tick += step
        rows.add(tick, row)
        added[tick] = list(row)
        for each in range(max(rows.complete_from, 0), tick + 1):
            assert rows.at(each) == added.get(each)
    if not added:
        return
    assert rows.next == tick + 1
    known = [each for each in range(rows.complete_from, tick + 1) if each >= 0]
    for place in range(3):
        shown = rows.column(place, known[0], len(known))
        assert [None if math.isnan(value) else value for value in shown] == expected_column(added, known, place)
    means = rows.means(known[0], len(known))
    assert means is not None
    for place in range(3):
        there = [value for value in expected_column(added, known, place) if value is not None]
        if there:
            assert math.isclose(means[place] or 0.0, sum(there) / len(there), abs_tol=1e-6)


def expected_column(added: dict[int, list[float | None]], ticks: list[int], place: int) -> list[float | None]:
    return [(added.get(tick) or [None] * 3)[place] for tick in ticks]


def test_what_never_changes_costs_nothing() -> None:
    rows = FigureRows(30, 600)
    for tick in range(600):
        rows.add(tick, [1.0] * 29 + [float(tick)])
    assert rows.tick_bytes == 4
    assert rows.at(17) == [1.0] * 29 + [17.0]
