"""buildx: what newer docker clients build with, as their plugin or a program of its own."""

from workbench.doctor.check import Check, Surroundings
from workbench.doctor.programs import ask
from workbench.doctor.things.docker_cli import client_version
from workbench.model.doctor import Finding
from workbench.sources.buildx_program import find_buildx
from workbench.sources.docker_errors import as_root

_FIRST_WITHOUT_BUILDER = 23
"""From this client on, BuildKit is reached through buildx alone."""


def _examine(surroundings: Surroundings) -> Finding:
    program = find_buildx(surroundings.environ, surroundings.below_root)
    if program is None:
        return _without(surroundings)
    answer = ask((str(program), "version"), surroundings.environ)
    if not answer.worked:
        return Finding("broken", f"{program} does not run: {answer.last_line}", _fix())
    return Finding("fine", f"{answer.first_line}, {program}")


def _without(surroundings: Surroundings) -> Finding:
    version = client_version(surroundings)
    if version is None:
        return Finding("missing", "no docker-buildx found; builds cannot be measured step by step", _fix())
    shown = ".".join(str(part) for part in version)
    if version[0] >= _FIRST_WITHOUT_BUILDER:
        return Finding(
            "missing",
            f"docker client {shown} reaches BuildKit only through buildx, which it does not find: "
            "it builds with the deprecated builder, and fails with DOCKER_BUILDKIT=1",
            _fix(),
        )
    return Finding("missing", f"docker client {shown} builds with BuildKit by itself, with less to measure", _fix())


def _fix() -> str:
    return f"{as_root('apt-get install docker-buildx')}, or docker-buildx-plugin from Docker's own archive"


CHECK = Check("buildx", "buildx", _examine, rank=4)
