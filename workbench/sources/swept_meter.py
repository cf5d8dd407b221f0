"""One container measured from the kernel's own files, which costs its engine nothing."""

import time
from collections.abc import Callable
from threading import Lock

from workbench.measure.rates import Counters, same_figures, usage_between
from workbench.measure.task_times import NO_TASK_RATES, TaskRates, TaskTimes, task_rates
from workbench.model.containers import ContainerUsage
from workbench.sources.cgroups.find import Group
from workbench.sources.cgroups.kept_file import GroupGoneError
from workbench.sources.cgroups.limits import NO_LIMITS, Limits
from workbench.sources.cgroups.processes import first_process, has_nested, read_tasks
from workbench.sources.cgroups.traffic import NO_TRAFFIC, Interfaces, Traffic, no_traffic

SHORTEST_NS = 100_000_000
"""Nanoseconds. Rates over less are mostly chance: one period of a quota is as long. Until then the last ones stand."""
LIMITS_EVERY = 30
"""Readings between two looks at the limits: the engine tells when it changed them, others seldom do."""
SPARED_LOOKS = 4
"""Looks in a row, at a container that did nothing, that see only whether it still does nothing: what it waits for and
what it was sent without waking is told so much later."""
ABOUT_AS_LONG = (0.8e9, 1.25e9)
"""Nanoseconds for each second of an interval, between which another one is about as long."""
TASKS_PER_PASS = 400
"""Tasks whose times are read in one pass over all containers: 2 ms. The others' turn comes with the next passes."""


class TaskBudget:
    """How many tasks may still be looked at in this pass."""

    def __init__(self, left: int = TASKS_PER_PASS) -> None:
        self.left = left


class SweptMeter:
    """Reads one container's groups, its network and, when it ran, its tasks.

    Args:
        group: Its control groups.
        source: Where they are, in words.
        proc: The process file system.
        machine_cpus: Cores of this machine.
        budget: Shared by all meters; filled up for each pass by whoever makes them.
        host_network: Whether it has no network of its own; then no traffic is its own either.
        clock_ns: Nanoseconds that only go forward.
    """

    def __init__(
        self,
        group: Group,
        *,
        source: str,
        proc: str,
        machine_cpus: int,
        budget: TaskBudget,
        host_network: bool = False,
        clock_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self.source = source
        self.age_seconds = 0.0
        """It is measured when it is read."""
        self.gone = False
        """Whether the control group has vanished: the container ended, or was started anew."""
        self._group = group
        self._proc = proc
        self._machine_cpus = machine_cpus
        self._budget = budget
        self._host_network = host_network
        self._clock_ns = clock_ns
        self._lock = Lock()
        self._limits: Limits = NO_LIMITS
        self._limits_in = 0
        self._interfaces: Interfaces | None = None
        self._before: Counters | None = None
        self._held_ns = 0
        """Until when the counters were seen to stay as they were."""
        self._rests = False
        """Whether nothing happened between the last two looks at all counters."""
        self._spared = 0
        self._usage: ContainerUsage | None = None
        self._tasks: TaskTimes | None = None
        self._task_rates: TaskRates = NO_TASK_RATES

    @property
    def cpu_limit_cores(self) -> float | None:
        """Its CPU quota in cores; `None` when it has none."""
        return self._limits.cpu_cores

    def usage(self, machine_memory_bytes: int) -> ContainerUsage | None:
        """Over the time since the last call; `None` once the container is gone.

        A container that does nothing has the same usage, with the interval that it had at first, until it does more.
        """
        with self._lock:
            if self.gone:
                return None
            now_ns = self._clock_ns()
            if self._before is not None and now_ns - self._held_ns < SHORTEST_NS:
                return self._usage
            try:
                self._limits_in -= 1
                if self._rests and self._spared < SPARED_LOOKS and self._limits_in >= 0 and self._group.rests():
                    self._spared += 1
                else:
                    self._measure(now_ns, machine_memory_bytes)
            except GroupGoneError:
                self._let_go()
                return None
            self._held_ns = now_ns
            return self._usage

    def look_at_limits(self) -> None:
        """Read the limits with the next figures: somebody changed them."""
        self._limits_in = 0

    def close(self) -> None:
        """Hold no file open. Callable from another thread, and twice."""
        with self._lock:
            self._let_go()

    def _let_go(self) -> None:
        self.gone = True
        self._group.close()

    def _measure(self, now_ns: int, machine_memory_bytes: int) -> None:
        if self._spared and self._tasks is not None:
            self._tasks = TaskTimes(self._held_ns, self._tasks.tasks)
        before, now = self._before, self._read(now_ns)
        self._before, self._spared = now, 0
        self._look_at_tasks(before, now)
        rested, self._rests = self._rests, before is not None and same_figures(before, now)
        told = self._usage.interval_seconds if self._usage is not None else 0.0
        if not (rested and self._rests and ABOUT_AS_LONG[0] * told < now_ns - self._held_ns < ABOUT_AS_LONG[1] * told):
            self._usage = usage_between(before, now, machine_memory_bytes, self._task_rates, since_ns=self._held_ns)

    def _read(self, now_ns: int) -> Counters:
        if self._limits_in < 0:
            self._limits = self._group.limits(self._machine_cpus)
            self._limits_in = LIMITS_EVERY - 1
        return self._group.read(now_ns, self._limits, no_traffic if self._host_network else self._traffic)

    def _traffic(self) -> Traffic:
        """Of its network namespace, through a process that lives in it."""
        for _ in range(2):
            if self._interfaces is not None and (found := self._interfaces.read()):
                return found
            pid = first_process(self._group.processes_folder, self._proc)
            if pid is None:
                break
            self._interfaces = Interfaces(pid, self._proc)
        return NO_TRAFFIC

    def _look_at_tasks(self, before: Counters | None, now: Counters) -> None:
        if before is not None and before.cpu_ns == now.cpu_ns:
            # Nothing ran, so nothing got to the end of a wait either
            if self._tasks is not None:
                self._tasks = TaskTimes(now.taken_ns, self._tasks.tasks)
                self._task_rates = TaskRates(0.0, 0.0)
            return
        if self._budget.left <= 0:
            return
        nested = has_nested(self._group.processes_folder)
        found = None if nested else read_tasks(self._group.tasks_path, self._proc, now.taken_ns)
        self._budget.left -= 1 + (len(found.tasks) if found else 0)
        self._task_rates = task_rates(self._tasks, found)
        self._tasks = found
