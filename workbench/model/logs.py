"""What a container wrote to its standard output and standard error."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line, its end cut off when it is very long."""

    at: float
    """Unix time in seconds, as the engine received it."""
    text: str
    """Hostile text, secrets masked; escape sequences are still in it."""
    stream: Literal["stdout", "stderr"] = "stdout"
