"""Critical path and slack against all chains of small graphs."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.measure.build_graph import graph_of
from workbench.model.build import Build, BuildStep


def step(seconds: float, *inputs: int, cached: bool = False, index: int | None = 2, words: str = "RUN x") -> BuildStep:
    return BuildStep("s", index, words, None, 0.0, seconds, cached, "", inputs)


def build(*steps: BuildStep, wall: float = 10.0) -> Build:
    return Build("buildx", "", steps, 0, wall, "", "", None)


def chains(steps: tuple[BuildStep, ...], number: int) -> Iterator[list[int]]:
    yield [number]
    for need in steps[number].inputs:
        for chain in chains(steps, need):
            yield [*chain, number]


def test_by_hand() -> None:
    """Two stages of 1 + 4 and 2 + 1 seconds, copied together in 1: the first is the longest chain."""
    found = graph_of(
        build(
            step(0, index=1, words="FROM base"),
            step(1, 0),
            step(4, 1),
            step(2, 0),
            step(1, 3),
            step(1, 2, 4),
            step(9, 5, cached=True),
        )
    )
    assert (found.work_seconds, found.critical_path_seconds) == (9, 6)
    assert found.critical == {1, 2, 5}
    assert found.slack_seconds[1:6] == (0, 0, 2, 2, 0)
    assert found.saves_seconds[1:6] == (1, 2, 0, 0, 1), "free, the second leaves the other stage's three seconds"
    assert (found.parallelism, found.possible_parallelism) == (0.9, 1.5)
    assert (found.cache_hits, found.cache_total) == (1, 6), "FROM is not counted"


def test_nothing_and_circles() -> None:
    found = graph_of(build(wall=0))
    assert (found.critical_path_seconds, found.parallelism, found.possible_parallelism) == (0, None, None)
    graph_of(build(step(1, 1), step(1, 0), step(1, 7, -1)))


@given(st.data())
def test_against_every_chain(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 7))
    needs = [data.draw(st.sets(st.integers(0, number - 1))) if number else set() for number in range(count)]
    steps = tuple(step(data.draw(st.integers(0, 9)), *each) for each in needs)
    found = graph_of(build(*steps))
    every = [chain for number in range(count) for chain in chains(steps, number)]
    lengths = {tuple(chain): sum(steps[each].seconds for each in chain) for chain in every}
    assert found.critical_path_seconds == max(lengths.values())
    for number in range(count):
        longest = max(length for chain, length in lengths.items() if number in chain)
        assert found.slack_seconds[number] == pytest.approx(found.critical_path_seconds - longest)
        without = max(length - steps[number].seconds * (number in chain) for chain, length in lengths.items())
        assert found.saves_seconds[number] == pytest.approx(found.critical_path_seconds - without)
