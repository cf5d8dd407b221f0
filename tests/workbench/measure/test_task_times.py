from hypothesis import given
from hypothesis import strategies as st

from workbench.measure.task_times import TaskRates, TaskTimes, task_rates

SECOND = 1_000_000_000


def test_waits_are_summed_and_the_busiest_is_one() -> None:
    before = TaskTimes(0, {1: (5, 5), 2: (0, 0)})
    now = TaskTimes(2 * SECOND, {1: (5 + SECOND, 5), 2: (SECOND // 2, SECOND), 3: (0, SECOND)})
    assert task_rates(before, now) == TaskRates(1.0, 50.0)


def test_an_id_that_went_back_is_another_task_now() -> None:
    assert task_rates(TaskTimes(0, {1: (9 * SECOND, 0)}), TaskTimes(SECOND, {1: (SECOND // 4, 0)})) == TaskRates(0, 25)


def test_no_look_no_rates() -> None:
    look = TaskTimes(5, {})
    for before, now in ((None, look), (look, None), (look, look), (TaskTimes(6, {}), look)):
        assert task_rates(before, now) == TaskRates(None, None)


TIMES = st.dictionaries(st.integers(1, 5), st.tuples(st.integers(0, 2**63), st.integers(0, 2**63)))


@given(TIMES, TIMES, st.integers(1, 2**40))
def test_never_negative_and_no_task_above_one_core(
    before: dict[int, tuple[int, int]], now: dict[int, tuple[int, int]], passed: int
) -> None:
    rates = task_rates(TaskTimes(0, before), TaskTimes(passed, now))
    assert rates.run_delay_seconds_per_second is not None
    assert rates.busiest_percent is not None
    assert rates.run_delay_seconds_per_second >= 0
    assert 0 <= rates.busiest_percent <= 100
