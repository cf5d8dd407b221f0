"""Running a program in a container through the engine: what it wrote, how it ended, and Ctrl-C in time."""

import struct
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING, cast

import docker

from workbench.errors import EngineTimeout
from workbench.sources.answers import number, text

if TYPE_CHECKING:
    import socket

_LOOK_SECONDS = 0.1
_GRACE_SECONDS = 10.0
"""Between Ctrl-C and giving up."""
_CTRL_C = b"\x03"
_OUTPUT, _ERRORS = 1, 2
_HEADER = struct.Struct(">BxxxL")
_ASK_SECONDS = 0.5
_START_SECONDS = 10.0
"""After which a program that neither runs nor has an exit code has ended with its container."""
_OUTPUT_SECONDS = 30.0


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
    watch: Callable[[int], object] | None = None,
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
        watch: Told its process id, as the engine's machine has it, at least ten times a second while it runs.

    Raises:
        EngineTimeout: when it does not end after Ctrl-C.
        docker.errors.APIError: when the engine refuses; a requests exception when it does not answer.
    """
    run = text(client.exec_create(container, list(command), user=user, tty=True, stdin=True), "Id")
    started = time.monotonic()
    interrupted_at: float | None = None
    output = b""
    pid = 0
    with _attached(client, run, tty=True) as terminal:
        for piece in _pieces(client, run, terminal):
            output = (output + piece)[-most_bytes:]
            if watch is not None:
                pid = pid or number(client.exec_inspect(run), "Pid") or 0
                if pid:
                    watch(pid)
            now = time.monotonic()
            if interrupted_at is None:
                if now - started > seconds or (stop is not None and stop.is_set()):
                    interrupted_at = now
                    with suppress(OSError):  # it has just ended
                        terminal.sendall(_CTRL_C)
            elif now - interrupted_at > _GRACE_SECONDS:
                raise EngineTimeout("a program in the container does not end after Ctrl-C")
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
        most_bytes: How much is read of its output and errors together.

    Raises:
        EngineTimeout: when it does not end.
        docker.errors.APIError: when the engine refuses; a requests exception when it does not answer.
    """
    run = text(client.exec_create(container, list(command), user=user), "Id")
    started = time.monotonic()
    gathered = bytearray()
    with _attached(client, run, tty=False) as stream:
        for piece in _pieces(client, run, stream):
            gathered += piece[: max(0, most_bytes - len(gathered))]
            if time.monotonic() - started > _OUTPUT_SECONDS:
                raise EngineTimeout("a program in the container does not end")
    output, errors = _apart(bytes(gathered))
    return Ran(number(client.exec_inspect(run), "ExitCode"), output, errors)


@contextmanager
def _attached(client: docker.APIClient, run: str, *, tty: bool) -> "Iterator[socket.socket]":
    """Start it, and the socket that it writes to."""
    opened = client.exec_start(run, tty=tty, socket=True)
    # docker-py forgets it as it closes what is around it
    under = cast("socket.socket", getattr(opened, "_sock", opened))
    try:
        under.settimeout(_LOOK_SECONDS)
        yield under
    finally:
        opened.close()
        under.close()


def _pieces(client: docker.APIClient, run: str, stream: "socket.socket") -> Iterator[bytes]:
    """What a program writes, piece by piece until it has ended; empty ones now and then while it is silent.

    Not every way to an engine tells that the other side has closed its end, so a silent program is asked about. One
    that does not run has ended when it has an exit code; without, a busy engine has yet to start it.
    """
    began = asked_at = time.monotonic()
    while True:
        try:
            piece = stream.recv(65536)
            if not piece:
                return
            yield piece
        except TimeoutError:
            now = time.monotonic()
            if now - asked_at > _ASK_SECONDS:
                asked_at = now
                told = client.exec_inspect(run)
                has_ended = number(told, "ExitCode") is not None or now - began > _START_SECONDS
                if told.get("Running") is not True and has_ended:
                    return
            yield b""
        except OSError:  # the container went away
            return


def _apart(content: bytes) -> tuple[bytes, bytes]:
    """Output and errors, which the engine sends as frames: a byte that tells which, three of nothing, the length."""
    found = {_OUTPUT: bytearray(), _ERRORS: bytearray()}
    at = 0
    while at + _HEADER.size <= len(content):
        stream, length = _HEADER.unpack_from(content, at)
        at += _HEADER.size
        found.setdefault(stream, bytearray()).extend(content[at : at + length])
        at += length
    return bytes(found[_OUTPUT]), bytes(found[_ERRORS])
