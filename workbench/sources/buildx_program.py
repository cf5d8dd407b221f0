"""Where buildx is: the docker client's plugin, or a program of its own."""

import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from workbench.sources.docker_contexts import settings_folder

_PLUGIN = "docker-buildx"
_SYSTEM_FOLDERS = tuple(
    f"{base}/docker/cli-plugins" for base in ("/usr/local/lib", "/usr/local/libexec", "/usr/lib", "/usr/libexec")
)
_LARGEST_SETTINGS = 1 << 20


def find_buildx(environ: Mapping[str, str], below_root: Callable[[str], Path] = Path) -> Path | None:
    """The plugin, where the docker client would look and in its order, else the program on PATH.

    Args:
        environ: PATH, and where the client's settings are.
        below_root: Gives the place of a path of the system.
    """
    own = settings_folder(environ)
    folders = [*_extra_folders(own), own / "cli-plugins", *map(below_root, _SYSTEM_FOLDERS)]
    for folder in folders:
        if os.access(folder / _PLUGIN, os.F_OK):
            return folder / _PLUGIN
    found = shutil.which(_PLUGIN, path=environ.get("PATH", ""))
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
