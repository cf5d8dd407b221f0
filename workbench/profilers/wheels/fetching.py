"""Fetching wheels through pip, which knows where packages come from on this machine."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Event
from typing import TypeAlias

from workbench.errors import Stopped, WorkbenchError
from workbench.measure.text import printable
from workbench.measure.units import duration
from workbench.profilers.base import Impossible
from workbench.profilers.scratch import scratch
from workbench.profilers.wheels.choice import Wanted
from workbench.profilers.wheels.kept import Wheel, folder, wheel_of

Heard: TypeAlias = Callable[[str], object]
"""Told in words how far it is; must not block."""

_LOOK_SECONDS = 0.1
_PATIENCE_SECONDS = 900.0
_ANSWER_SECONDS = 15
"""What pip waits for an answer of an index."""
_MOST_SAID = 1 << 20
_UNITS = {"kB": 1e3, "MB": 1e6, "GB": 1e9}
_SIZE = re.compile(rb"Downloading \S+ \((\d+(?:\.\d+)?) ([kMG]B)\)")
_UNREACHABLE = ("Retrying (", "Could not fetch URL", "HTTP error")


def fetch(requirement: str, wanted: Wanted, stop: Event, heard: Heard) -> Wheel:
    """Have pip download one wheel into the cache; blocks.

    Args:
        requirement: As pip takes it.
        wanted: What it must fit.
        stop: Set to give up.
        heard: Told about every second.

    Raises:
        Stopped: when it was given up.
        Impossible: when there is no such wheel.
        WorkbenchError: when there is no pip, no index answers, or the disk is full.
    """
    platforms = [word for platform in wanted.platforms for word in ("--platform", platform)]
    with _part() as part:
        options = ["--no-deps", "--only-binary", ":all:", "--no-input", "--disable-pip-version-check"]
        options += ["--timeout", str(_ANSWER_SECONDS), "--retries", "1", "--progress-bar", "off"]
        options += ["--implementation", "cp", "--python-version", wanted.python, "--abi", wanted.abi, *platforms]
        command = [sys.executable, "-m", "pip", "download", *options, "--dest", str(part), "--", requirement]
        said = _run(command, part, stop, lambda words: heard(f"fetching {requirement} for {wanted.words}{words}"))
        found = next((wheel for wheel in map(wheel_of, part.glob("*.whl")) if wheel and wanted.takes(wheel.tags)), None)
        if found is None:
            raise _failure(said, requirement, wanted)
        kept = folder() / found.path.name
        try:
            os.replace(found.path, kept)  # noqa: PTH105  over one that is there
        except OSError as error:
            raise _no_place(error) from error
        return Wheel(kept, found.name, found.version, found.tags)


@contextmanager
def _part() -> Iterator[Path]:
    """A folder for what is not complete."""
    with ExitStack() as opened:
        try:
            folder().mkdir(parents=True, exist_ok=True)
            part = opened.enter_context(scratch(folder(), "part"))
        except OSError as error:
            raise _no_place(error) from error
        yield part


def _no_place(error: OSError) -> WorkbenchError:
    return WorkbenchError(
        f"wheels cannot be kept in {printable(str(folder()))}: {error.strerror}",
        "make room there, or choose another place with XDG_CACHE_HOME",
    )


def _environment(part: Path) -> Mapping[str, str]:
    """Ours, without constraints that are made for this very Python, and with the folder for what is not complete."""
    kept = {name: value for name, value in os.environ.items() if name not in {"PIP_CONSTRAINT", "PIP_REQUIREMENT"}}
    return {**kept, "TMPDIR": str(part), "PIP_NO_COLOR": "1", "PYTHONUNBUFFERED": "1"}


def _run(command: list[str], part: Path, stop: Event, heard: Heard) -> str:
    """Run pip to its end and give what it said.

    Raises:
        Stopped: when it was given up.
        WorkbenchError: when it takes too long.
    """
    began = time.monotonic()
    log = part / "said"
    with log.open("wb") as said:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            env=dict(_environment(part)),
            cwd=part,
            start_new_session=True,
        )
    told = 0.0
    try:
        while process.poll() is None:
            passed = time.monotonic() - began
            if stop.wait(_LOOK_SECONDS):
                raise Stopped("stopped")
            if passed > _PATIENCE_SECONDS:
                raise WorkbenchError(f"pip did not end within {_PATIENCE_SECONDS:.0f} s", "try again")
            if passed >= told:
                heard(_how_far(part, log, passed))
                told = passed + 1
    finally:
        if process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    return _tail(log).decode("utf-8", "replace")


def _how_far(part: Path, log: Path, passed: float) -> str:
    try:
        done = max((path.stat().st_size for path in part.rglob("*.whl")), default=0)
    except OSError:  # pip moves them about
        return ""
    found = _SIZE.search(_tail(log))
    if not done or found is None:
        return ""
    whole = float(found[1]) * _UNITS[found[2].decode()]
    left = f", {duration(passed * (whole - done) / done)} left" if 0 < done < whole else ""
    return f": {done / 1e6:.1f} of {whole / 1e6:.1f} MB{left}"


def _tail(log: Path) -> bytes:
    with log.open("rb") as file:
        return file.read(_MOST_SAID)


def _failure(said: str, requirement: str, wanted: Wanted) -> WorkbenchError:
    """Why pip got nothing."""
    if "No module named pip" in said:
        return WorkbenchError(
            f"{requirement} for {wanted.words} is not here, and there is no pip to fetch it with",
            f"{sys.executable} -m ensurepip",
        )
    if "No space left" in said or "Read-only file system" in said or "Permission denied" in said:
        return WorkbenchError(f"pip could not write: {_last(said)}", "make room, or set XDG_CACHE_HOME")
    if "No matching distribution" not in said or any(sign in said for sign in _UNREACHABLE):
        return WorkbenchError(
            f"{requirement} for {wanted.words} is not here, and no package index answers",
            f"workbench doctor --fetch {wanted.python}{'t' * wanted.free_threaded}, where one does;"
            f" then copy its {printable(str(folder()))} to this machine",
        )
    return Impossible(
        f"pip finds no wheel of {requirement} for {wanted.words}",
        "look at it as it runs, which works for any Python: --with py-spy",
    )


def _last(said: str) -> str:
    lines = [line for line in said.splitlines() if line.strip()]
    return printable(lines[-1].removeprefix("ERROR: "))[:200] if lines else "it says nothing"
