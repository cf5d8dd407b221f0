"""Pressure files: how long the machine, and each container, waits for CPU, memory and disk."""

from itertools import chain, islice
from pathlib import Path

from workbench.doctor.check import Check, Surroundings
from workbench.model.doctor import Finding

_GROUP_FILES = ("*/cpu.pressure", "unified/*/cpu.pressure")
_MOST_TRIED = 50


def _examine(surroundings: Surroundings) -> Finding:
    whole = surroundings.below_root("/proc/pressure/cpu")
    try:
        whole.read_bytes()
    except FileNotFoundError:
        return Finding("missing", "the kernel keeps none", "boot a kernel of 4.20 or newer with psi=1")
    except OSError as error:  # a kernel booted with psi=0 shows the files and refuses to read them
        return Finding("missing", f"/proc/pressure cannot be read: {error.strerror}", "boot with psi=1")
    base = surroundings.below_root("/sys/fs/cgroup")
    groups = chain.from_iterable(base.glob(pattern) for pattern in _GROUP_FILES)
    if any(_readable(path) for path in islice(groups, _MOST_TRIED)):
        return Finding("fine", "for the machine and for each container")
    return Finding("fine", "for the machine alone: control groups of version 1 keep none for a container")


def _readable(path: Path) -> bool:
    try:
        return bool(path.read_bytes())
    except OSError:
        return False


CHECK = Check("pressure", "pressure files", _examine, rank=6)
