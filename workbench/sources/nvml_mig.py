"""The slices of a GPU in MIG mode."""

from dataclasses import dataclass
from typing import Any

from workbench.model.gpu import MigDevice
from workbench.sources.nvml_gpm import Monitors
from workbench.sources.nvml_questions import Questions

_MOST_SLICES = 16


@dataclass(frozen=True, slots=True)
class Slice:
    """What of a MIG device stays the same until somebody partitions the GPU anew."""

    index: int
    handle: Any
    name: str
    uuid: str
    gpu_instance: int | None
    compute_instance: int | None


def find_slices(asked: Questions, handle: Any) -> tuple[Slice, ...]:  # noqa: ANN401  pynvml has no types
    """Every MIG device of a GPU."""
    most = asked.whole("nvmlDeviceGetMaxMigDeviceCount", handle) or 0
    found: list[Slice] = []
    for index in range(min(most, _MOST_SLICES)):
        its = asked.ask("nvmlDeviceGetMigDeviceHandleByIndex", handle, index)
        if its is None:  # the places that are not taken
            continue
        found.append(
            Slice(
                index,
                its,
                asked.text("nvmlDeviceGetName", its) or f"MIG {index}",
                asked.text("nvmlDeviceGetUUID", its),
                asked.whole("nvmlDeviceGetGpuInstanceId", its),
                asked.whole("nvmlDeviceGetComputeInstanceId", its),
            )
        )
    return tuple(found)


def read_slice(asked: Questions, parent: Any, part: Slice, monitors: Monitors, seen: dict[int, Any]) -> MigDevice:  # noqa: ANN401
    """Memory and activity of one MIG device.

    Args:
        asked: The questions of this reading.
        parent: The GPU it is a slice of.
        part: The MIG device.
        monitors: The GPU's.
        seen: Activity by GPU instance in this very reading: compute instances of one share its multiprocessors.
    """
    used, total = read_memory(asked, part.handle)
    active = None
    if part.gpu_instance is not None:
        if part.gpu_instance not in seen:
            seen[part.gpu_instance] = monitors.sm_active(asked, parent, part.gpu_instance)
        active = seen[part.gpu_instance]
    return MigDevice(part.index, part.name, part.uuid, part.gpu_instance, part.compute_instance, used, total, active)


def read_memory(asked: Questions, handle: Any) -> tuple[int | None, int | None]:  # noqa: ANN401  pynvml has no types
    """Bytes used and in all; neither where the GPU shares the machine's memory."""
    memory = asked.ask("nvmlDeviceGetMemoryInfo", handle, version=asked.nvml.nvmlMemory_v2)
    if memory is None:
        memory = asked.ask("nvmlDeviceGetMemoryInfo", handle)
    if memory is None or memory.total <= 0:
        return None, None
    return int(memory.used), int(memory.total)
