"""NVML's return codes in words, and the reading of one GPU. Takes the `pynvml` module, never imports it."""

from collections.abc import Callable
from typing import Any

from workbench.errors import GpuUnavailable
from workbench.model.gpu import GpuDevice

# Fixed by NVML's ABI. Named here because they are needed where the module itself cannot be trusted.
UNINITIALIZED, NO_PERMISSION, INSUFFICIENT_POWER, DRIVER_NOT_LOADED, TIMEOUT = 1, 4, 8, 9, 10
IRQ_ISSUE, LIBRARY_NOT_FOUND, GPU_IS_LOST, RESET_REQUIRED = 11, 12, 15, 16
VERSION_MISMATCH, UNKNOWN = 18, 999

_DRIVER_PROBLEMS = {
    UNINITIALIZED: ("the NVIDIA driver went away while it was read", "see what nvidia-smi says"),
    NO_PERMISSION: ("the NVIDIA driver refuses this user", "see who may open it: ls -l /dev/nvidia*"),
    DRIVER_NOT_LOADED: (
        "the NVIDIA driver is installed and its kernel module is not loaded",
        "sudo modprobe nvidia; when that fails, sudo dmesg | grep -i nvrm says why",
    ),
    LIBRARY_NOT_FOUND: (
        "no NVIDIA driver here: libnvidia-ml.so.1 was not found",
        "with an NVIDIA GPU in the machine, install its driver; in a container, run it with --gpus all",
    ),
    VERSION_MISMATCH: (
        "the NVIDIA library and the loaded kernel module are of different versions",
        "the driver was upgraded while in use: reboot, or unload and load the nvidia modules",
    ),
    UNKNOWN: (
        "the NVIDIA driver answers with an unknown error",
        "see what nvidia-smi says; restart a container that lost its GPU after systemctl daemon-reload",
    ),
}
_GPU_PROBLEMS = {
    GPU_IS_LOST: "fallen off the bus: only a reboot may bring it back",
    RESET_REQUIRED: "needs a reset: sudo nvidia-smi --gpu-reset",
    NO_PERMISSION: "this user may not read it",
    INSUFFICIENT_POWER: "its power cables are not attached",
    IRQ_ISSUE: "the kernel sees an interrupt problem with it",
    TIMEOUT: "does not answer",
    UNKNOWN: "cannot be read: unknown NVML error",
}
_WHOLE_DRIVER = {UNINITIALIZED, DRIVER_NOT_LOADED, VERSION_MISMATCH}
_WHOLE_GPU = {GPU_IS_LOST, RESET_REQUIRED}


def driver_problem(code: int) -> GpuUnavailable:
    """The error for a return code that concerns the driver, and so every GPU."""
    reason, hint = _DRIVER_PROBLEMS.get(
        code, (f"the NVIDIA driver fails with NVML error {code}", "see what nvidia-smi says")
    )
    return GpuUnavailable(reason, hint)


def read_device(nvml: Any, index: int, known: GpuDevice | None) -> GpuDevice:  # noqa: ANN401  pynvml has no types
    """Read one GPU. A figure that it does not give is `None`; a GPU that gives nothing has a `problem`.

    Args:
        nvml: The module `pynvml`, initialised.
        index: Position in NVML's list.
        known: An earlier reading of it, for the name of a GPU that no longer answers.

    Raises:
        pynvml.NVMLError: when it is the driver that failed.
    """
    name, uuid = (known.name, known.uuid) if known else (f"GPU {index}", "")
    try:
        handle = nvml.nvmlDeviceGetHandleByIndex(index)
        asked = _Questions(nvml)
        name = asked.text(lambda: nvml.nvmlDeviceGetName(handle)) or name
        uuid = asked.text(lambda: nvml.nvmlDeviceGetUUID(handle)) or uuid
        memory = asked.first(
            lambda: nvml.nvmlDeviceGetMemoryInfo(handle, version=nvml.nvmlMemory_v2),
            lambda: nvml.nvmlDeviceGetMemoryInfo(handle),
        )
        has_memory = memory is not None and memory.total > 0  # 0 where the GPU shares the machine's memory
        utilisation = asked.figure(lambda: nvml.nvmlDeviceGetUtilizationRates(handle).gpu)
        temperature = asked.figure(lambda: nvml.nvmlDeviceGetTemperature(handle, nvml.NVML_TEMPERATURE_GPU))
        power = asked.figure(lambda: nvml.nvmlDeviceGetPowerUsage(handle))
        power_limit = asked.figure(
            lambda: nvml.nvmlDeviceGetEnforcedPowerLimit(handle),
            lambda: nvml.nvmlDeviceGetPowerManagementLimit(handle),
        )
    except nvml.NVMLError as error:
        if error.value in _WHOLE_DRIVER:
            raise
        return GpuDevice(index, name, uuid, problem=_gpu_problem(error.value))
    return GpuDevice(
        index,
        name,
        uuid,
        utilisation_percent=utilisation,
        memory_used_bytes=int(memory.used) if has_memory else None,
        memory_total_bytes=int(memory.total) if has_memory else None,
        temperature_celsius=temperature,
        power_watts=None if power is None else power / 1000,
        power_limit_watts=None if power_limit is None else power_limit / 1000,
        problem=_gpu_problem(asked.refusal) if asked.refusal and not asked.answers else "",
    )


class _Questions:
    """Questions to one GPU: a figure it has not is `None`, and what it refuses is remembered."""

    def __init__(self, nvml: Any) -> None:  # noqa: ANN401  pynvml has no types
        self._error = nvml.NVMLError
        self.answers = 0
        """How many figures came back."""
        self.refusal = 0
        """The last return code that says more than "this chip has no such figure"."""

    def first(self, *ways: Callable[[], Any]) -> Any:  # noqa: ANN401  structures of pynvml, which has no types
        """The answer to the first way of asking that works, or `None`."""
        for ask in ways:
            try:
                answer = ask()
            except self._error as error:
                if error.value in _WHOLE_DRIVER | _WHOLE_GPU:
                    raise
                if error.value in _GPU_PROBLEMS:
                    self.refusal = error.value
                continue
            self.answers += 1
            return answer
        return None

    def figure(self, *ways: Callable[[], Any]) -> float | None:
        """A number, or `None`."""
        answer = self.first(*ways)
        return None if answer is None else float(answer)

    def text(self, ask: Callable[[], str | bytes]) -> str:
        """A string, empty when there is none. Says nothing of whether the GPU can be measured."""
        before = self.answers
        try:
            answer = self.first(ask)
        except UnicodeDecodeError:  # some drivers return garbage for a GPU they only half know
            answer = None
        self.answers = before
        return answer.decode(errors="replace") if isinstance(answer, bytes) else str(answer or "")


def _gpu_problem(code: int) -> str:
    return _GPU_PROBLEMS.get(code, f"cannot be read: NVML error {code}")
