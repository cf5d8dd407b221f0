"""Running a program in a container through the engine: what it wrote, how it ended, and Ctrl-C in time."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING, cast

import docker
from docker.utils.socket import frames_iter

from workbench.errors import EngineTimeout
from workbench.sources.answers import number, text

if TYPE_CHECKING:
    import socket

_LOOK_SECONDS = 0.1
_GRACE_SECONDS = 10.0
"""Between Ctrl-C and giving up."""
_CTRL_C = b"\x03"
_OUTPUT, _ERRORS = 1, 2


@dataclass(frozen=True, slots=True)
class Ran:
    """A program that has ended."""

    exit_code: int | None
    """`None` when the engine does not tell: the container ended with it."""
    output: bytes
    """The end of what it wrote to its terminal, or all of it up to the bound. Hostile."""
    errors: bytes = b""
    was_interrupted: bool = False
    """Whether it was sent Ctrl-C."""


def run_on_terminal(
    client: docker.APIClient,
    container: str,
    command: Sequence[str],
    *,
    user: str = "",
    seconds: float,
    most_bytes: int = 16384,
    stop: Event | None = None,
    tick: Callable[[], object] = lambda: None,
) -> Ran:
    """Run a program on a terminal of its own, and press Ctrl-C there when it takes too long.

    The terminal is what lets a program be interrupted through any engine: there is no call that signals one.

    Args:
        client: The engine's.
        container: Where.
        command: Its arguments.
        user: Who runs it; empty for the container's own user.
        seconds: Until Ctrl-C.
        most_bytes: How much of the end of its output is kept.
        stop: Set to press Ctrl-C at once.
        tick: Called now and then while it runs.

    Raises:
        EngineTimeout: when it does not end after Ctrl-C.
        docker.errors.APIError: when the engine refuses; a requests exception when it does not answer.
    """
    run = text(client.exec_create(container, list(command), user=user, tty=True, stdin=True), "Id")
    opened = client.exec_start(run, tty=True, socket=True)
    terminal = _under(opened)
    started = time.monotonic()
    interrupted_at: float | None = None
    output = b""
    try:
        terminal.settimeout(_LOOK_SECONDS)
        while True:
            try:
                piece = terminal.recv(65536)
                if not piece:
                    break
                output = (output + piece)[-most_bytes:]
            except TimeoutError:
                tick()
            except OSError:  # the container went away
                break
            now = time.monotonic()
            if interrupted_at is None:
                if now - started > seconds or (stop is not None and stop.is_set()):
                    interrupted_at = now
                    terminal.sendall(_CTRL_C)
            elif now - interrupted_at > _GRACE_SECONDS:
                raise EngineTimeout("a program in the container does not end after Ctrl-C")
    finally:
        opened.close()
        terminal.close()
    code = number(client.exec_inspect(run), "ExitCode")
    return Ran(code, output, was_interrupted=interrupted_at is not None)


def run_for_output(
    client: docker.APIClient, container: str, command: Sequence[str], *, user: str = "", most_bytes: int
) -> Ran:
    """Run a program that ends soon, and keep what it wrote.

    Args:
        client: The engine's.
        container: Where.
        command: Its arguments.
        user: Who runs it; empty for the container's own user.
        most_bytes: How much is read of its output, and of its errors.

    Raises:
        docker.errors.APIError: when the engine refuses; a requests exception when it does not answer.
    """
    run = text(client.exec_create(container, list(command), user=user), "Id")
    opened = client.exec_start(run, socket=True)
    under = _under(opened)
    gathered = {_OUTPUT: b"", _ERRORS: b""}
    try:
        frames: Iterator[tuple[int, bytes]] = frames_iter(opened, tty=False)  # type: ignore[no-untyped-call]  # docker-py's
        for stream, piece in frames:
            if stream in gathered and len(gathered[stream]) < most_bytes:
                gathered[stream] = (gathered[stream] + piece)[:most_bytes]
    finally:
        opened.close()
        under.close()
    return Ran(number(client.exec_inspect(run), "ExitCode"), gathered[_OUTPUT], gathered[_ERRORS])


def _under(opened: object) -> "socket.socket":
    """The socket under what docker-py gives of a connection, which that forgets as it is closed."""
    return cast("socket.socket", getattr(opened, "_sock", opened))
