"""One connection of the load: sends a request, reads its answer, and says how that ended."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, cast

from workbench.meters.agent.answer import Answer, MalformedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.meters.agent.load import Place


class Request:
    """One request of the schedule."""

    __slots__ = ("intended", "kind", "sent", "was_retried")

    def __init__(self, kind: int, intended: float) -> None:
        self.kind = kind
        """Which of the plan's requests."""
        self.intended = intended
        """When it should have been sent, by the loop's clock."""
        self.sent = 0.0
        """When it was."""
        self.was_retried = False


class Connection(asyncio.Protocol):
    """A connection that carries one request at a time.

    Args:
        place: The address that it leads to.
        on_end: Gets the connection when its request has ended: with an answer, or with the name of what went wrong.
        on_lost: Gets it when it is closed.
    """

    def __init__(
        self,
        place: Place,
        on_end: Callable[[Connection, Request, Answer | None, str], object],
        on_lost: Callable[[Connection], object],
    ) -> None:
        self.place = place
        self._on_end = on_end
        self._on_lost = on_lost
        self._answer: Answer | None = None
        self._transport: asyncio.Transport | None = None
        self.request: Request | None = None
        """The request under way."""
        self.is_open = False
        self.used = 0
        """Requests it has carried."""

    def send(self, request: Request, content: bytes, to_head: bool, now: float) -> None:
        """Send a request; the connection is idle."""
        self.request, self._answer = request, Answer(to_head)
        self.used += 1
        request.sent = now
        cast("asyncio.Transport", self._transport).write(content)

    def give_up(self, reason: str) -> None:
        """End the request under way, and the connection with it."""
        self._end(None, reason)

    def close(self) -> None:
        """Close it, whatever it is doing."""
        self.is_open = False
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The loop has connected."""
        self._transport, self.is_open = cast("asyncio.Transport", transport), True

    def data_received(self, data: bytes) -> None:
        """Something came."""
        answer = self._answer
        if answer is None:
            self.close()  # nothing was asked for
            return
        try:
            answer.feed(data)
        except MalformedError:
            self._end(None, "malformed")
        else:
            if answer.complete:
                self._end(answer, "")

    def eof_received(self) -> None:
        """The other side sends no more; the loop closes the connection then."""
        answer = self._answer
        if answer is not None and answer.end():
            self._end(answer, "")

    def connection_lost(self, error: Exception | None) -> None:
        """It is closed."""
        self.is_open = False
        if self.request is not None:
            again = self.used > 1 and self._answer is not None and not self._answer.begun
            # A server may close an idle connection just as it is used again: every client then opens another one
            self._end(None, "stale" if again else reason_of(error) if error else "closed_early")
        self._on_lost(self)

    def _end(self, answer: Answer | None, reason: str) -> None:
        request, self.request, self._answer = self.request, None, None
        if answer is None or not answer.keeps:
            self.close()
        if request is not None:
            self._on_end(self, request, answer, reason)


def reason_of(error: BaseException) -> str:
    """The kind of an error of the network."""
    if isinstance(error, ssl.SSLError):
        return "tls"
    if isinstance(error, ConnectionRefusedError):
        return "refused"
    if isinstance(error, (ConnectionResetError, BrokenPipeError, ConnectionAbortedError)):
        return "reset"
    return "timeout" if isinstance(error, (TimeoutError, asyncio.TimeoutError)) else "unreachable"
