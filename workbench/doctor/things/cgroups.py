"""Control groups: which version the machine has, and so which figures of a container can be read."""

from workbench.doctor.check import Check, Surroundings
from workbench.model.doctor import Finding


def _examine(surroundings: Surroundings) -> Finding:
    base = surroundings.below_root("/sys/fs/cgroup")
    if (base / "cgroup.controllers").exists():
        return Finding("fine", "version 2")
    if not (base / "memory").is_dir():
        return Finding(
            "missing",
            "no control groups under /sys/fs/cgroup: figures come from the engine alone",
            "in a container, mount them: -v /sys/fs/cgroup:/sys/fs/cgroup:ro",
        )
    if (base / "unified" / "cgroup.procs").exists():
        return Finding("fine", "version 1 beside 2 (hybrid): limits and figures are version 1's")
    return Finding("fine", "version 1: no pressure per container", _FIX)


_FIX = "for those, boot with systemd.unified_cgroup_hierarchy=1 and an engine from Docker 20.10 on"
CHECK = Check("cgroups", "control groups", _examine, rank=5)
