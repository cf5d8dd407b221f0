"""What GPUs themselves report as gone wrong: NVML's events of critical errors, which the driver numbers as Xid."""

import time
from collections.abc import Callable
from typing import Any

from workbench.model.events import EngineEvent
from workbench.sources.nvml_questions import Absent, Questions

MOST_AT_ONCE = 32
"""Events that are taken in one reading; a GPU that fails may repeat itself without end."""
_WORDS = {
    13: "a kernel failed (graphics engine exception)",
    31: "a kernel accessed memory that is not its own",
    43: "a process on it was stopped",
    45: "a process on it was ended and its work dropped",
    48: "memory error that could not be corrected",
    63: "a row of memory was remapped",
    64: "a row of memory could not be remapped",
    74: "NVLink error",
    79: "it fell off the bus",
    94: "memory error that was contained",
    95: "memory error that was not contained",
    119: "its firmware does not answer",
    120: "its firmware failed",
}
"""The commonest, after NVIDIA's list of Xid errors."""


class GpuErrors:
    """Registers every GPU once and gives what they reported since the last look. Missing functions give nothing.

    Args:
        nvml: The module `pynvml`, initialised.
        absent: Shared by all questions to one driver.
        wall_clock: Unix time in seconds.
    """

    def __init__(self, nvml: Any, absent: Absent, wall_clock: Callable[[], float] = time.time) -> None:  # noqa: ANN401
        self._nvml = nvml
        self._absent = absent
        self._wall_clock = wall_clock
        self._watched: set[int] = set()
        self._set = self._asked().ask("nvmlEventSetCreate")

    def _asked(self) -> Questions:
        return Questions(self._nvml, self._absent)

    def drain(self, count: int) -> tuple[EngineEvent, ...]:
        """What was reported since the last call; never waits.

        Args:
            count: How many GPUs there are.
        """
        if self._set is None:
            return ()
        for index in set(range(count)) - self._watched:
            self._register(index)
        events: list[EngineEvent] = []
        while len(events) < MOST_AT_ONCE:
            try:
                told = self._asked().ask("nvmlEventSetWait_v2", self._set, 0)
            except self._nvml.NVMLError:  # the GPU is gone, which its own reading says
                break
            if told is None:
                break
            events.append(self._event(told))
        return tuple(events)

    def close(self) -> None:
        """Let go of the events."""
        events, self._set = self._set, None
        if events is not None:
            try:
                self._nvml.nvmlEventSetFree(events)
            except self._nvml.NVMLError:
                return  # the driver is gone, and they with it

    def _register(self, index: int) -> None:
        self._watched.add(index)
        asked = self._asked()
        try:
            handle = asked.ask("nvmlDeviceGetHandleByIndex", index)
            if handle is not None:
                asked.ask("nvmlDeviceRegisterEvents", handle, self._nvml.nvmlEventTypeXidCriticalError, self._set)
        except self._nvml.NVMLError:
            self._watched.discard(index)  # it may come back

    def _event(self, told: Any) -> EngineEvent:  # noqa: ANN401  pynvml has no types
        try:
            index = self._asked().ask("nvmlDeviceGetIndex", told.device)
        except self._nvml.NVMLError:
            index = None
        number = int(told.eventData)
        words = _WORDS.get(number)
        where = "a GPU" if index is None else f"GPU {index}"
        return EngineEvent(self._wall_clock(), "gpu", detail=f"Xid {number} on {where}{f': {words}' if words else ''}")
