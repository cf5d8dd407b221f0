"""buildx: what newer docker clients build with, as their plugin or a program of its own."""

import json
import os
import shutil
from pathlib import Path

from workbench.doctor.check import Check, Surroundings
from workbench.doctor.programs import ask
from workbench.doctor.things.docker_cli import client_version
from workbench.model.doctor import Finding
from workbench.sources.docker_contexts import settings_folder
from workbench.sources.docker_errors import as_root

_PLUGIN = "docker-buildx"
_SYSTEM_FOLDERS = tuple(
    f"{base}/docker/cli-plugins" for base in ("/usr/local/lib", "/usr/local/libexec", "/usr/lib", "/usr/libexec")
)
_FIRST_WITHOUT_BUILDER = 23
"""From this client on, BuildKit is reached through buildx alone."""
_LARGEST_SETTINGS = 1 << 20


def _examine(surroundings: Surroundings) -> Finding:
    program = _find(surroundings)
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


def _find(surroundings: Surroundings) -> Path | None:
    """The plugin, where the docker client would look and in its order, else the program on PATH."""
    own = settings_folder(surroundings.environ)
    folders = [*_extra_folders(own), own / "cli-plugins", *map(surroundings.below_root, _SYSTEM_FOLDERS)]
    for folder in folders:
        if os.access(folder / _PLUGIN, os.F_OK):
            return folder / _PLUGIN
    found = shutil.which(_PLUGIN, path=surroundings.environ.get("PATH", ""))
    return Path(found) if found else None


def _extra_folders(own: Path) -> list[Path]:
    """`cliPluginsExtraDirs` of the docker client's settings; none when those are damaged."""
    try:
        with (own / "config.json").open("rb") as file:
            settings = json.loads(file.read(_LARGEST_SETTINGS))
    except (OSError, ValueError, RecursionError):
        return []
    named = settings.get("cliPluginsExtraDirs") if isinstance(settings, dict) else None
    return [Path(folder) for folder in named if isinstance(folder, str)] if isinstance(named, list) else []


CHECK = Check("buildx", "buildx", _examine, rank=4)
