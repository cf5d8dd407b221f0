"""The open loop: requests leave at a fixed rate whatever the answers do, and wait for no other.

A request's latency counts from the moment it should have been sent, so a server that stalls is charged with every
request that it kept waiting, not only with the one in its hands.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from base64 import b64decode
from collections import deque
from typing import TYPE_CHECKING, Any, cast

from workbench.meters.agent.connection import Connection, Request, reason_of
from workbench.meters.agent.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.meters.agent.answer import Answer

_LEAD_SECONDS = 0.02
_LOOK_SECONDS = 0.02
_TELL_SECONDS = 0.5
_LAST_SECONDS = 1.0
"""How long a run that is stopped waits for answers under way."""


class Place:
    """An address that requests go to, with its connections.

    Args:
        host: A name or an address.
        port: Of TCP.
        server_name: Whose certificate is expected; empty without TLS.
    """

    __slots__ = ("connections", "host", "idle", "opening", "port", "queue", "server_name")

    def __init__(self, host: str, port: int, server_name: str) -> None:
        self.host, self.port, self.server_name = host, port, server_name
        self.connections: set[Connection] = set()
        self.idle: list[Connection] = []
        self.opening: dict[asyncio.Task[None], Request] = {}
        self.queue: deque[Request] = deque()
        """Requests that wait for a connection, the oldest first."""


class Load:
    """One run.

    Args:
        plan: See `workbench.meters.latency`.
        tell: Gets how far it is, twice a second.
    """

    def __init__(self, plan: dict[str, Any], tell: Callable[[dict[str, Any]], object]) -> None:
        self._plan, self._tell = plan, tell
        self._rate: float = plan["rate"]
        self._timeout: float = plan["timeout"]
        self._most: int = plan["connections"]
        self._keep_alive: bool = plan["keep_alive"]
        places: dict[tuple[str, int, str], Place] = {}
        self._kinds = []
        for one in plan["requests"]:
            address = (one["host"], one["port"], one["server_name"])
            place = places.setdefault(address, Place(*address))
            self._kinds.append((b64decode(one["content"]), bool(one["to_head"]), place))
        self._places = tuple(places.values())
        self._number = 0
        self._under_way = 0
        self._stopped_at: float | None = None
        self._over = False

    def stop(self) -> None:
        """Send no more; what was measured is the result."""
        if self._stopped_at is None:
            self._stopped_at = time.monotonic()

    async def run(self) -> dict[str, Any]:
        """Measure, and return what was counted."""
        loop = self._loop = asyncio.get_running_loop()
        self._secure = self._tls()
        self._begin = loop.time() + _LEAD_SECONDS
        measured = self._begin + self._plan["warmup"]
        self._last = round(self._rate * (self._plan["warmup"] + self._plan["seconds"]))
        self._tally = Tally(measured, self._plan["seconds"], self._plan["blocks"], len(self._kinds))
        wall = time.time() - loop.time()
        loop.call_at(self._begin, self._due)
        told = loop.time()
        while not self._has_ended(loop.time()):
            await asyncio.sleep(_LOOK_SECONDS)
            self._expire(loop.time())
            if loop.time() - told >= _TELL_SECONDS:
                told = loop.time()
                self._tell(self._tally.progress(told))
        await self._close()
        until = measured + self._plan["seconds"] if self._stopped_at is None else self._stopped_at
        return {
            "stopped": self._stopped_at is not None,
            "began": wall + measured,
            "ended": wall + until,
            **self._tally.document(until),
        }

    async def _close(self) -> None:
        """What is still under way is given up by us, and so is no failure of the server."""
        self._over = True
        for place in self._places:
            for task in tuple(place.opening):
                task.cancel()
            await asyncio.gather(*place.opening, return_exceptions=True)
            for connection in tuple(place.connections):
                connection.request = None
                connection.close()
        await asyncio.sleep(0)

    def _tls(self) -> ssl.SSLContext | None:
        if not any(place.server_name for place in self._places):
            return None
        context = ssl.create_default_context()
        if not self._plan["verify"]:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context

    def _has_ended(self, now: float) -> bool:
        if self._stopped_at is not None and now - self._stopped_at > _LAST_SECONDS:
            return True
        return not self._under_way and (self._stopped_at is not None or self._number >= self._last)

    def _due(self) -> None:
        """Issue every request whose time has come, and come back for the next one."""
        while self._number < self._last and self._stopped_at is None:
            now = self._loop.time()
            intended = self._begin + self._number / self._rate
            if intended > now:
                self._loop.call_at(intended, self._due)
                return
            request = Request(self._number % len(self._kinds), intended)
            self._number += 1
            self._under_way += 1
            self._tally.issued(request, now)
            self._start(request)

    def _start(self, request: Request) -> None:
        """Send it on an idle connection, else on a new one; when there are enough of them it waits its turn."""
        place = self._kinds[request.kind][2]
        while place.idle:
            connection = place.idle.pop()
            if connection.is_open:
                self._send(connection, request)
                return
        self._start_anew(place, request)

    def _start_anew(self, place: Place, request: Request) -> None:
        """Send it on a new connection, or let it wait for the next that is free."""
        if len(place.connections) + len(place.opening) < self._most:
            place.opening[self._loop.create_task(self._open(place, request))] = request
        else:
            self._tally.waited += 1
            place.queue.append(request)

    def _start_next(self, place: Place) -> None:
        """There may be room for a new connection."""
        if place.queue and not self._over and len(place.connections) + len(place.opening) < self._most:
            self._start(place.queue.popleft())

    def _send(self, connection: Connection, request: Request) -> None:
        content, to_head, _ = self._kinds[request.kind]
        connection.send(request, content, to_head, self._loop.time())

    async def _open(self, place: Place, request: Request) -> None:
        started = self._loop.time()
        task = cast("asyncio.Task[None]", asyncio.current_task())
        reason = ""
        try:
            _, connection = await self._loop.create_connection(
                lambda: Connection(place, self._ended, self._lost),
                place.host,
                place.port,
                ssl=self._secure if place.server_name else None,
                server_hostname=place.server_name or None,
            )
        except OSError as error:
            reason = reason_of(error)
        except asyncio.CancelledError:
            reason = "timeout"
        del place.opening[task]
        if not reason:
            self._tally.connected(self._loop.time() - started)
            place.connections.add(connection)
            self._send(connection, request)
        elif not self._over:
            self._failed(place, request, reason)

    def _ended(self, connection: Connection, request: Request, answer: Answer | None, reason: str) -> None:
        place = connection.place
        if answer is not None:
            self._under_way -= 1
            self._tally.answered(request, answer, self._loop.time())
            if not self._keep_alive:
                connection.close()
        elif reason == "stale" and not request.was_retried:
            request.was_retried = True
            self._tally.retried += 1
            place.connections.discard(connection)
            self._start_anew(place, request)
        else:
            self._failed(place, request, "closed_early" if reason == "stale" else reason)
        if connection.is_open:
            if place.queue:
                self._send(connection, place.queue.popleft())
            else:
                place.idle.append(connection)

    def _lost(self, connection: Connection) -> None:
        connection.place.connections.discard(connection)
        self._start_next(connection.place)

    def _failed(self, place: Place, request: Request, reason: str) -> None:
        self._under_way -= 1
        self._tally.failed(request, reason)
        self._start_next(place)

    def _expire(self, now: float) -> None:
        """Give up what has waited too long, wherever it waits."""
        oldest = now - self._timeout
        for place in self._places:
            while place.queue and place.queue[0].intended < oldest:
                self._under_way -= 1
                self._tally.failed(place.queue.popleft(), "timeout")
            for connection in tuple(place.connections):
                if connection.request is not None and connection.request.intended < oldest:
                    connection.give_up("timeout")
            for task, request in tuple(place.opening.items()):
                if request.intended < oldest:
                    task.cancel()
