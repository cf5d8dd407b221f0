"""Containers that suffer from one thing each: for the live tests and the golden recordings."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.model.verdicts import RuleName

MIB = 1024**2
SPIN = "while True: pass"
"""Python: one thread that is always ready to run."""


@dataclass(frozen=True)
class Suffering:
    """One container and what stands around it."""

    rule: RuleName
    """What must be said of it first."""
    code: str
    """Python."""
    create: dict[str, Any] = field(default_factory=dict)
    """How the engine makes it."""
    neighbours: int = 0
    """Busy containers beside it, each with one spinning thread."""
    runs: bool = True
    """Whether it is still there when it is looked at."""
    undisturbed: bool = False
    """Whether a busy machine must not keep it from a core."""

    def created(self, driver: str) -> dict[str, Any]:
        """How the engine makes it: one that is not to be disturbed gets all weight, beside the machine's own processes.

        Args:
            driver: What makes the engine's control groups; systemd lets nothing stand beside its own.
        """
        if not self.undisturbed:
            return self.create
        return {**self.create, "cpu_shares": 262_144, **({"cgroup_parent": "/"} if driver == "cgroupfs" else {})}


REREAD = f"""
import os
path = "/var/tmp/data"
with open(path, "wb") as f:
    for _ in range(80):
        f.write(os.urandom({MIB}))
        f.flush()
        os.fsync(f.fileno())
while True:
    with open(path, "rb") as f:
        while f.read({MIB}):
            pass
"""
"""Reads 80 MB again and again, whose cache has no room within the limit."""
EAT = f"""
held = []
while True:
    held.append(bytearray({MIB}))
"""
SYNC = """
import os
f = os.open("/var/tmp/out", os.O_WRONLY | os.O_CREAT | os.O_DSYNC)
while True:
    os.pwrite(f, b"x" * 262144, 0)
"""
"""Each write waits until it is on the disk, which the engine lets it use slowly."""

QUOTA = Suffering("cpu-quota", SPIN, {"nano_cpus": 200_000_000}, undisturbed=True)
CONTENTION = Suffering("cpu-contention", SPIN, {"cpu_shares": 2}, neighbours=4)
THRASH = Suffering("memory-thrash", REREAD, {"mem_limit": 24 * MIB, "memswap_limit": 24 * MIB}, undisturbed=True)
KILLED = Suffering("oom-killed", EAT, {"mem_limit": 32 * MIB, "memswap_limit": 32 * MIB}, runs=False)


def disk_wait(device: str) -> Suffering:
    """Writes of 256 KiB at 1 MiB/s: each waits a quarter of a second.

    Args:
        device: The disk that the engine's files are on.
    """
    limit = [{"Path": device, "Rate": MIB}]
    return Suffering("disk-wait", SYNC, {"device_write_bps": limit, "device_read_bps": limit}, undisturbed=True)


SINGLE = Suffering("single-thread", SPIN, undisturbed=True)
IDLE = Suffering("idle", "import time; time.sleep(100000)")


def disk_below(path: str) -> str | None:
    """The whole disk that a path is on, as the engine can limit it; `None` when it is on no disk of its own."""
    at = Path(path).stat().st_dev
    block = Path(f"/sys/dev/block/{os.major(at)}:{os.minor(at)}").resolve()
    if not block.is_dir():
        return None
    name = block.parent.name if (block / "partition").exists() else block.name
    return f"/dev/{name}" if Path(f"/dev/{name}").exists() else None
