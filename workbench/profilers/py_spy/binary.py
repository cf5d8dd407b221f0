"""py-spy's program: one static file in its wheel, which runs in any Linux container of the same architecture."""

from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from workbench.errors import WorkbenchError

_MACHINES = {3: "i686", 40: "arm", 62: "x86_64", 183: "aarch64"}
"""e_machine of elf(5)."""
_ELF_HEADER_BYTES = 20


@dataclass(frozen=True, slots=True)
class Binary:
    """Where it is and what it runs on."""

    path: Path
    version: str
    architecture: str


@lru_cache(maxsize=1)
def binary() -> Binary:
    """py-spy as it is installed with the workbench.

    Raises:
        WorkbenchError: when it is not.
    """
    try:
        found = distribution("py-spy")
    except PackageNotFoundError:
        raise WorkbenchError("py-spy is not installed", "pip install py-spy") from None
    for file in found.files or ():
        path = Path(str(found.locate_file(file))).resolve()
        if file.name == "py-spy" and path.is_file():
            with path.open("rb") as program:
                header = program.read(_ELF_HEADER_BYTES)
            machine = _MACHINES.get(header[18] | header[19] << 8, "") if header[:4] == b"\x7fELF" else ""
            return Binary(path, found.version, machine)
    raise WorkbenchError("py-spy is installed without its program", "pip install --force-reinstall py-spy")
