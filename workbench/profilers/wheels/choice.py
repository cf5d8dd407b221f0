"""Which wheel fits a process, and why none does. Tags of wheels: PEP 425, 600 and 656."""

import re
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Literal, TypeAlias

from workbench.errors import WorkbenchError
from workbench.model.probe import ProcessFacts
from workbench.profilers.base import Impossible

Tool: TypeAlias = Literal["memray", "line_profiler"]

_FREE_THREADED = re.compile(r"cpython-3\d+t")
_OLDEST_MUSL = (1, 2, 4)
"""Older ones cannot load what is linked with packed relocations (DT_RELR), as the wheels' libraries are, and crash."""
_OLDEST_GLIBC = 5
"""Of manylinux1."""
_NEWEST_GLIBC = 60
"""Assumed where a process does not tell: an unfit library is refused by its loader, not run."""
_OLDEST_PYTHON = 8
_ARCHITECTURES = {
    ("memray", "glibc"): ("x86_64", "aarch64"),
    ("memray", "musl"): ("x86_64",),
    ("line_profiler", "glibc"): ("x86_64", "aarch64"),
    ("line_profiler", "musl"): ("x86_64",),
}
"""What there are wheels for."""
_ENOUGH = {"line_profiler": "line_profiler>=5,<6"}
_LAST_MEMRAY_OF_38 = "1.19.3"
_INSTEAD = "look at it as it runs, which works for any Python: --with py-spy"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a wheel must fit."""

    minor: int
    """The 12 of Python 3.12."""
    free_threaded: bool
    libc: Literal["glibc", "musl"]
    libc_minor: int
    """The 36 of glibc 2.36, the 2 of musl 1.2.5."""
    architecture: str

    @property
    def python(self) -> str:
        """`3.12`."""
        return f"3.{self.minor}"

    @property
    def abi(self) -> str:
        """`cp312`, `cp314t`."""
        return f"cp3{self.minor}{'t' * self.free_threaded}"

    @property
    def words(self) -> str:
        """For a sentence."""
        return f"Python {self.python}{'t' * self.free_threaded} on {self.libc}, {self.architecture}"

    @property
    def platforms(self) -> tuple[str, ...]:
        """The platform tags that run there, the newest first."""
        if self.libc == "musl":
            return tuple(f"musllinux_1_{minor}_{self.architecture}" for minor in range(self.libc_minor, -1, -1))
        found = [f"manylinux_2_{minor}_{self.architecture}" for minor in range(self.libc_minor, _OLDEST_GLIBC - 1, -1)]
        old = (("manylinux2014", 17), ("manylinux2010", 12), ("manylinux1", 5))
        return (*found, *(f"{name}_{self.architecture}" for name, minor in old if minor <= self.libc_minor))

    def takes(self, tags: str) -> bool:
        """Whether a wheel with these tags fits: `cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64`."""
        python, _, rest = tags.partition("-")
        abi, _, platforms = rest.partition("-")
        if platforms == "any":
            return abi == "none" and "py3" in python.split(".")
        is_abi = abi == self.abi and python == f"cp3{self.minor}"
        return is_abi and not set(platforms.split(".")).isdisjoint(self.platforms)


@cache
def memray_version() -> str:
    """The one that is installed here: only the same one reads what it writes.

    Raises:
        WorkbenchError: when there is none.
    """
    try:
        return version("memray")
    except PackageNotFoundError:
        raise WorkbenchError("memray is not installed", "pip install memray") from None


def pinned(name: str) -> str:
    """The only version of a distribution that will do; empty for any. What line_profiler finds is written by ours.

    Raises:
        WorkbenchError: when it is to be the one that is here, and there is none.
    """
    return memray_version() if name == "memray" else ""


def requirement(name: str) -> str:
    """What pip is asked for; the same errors."""
    version = pinned(name)
    return f"{name}=={version}" if version else _ENOUGH.get(name, name)


def wanted_for(tool: Tool, process: ProcessFacts) -> Wanted:
    """What a wheel for this process must fit.

    Raises:
        Impossible: when there can be none, with the reason and what does work.
        WorkbenchError: when the tool is to be of a version that is not here.
    """
    if process.abi.startswith("pypy"):
        raise Impossible(f"{tool} is made for CPython, and this is PyPy", _INSTEAD)
    minor = process.minor
    if minor is None:
        raise Impossible(
            f"which Python it is cannot be told{f': {process.python}' * (process.python not in {'', '?'})}", _INSTEAD
        )
    libc = process.libc
    if libc not in {"glibc", "musl"}:
        raise Impossible(f"{tool} is loaded as a library, and the process's C library is not known", _INSTEAD)
    _refuse_python(tool, minor)
    numbers = tuple(int(number) for number in process.libc_version.split(".") if number.isdecimal())
    if libc == "musl" and numbers < _OLDEST_MUSL:
        said = process.libc_version or "of unknown version"
        raise Impossible(
            f"{tool} crashes on musl {said}: its libraries need 1.2.4 (Alpine 3.18) or newer",
            f"a newer base image, or {_INSTEAD}",
        )
    known = _ARCHITECTURES[tool, libc]
    if process.architecture not in known:
        raise Impossible(
            f"there is no wheel of {tool} for {libc} on {process.architecture or 'an unknown architecture'},"
            f" only for {' and '.join(known)}",
            _INSTEAD,
        )
    return Wanted(
        minor,
        free_threaded=_FREE_THREADED.match(process.abi) is not None,
        libc="musl" if libc == "musl" else "glibc",
        libc_minor=min(numbers[1], _NEWEST_GLIBC) if len(numbers) > 1 else _NEWEST_GLIBC,
        architecture=process.architecture,
    )


def refusal(tool: Tool, process: ProcessFacts) -> tuple[str, str] | None:
    """Why there can be no wheel for a process, and what does work; `None` where there may be one."""
    try:
        wanted_for(tool, process)
    except WorkbenchError as error:
        return error.reason, error.hint
    return None


def _refuse_python(tool: Tool, minor: int) -> None:
    if minor < _OLDEST_PYTHON:
        raise Impossible(
            f"there is no {tool} for Python 3.{minor}", "count its calls, from 3.7 on: --with cprofile --fresh"
        )
    if tool == "memray" and minor == _OLDEST_PYTHON and memray_version() != _LAST_MEMRAY_OF_38:
        raise Impossible(
            f"the last memray for Python 3.8 is {_LAST_MEMRAY_OF_38}, and here is {memray_version()}:"
            " only the same version reads its results",
            f"pip install memray=={_LAST_MEMRAY_OF_38}, where the workbench is installed",
        )
