"""Asking a program or a Python module about itself, without waiting for it forever."""

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from workbench.model.doctor import Finding
from workbench.sources.docker_errors import sentence

ANSWER_SECONDS = 8.0
_MOST_KEPT = 4096
_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Answer:
    """What a program said, bounded, and whether it ended well."""

    worked: bool
    said: str

    @property
    def first_line(self) -> str:
        """The first thing that it said, where a version stands."""
        return next((sentence(line) for line in self.said.splitlines() if line.strip()), "it says nothing")

    @property
    def last_line(self) -> str:
        """The last thing that it said, where the cause of a failure stands."""
        return next((sentence(line) for line in reversed(self.said.splitlines()) if line.strip()), "it says nothing")


def ask(command: Sequence[str], environ: Mapping[str, str], seconds: float = ANSWER_SECONDS) -> Answer:
    """Run a program to its end and return the beginning of what it said on stdout and stderr.

    Args:
        command: Program and arguments; no shell.
        environ: Its environment.
        seconds: When it, and what it started, is killed.
    """
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(environ),
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        return Answer(False, str(getattr(error, "strerror", None) or error))
    deadline = time.monotonic() + seconds
    with process:
        said = _beginning(process, deadline)
        try:
            status = process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            with suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
            return Answer(False, f"no answer within {seconds:.0f} s")
    return Answer(status == 0, said.decode(errors="replace"))


def ask_module(module: str, distribution: str, environ: Mapping[str, str]) -> Finding:
    """Whether a Python module with compiled parts can be imported by the interpreter that runs the workbench.

    In a process of its own: a module built for another machine can crash its interpreter.

    Args:
        module: What to import.
        distribution: What to install, and whose version is told.
        environ: The interpreter's environment.
    """
    program = f"import {module}; from importlib.metadata import version; print(version('{distribution}'))"
    answer = ask((sys.executable, "-P", "-c", program), environ)
    install = f"{sys.executable} -m pip install {distribution}"
    if answer.worked:
        return Finding("fine", f"{distribution} {answer.first_line}")
    if (
        answer.last_line.startswith(("ModuleNotFoundError", "PackageNotFoundError"))
        and distribution in answer.last_line
    ):
        return Finding("missing", f"{distribution} is not installed", install)
    return Finding("broken", f"{distribution} cannot be imported: {answer.last_line}", f"{install} --force-reinstall")


def _beginning(process: subprocess.Popen[bytes], deadline: float) -> bytes:
    """Read until the program has closed its output, has ended, or is out of time."""
    said = b""
    if process.stdout is None:
        return said
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while time.monotonic() < deadline:
            if selector.select(_POLL_SECONDS):
                chunk = os.read(process.stdout.fileno(), _MOST_KEPT)
                if not chunk:
                    break
                said = (said + chunk)[:_MOST_KEPT]
            elif process.poll() is not None:
                break  # something that it started still holds its output
    return said
