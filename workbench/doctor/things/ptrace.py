"""Permission to look into another process, which py-spy needs on this machine; in a container a sidecar has its own."""

import re

from workbench.doctor.check import Check, Surroundings
from workbench.model.doctor import Finding
from workbench.sources.docker_errors import as_root

_CAP_SYS_PTRACE = 1 << 19


def _examine(surroundings: Surroundings) -> Finding:
    try:
        status = surroundings.below_root("/proc/self/status").read_text(errors="replace")
    except OSError as error:
        return Finding("broken", f"/proc cannot be read: {error.strerror}", "mount it: mount -t proc proc /proc")
    found = re.search(r"^CapEff:\s*([0-9a-fA-F]+)$", status, re.MULTILINE)
    capable = bool(found and int(found[1], 16) & _CAP_SYS_PTRACE)
    scope = _yama(surroundings)
    if scope >= 3:
        return Finding(
            "broken",
            "nobody may, not even root or a sidecar: kernel.yama.ptrace_scope is 3",
            "take kernel.yama.ptrace_scope out of /etc/sysctl.d and reboot; it cannot be lowered while running",
        )
    if capable:
        return Finding("fine", "every process (CAP_SYS_PTRACE)")
    if scope == 0:
        return Finding("fine", "your own processes; those of others through a sidecar container")
    kind = "only a process's parent may" if scope == 1 else "only root may"
    return Finding(
        "missing",
        f"{kind}: kernel.yama.ptrace_scope is {scope}; a sidecar container may all the same",
        f"{as_root('sysctl kernel.yama.ptrace_scope=0')}, or run the workbench as root",
    )


def _yama(surroundings: Surroundings) -> int:
    """Yama's scope; 0 where the kernel has no Yama."""
    try:
        text = surroundings.below_root("/proc/sys/kernel/yama/ptrace_scope").read_text(errors="replace").strip()
    except OSError:
        return 0
    return int(text) if text.isascii() and text.isdigit() else 0


CHECK = Check("ptrace", "ptrace", _examine, rank=11)
