"""One short recording, and what a place offers where py-spy can make it."""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Event
from typing import Protocol

from workbench.sources.container_run import Ran

MOST_RESULT_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Segment:
    """What one call of py-spy gave."""

    ran: Ran
    content: str
    """Its file; empty when it left none."""


class Sampler(Protocol):
    """A place where py-spy runs."""

    def record(self, arguments: Sequence[str], seconds: float, stop: Event) -> Segment:
        """Record one segment; Ctrl-C ends it after `seconds`, or when `stop` is set.

        Raises:
            WorkbenchError: when it cannot be run any more.
        """
        ...

    def dump(self, arguments: Sequence[str]) -> Ran:
        """Run `py-spy dump`.

        Raises:
            WorkbenchError: when it cannot be run, or does not end.
        """
        ...

    def is_alive(self) -> bool:
        """Whether the target still runs, as far as that can be told."""
        ...

    def cpu_seconds(self) -> float | None:
        """CPU time that py-spy itself took since it was begun; `None` where it is not told apart."""
        ...
