"""Fetching what containers usually need, before it is needed."""

import platform
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from threading import Event
from typing import Literal

from workbench.errors import UsageError
from workbench.model.probe import ProcessFacts
from workbench.profilers.base import Impossible
from workbench.profilers.wheels.choice import Tool, pinned, wanted_for
from workbench.profilers.wheels.fetching import Heard
from workbench.profilers.wheels.kept import folder, kept_wheels
from workbench.profilers.wheels.tool import distributions, kept_or_fetched

USUAL = ("3.10", "3.11", "3.12", "3.13", "3.14")
_TOOLS: tuple[Tool, ...] = ("memray", "line_profiler")
_LIBRARIES: tuple[tuple[Literal["glibc", "musl"], str], ...] = (("glibc", "2.28"), ("musl", "1.2.4"))
"""Debian 10 and Alpine 3.18: newer ones run what is made for these."""


def fetch_beforehand(versions: Sequence[str], stop: Event, heard: Heard) -> Iterator[str]:
    """Fetch the wheels for these Pythons on this machine's architecture, and remove those of other memrays; blocks.

    Args:
        versions: `3.12`, `3.14t`; empty for the usual ones.
        stop: Set to give up.
        heard: Told about every second.

    Yields:
        For each, what is there now or why there is none.

    Raises:
        UsageError: when a version is none.
        Stopped: when it was given up.
        WorkbenchError: when nothing can be fetched.
    """
    chosen = versions or USUAL
    for version in chosen:
        major, _, minor = version.removesuffix("t").partition(".")
        if major != "3" or not (minor.isascii() and minor.isdecimal() and len(minor) < 3):
            raise UsageError(f"{version} is no version of Python", f"such as {' '.join(USUAL)} 3.14t")
    for tool, version, (libc, libc_version) in product(_TOOLS, chosen, _LIBRARIES):
        python = version.removesuffix("t")
        abi = f"cpython-{version.replace('.', '')}"
        process = ProcessFacts(
            1, python=python, abi=abi, libc=libc, libc_version=libc_version, architecture=platform.machine()
        )
        try:
            wanted = wanted_for(tool, process)
            names = [kept_or_fetched(name, wanted, stop, heard).path.name for name in distributions(tool)]
        except Impossible as error:
            yield f"none  {error.reason}"
        else:
            yield f"here  {names[0]}"
    for wheel in kept_wheels():
        if pinned(wheel.name) not in {"", wheel.version}:
            wheel.path.unlink(missing_ok=True)


def kept_summary() -> tuple[Path, tuple[str, ...], int]:
    """Where wheels are kept, for which Pythons there are some of memray, and how many bytes all take."""
    wheels = kept_wheels()
    usable = [wheel for wheel in wheels if wheel.name == "memray" and wheel.version == pinned("memray")]
    abis = {wheel.tags.split("-")[1].removeprefix("cp3") for wheel in usable}
    ordered = sorted((abi for abi in abis if abi.rstrip("t").isdecimal()), key=lambda abi: (int(abi.rstrip("t")), abi))
    size = sum(wheel.path.stat().st_size for wheel in wheels)
    return folder(), tuple(f"3.{abi}" for abi in ordered), size
