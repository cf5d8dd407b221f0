"""NVML and the GPUs: are there any, and does their driver answer."""

from collections import Counter

from workbench.doctor.check import Check, Surroundings
from workbench.errors import GpuUnavailable
from workbench.model.doctor import Finding
from workbench.sources.docker_errors import sentence
from workbench.sources.gpu import GpuSource

_NVIDIA = "0x10de"
_DISPLAY_CLASS = "0x03"


def _examine(surroundings: Surroundings) -> Finding:
    source = GpuSource()
    try:
        snapshot = source.read()
    except GpuUnavailable as error:
        if _has_nvidia_device(surroundings) or "pynvml" in error.reason:
            return Finding("broken", error.reason, error.hint)
        return Finding("missing", "no NVIDIA GPU in this machine; nothing else needs one")
    finally:
        source.close()
    driver = f"driver {sentence(snapshot.driver_version)}"
    for device in snapshot.devices:
        if device.problem:
            called = f"GPU {device.index}"
            if device.name != called:  # a GPU that never answered has no other name
                called += f", {sentence(device.name)}"
            return Finding(
                "broken",
                f"{called}: {sentence(device.problem)}; {driver}",
                "see what nvidia-smi says",
            )
    counted = Counter(sentence(device.name) for device in snapshot.devices)
    return Finding("fine", ", ".join(f"{count} × {name}" for name, count in counted.items()) + f", {driver}")


def _has_nvidia_device(surroundings: Surroundings) -> bool:
    """Whether a driver is loaded, or a graphics device of NVIDIA's is on the bus."""
    if surroundings.below_root("/proc/driver/nvidia").exists() or surroundings.below_root("/dev/nvidiactl").exists():
        return True
    for device in surroundings.below_root("/sys/bus/pci/devices").glob("*"):
        try:
            vendor, kind = ((device / name).read_text().strip() for name in ("vendor", "class"))
        except (OSError, ValueError):
            continue
        if vendor == _NVIDIA and kind.startswith(_DISPLAY_CLASS):
            return True
    return False


CHECK = Check("gpu", "GPU", _examine, rank=20)
