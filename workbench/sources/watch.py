"""One running container, watched on a thread of its own."""

import logging
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any
from urllib.parse import quote

import docker
import docker.errors
import requests

from workbench.sources.answers import Answer, number, part, text
from workbench.sources.cpu_limit import cpu_limit_cores
from workbench.sources.transport import hang_up

CONNECT_SECONDS = 3.0
SILENCE_SECONDS = 10.0
"""A stream that says nothing for so long is opened anew. Engines speak once a second, or every two when busy."""
PAUSE_SECONDS = 2.0
"""Between a stream's end and its next opening."""
LOOK_AGAIN_AFTER = 120
"""Samples between two looks at the CPU quota, which `docker update` changes without a restart."""
LONGEST_SAMPLE = 1 << 18
"""Bytes. A sample has 2 to 10 kB; what is longer is no sample and must not fill our memory."""

_NOT_RUNNING = b'"read":"0001-01-01'
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Samples:
    """Two raw samples of one uninterrupted run, as lines of JSON."""

    run: int
    """Counts the runs: it changes when the container was seen not running."""
    first: bytes
    newest: bytes
    came_at: float
    """When the newest came, on the monotonic clock."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where inspect says that a container runs, which tells its control groups where their names do not."""

    pid: int
    """Of its first process, in the engine's own namespace; 0 when not known."""
    cgroup_parent: str


class Watch:
    """Follows a container's statistics and keeps the newest sample only, undecoded: most are never looked at.

    A thread each, so that an engine that is stuck on one container holds up nothing else. The thread is a daemon.

    Args:
        client: Shared with others; a request may come from any thread.
        container_id: Whom to watch.
        machine_cpus: Cores of the engine's machine.
    """

    def __init__(self, client: docker.APIClient, container_id: str, machine_cpus: int) -> None:
        self._client = client
        self._id = container_id
        self._machine_cpus = machine_cpus
        self._closed = Event()
        self._response: requests.Response | None = None
        self._run_number = 0
        self._since_look = hash(container_id) % LOOK_AGAIN_AFTER  # spreads the looks at many containers over time
        self.samples: Samples | None = None
        self.cpu_limit_cores: float | None = None
        self.place: Place | None = None
        self._thread = Thread(target=self._run, name=f"stats:{container_id[:12]}", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop, without waiting for the thread. Callable from another thread, and twice."""
        self._closed.set()
        if (response := self._response) is not None:
            hang_up(response)

    def _run(self) -> None:
        while not self._closed.is_set():
            try:
                self._look()
                self._follow()
            except Exception as error:  # noqa: BLE001  whatever breaks a stream, its container is merely not measured
                _log.debug("the statistics of %s broke off: %r", self._id, error)
            self.samples = None
            self._closed.wait(PAUSE_SECONDS)

    def _look(self) -> None:
        """Ask for the CPU quota; it is not in the list of containers."""
        with suppress(docker.errors.DockerException, requests.RequestException):
            found: dict[str, Any] = self._client.inspect_container(self._id)
            self.cpu_limit_cores = cpu_limit_cores(part(found, "HostConfig"), self._machine_cpus)
            self.place = place_of(found)

    def _follow(self) -> None:
        # docker-py's own `stats` gives a generator that no other thread can stop and waits a minute for a sample
        address = f"{self._client.base_url}/v{self._client.api_version}/containers/{quote(self._id, safe='')}/stats"
        with self._client.get(
            address,
            params={"stream": "true"},
            headers={"Accept-Encoding": "identity"},
            stream=True,
            timeout=(CONNECT_SECONDS, SILENCE_SECONDS),
        ) as response:
            self._response = response
            try:
                if response.status_code == requests.codes.ok and not self._closed.is_set():
                    self._keep(lines(response.raw))
            finally:
                self._response = None

    def _keep(self, samples: Iterator[bytes]) -> None:
        for sample in samples:
            if self._closed.is_set():
                return
            kept = self.samples
            if not is_sample(sample):
                self.samples = None
                self._run_number += 1
            else:
                self.samples = Samples(self._run_number, kept.first if kept else sample, sample, time.monotonic())
            self._since_look += 1
            if self._since_look >= LOOK_AGAIN_AFTER:
                self._since_look = 0
                self._look()


def is_sample(sample: bytes) -> bool:
    """Whether the container ran when this was taken; of one that does not run, engines tell the name alone."""
    return _NOT_RUNNING not in sample


def place_of(found: Answer) -> Place:
    """Where a container runs, from inspect's answer."""
    pid = number(part(found, "State"), "Pid") or 0
    return Place(pid, text(part(found, "HostConfig"), "CgroupParent"))


def lines(raw: Any) -> Iterator[bytes]:  # noqa: ANN401  urllib3's response, which requests does not type
    """The lines of a streamed answer as they come; ends with the stream, or at a line that is too long."""
    rest = b""
    while piece := raw.read1(1 << 16):
        *whole, rest = (rest + piece).split(b"\n")
        yield from (line for line in whole if line.strip())
        if len(rest) > LONGEST_SAMPLE:
            return
