"""gdb: the way into the interpreter of a running Python that has no door of its own."""

import shutil

from workbench.doctor.check import Check, Surroundings
from workbench.doctor.programs import ask
from workbench.model.doctor import Finding


def _examine(surroundings: Surroundings) -> Finding:
    program = shutil.which("gdb", path=surroundings.environ.get("PATH", ""))
    if program is None:
        return Finding(
            "missing",
            "gdb is not installed: cProfile, memray and line_profiler enter running Pythons from 3.14 on alone",
            "apt-get install gdb-minimal",
        )
    answer = ask((program, "-nx", "--version"), surroundings.environ)
    if not answer.worked:
        return Finding("broken", f"{program} does not run: {answer.last_line}", "apt-get install gdb-minimal")
    return Finding("fine", answer.first_line)


CHECK = Check("gdb", "gdb", _examine, rank=15)
