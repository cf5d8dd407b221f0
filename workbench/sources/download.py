"""An engine's long answers: waited for with patience, read in large pieces, given up at once when the user says so."""

import http.client
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import TypeVar

import docker
import docker.errors
import requests

from workbench.errors import Stopped
from workbench.sources.byte_stream import CHUNK_BYTES, ByteStream
from workbench.sources.transport import CONNECT_SECONDS

T = TypeVar("T")

LONGEST_SILENCE_SECONDS = 3600.0
"""How long an engine may say nothing: one with a classic store first writes its own copy of a whole image."""
_LOOK_SECONDS = 0.1
_FIRST_BYTES = 16 * 1024
_LONGEST_REFUSAL_BYTES = 64 * 1024


@contextmanager
def download(
    client: docker.APIClient,
    path: str,
    parameters: Mapping[str, str],
    *,
    stop: Event,
    watch: Callable[[int], object] = lambda _: None,
) -> Iterator[ByteStream]:
    """The body of an engine's answer.

    Args:
        client: A client whose connection is free.
        path: Below the API's version: `/images/…/get`.
        parameters: The query.
        stop: Set to give up, from any thread.
        watch: Told how many bytes came, each time, and 0 while nothing comes; may raise.

    Raises:
        Stopped: as soon as `stop` is set.
        docker.errors.APIError: when the engine refuses.
        requests.RequestException: when it does not answer; later, http.client.HTTPException or OSError.
    """
    url = f"{client.base_url}/v{client.api_version}{path}"

    def ask() -> requests.Response:
        timeout = (CONNECT_SECONDS, LONGEST_SILENCE_SECONDS)
        headers = {"Accept-Encoding": "identity"}  # some engines would compress: theirs is slow, and not ours to undo
        return client.get(
            url, params=dict(parameters), headers=headers, stream=True, timeout=timeout, allow_redirects=False
        )

    response = unless_stopped(ask, lambda late: late.close(), stop, watch)
    finished = Event()
    try:
        refuse(response)
        Thread(target=_hang_up, args=(response, stop, finished), name="download:stop", daemon=True).start()
        yield ByteStream(_filler(response, stop, watch))
    finally:
        finished.set()
        response.close()


def unless_stopped(
    work: Callable[[], T], discard: Callable[[T], object], stop: Event, watch: Callable[[int], object]
) -> T:
    """What `work` returns, or Stopped while it is still at it; what comes after that is discarded.

    Args:
        work: Done on a thread of its own.
        discard: Gets what came too late.
        stop: Set to give up, from any thread.
        watch: Told 0 while nothing comes; may raise.
    """
    done: SimpleQueue[T | BaseException] = SimpleQueue()
    given_up = Event()

    def run() -> None:
        try:
            result: T | BaseException = work()
        except BaseException as error:  # noqa: BLE001  raised again by who waits
            result = error
        done.put(result)
        if given_up.is_set():
            with suppress(Empty):
                late = done.get_nowait()
                if not isinstance(late, BaseException):
                    discard(late)

    Thread(target=run, name="download", daemon=True).start()
    try:
        while True:
            if stop.is_set():
                raise Stopped("stopped")
            with suppress(Empty):
                result = done.get(timeout=_LOOK_SECONDS)
                break
            watch(0)
    except BaseException:
        given_up.set()
        with suppress(Empty):
            late = done.get_nowait()
            if not isinstance(late, BaseException):
                discard(late)
        raise
    if isinstance(result, BaseException):
        raise result
    return result


def refuse(response: requests.Response) -> None:
    """Raise the engine's own sentence when it did not answer with what was asked for.

    Raises:
        docker.errors.APIError: with it.
    """
    if response.status_code == 200:
        return
    said = response.raw.read(_LONGEST_REFUSAL_BYTES)
    response._content = said  # the rest of an endless refusal is not read
    try:
        response.raise_for_status()
    except requests.HTTPError as error:
        docker.errors.create_api_error_from_http_exception(error)
    raise docker.errors.APIError(f"an answer {response.status_code}", response=response)


def _filler(response: requests.Response, stop: Event, watch: Callable[[int], object]) -> Callable[[], memoryview]:
    # urllib3's own `read` copies each byte twice on its way
    body = response.raw._fp
    if body is None:
        return lambda: memoryview(b"")
    view = memoryview(bytearray(CHUNK_BYTES))
    wanted = _FIRST_BYTES

    def fill() -> memoryview:
        nonlocal wanted
        if stop.is_set():
            raise Stopped("stopped")
        asked_at = time.monotonic()
        try:
            # It returns when all of it is there: on a slow line little is asked for, so that progress is seen
            size: int = body.readinto(view[:wanted])
        except (OSError, ValueError, http.client.HTTPException) as error:
            if stop.is_set():
                raise Stopped("stopped") from error
            raise
        is_slow = time.monotonic() - asked_at > _LOOK_SECONDS
        wanted = max(wanted // 2, _FIRST_BYTES) if is_slow else min(2 * wanted, CHUNK_BYTES)
        watch(size)
        return view[:size]

    return fill


def _hang_up(response: requests.Response, stop: Event, finished: Event) -> None:
    """Break the connection when `stop` is set while nothing comes."""
    while not finished.wait(_LOOK_SECONDS):
        if stop.is_set():
            connection = getattr(response.raw, "connection", None)
            sock = getattr(connection, "sock", None)
            if sock is not None:
                with suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
            return
