"""The terminal: size, colours, and whether it can show more than ASCII."""

import os
import sys
from collections.abc import Mapping

from workbench.doctor.check import Check, Surroundings
from workbench.model.doctor import Finding
from workbench.sources.docker_errors import sentence

COLUMNS, LINES = 80, 24
"""The smallest that the screens are laid out for."""


def _examine(surroundings: Surroundings) -> Finding:
    environ = surroundings.environ
    kind = environ.get("TERM", "")
    if kind in {"", "dumb", "unknown"}:
        named = f"TERM is {kind}" if kind else "TERM is not set"
        return Finding("broken", f"{named}: the screens cannot be drawn", "export TERM=xterm-256color")
    if not _speaks_utf8(environ):
        return Finding("broken", "the locale is not UTF-8: lines and charts cannot be drawn", "export LC_ALL=C.UTF-8")
    size = terminal_size()
    if size is None:
        return Finding(
            "missing", f"no terminal here; {_colours(environ)} by TERM={sentence(kind)}", "run it in a terminal"
        )
    shown = f"{size[0]}x{size[1]}, {_colours(environ)}"
    if size[0] < COLUMNS or size[1] < LINES:
        return Finding(
            "broken", f"{shown}: smaller than {COLUMNS}x{LINES}", "enlarge the window, or make its font smaller"
        )
    return Finding("fine", shown)


def terminal_size() -> tuple[int, int] | None:
    """Columns and lines of the terminal behind any of the standard streams; None when there is none."""
    for stream in (sys.__stdout__, sys.__stderr__, sys.__stdin__):
        try:
            if stream is not None and stream.isatty():
                return os.get_terminal_size(stream.fileno())
        except (OSError, ValueError):
            continue
    return None


def _colours(environ: Mapping[str, str]) -> str:
    if environ.get("NO_COLOR"):
        return "no colours, as NO_COLOR asks"
    kind = environ.get("TERM", "")
    if environ.get("COLORTERM", "") in {"truecolor", "24bit"} or kind.endswith("-direct"):
        return "16 million colours"
    if "256color" in kind:
        return "256 colours"
    return "16 colours"


def _speaks_utf8(environ: Mapping[str, str]) -> bool:
    """As the C library chooses; without any locale Python itself speaks UTF-8."""
    named = next((value for name in ("LC_ALL", "LC_CTYPE", "LANG") if (value := environ.get(name))), "C")
    named = named.partition("@")[0]
    return named in {"C", "POSIX"} or named.lower().replace("-", "").endswith("utf8")


CHECK = Check("terminal", "terminal", _examine, rank=40)
