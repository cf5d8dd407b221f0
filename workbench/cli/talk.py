"""The only module that writes to stderr: narration, progress, and why something did not work."""

import sys

from workbench.errors import WorkbenchError
from workbench.measure.text import printable


def say(line: str) -> None:
    """Write one line of narration."""
    sys.stderr.write(printable(line) + "\n")


def progress(line: str) -> None:
    """Overwrite the current line on a terminal; silent in a pipe."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K" + printable(line))
        sys.stderr.flush()


def agrees(risk: str) -> bool:
    """Ask on a terminal whether to go on in spite of what may go wrong; without one nobody agrees."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    sys.stderr.write(f"{printable(risk)}\nGo on? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def end_progress() -> None:
    """Clear the progress line."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()


def fail(error: WorkbenchError) -> int:
    """Write the cause, then the cure, and return the exit code that goes with them."""
    say(f"workbench: {error.reason}")
    if error.hint:
        say(f"  hint: {error.hint}")
    return error.exit_code
