"""What py-spy costs its target: CPU time inside the target's limits, and how long processes stood still for it.

Both are read from this machine's /proc, and are not known where the target's processes are not to be seen there.
"""

import os
import random
import time
from collections.abc import Sequence
from threading import Event, Thread
from types import TracebackType
from typing import Self

from workbench.model.probe import How
from workbench.sources.proc_files import read_file, read_schedstat

_STOPPED = b"t"
"""Stopped by whoever traces it, proc_pid_stat(5)."""
_LONGEST_STAT = 512
_END_SECONDS = 5.0


class ExecutedTime:
    """CPU time of programs that are run one after another, each looked at again and again while it runs.

    What a program takes after the last look at it, at most a tenth of a second before its end, is not counted.
    """

    def __init__(self) -> None:
        self._ended_ns = 0
        self._latest_ns: int | None = None
        self._is_known = False

    @property
    def seconds(self) -> float | None:
        """Of all of them; `None` when none could be looked at."""
        return (self._ended_ns + (self._latest_ns or 0)) / 1e9 if self._is_known else None

    def look(self, pid: int) -> None:
        """Note what the running program has taken so far."""
        try:
            with os.scandir(f"/proc/{pid}/task") as tasks:
                ran = [read_schedstat(task.path)[0] for task in tasks]
        except OSError:
            return
        known = [each for each in ran if each is not None]
        if known:
            self._is_known = True
            self._latest_ns = max(self._latest_ns or 0, sum(known))

    def end(self) -> None:
        """Have done with that one."""
        self._ended_ns += self._latest_ns or 0
        self._latest_ns = None


class Standstill:
    """How long processes are stopped by a tracer between entry and exit, the average of them, by looking now and then.

    With looks at t_0 < t_1 < …, each finding the share s_i of the processes stopped, they stood still for
    sum((t_i+1 - t_i) * (s_i + s_i+1) / 2): the trapezoidal rule. The looks come at random moments, so that they do not
    keep step with py-spy's. Of n looks, a share p of the time is off by about sqrt(p (1 - p) / n).

    Args:
        pids: The processes, as this machine has them.
        look_seconds: Between two looks, on average.
    """

    def __init__(self, pids: Sequence[int], look_seconds: float) -> None:
        self._pids = pids
        self._look_seconds = look_seconds
        self._first = self._last = 0.0
        self._last_share: float | None = None
        self._stood = self._touched = self._longest = 0.0
        self._stop = Event()
        self._thread = Thread(target=self._watch, name="standstill", daemon=True)

    def __enter__(self) -> Self:
        if self._pids:
            self._look()
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        if self._pids:
            self._thread.join(_END_SECONDS)
            self._look()

    @property
    def share(self) -> float | None:
        """Of the time between the first look and the last; `None` when there was nothing to look at."""
        passed = self._last - self._first
        return self._stood / passed if passed > 0 else None

    @property
    def most_seconds(self) -> float | None:
        """They did not stand still for longer than this, if that was once: each span that touches a stop counts whole.

        When no look found one, it can have been no longer than the longest time between two.
        """
        return self._touched or self._longest or None

    def _watch(self) -> None:
        while not self._stop.wait(random.uniform(0.5, 1.5) * self._look_seconds):  # noqa: S311  no secret
            self._look()

    def _look(self) -> None:
        states = [state for pid in self._pids if (state := _state(pid))]
        if not states:
            return
        now, share = time.monotonic(), states.count(_STOPPED) / len(states)
        if self._last_share is None:
            self._first = now
        else:
            passed = now - self._last
            self._stood += passed * (self._last_share + share) / 2
            self._touched += passed if self._last_share or share else 0.0
            self._longest = max(self._longest, passed)
        self._last, self._last_share = now, share


def overhead_percent(cost: tuple[float, float] | None, stood: float | None) -> float | None:
    """What a recording cost in percent of a core: py-spy's CPU time, and the time that the process stood still.

    100 * (CPU seconds / seconds passed + share of the time that it stood still)

    Args:
        cost: CPU seconds of py-spy, and the seconds in which it took them; `None` is not known.
        stood: Of the time; `None` where it was not stopped, or nobody could see it.
    """
    if cost is None or cost[1] <= 0:
        return None
    return 100 * (cost[0] / cost[1] + (stood or 0.0))


def about_cost(
    how: How, cost: tuple[float, float] | None, stood: float | None, *, stops: bool, is_seen: bool
) -> list[str]:
    """What to know of that figure, and why there is none.

    Args:
        how: The way in.
        cost: As for `overhead_percent`.
        stood: The same.
        stops: Whether the process was stopped for each sample.
        is_seen: Whether the target's processes are to be seen from here.
    """
    said = []
    if cost is None:
        unseen = "no call of it was seen as it ran" if is_seen else "its processes are not to be seen from here"
        why = unseen if how == "exec" else "the engine did not tell what its container took"
        said.append(f"what py-spy took is not known: {why}")
    if stops and stood is None:
        said.append("for how long it stood still is not known: the target is not to be seen from here")
    elif stops:
        said.append(f"it stood still for {100 * (stood or 0.0):.1f}% of the time, which the overhead counts")
    return said


def about_standstill(most_seconds: Sequence[float]) -> str:
    """What one look at all stacks cost: for how long the processes were stopped, each at most."""
    if not most_seconds:
        return "for how long it stood still is not known: the target is not to be seen from here"
    return f"for this look a process stood still for at most {1000 * max(most_seconds):.1f} ms"


def _state(pid: int) -> bytes:
    """A process's state, one letter; empty when it has gone."""
    try:
        return read_file(f"/proc/{pid}/stat", _LONGEST_STAT).rpartition(b")")[2].split()[0]
    except (OSError, IndexError):
        return b""
