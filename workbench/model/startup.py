"""How long a container takes until it is of use."""

from dataclasses import dataclass
from typing import Literal

ReadyKind = Literal["http", "tcp", "log", "healthy"]


@dataclass(frozen=True, slots=True)
class Condition:
    """What makes a container ready."""

    kind: ReadyKind
    port: int | None = None
    """Of http and tcp, in the container; `None` takes the only one that it has."""
    target: str = "/"
    """Of http: path and query. Ready is a status below 400."""
    pattern: str = ""
    """Of log: a regular expression that a line must hold."""

    @property
    def name(self) -> str:
        """As it is typed."""
        port = "" if self.port is None else str(self.port)
        return {
            "http": f"http:{port}{self.target}",
            "tcp": f"tcp:{port}",
            "log": f"log:{self.pattern}",
            "healthy": "healthy",
        }[self.kind]


@dataclass(frozen=True, slots=True)
class Start:
    """One start, in seconds since the engine was asked to create the container. `None` never happened."""

    created_seconds: float
    """The engine has made it."""
    started_seconds: float
    """Its first process runs, as the engine tells."""
    ready_seconds: tuple[float | None, ...]
    """For each condition, in the order that they were given."""


@dataclass(frozen=True, slots=True)
class StartupResult:
    """Several starts of the same."""

    target: str
    """The container or image. Hostile text."""
    is_container: bool
    image_id: str
    conditions: tuple[Condition, ...]
    starts: tuple[Start, ...]
    began_at: float
    """Unix time in seconds."""
    seconds: float
    was_stopped: bool
    notes: tuple[str, ...]
    """In what these differ from the original, one sentence each."""
