"""The Python that runs the workbench."""

import platform
import sys

from workbench.doctor.check import Check, Surroundings
from workbench.model.doctor import Finding

OLDEST = (3, 11)


def _examine(surroundings: Surroundings) -> Finding:  # noqa: ARG001  every examination takes them
    shown = f"{platform.python_implementation()} {platform.python_version()}"
    if sys.version_info < OLDEST:
        return Finding("broken", f"{shown}: 3.11 or newer is needed", "make PYTHON=python3.11 run")
    return Finding("fine", shown)


CHECK = Check("python", "Python", _examine, rank=41)
