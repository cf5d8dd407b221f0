"""How long the tasks of a container ran and waited between two looks."""

from collections.abc import Mapping
from dataclasses import dataclass

_NANO = 1_000_000_000


@dataclass(frozen=True, slots=True)
class TaskTimes:
    """Every task of a container at one moment."""

    taken_ns: int
    """In nanoseconds of the clock of whoever looked."""
    tasks: Mapping[int, tuple[int, int]]
    """By task id: nanoseconds on a CPU, and nanoseconds ready and waiting for one, since it began."""


@dataclass(frozen=True, slots=True)
class TaskRates:
    """What the tasks did over an interval. `None` is not measured."""

    run_delay_seconds_per_second: float | None = None
    """Summed over all tasks."""
    busiest_percent: float | None = None
    """CPU of the one that ran most; 100 is one core."""


NO_TASK_RATES = TaskRates()


def task_rates(before: TaskTimes | None, now: TaskTimes | None) -> TaskRates:
    """Rates between two looks; a task that is new began in between, so all of its time counts.

    What a task that ended did since the look before is lost. An id whose times went back is another task's now.
    """
    if before is None or now is None or now.taken_ns <= before.taken_ns:
        return NO_TASK_RATES
    passed = now.taken_ns - before.taken_ns
    waited = most = 0
    for tid, (run, delay) in now.tasks.items():
        then_run, then_delay = before.tasks.get(tid, (0, 0))
        if run < then_run or delay < then_delay:
            then_run = then_delay = 0
        waited += delay - then_delay
        most = max(most, run - then_run)
    return TaskRates(waited / passed, min(100 * most / passed, 100.0))
