"""The processes of one container, measured between two looks."""

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from workbench.measure.arguments import masked_arguments
from workbench.measure.process_rates import ProcessCounters, ThreadCounters, just_started, rates_between
from workbench.measure.process_tree import parents_first
from workbench.measure.text import shorten
from workbench.model.processes import Process
from workbench.sources.base import Clock
from workbench.sources.proc_files import (
    TICKS_PER_SECOND,
    Stat,
    booted_at,
    read_command_line,
    read_io,
    read_schedstat,
    read_stat,
    read_user_and_inner_pid,
    read_waits_in,
)

MOST_PROCESSES = 500
MOST_THREADS = 2000
"""Of all processes together; a process whose threads are more than what is left of them is measured as a whole."""
LONGEST_COMMAND = 1000
_MOST_ARGUMENTS = 256
_LOOK_AGAIN_SECONDS = 5.0
"""Programs change what they show as their command line, and who they run as."""

_Key = tuple[int, int]
"""Process id and start: the id alone is used again."""


@dataclass(frozen=True, slots=True)
class _Face:
    """What seldom changes."""

    name: str
    command: str
    user_id: int | None
    inner_pid: int | None
    seen_at: float


@dataclass(frozen=True, slots=True)
class _Sample:
    """One process as it was seen once."""

    key: _Key
    stat: Stat
    face: _Face
    counters: ProcessCounters
    waits_in: str


def boot_time() -> float:
    """Seconds since the machine started, as the kernel counts the start of a process."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class ProcessTable:
    """Reads processes and remembers the look before.

    Args:
        root: Where /proc is.
        clock: Seconds since the machine started.
    """

    def __init__(self, root: str = "/proc", clock: Clock = boot_time) -> None:
        self._root = root
        self._clock = clock
        self._booted_at = booted_at(root)
        self._before: dict[_Key, _Sample] = {}
        self._looked_at: float | None = None
        self._threads_left = 0

    def read(self, pids: Sequence[int]) -> tuple[tuple[Process, ...], float]:
        """The processes that are still there of those named, parents first, and the length of the interval.

        At most `MOST_PROCESSES` of them are looked at.
        """
        looked_at = self._clock()
        self._threads_left = MOST_THREADS
        samples = {sample.key: sample for sample in self._samples(pids[:MOST_PROCESSES])}
        processes = parents_first(self._process(sample) for sample in samples.values())
        interval = 0.0 if self._looked_at is None else looked_at - self._looked_at
        self._before, self._looked_at = samples, looked_at
        return processes, interval

    def _samples(self, pids: Sequence[int]) -> Iterable[_Sample]:
        for pid in pids:
            try:
                yield self._sample(pid)
            except (OSError, ValueError):
                continue  # it ended while it was read

    def _sample(self, pid: int) -> _Sample:
        folder = f"{self._root}/{pid}"
        stat = read_stat(folder)
        key = (pid, stat.started_ticks)
        before = self._before.get(key)
        now = self._clock()
        threads = self._threads(pid, stat, before.counters.threads if before else None)
        read, written = read_io(folder)
        waiting = next((tid for tid, thread in (threads or {}).items() if thread.state == "D"), pid)
        return _Sample(
            key,
            stat,
            self._face(folder, stat, before.face if before else None, now),
            ProcessCounters(now, stat.cpu_ticks / TICKS_PER_SECOND, threads, read, written),
            read_waits_in(folder if waiting == pid else f"{folder}/task/{waiting}"),
        )

    def _threads(
        self, pid: int, stat: Stat, before: Mapping[int, ThreadCounters] | None
    ) -> dict[int, ThreadCounters] | None:
        if stat.threads > self._threads_left:
            return None
        self._threads_left -= stat.threads
        folder = f"{self._root}/{pid}"
        if stat.threads == 1:
            return {pid: ThreadCounters(stat.name, stat.state, *read_schedstat(folder))}
        threads = {}
        for name in os.listdir(f"{folder}/task"):  # noqa: PTH208  a Path for each of 200 would cost a third more
            try:
                thread_id = int(name)
                threads[thread_id] = _thread(f"{folder}/task/{name}", (before or {}).get(thread_id))
            except (OSError, ValueError):
                continue
        return threads

    def _face(self, folder: str, stat: Stat, before: _Face | None, now: float) -> _Face:
        if before and before.name == stat.name and now - before.seen_at < _LOOK_AGAIN_SECONDS:
            return before
        arguments = masked_arguments(read_command_line(folder)[:_MOST_ARGUMENTS])
        command = shorten(" ".join(arguments), LONGEST_COMMAND)
        return _Face(stat.name, command, *read_user_and_inner_pid(folder), now)

    def _process(self, sample: _Sample) -> Process:
        stat, counters = sample.stat, sample.counters
        started = stat.started_ticks / TICKS_PER_SECOND
        before = self._before.get(sample.key)
        then = before.counters if before else None
        if then is None and self._looked_at is not None and started >= self._looked_at:
            then = just_started(self._looked_at)
        rates = rates_between(then, counters)
        threads = counters.threads
        return Process(
            pid=sample.key[0],
            parent_pid=stat.parent_pid,
            name=stat.name,
            inner_pid=sample.face.inner_pid,
            command=sample.face.command,
            user_id=sample.face.user_id,
            state=stat.state,
            waits_in=sample.waits_in,
            started_at=self._booted_at + started,
            threads=stat.threads,
            cpu_percent=rates.cpu_percent,
            busiest_thread_percent=rates.busiest_thread_percent,
            busiest_thread=rates.busiest_thread,
            waiting_threads=None if threads is None else sum(each.state == "D" for each in threads.values()),
            memory_bytes=stat.resident_bytes,
            run_delay_percent=rates.run_delay_percent,
            read_bytes_per_second=rates.read_bytes_per_second,
            written_bytes_per_second=rates.written_bytes_per_second,
        )


def _thread(folder: str, before: ThreadCounters | None) -> ThreadCounters:
    # In this order: what happens in between then shows in the counters of the next look
    ran, waited = read_schedstat(folder)
    if before is not None and ran is not None and before.state != "R" and (ran, waited) == _counted(before):
        return before  # it has not run since, so it sleeps as it slept
    stat = read_stat(folder)
    return ThreadCounters(stat.name, stat.state, ran, waited)


def _counted(thread: ThreadCounters) -> tuple[int | None, int | None]:
    return thread.cpu_ns, thread.run_delay_ns
