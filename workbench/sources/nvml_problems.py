"""NVML's return codes in words, each with what mends it."""

from workbench.errors import GpuUnavailable

# Fixed by NVML's ABI. Named here because they are needed where the module itself cannot be trusted.
SUCCESS, UNINITIALIZED, NO_PERMISSION, NOT_FOUND, INSUFFICIENT_POWER = 0, 1, 4, 6, 8
DRIVER_NOT_LOADED, TIMEOUT, IRQ_ISSUE, LIBRARY_NOT_FOUND, FUNCTION_NOT_FOUND = 9, 10, 11, 12, 13
GPU_IS_LOST, RESET_REQUIRED, VERSION_MISMATCH, UNKNOWN = 15, 16, 18, 999

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
WHOLE_DRIVER = frozenset({UNINITIALIZED, DRIVER_NOT_LOADED, VERSION_MISMATCH})
"""Codes after which no GPU can be read."""
WHOLE_GPU = frozenset({GPU_IS_LOST, RESET_REQUIRED})
"""Codes after which this GPU gives nothing more."""
REFUSALS = frozenset(_GPU_PROBLEMS)
"""Codes that say more than "this chip has no such figure"."""


def driver_problem(code: int) -> GpuUnavailable:
    """The error for a return code that concerns the driver, and so every GPU."""
    reason, hint = _DRIVER_PROBLEMS.get(
        code, (f"the NVIDIA driver fails with NVML error {code}", "see what nvidia-smi says")
    )
    return GpuUnavailable(reason, hint)


def gpu_problem(code: int) -> str:
    """What is wrong with one GPU, in words."""
    return _GPU_PROBLEMS.get(code, f"cannot be read: NVML error {code}")
