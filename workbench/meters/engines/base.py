"""What a load generator from elsewhere has to say of itself, and how its figures become a result."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from workbench.measure.histogram import Histogram
from workbench.meters.address import Address
from workbench.model.latency import HttpRequest, LoadPlan, LoadResult


@dataclass(frozen=True, slots=True)
class Errand:
    """One call of the program."""

    arguments: tuple[str, ...]
    """After its name."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Added to our own."""


@dataclass(slots=True)
class Found:
    """What it found."""

    latency: Histogram = field(default_factory=Histogram)
    sent: int = 0
    answered: int = 0
    errors: dict[str, int] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    body_bytes: int = 0
    seconds: float = 0.0

    def failed(self, kind: str, count: int) -> None:
        """Count errors of a kind, if there are any."""
        if count > 0:
            self.errors[kind] = self.errors.get(kind, 0) + count

    def status(self, status: int, count: int = 1) -> None:
        """Count answers of a status."""
        self.statuses[str(status)] = self.statuses.get(str(status), 0) + count
        if status >= 400:
            self.failed(f"status_{status // 100}xx", count)

    def as_result(self, engine: str, began_at: float) -> LoadResult:
        """The same as every load test's result."""
        return LoadResult(
            engine=engine,
            began_at=began_at,
            seconds=self.seconds,
            was_stopped=False,
            sent=self.sent,
            answered=self.answered,
            answered_in_time=self.answered,
            errors=tuple(sorted(self.errors.items())),
            statuses=tuple(sorted(self.statuses.items())),
            body_bytes=self.body_bytes,
            least_body_bytes=0,
            most_body_bytes=0,
            samples=(),
            waited=0,
            retried=0,
            latency=tuple(self.latency.pairs()),
            service=tuple(self.latency.pairs()),
            connect=(),
            lag=(),
            is_open_loop=False,
        )


class LoadEngine(Protocol):
    """A load generator. All of them wait for answers before they send, at least on one connection."""

    name: str
    """The program's, too."""
    keeps_rate: bool
    """Whether it can be told a rate that it does not exceed; else it sends as fast as answers come."""
    shows_headers: bool
    """Whether it takes headers only on its command line, where everybody on this machine can read them."""
    install: str
    """What to type when it is missing."""

    def errand(self, plan: LoadPlan, request: HttpRequest, address: Address, folder: Path) -> Errand:
        """How it is called; it may leave files in the folder."""
        ...

    def read(self, output: str, folder: Path, plan: LoadPlan) -> Found:
        """What it wrote and left.

        Raises:
            ValueError: when that cannot be read.
        """
        ...
