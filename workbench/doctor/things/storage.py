"""The storage driver: how the engine keeps layers, and whether that is a slow way."""

from workbench.doctor.check import Check, Surroundings
from workbench.errors import EngineError
from workbench.model.doctor import Finding
from workbench.sources.docker_errors import sentence

_GOOD = {"overlay2", "overlay", "overlayfs", "btrfs", "zfs", "fuse-overlayfs", "stargz", "nydus", "windowsfilter"}
_BAD = {
    "vfs": "it copies every layer whole, so builds are slow and images many times their size",
    "devicemapper": "Docker has removed it",
    "aufs": "Docker has removed it",
}
_FIX = (
    'set {"storage-driver": "overlay2"} in /etc/docker/daemon.json and restart the engine; images must be pulled anew'
)


def _examine(surroundings: Surroundings) -> Finding:
    try:
        info = surroundings.engine().info
    except EngineError:
        return Finding("missing", "not known while no engine answers", "mend the engine first")
    driver = sentence(str(info.get("Driver") or "unknown"))
    if driver in _BAD:
        return Finding("broken", f"{driver}: {_BAD[driver]}", _FIX)
    store = ", containerd's image store" if _is_containerd(info.get("DriverStatus")) else ""
    if driver in _GOOD:
        return Finding("fine", f"{driver}{store}")
    return Finding("fine", f"{driver}{store}, which the workbench has not met before")


def _is_containerd(status: object) -> bool:
    rows = status if isinstance(status, list) else []
    return any(isinstance(row, list) and row[:2] == ["driver-type", "io.containerd.snapshotter.v1"] for row in rows)


CHECK = Check("storage", "storage driver", _examine, rank=2)
