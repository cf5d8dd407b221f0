"""What happened to a container, and what the user wrote down: the marks on the time axis."""

from dataclasses import dataclass
from typing import Literal

EventKind = Literal[
    "create",
    "start",
    "stop",
    "die",
    "kill",
    "oom",
    "restart",
    "pause",
    "unpause",
    "health",
    "exec",
    "update",
    "rename",
    "destroy",
    "gpu",
    "note",
    "mark",
    "alert",
    "eased",
]
"""`gpu` is a GPU's own error (Xid), `note` the user's words, `mark` the user's A or B, `alert` a crossed threshold and
`eased` its end."""


@dataclass(frozen=True, slots=True)
class EngineEvent:
    """One thing that happened, on the same clock as the readings."""

    at: float
    """Unix time in seconds."""
    kind: EventKind
    container_id: str = ""
    """Empty when it concerns no container."""
    name: str = ""
    """The container's name then. Hostile text."""
    detail: str = ""
    """`exit 137`, `unhealthy`, the command of an exec (secrets masked), the words of a note."""
