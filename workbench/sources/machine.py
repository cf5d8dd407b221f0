"""Where a run is taken: the stable facts of this machine, or what a remote engine says of its own."""

import hashlib
import hmac
import platform
from contextlib import suppress
from pathlib import Path

import psutil

from workbench.model.containers import EngineInfo
from workbench.model.runs import Environment

_MEMORY_STEP_BYTES = 64 << 20
"""Kernels of one machine reserve a little more or less; the same machine must stay the same environment."""
_LONGEST_FILE_BYTES = 1 << 20


def environment_of(engine: EngineInfo | None) -> Environment:
    """The environment that an engine's containers run in; without an engine, this machine.

    An engine behind a socket of the file system runs here. Of any other only what it says itself is known.
    """
    if engine is not None and not engine.endpoint.startswith("unix:"):
        return Environment(
            host_id=_hashed(engine.endpoint),
            cpu_cores=engine.cpus,
            memory_bytes=_rounded(engine.memory_bytes),
            cgroup_version=engine.cgroup_version,
            engine=engine.product,
            engine_version=engine.version,
            storage_driver=engine.storage_driver,
        )
    return Environment(
        host_id=_hashed(_read("/etc/machine-id").strip() or platform.node()),
        cpu_model=cpu_model(_read("/proc/cpuinfo")) or platform.machine() or None,
        cpu_cores=psutil.cpu_count(),
        cpu_governor=_read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor").strip() or None,
        memory_bytes=_rounded(psutil.virtual_memory().total),
        kernel=platform.release() or None,
        cgroup_version=(engine.cgroup_version if engine else None) or _cgroup_version(),
        engine=engine.product if engine else None,
        engine_version=engine.version if engine else None,
        storage_driver=engine.storage_driver if engine else None,
    )


def cpu_model(cpuinfo: str) -> str | None:
    """The processor's name in the text of `/proc/cpuinfo`, its numbers on ARM, `None` when it says neither."""
    known: dict[str, str] = {}
    for line in cpuinfo.splitlines():
        name, _, value = line.partition(":")
        known.setdefault(name.strip(), value.strip())
    if known.get("model name"):
        return known["model name"]
    numbers = [known[name] for name in ("CPU implementer", "CPU part", "CPU variant") if known.get(name)]
    return f"ARM {' '.join(numbers)}" if numbers else None


def _cgroup_version() -> int | None:
    if Path("/sys/fs/cgroup/cgroup.controllers").exists():
        return 2
    return 1 if Path("/sys/fs/cgroup/memory").exists() else None


def _rounded(size: int) -> int:
    return round(size / _MEMORY_STEP_BYTES) * _MEMORY_STEP_BYTES


def _read(path: str) -> str:
    with suppress(OSError), Path(path).open("rb") as stream:
        return stream.read(_LONGEST_FILE_BYTES).decode("utf-8", "replace")
    return ""


def _hashed(name: str) -> str:
    """Of no use to anybody who would recognise the machine by its id, as machine-id(5) asks for."""
    return hmac.new(b"container-workbench", name.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:16]
