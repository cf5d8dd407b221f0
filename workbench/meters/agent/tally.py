"""What is counted of a run, whole and by blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.measure.histogram import Histogram

if TYPE_CHECKING:
    from workbench.meters.agent.answer import Answer
    from workbench.meters.agent.connection import Request

_TOLD = (
    "content-type",
    "content-encoding",
    "transfer-encoding",
    "cache-control",
    "etag",
    "last-modified",
    "expires",
    "age",
    "vary",
    "x-cache",
    "server",
)
_LONGEST_VALUE = 200


class Tally:
    """Counts.

    Args:
        begins: When warming up ends, by the loop's clock.
        seconds: How long is measured from then on.
        blocks: In how many equal parts.
        kinds: How many different requests there are.
    """

    def __init__(self, begins: float, seconds: float, blocks: int, kinds: int) -> None:
        self.begins, self.seconds = begins, seconds
        self._latency = [Histogram() for _ in range(blocks)]
        self._answered_in = [0] * blocks
        self._sent_in = [0] * blocks
        self._failed_in = [0] * blocks
        self._blocks = blocks
        self._service, self._connect, self.lag = Histogram(), Histogram(), Histogram()
        self._errors: dict[str, int] = {}
        self._statuses: dict[int, int] = {}
        self._bytes = [0, 0, 0]  # all, least, most
        self._samples: list[dict[str, Any] | None] = [None] * kinds
        self.waited = 0
        """Requests that had to wait because all connections were busy."""
        self.retried = 0

    def _block(self, at: float) -> int | None:
        """The block of a moment; `None` while warming up and after the end."""
        part = (at - self.begins) / self.seconds * self._blocks
        return int(part) if 0 <= part < self._blocks else None

    def issued(self, request: Request, now: float) -> None:
        """A request's time has come."""
        block = self._block(request.intended)
        if block is not None:
            self._sent_in[block] += 1
            self.lag.record(now - request.intended)

    def connected(self, seconds: float) -> None:
        """A connection was made."""
        self._connect.record(seconds)

    def answered(self, request: Request, answer: Answer, now: float) -> None:
        """An answer is there, whole."""
        done = self._block(now)
        if done is not None:
            self._answered_in[done] += 1
        block = self._block(request.intended)
        if block is None:
            return
        self._latency[block].record(now - request.intended)
        self._service.record(now - request.sent)
        self._statuses[answer.status] = self._statuses.get(answer.status, 0) + 1
        if answer.status >= 400:
            self._fail(block, f"status_{answer.status // 100}xx")
        size, (whole, least, most) = answer.body_bytes, self._bytes
        self._bytes = [whole + size, size if self._service.count == 1 else min(least, size), max(most, size)]
        if self._samples[request.kind] is None:
            head = {str(name, "latin-1"): str(value, "latin-1")[:_LONGEST_VALUE] for name, value in answer.head.items()}
            self._samples[request.kind] = {
                "status": answer.status,
                "head_bytes": answer.head_bytes,
                "body_bytes": size,
                "headers": {name: head[name] for name in _TOLD if name in head},
            }

    def failed(self, request: Request, reason: str) -> None:
        """There will be no answer."""
        block = self._block(request.intended)
        if block is not None:
            self._fail(block, reason)

    def _fail(self, block: int, reason: str) -> None:
        self._failed_in[block] += 1
        self._errors[reason] = self._errors.get(reason, 0) + 1

    def progress(self, now: float) -> dict[str, Any]:
        """How far it is."""
        whole = Histogram()
        for each in self._latency:
            whole.add(each)
        return {
            "elapsed": now - self.begins,
            "sent": sum(self._sent_in),
            "answered": whole.count,
            "errors": sum(self._failed_in),
            "p50": whole.quantile_ms(0.5),
            "p99": whole.quantile_ms(0.99),
            "lag_p99": self.lag.quantile_ms(0.99),
        }

    def document(self, until: float) -> dict[str, Any]:
        """Everything that was counted.

        Args:
            until: When the last request was due; before the planned end when it was stopped.
        """
        length = self.seconds / self._blocks
        measured = min(self.seconds, max(0.0, until - self.begins))
        whole = int(measured / length + 1e-6)
        return {
            "seconds": measured,
            "sent": sum(self._sent_in),
            "answered_in_time": sum(self._answered_in),
            "errors": self._errors,
            "statuses": {str(status): count for status, count in self._statuses.items()},
            "bytes": self._bytes,
            "samples": self._samples,
            "waited": self.waited,
            "retried": self.retried,
            "latency": _sum(self._latency).pairs(),
            "service": self._service.pairs(),
            "connect": self._connect.pairs(),
            "lag": self.lag.pairs(),
            "blocks": [
                {
                    "seconds": length,
                    "sent": self._sent_in[block],
                    "answered_in_time": self._answered_in[block],
                    "errors": self._failed_in[block],
                    "latency": self._latency[block].pairs(),
                }
                for block in range(whole)
            ],
        }


def _sum(histograms: list[Histogram]) -> Histogram:
    whole = Histogram()
    for each in histograms:
        whole.add(each)
    return whole
