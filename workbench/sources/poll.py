"""Containers measured now and then, by asking for one sample at a time: for those that get no stream of their own."""

import logging
import time
from contextlib import suppress
from threading import Event, Lock, Thread
from urllib.parse import quote

import docker
import docker.errors
import requests

from workbench.sources.answers import part
from workbench.sources.cpu_limit import cpu_limit_cores
from workbench.sources.watch import (
    CONNECT_SECONDS,
    LONGEST_SAMPLE,
    SILENCE_SECONDS,
    Place,
    Samples,
    is_sample,
    place_of,
)

FAST_SECONDS, SLOW_SECONDS = 5.0, 10.0
"""Between two samples of one container; the latter where the engine waits for its own tick before it answers."""
SLOW_ANSWER_SECONDS = 0.2
LOOK_SECONDS = 0.2
"""Between two looks at whether a sample is due."""
SLOW_THREADS = 4
"""Asking an engine that waits does not burden it more, so several ask it at once."""

_ONE_SHOT_SINCE = (1, 41)
_log = logging.getLogger(__name__)


class Polled:
    """One container that a `Poller` asks about."""

    def __init__(self, container_id: str) -> None:
        self.id = container_id
        self.samples: Samples | None = None
        self.cpu_limit_cores: float | None = None
        self.place: Place | None = None
        self.due = 0.0
        self.closed = False

    def close(self) -> None:
        """Ask no more about it."""
        self.closed = True
        self.samples = None


class Poller:
    """Goes round its containers on few daemon threads. The first answer tells how quick the engine is.

    Args:
        client: Shared with others; a request may come from any thread.
        machine_cpus: Cores of the engine's machine.
    """

    def __init__(self, client: docker.APIClient, machine_cpus: int) -> None:
        self._client = client
        self._machine_cpus = machine_cpus
        self._lock = Lock()
        self._stop = Event()
        self._came = Event()
        """Whether there is something to ask, or the end."""
        self._waiting: list[Polled] = []
        self._threads = 0
        self._wanted = 1
        self.interval = FAST_SECONDS
        """Seconds between two samples of one container, once the engine's quickness is known."""

    def add(self, container_id: str) -> Polled:
        """Ask about one more container, from now on until it is closed."""
        polled = Polled(container_id)
        with self._lock:
            self._waiting.append(polled)
            self._came.set()
            self._hire()
        return polled

    def close(self) -> None:
        """Stop, without waiting for answers. Callable twice."""
        with self._lock:
            self._stop.set()
            self._came.set()

    def _hire(self) -> None:
        while self._threads < self._wanted and not self._stop.is_set():
            self._threads += 1
            Thread(target=self._run, name=f"poll:{self._threads}", daemon=True).start()

    def _run(self) -> None:
        while not self._stop.is_set():
            polled = self._next()
            if polled is None:
                self._stop.wait(LOOK_SECONDS)
                self._came.wait()
                continue
            began = time.monotonic()
            try:
                self._ask(polled)
            except Exception as error:  # noqa: BLE001  whatever goes wrong, this container is merely not measured
                polled.samples = None
                _log.debug("no sample of %s: %r", polled.id, error)
            self._put_back(polled, took=time.monotonic() - began)

    def _next(self) -> Polled | None:
        with self._lock:
            self._waiting = [polled for polled in self._waiting if not polled.closed]
            first = min(self._waiting, key=lambda polled: polled.due, default=None)
            if not self._waiting and not self._stop.is_set():
                self._came.clear()
            if first is None or first.due > time.monotonic():
                return None
            self._waiting.remove(first)
            return first

    def _put_back(self, polled: Polled, took: float) -> None:
        with self._lock:
            if took > SLOW_ANSWER_SECONDS and self.interval != SLOW_SECONDS:
                self.interval, self._wanted = SLOW_SECONDS, SLOW_THREADS
                self._hire()
            polled.due = time.monotonic() + self.interval
            if not polled.closed:
                self._waiting.append(polled)
                self._came.set()

    def _ask(self, polled: Polled) -> None:
        if polled.place is None:
            with suppress(docker.errors.DockerException, requests.RequestException):
                found = self._client.inspect_container(polled.id)
                polled.cpu_limit_cores = cpu_limit_cores(part(found, "HostConfig"), self._machine_cpus)
                polled.place = place_of(found)
        with self._client.get(
            f"{self._client.base_url}/v{self._client.api_version}/containers/{quote(polled.id, safe='')}/stats",
            params={"stream": "false", **self._one_shot()},
            headers={"Accept-Encoding": "identity"},
            stream=True,
            timeout=(CONNECT_SECONDS, SILENCE_SECONDS),
        ) as response:
            response.raise_for_status()
            sample = response.raw.read(LONGEST_SAMPLE)
        kept = polled.samples
        first = kept.first if kept else sample
        polled.samples = Samples(0, first, sample, time.monotonic()) if is_sample(sample) else None

    def _one_shot(self) -> dict[str, str]:
        """An older engine would refuse to answer with one sample only; it takes two seconds for two."""
        version = tuple(int(word) for word in str(self._client.api_version).split(".")[:2])
        return {"one-shot": "true"} if version >= _ONE_SHOT_SINCE else {}
