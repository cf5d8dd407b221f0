"""An image of gdb and of what it takes to run it, made from this machine's own: no registry is asked for it."""

import platform
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import docker

from workbench.errors import WorkbenchError
from workbench.profilers.own_image import own_image
from workbench.sources.container_files import folders_of, tar_of
from workbench.sources.upload import Watch

GDB, SHELL, SLEEP, TIMEOUT = "/gdb", "/sh", "/sleep", "/timeout"
"""Where they are in the image."""
_NEEDED = {GDB: "gdb", SHELL: "sh", SLEEP: "sleep", TIMEOUT: "timeout"}
_LIBRARY = re.compile(r"^\s*(?:\S+ => )?(/\S+) \(0x[0-9a-f]+\)$", re.MULTILINE)
_MOST_SECONDS = 20.0


def why_no_gdb(architecture: str) -> str:
    """Why gdb cannot look into a target of an architecture; empty when it can."""
    if not shutil.which("gdb"):
        return "gdb is not installed on this machine: apt-get install gdb-minimal"
    here = platform.machine()
    if architecture and architecture != here:
        return f"it runs on {architecture}, and this machine's gdb is for {here}"
    return ""


@contextmanager
def gdb_image(client: docker.APIClient, watch: Watch) -> Iterator[str]:
    """The image, by its name; it is gone at the end.

    Args:
        client: The engine's.
        watch: Told how far it is on its way; may raise, which ends it.

    Raises:
        WorkbenchError: when gdb is not to be had.
        docker.errors.APIError: when the engine refuses; a requests exception when it does not answer.
    """
    with own_image(client, "gdb-image", _archive(), watch) as image:
        yield image


@lru_cache(maxsize=1)
def _archive() -> bytes:
    """The programs under their plain names, and every library that they load where they look for it."""
    files: dict[str, tuple[bytes, int]] = {}
    for place, program in _NEEDED.items():
        found = shutil.which(program)
        if found is None:
            package = "gdb-minimal" if program == "gdb" else "coreutils"
            raise WorkbenchError(f"{program} is not installed on this machine", f"apt-get install {package}")
        files[place.lstrip("/")] = (Path(found).read_bytes(), 0o755)
        for library in _libraries(found):
            files.setdefault(library.lstrip("/"), (Path(library).read_bytes(), 0o755))
    return tar_of(files, folders_of(files), {})


def _libraries(program: str) -> list[str]:
    try:
        ran = subprocess.run(
            ["ldd", program], capture_output=True, text=True, timeout=_MOST_SECONDS, check=True, errors="replace"
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise WorkbenchError(f"the libraries of {program} cannot be told: {error}", "ldd is part of libc") from error
    return _LIBRARY.findall(ran.stdout)
