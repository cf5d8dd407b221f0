"""A signal while an engine's export is on its way, from an engine so slow that it never comes to its end."""

import os
import re
import signal
import socket
import socketserver
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Self

import pytest

from tests.live.engines import Engine
from workbench.sources.docker_errors import socket_of
from workbench.sources.helper import LABEL

EXPORT = re.compile(rb"GET /v[0-9.]+/images/[^ ]+/get ")


class SlowEngine:
    """The engine on a port of loopback, but no more of an export comes than a few bytes.

    Attributes:
        address: Where it listens.
        most: Bytes of an export that it lets through.
        held: Set when it holds the rest back.
        left: Set when the client has hung up on the export.
    """

    def __init__(self, path: str, most: int) -> None:
        self.most = most
        self.held, self.left = Event(), Event()
        slow = self

        class Relay(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with socket.socket(socket.AF_UNIX) as far:
                    far.connect(path)
                    slow.serve(self.request, far)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True

        self._server = Server(("127.0.0.1", 0), Relay)
        self.address = f"tcp://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def serve(self, near: socket.socket, far: socket.socket) -> None:
        """Carry one connection's requests, and its answers as far as they may come."""
        is_export = Event()
        Thread(target=self._answer, args=(near, far, is_export), daemon=True).start()
        while request := _received(near):
            if EXPORT.match(request):
                is_export.set()
                if not self.most:
                    self.held.set()
            far.sendall(request)
        if is_export.is_set():
            self.left.set()

    def _answer(self, near: socket.socket, far: socket.socket, is_export: Event) -> None:
        passed = 0
        while answer := _received(far):
            if is_export.is_set():
                if passed >= self.most:
                    self.held.set()
                    self.left.wait()
                    return
                passed += len(answer)
            try:
                near.sendall(answer)
            except OSError:
                return


def _received(source: socket.socket) -> bytes:
    try:
        return source.recv(65536)
    except OSError:
        return b""


@pytest.fixture(params=[0, 3_000_000], ids=["before its first byte", "in its midst"])
def slow_engine(engine: Engine, request: pytest.FixtureRequest) -> Iterator[SlowEngine]:
    path = socket_of(engine.host)
    if not path:
        pytest.skip(f"the engine at {engine.host} has no socket on this machine")
    with SlowEngine(path, request.param) as slow:
        yield slow


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_reading_of_an_export(
    engine: Engine, base_image: str, slow_engine: SlowEngine, tmp_path: Path, number: signal.Signals
) -> None:
    settings = tmp_path / "CONFIG/workbench/config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text("image_helper = false\n")
    places = {f"XDG_{name}_HOME": str(tmp_path / name) for name in ("CONFIG", "CACHE", "DATA", "STATE")}
    child = subprocess.Popen(
        [sys.executable, "-m", "workbench", "image", base_image],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **places, "DOCKER_HOST": slow_engine.address, "DOCKER_CONTEXT": ""},
    )
    try:
        while not slow_engine.held.wait(0.1):
            assert child.poll() is None, child.communicate()
        child.send_signal(number)
        out, err = child.communicate()  # the engine still holds the rest back
    finally:
        child.kill()
        child.wait()
    assert child.returncode == 128 + signal.SIGINT
    assert (out, err) == ("", "")
    slow_engine.left.wait()
    left = [path for path in tmp_path.rglob("*") if path.is_file() and path != settings]
    assert left == []
    assert not engine.client.containers.list(all=True, filters={"label": f"{LABEL}={child.pid}"})
