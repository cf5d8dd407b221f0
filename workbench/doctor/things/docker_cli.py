"""The docker client program: only builds need it, everything else speaks to the engine directly."""

import re
import shutil

from workbench.doctor.check import Check, Surroundings
from workbench.doctor.programs import ask
from workbench.model.doctor import Finding
from workbench.sources.docker_errors import as_root


def client_version(surroundings: Surroundings) -> tuple[int, ...] | None:
    """The version of the `docker` on PATH, `(28, 2, 2)`; None when there is none or it says none."""
    program = shutil.which("docker", path=surroundings.environ.get("PATH", ""))
    if program is None:
        return None
    found = re.search(r"version (\d+)\.(\d+)\.(\d+)", ask((program, "--version"), surroundings.environ).said)
    return tuple(int(part) for part in found.groups()) if found else None


def _examine(surroundings: Surroundings) -> Finding:
    program = shutil.which("docker", path=surroundings.environ.get("PATH", ""))
    if program is None:
        return Finding(
            "missing", "no docker program on PATH; only builds need it", as_root("apt-get install docker.io")
        )
    answer = ask((program, "--version"), surroundings.environ)
    if not answer.worked:
        return Finding("broken", f"{program} does not run: {answer.last_line}", "reinstall it, or take it off PATH")
    return Finding("fine", f"{answer.first_line}, {program}")


CHECK = Check("docker-cli", "docker client", _examine, rank=3)
