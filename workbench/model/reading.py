"""A reading is a value with its age, or the reason why there is none."""

from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fresh(Generic[T]):
    """A value and when it was taken."""

    value: T
    taken_at: float
    """Seconds on the clock of the session that took it; only differences mean anything."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Nothing to show, and that is not a crash: no GPU, no socket, no permission, no history."""

    reason: str
    """What is missing, one sentence without a full stop."""
    hint: str = ""
    """The next step, ideally a command to paste; empty when there is none."""

    @property
    def in_one_line(self) -> str:
        """What is missing, and the next step."""
        return " · ".join(text for text in (self.reason, self.hint) if text)


Reading: TypeAlias = Fresh[T] | Missing
