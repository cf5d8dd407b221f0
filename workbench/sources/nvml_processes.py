"""The processes on a GPU, what they hold of its memory and how much they used it."""

import re
import time
from typing import Any, NamedTuple

from workbench.model.gpu import GpuProcess
from workbench.sources.nvml_mig import Slice
from workbench.sources.nvml_problems import NOT_FOUND, SUCCESS
from workbench.sources.nvml_questions import Questions
from workbench.sources.pid_containers import PidContainers

_KINDS = (("mps", "MPSCompute"), ("compute", "Compute"), ("graphics", "Graphics"))
"""What tells most first: a client of MPS is listed as a compute process as well."""
_WINDOW_SECONDS = 1.0
"""Utilisation is asked over at least this long: the driver takes a sample every sixth of a second to every second."""
_CONFIDENTIAL = (43, 86)
"""Releases 535.43 to 535.86 widened the third version of the structure: read as anybody else's, it gives other PIDs
and sizes. https://github.com/wookayin/gpustat/issues/161"""


class _Usage(NamedTuple):
    sm: float | None
    memory: float | None


_NOT_USED, _NOT_TOLD = _Usage(0.0, 0.0), _Usage(None, None)


def structure_versions(driver_version: str) -> tuple[str, ...]:
    """The suffixes of the functions that list processes, the best first."""
    found = re.match(r"535\.(\d+)", driver_version)
    if found and _CONFIDENTIAL[0] <= int(found[1]) <= _CONFIDENTIAL[1]:
        return ("_v2",)
    return ("_v3", "_v2")


class ProcessReader:
    """Lists the processes of one GPU.

    Args:
        pids: Tells names and containers; `None` where PIDs are not the host's: NVML gives no others.
        driver_version: Tells the structures to use.
    """

    def __init__(self, pids: PidContainers | None, driver_version: str) -> None:
        self._pids = pids
        self._versions = structure_versions(driver_version)
        self._read_at: float | None = None

    def read(self, asked: Questions, handle: Any, slices: tuple[Slice, ...]) -> tuple[GpuProcess, ...]:  # noqa: ANN401
        """Every process with a context, once, by PID.

        Args:
            asked: The questions of this reading.
            handle: The GPU.
            slices: Its MIG devices.

        Raises:
            pynvml.NVMLError: when the driver or the GPU is gone.
        """
        found: dict[tuple[int, int | None], tuple[str, int | None]] = {}
        for part in slices:
            self._list(asked, part.handle, found, mig=part)
        if not found:  # also where this user may not look into the slices
            places = {(part.gpu_instance, part.compute_instance): part.index for part in slices}
            self._list(asked, handle, found, places=places)
        used = self._usage(asked, handle) if found else {}
        otherwise = used.get(0, _NOT_TOLD)
        processes = []
        for (pid, mig_index), (kind, memory) in sorted(found.items(), key=lambda item: (item[0][0], item[0][1] or 0)):
            usage = used.get(pid, otherwise)
            name, container_id = self._pids.look(pid) if self._pids else ("", None)
            processes.append(GpuProcess(pid, name, container_id, memory, usage.sm, usage.memory, kind, mig_index))
        return tuple(processes)

    def _list(
        self,
        asked: Questions,
        handle: Any,  # noqa: ANN401  pynvml has no types
        found: dict[tuple[int, int | None], tuple[str, int | None]],
        *,
        mig: Slice | None = None,
        places: dict[tuple[int | None, int | None], int] | None = None,
    ) -> None:
        for kind, name in _KINDS:
            for version in self._versions:
                listed = asked.ask(f"nvmlDeviceGet{name}RunningProcesses{version}", handle)
                if listed is None:
                    continue
                for each in listed:
                    index = mig.index if mig else (places or {}).get((each.gpuInstanceId, each.computeInstanceId))
                    memory = None if each.usedGpuMemory is None else int(each.usedGpuMemory)
                    found.setdefault((int(each.pid), index), (kind, memory))
                break

    def _usage(self, asked: Questions, handle: Any) -> dict[int, _Usage]:  # noqa: ANN401  pynvml has no types
        """By PID, from the newest sample of each; what stands under 0 holds for every other process."""
        now, before = time.time(), self._read_at
        self._read_at = now
        window = _WINDOW_SECONDS if before is None else max(_WINDOW_SECONDS, now - before)
        samples = asked.ask("nvmlDeviceGetProcessUtilization", handle, int((now - window) * 1e6))
        if samples is None:
            # The driver lists only processes that did something; pynvml raises "success" for an empty list.
            return {0: _NOT_USED} if asked.code in (NOT_FOUND, SUCCESS) else {}
        used = {0: _NOT_USED}
        for sample in sorted(samples, key=lambda sample: int(sample.timeStamp)):
            used[int(sample.pid)] = _Usage(_percent(sample.smUtil), _percent(sample.memUtil))
        return used


def _percent(value: int) -> float | None:
    """Some drivers give garbage for a process that has just ended."""
    return float(value) if 0 <= value <= 100 else None
