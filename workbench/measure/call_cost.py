"""What it cost to count calls: their number times what one takes longer, within what can be."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

_MOST_BYTES = 200
"""Of what a process tells: its numbers are far shorter."""


@dataclass(frozen=True, slots=True)
class CountedCalls:
    """What one process tells."""

    calls: float
    longer_seconds: float
    """By which a call that does little takes longer under the profiler; timed by the process itself."""
    bare_seconds: float
    """Which that call takes without it."""
    cpu_seconds: float
    """Of the process while it was profiled."""

    @property
    def own_cpu_seconds(self) -> float:
        """What the process would have taken: its time without what the calls took longer.

        Where that leaves less than so many calls take at the least, what one cost was timed too high for these calls,
        and they take that.
        """
        least = min(self.cpu_seconds, self.calls * self.bare_seconds)
        return max(self.cpu_seconds - self.calls * self.longer_seconds, least)


def counted_calls(told: bytes) -> CountedCalls | None:
    """Calls, two times of one and CPU time, in seconds, as an agent writes them; `None` for anything else. Hostile."""
    if len(told) > _MOST_BYTES:
        return None
    try:
        numbers = [float(word) for word in told.split()]
    except ValueError:
        return None
    if len(numbers) != 4 or not all(0 <= number < math.inf for number in numbers):
        return None
    return CountedCalls(*numbers)


def why_no_overhead(processes: Iterable[CountedCalls | None]) -> str:
    """Why `overhead_percent` has none, where it has none."""
    if all(each is None for each in processes):
        why = "no process told its CPU time and what its calls took"
    else:
        why = "its calls took too little longer to be told from what the program computed"
    return f"what the profiler cost is not known: {why}"


def overhead_percent(processes: Iterable[CountedCalls | None]) -> float | None:
    """How much more CPU time the profiled processes took, in percent of what they would have taken.

    100 (t - o) / o, of t seconds taken and o that would have been. Calls that do much differ from the one that was
    timed, and on Python up to 3.11 every instruction is slower: it is about right, and rather too low. `None` when
    nothing was told.
    """
    told = [each for each in processes if each is not None]
    taken = sum(each.cpu_seconds for each in told)
    own = sum(each.own_cpu_seconds for each in told)
    return 100 * (taken - own) / own if 0 < own < taken else None
