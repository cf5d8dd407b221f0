"""What an engine tells of its containers, followed on a daemon thread that loses nothing when the stream breaks."""

import json
import logging
import time
from collections import deque
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from threading import Event, Lock, Thread
from typing import Any

import docker
import docker.errors
import msgspec
import requests

from workbench.model.events import EngineEvent
from workbench.sources.answers import Answer, part, text, texts
from workbench.sources.engine_event import decode_event, event_nanoseconds
from workbench.sources.transport import hang_up
from workbench.sources.watch import CONNECT_SECONDS, PAUSE_SECONDS, lines

SILENCE_SECONDS = 60.0
"""A stream that says nothing for so long is opened anew, in case the way to the engine broke unnoticed."""
MOST_WAITING = 2000
"""Events that wait to be drained; the oldest give way."""
_MOST_SEEN = 512
_MOST_HEALTH_CHECKS = 4096
_TRUSTED_SKEW_SECONDS = 2.0
"""The answer's date is in whole seconds, so a smaller difference is none."""
_NANO = 1_000_000_000
_log = logging.getLogger(__name__)


class Events:
    """Follows an engine's events and keeps those that nobody has taken yet.

    Args:
        client: Shared with others; a request may come from any thread.
        since_ns: Where an earlier one left off, by the engine's clock; 0 for from now on.
        wall_clock: Unix time in seconds.
    """

    def __init__(
        self, client: docker.APIClient, since_ns: int = 0, wall_clock: Callable[[], float] = time.time
    ) -> None:
        self._client = client
        self._wall_clock = wall_clock
        self._closed = Event()
        self._response: requests.Response | None = None
        self._lock = Lock()
        self._waiting: deque[EngineEvent] = deque(maxlen=MOST_WAITING)
        self._seen: deque[tuple[int, str, str]] = deque(maxlen=_MOST_SEEN)
        self._skew = 0.0
        self._health_checks: dict[str, str] = {}
        self._changed: set[str] | None = None
        self.listening = False
        """Whether the stream is open: only then does silence mean that nothing has changed."""
        self.since_ns = since_ns
        """The newest event's time, by the engine's clock."""
        self._thread = Thread(target=self._run, name="events", daemon=True)
        self._thread.start()

    def drain(self) -> tuple[EngineEvent, ...]:
        """The events since the last call, oldest first."""
        with self._lock:
            drained = tuple(sorted(self._waiting, key=lambda event: event.at))
            self._waiting.clear()
        return drained

    def changed(self) -> frozenset[str] | None:
        """The containers that may be listed otherwise than at the last call; `None` when any may be."""
        with self._lock:
            changed, self._changed = self._changed, set()
        return frozenset(changed) if changed is not None and self.listening else None

    def close(self) -> None:
        """Stop, without waiting for the thread. Callable from another thread, and twice."""
        self._closed.set()
        if (response := self._response) is not None:
            hang_up(response)

    def _run(self) -> None:
        while not self._closed.is_set():
            began = time.monotonic()
            try:
                self._follow()
            except Exception as error:  # noqa: BLE001  whatever breaks the stream, it is opened anew
                _log.debug("the engine's events broke off: %r", error)
            self.listening = False
            if time.monotonic() - began < SILENCE_SECONDS:
                self._closed.wait(PAUSE_SECONDS)

    def _follow(self) -> None:
        parameters = {"filters": json.dumps({"type": ["container"]})}
        if self.since_ns:
            parameters["since"] = f"{self.since_ns // _NANO}.{self.since_ns % _NANO:09d}"
        with self._client.get(
            f"{self._client.base_url}/v{self._client.api_version}/events",
            params=parameters,
            headers={"Accept-Encoding": "identity"},
            stream=True,
            timeout=(CONNECT_SECONDS, SILENCE_SECONDS),
        ) as response:
            self._response = response
            try:
                if response.status_code != requests.codes.ok or self._closed.is_set():
                    return
                self._skew = self._skew_of(response)
                if not self.since_ns:
                    self.since_ns = int((self._wall_clock() + self._skew) * _NANO)
                with self._lock:
                    self._changed = None
                self.listening = True
                for line in lines(response.raw):
                    if self._closed.is_set():
                        return
                    self._take(line)
            finally:
                self._response = None

    def _take(self, line: bytes) -> None:
        try:
            message: Any = msgspec.json.decode(line)
        except (msgspec.DecodeError, ValueError, RecursionError):
            return
        at_ns = event_nanoseconds(message) if isinstance(message, dict) else None
        if at_ns is None or self._is_repeated(message, at_ns):
            return
        event = decode_event(message, self._skew)
        if event is None or (event.kind == "exec" and self._is_health_check(event.container_id, message)):
            return
        with self._lock:
            self._waiting.append(event)
            if event.kind != "exec" and self._changed is not None:
                self._changed.add(event.container_id)
                if len(self._changed) > MOST_WAITING:
                    self._changed = None

    def _is_repeated(self, message: Answer, at_ns: int) -> bool:
        """What came before the stream broke comes again: the engine's `since` includes its moment."""
        key = (at_ns, text(message, "Action"), text(part(message, "Actor"), "ID"))
        if key in self._seen:
            return True
        self._seen.append(key)
        self.since_ns = max(self.since_ns, at_ns)
        return False

    def _is_health_check(self, container_id: str, message: Answer) -> bool:
        """Whether the engine itself ran this: a health check looks like any other exec, every few seconds."""
        if container_id not in self._health_checks:
            while len(self._health_checks) >= _MOST_HEALTH_CHECKS:
                self._health_checks.pop(next(iter(self._health_checks)))
            self._health_checks[container_id] = self._health_check(container_id)
        command = text(message, "Action").partition(":")[2].strip()
        return bool(command) and command == self._health_checks[container_id]

    def _health_check(self, container_id: str) -> str:
        """Its command as an exec's event shows it; empty without one."""
        try:
            found: Any = self._client.inspect_container(container_id)
        except (docker.errors.DockerException, requests.RequestException):
            return ""
        config = part(found, "Config")
        kind, *words = texts(part(config, "Healthcheck"), "Test") or ("NONE",)
        shell = texts(config, "Shell") or ("/bin/sh", "-c")
        return " ".join({"CMD": tuple(words), "CMD-SHELL": (*shell, *words)}.get(kind, ()))

    def _skew_of(self, response: requests.Response) -> float:
        """How many seconds the engine's clock is ahead of ours, by the date of its answer."""
        try:
            date = parsedate_to_datetime(response.headers.get("Date", "")).timestamp()
        except (ValueError, TypeError, OverflowError):
            return 0.0
        skew = date - self._wall_clock()
        return skew if abs(skew) > _TRUSTED_SKEW_SECONDS else 0.0
