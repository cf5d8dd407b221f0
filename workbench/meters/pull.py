"""A pull that is really made, and when each layer came."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from threading import Event
from typing import Any

import docker
import docker.errors
import requests

from workbench.errors import Stopped, UsageError, WorkbenchError
from workbench.measure.text import printable
from workbench.model.pull import LayerTimes, TimedPull
from workbench.sources.answers import Answer, number, part, text
from workbench.sources.docker_errors import sentence

_MOST_LAYERS = 1000


class PullTimes:
    """Reads what an engine says while it pulls.

    Args:
        clock: Seconds since the pull began.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._layers: dict[str, dict[str, float]] = {}
        self._sizes: dict[str, int] = {}

    def feed(self, said: Answer) -> None:
        """Take one message.

        Raises:
            WorkbenchError: when it says that the pull has failed.
        """
        if "error" in said:
            raise WorkbenchError(f"the pull failed: {sentence(text(said, 'error'))}")
        layer, status = text(said, "id"), text(said, "status")
        if status == "Pulling fs layer" and len(self._layers) < _MOST_LAYERS:
            self._layers[layer] = {}
        if layer not in self._layers:
            return
        moments, now = self._layers[layer], self._clock()
        size = number(part(said, "progressDetail"), "total")
        match status:
            case "Downloading":
                moments.setdefault("download_began", now)
                if size:
                    self._sizes[layer] = size
            case "Verifying Checksum" | "Download complete":
                # A small layer is there before the engine tells of it
                moments.setdefault("download_began", now)
                moments.setdefault("download_ended", now)
            case "Extracting":
                moments.setdefault("extract_began", now)
                if size:
                    self._sizes.setdefault(layer, size)
            case "Pull complete":
                moments.setdefault("extract_began", now)
                moments["extract_ended"] = now

    def layers(self) -> tuple[tuple[str, int | None, LayerTimes], ...]:
        """Id, compressed bytes and times of each layer that was pulled."""
        names = ("download_began", "download_ended", "extract_began", "extract_ended")
        return tuple(
            (layer, self._sizes.get(layer), LayerTimes(*(moments.get(name) for name in names)))
            for layer, moments in self._layers.items()
        )

    def in_words(self) -> str:
        """How far it is."""
        down = sum("download_ended" in moments for moments in self._layers.values())
        done = sum("extract_ended" in moments for moments in self._layers.values())
        return f"{down} of {len(self._layers)} layers downloaded, {done} unpacked"


def timed_pull(client: docker.APIClient, reference: str, heard: Callable[[str], object], stop: Event) -> TimedPull:
    """Pull an image that the engine does not have, time it, and remove it again; blocks.

    Args:
        client: The engine's, with nothing else to do.
        reference: Name and tag.
        heard: Told in words how far it is; must not block.
        stop: Set to give up.

    Raises:
        UsageError: when the engine has it: its layers would not be pulled.
        Stopped: when it was given up.
        WorkbenchError: when it fails.
        docker.errors.APIError: when the engine refuses; a requests exception when it does not answer.
    """
    untyped: Any = client
    with suppress(docker.errors.ImageNotFound):
        untyped.inspect_image(reference)
        raise UsageError(
            f"the engine has {printable(reference)} already: nothing would be pulled",
            f"remove it first: docker rmi {printable(reference)}",
        )
    began, began_at = time.monotonic(), time.time()
    seen = PullTimes(lambda: time.monotonic() - began)
    try:
        for said in _until(stop, client.pull(reference, stream=True, decode=True)):
            seen.feed(said)
            heard(seen.in_words())
        seconds = time.monotonic() - began
        identity = text(untyped.inspect_image(reference), "Id")
    finally:
        with suppress(docker.errors.APIError, requests.RequestException):
            client.remove_image(reference)
    return TimedPull(reference, identity, seconds, seen.layers(), began_at)


def _until(stop: Event, stream: Iterable[Any]) -> Iterator[Any]:
    for said in stream:
        if stop.is_set():
            raise Stopped("stopped")
        yield said
