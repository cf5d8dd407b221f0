"""What is wrong with a Dockerfile, line by line."""

from dataclasses import dataclass
from typing import Literal

FindingSeverity = Literal["high", "medium", "low", "info"]


@dataclass(frozen=True, slots=True)
class DockerfileFinding:
    """One thing in a Dockerfile that costs time, bytes or safety, with its cure. Hostile text in its words."""

    check: str
    """Name of the check's module."""
    severity: FindingSeverity
    line: int
    """Of the Dockerfile, from 1."""
    message: str
    """One sentence of what it is, without a full stop."""
    fix: str
    """One sentence of what to do, without a full stop; may hold lines to paste."""
    seconds: float | None = None
    """What the steps that it concerns took when they last ran; `None` when no build of them is known."""
    bytes: int | None = None
    """What these steps added to the image, or what the context holds; `None` when not known."""
