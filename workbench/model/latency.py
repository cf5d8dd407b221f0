"""What a load test asks for and what came of it."""

from dataclasses import dataclass
from typing import TypeAlias

from workbench.model.runs import Pairs

Cells: TypeAlias = tuple[tuple[int, int], ...]
"""Cell and count of a histogram, as `measure/histogram.py` numbers them."""
Counts: TypeAlias = tuple[tuple[str, int], ...]
"""What and how many."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request, sent again and again."""

    url: str
    """What is asked for; its host may be a container's own address."""
    method: str = "GET"
    headers: Pairs = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """How requests are sent."""

    rate: float
    """Requests a second, of all URLs together."""
    seconds: float
    """How long is measured."""
    warmup_seconds: float = 2.0
    """Before that, at the same rate, without counting."""
    blocks: int = 10
    """In how many equal parts the measured time is looked at: what two runs are compared by."""
    connections: int = 256
    """At most so many at once to one address; further requests wait, and their waiting counts."""
    keep_alive: bool = True
    """Whether a connection carries more than one request."""
    timeout_seconds: float = 10.0
    """After its intended moment a request is given up."""
    verify: bool = True
    """Whether a certificate must be trusted."""


@dataclass(frozen=True, slots=True)
class LoadBlock:
    """One part of the measured time."""

    seconds: float
    sent: int
    answered_in_time: int
    """Answers that came within this block, whenever they were asked for."""
    errors: int
    latency: Cells
    """Of the requests that were due within this block."""


@dataclass(frozen=True, slots=True)
class AnswerSample:
    """The first answer to one of the requests."""

    status: int
    head_bytes: int
    body_bytes: int
    """As it came, compressed or not."""
    headers: Pairs
    """Those that say of compression and caches. Hostile text."""


@dataclass(frozen=True, slots=True)
class LoadResult:
    """A load test that has ended."""

    engine: str
    """What sent the requests: `built-in`, `wrk`, …"""
    began_at: float
    """When warming up was over, Unix time in seconds."""
    seconds: float
    """How long was measured."""
    was_stopped: bool
    sent: int
    answered: int
    """Whole answers, of any status."""
    answered_in_time: int
    """Answers that came while it was measured."""
    errors: Counts
    """Kind and count: refused, reset, timeout, closed_early, unreachable, tls, malformed, status_4xx, status_5xx."""
    statuses: Counts
    """HTTP status and count."""
    body_bytes: int
    """Of all answers."""
    least_body_bytes: int
    most_body_bytes: int
    samples: tuple[AnswerSample | None, ...]
    """For each request of the plan."""
    waited: int
    """Requests that waited because all connections were busy."""
    retried: int
    """Requests sent once more because the server closed an idle connection just then."""
    latency: Cells
    """From the moment a request should have been sent; of a closed loop, from when it was."""
    service: Cells
    """From the moment it was sent."""
    connect: Cells
    """Making a connection, TLS included."""
    lag: Cells
    """How much later than intended the meter itself turned to a request."""
    blocks: tuple[LoadBlock, ...] = ()
    """Those that were measured to their end."""
    is_open_loop: bool = True
    """Whether requests left at their own rate; else each waited for an answer, and stalls are hidden."""

    @property
    def rate_achieved(self) -> float:
        """Answers a second."""
        return self.answered_in_time / self.seconds if self.seconds > 0 else 0.0

    @property
    def failed(self) -> int:
        """Requests without an answer, and answers that report a failure."""
        return sum(count for _, count in self.errors)


@dataclass(frozen=True, slots=True)
class LoadProgress:
    """How far a load test is."""

    elapsed_seconds: float
    """Below 0 while it warms up."""
    seconds: float
    sent: int
    answered: int
    errors: int
    p50_ms: float | None
    p99_ms: float | None
    lag_p99_ms: float | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Flag:
    """Why a result is not to be taken as it stands."""

    name: str
    """A word for programs: `meter_lagged`."""
    message: str


@dataclass(frozen=True, slots=True)
class TargetFigures:
    """What a container used while it was measured. `None` is not measured."""

    seconds: float
    """How much of the measured time the readings cover."""
    cpu_percent: float | None = None
    """100 is one core."""
    cpu_per_request_ms: float | None = None
    """CPU time over answers."""
    memory_peak_bytes: int | None = None
    """The highest of the readings."""
    throttled_percent: float | None = None
    """Share of the scheduler's periods in which its quota was used up."""
    throttled_seconds: float | None = None
    run_delay_seconds: float | None = None
    """Time its tasks waited for a CPU."""
    gpu_percent: float | None = None
    """Share of time in which its kernels ran, summed over GPUs."""
    gpu_memory_peak_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class KneeStep:
    """One rate of a ramp."""

    rate: float
    result: LoadResult
    kept_up: bool
    reason: str
    """Why it did not keep up; empty when it did."""
