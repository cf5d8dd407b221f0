"""A container's log: its end, and what is added to it, until somebody says stop."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any
from urllib.parse import quote

import docker
import docker.errors
import requests

from workbench.errors import EngineError, Stopped, WorkbenchError
from workbench.measure.log_frames import ENGINE, LONGEST_LINE, STDERR, LogFrames
from workbench.measure.secret_lines import SecretLines
from workbench.measure.text import shorten
from workbench.model.logs import LogLine
from workbench.sources.answers import Answer, part, text
from workbench.sources.docker_errors import sentence
from workbench.sources.download import refuse, unless_stopped
from workbench.sources.processes import shown_name
from workbench.sources.transport import CONNECT_SECONDS, hang_up

_PIECE_BYTES = 1 << 16
_LOOK_SECONDS = 0.5
_NOT_IMPLEMENTED = 501
_CANNOT_BE_READ = "does not support reading"


def read_log(
    client: docker.APIClient, container_id: str, *, tail: int, since: float | None, follow: bool, stop: Event
) -> Iterator[LogLine]:
    """Lines as they come, the oldest first; ends with the log, with the container that is followed, or with `stop`.

    Args:
        client: The engine's.
        container_id: The container, running or not.
        tail: How many of the lines that are there; below 0 for all.
        since: Only lines from this moment on, Unix time in seconds.
        follow: Whether to wait for more.
        stop: Set to end at once, from any thread, also while nothing comes.

    Raises:
        WorkbenchError: when its log driver keeps nothing that can be read.
        EngineError: when the engine breaks off.
        docker.errors.APIError: when it refuses; a requests or http.client exception when it goes away.
    """
    found = client.inspect_container(container_id)
    framed = part(found, "Config").get("Tty") is not True
    question = {"stdout": "1", "stderr": "1", "timestamps": "1", "tail": str(tail) if tail >= 0 else "all"}
    if since is not None:
        question["since"] = f"{since:.9f}"
    if follow:
        question["follow"] = "1"
    url = f"{client.base_url}/v{client.api_version}/containers/{quote(text(found, 'Id') or container_id, safe='')}/logs"

    def ask() -> requests.Response:
        headers = {"Accept-Encoding": "identity"}
        # A silent container is no reason to hang up
        return client.get(url, params=question, headers=headers, stream=True, timeout=(CONNECT_SECONDS, None))

    try:
        response = unless_stopped(ask, lambda late: late.close(), stop, lambda _: None)
    except Stopped:
        return
    with _closing(response, stop):
        _refuse(response, found)
        yield from _lines(LogFrames(framed=framed), response.raw, stop)


def _lines(frames: LogFrames, raw: Any, stop: Event) -> Iterator[LogLine]:  # noqa: ANN401  requests does not type it
    masks: dict[int, SecretLines] = {}
    at = 0.0
    for piece in _pieces(raw, stop):
        for line in frames.finish() if piece is None else frames.feed(piece):
            if stop.is_set():
                return
            words = line.content.decode("utf-8", "replace")
            if line.stream == ENGINE:
                raise EngineError(f"the engine cannot read the log on: {sentence(words)}")
            at = line.at if line.at is not None else at
            masked = masks.setdefault(line.stream, SecretLines()).mask(words)
            shown = shorten(masked + "…" * line.is_cut, LONGEST_LINE)
            yield LogLine(at, shown, "stderr" if line.stream == STDERR else "stdout")


def _pieces(raw: Any, stop: Event) -> Iterator[bytes | None]:  # noqa: ANN401  requests does not type it
    """The body as it comes, then `None`."""
    while not stop.is_set():
        try:
            piece: bytes = raw.read1(_PIECE_BYTES)
        except Exception:
            if stop.is_set():  # whatever it is, we broke the connection
                return
            raise
        if not piece:
            break
        yield piece
    yield None


@contextmanager
def _closing(response: requests.Response, stop: Event) -> Iterator[None]:
    """Break the connection as soon as `stop` is set, and close it in the end."""
    finished = Event()

    def watch() -> None:
        while not stop.wait(_LOOK_SECONDS):
            if finished.is_set():
                return
        hang_up(response)

    Thread(target=watch, name="log:stop", daemon=True).start()
    try:
        yield
    finally:
        finished.set()
        response.close()


def _refuse(response: requests.Response, found: Answer) -> None:
    try:
        refuse(response)
    except docker.errors.APIError as error:
        if error.status_code == _NOT_IMPLEMENTED or _CANNOT_BE_READ in str(error.explanation):
            driver = sentence(text(part(part(found, "HostConfig"), "LogConfig"), "Type")) or "unknown"
            raise WorkbenchError(
                f"the log of {shown_name(found)} cannot be read back: its log driver is {driver}",
                "look where that driver sends it, or run the container with --log-driver local",
            ) from error
        raise
