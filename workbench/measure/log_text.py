"""What a log line says: its text without the colours of its writer, and how bad it sounds."""

import re
from typing import Literal

_ESCAPE = re.compile(
    r"\x1b\[[0-?]{0,64}[ -/]{0,8}[@-~]"  # control sequences, colours among them
    r"|\x1b\][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)"  # operating system commands: titles, links
    r"|\x1b[ -/]{0,8}[0-Z\\^-~]"  # all others: character sets, reset
)
"""Escape sequences of ECMA-48, with a bound on the length of each."""
_BAD = re.compile(
    r"\b(?:fatal|critical|panic|emerg|error|err|exception|traceback)\b|(?:^|[\s\[])(?:E|F)\d{4}\s", re.IGNORECASE
)
_DOUBTFUL = re.compile(r"\b(?:warn|warning)\b", re.IGNORECASE)
_LOOKED_AT = 400
"""Characters: a level stands near the beginning of a line."""


def without_escapes(text: str) -> str:
    """The text without terminal escape sequences. What is left may still hold control characters."""
    return _ESCAPE.sub("", text) if "\x1b" in text else text


def log_level(text: str) -> Literal["error", "warning", ""]:
    """How bad a line sounds, by the words that loggers use near its beginning."""
    start = text[:_LOOKED_AT]
    if _BAD.search(start):
        return "error"
    return "warning" if _DOUBTFUL.search(start) else ""
