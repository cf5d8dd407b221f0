"""The order of processes."""

from hypothesis import given
from hypothesis import strategies as st

from workbench.measure.process_tree import parents_first
from workbench.model.processes import Process


def process(pid: int, parent: int, started_at: float = 0.0) -> Process:
    return Process(pid, parent, "x", started_at=started_at)


def pids(*processes: Process) -> list[int]:
    return [each.pid for each in parents_first(processes)]


def test_children_stand_under_their_parent_in_the_order_they_started() -> None:
    assert pids(process(30, 10, 3), process(40, 20, 4), process(20, 10, 5), process(10, 1, 1)) == [10, 30, 20, 40]


def test_a_shell_that_was_opened_later_begins_a_tree_of_its_own() -> None:
    assert pids(process(50, 2, 9), process(51, 50, 9), process(10, 1, 1), process(11, 10, 2)) == [10, 11, 50, 51]


def test_processes_that_are_their_own_ancestors() -> None:
    assert pids(process(1, 2), process(2, 1), process(3, 3)) == [3, 1, 2]


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(0, 30)), unique_by=lambda pair: pair[0]))
def test_each_comes_once_whatever_the_parents(pairs: list[tuple[int, int]]) -> None:
    found = pids(*(process(pid, parent) for pid, parent in pairs))
    assert sorted(found) == sorted(pid for pid, _ in pairs)
