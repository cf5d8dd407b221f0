"""What py-spy says on its terminal: how many samples it took, how far behind it was, and why it failed."""

import re
from dataclasses import dataclass

from workbench.measure.text import printable, shorten

_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_SAMPLES = re.compile(r"Samples: (\d{1,9}) Errors: (\d{1,9})")
_BEHIND = re.compile(r"(\d{1,6}\.\d+)s behind in sampling")
_REASON = re.compile(r"^\s*(?:Reason|Error): (.*)$", re.MULTILINE)
_KNOWN = (
    ("Permission Denied", "the kernel does not let py-spy look into process {pid}"),
    ("Permission denied", "the kernel does not let py-spy look into process {pid}"),
    ("Operation not permitted", "the kernel does not let py-spy look into process {pid}"),
    ("Failed to find python version", "process {pid} is no Python that py-spy knows"),
    ("No such process", "process {pid} has ended"),
    ("os error 3", "process {pid} has ended"),
    ("failed to get os threadid", "native frames of Python 3.10 and older are told only from inside the container"),
    ("UNW_", "the native stack of process {pid} cannot be unwound from here"),
)


@dataclass(frozen=True, slots=True)
class Said:
    """What one call of py-spy told."""

    samples: int
    errors: int
    behind_seconds: float
    reason: str
    """Why it failed, one sentence; empty when it did not say."""


def understand(output: bytes, pid: int) -> Said:
    """Read py-spy's terminal.

    Args:
        output: Its end, as it was written.
        pid: The process that was looked at.
    """
    text = _COLOURS.sub("", output.decode("utf-8", "replace")).replace("\r", "\n")
    samples = _SAMPLES.search(text)
    behind = [float(found[1]) for found in _BEHIND.finditer(text)]
    return Said(
        samples=int(samples[1]) if samples else 0,
        errors=int(samples[2]) if samples else 0,
        behind_seconds=max(behind, default=0.0),
        reason="" if samples else _reason(text, pid),
    )


def _reason(text: str, pid: int) -> str:
    for mark, sentence in _KNOWN:
        if mark in text:
            return sentence.format(pid=pid)
    found = _REASON.search(text)
    return f"py-spy says: {shorten(printable(found[1].strip()), 200)}" if found else ""
