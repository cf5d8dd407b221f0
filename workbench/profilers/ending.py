"""How a fresh run came to its end, and what that means for what it left."""

from dataclasses import dataclass

_SIGNALLED = 128
"""Exit codes above it, as far as there are signals, tell of the one that ended a program."""
_MOST_SIGNAL = 64
"""signal(7)."""


def signal_of(code: int | None) -> int | None:
    """The signal that ended a program with such an exit code; `None` where it ended of its own accord."""
    number = (code or 0) - _SIGNALLED
    return number if 0 < number <= _MOST_SIGNAL else None


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of a container that was run once more."""

    code: int | None
    """Its exit code; `None` when the engine tells none."""
    by_itself: bool
    """Whether it had ended before it was told to."""
    out_of_memory: bool = False
    """Whether the kernel killed it, or a process of it, for its memory."""

    @property
    def was_cut_short(self) -> bool:
        """Whether something killed it before its end or the end of the recording."""
        return self.out_of_memory or (self.by_itself and signal_of(self.code) is not None)

    def warnings(self, lost: str = "") -> list[str]:
        """What to say of it.

        Args:
            lost: What is lost of a process that is killed: `of its last second nothing is known`.
        """
        tail = f"; {lost}" if lost and self.was_cut_short else ""
        if self.out_of_memory:
            return [f"the fresh run was killed for its memory{tail}"]
        if self.by_itself and self.code:
            return [f"the fresh run ended by itself with exit code {self.code}{tail}"]
        return []

    def last_words(self, said: str) -> str:
        """The end of a sentence that says why there is nothing; empty when it was ended for its time."""
        return f"; it ended with {self.code} and said: {said}" if self.by_itself and self.code else ""
