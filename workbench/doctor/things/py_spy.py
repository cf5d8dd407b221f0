"""py-spy: samples a Python process from outside. Its binary is also what goes into containers."""

import os
import shutil
import sys
from pathlib import Path

from workbench.doctor.check import Check, Surroundings
from workbench.doctor.programs import ask
from workbench.model.doctor import Finding


def _examine(surroundings: Surroundings) -> Finding:
    install = f"{sys.executable} -m pip install py-spy"
    beside = Path(sys.executable).parent  # not resolved: a virtual environment's interpreter is a link
    program = shutil.which("py-spy", path=f"{beside}{os.pathsep}{surroundings.environ.get('PATH', '')}")
    if program is None:
        return Finding("missing", "py-spy is not installed", install)
    answer = ask((program, "--version"), surroundings.environ)
    if not answer.worked:
        return Finding("broken", f"{program} does not run: {answer.last_line}", f"{install} --force-reinstall")
    return Finding("fine", answer.first_line)


CHECK = Check("py-spy", "py-spy", _examine, rank=10)
