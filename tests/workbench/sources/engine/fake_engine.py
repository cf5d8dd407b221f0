"""A fake engine behind a real unix socket: what is tested speaks HTTP through docker-py as it would with dockerd."""

import base64
import json
import socket
import socketserver
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from select import select
from threading import Condition, Event, Thread
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

from workbench.sources.endpoint import Endpoint

VERSION = {"Version": "20.10.24", "ApiVersion": "1.41", "MinAPIVersion": "1.12", "Components": [{"Name": "Engine"}]}
INFO = {"Driver": "overlay2", "NCPU": 4, "MemTotal": 8_000_000_000, "OperatingSystem": "Debian", "CgroupVersion": "1"}


class FakeEngine:
    """Answers what a test puts into it, can go away, come back and hang."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.endpoint = Endpoint(f"unix://{path}")
        self.version: dict[str, Any] = dict(VERSION)
        self.info: dict[str, Any] = dict(INFO)
        self.containers: list[dict[str, Any]] = []
        self.inspected: dict[str, dict[str, Any]] = {}
        self.images: list[dict[str, Any]] = []
        self.image: dict[str, dict[str, Any]] = {}
        self.history: dict[str, list[dict[str, Any]]] = {}
        self.exports: dict[str, list[bytes | Event]] = {}
        """Pieces of each image's export; an event holds it back, and an export that ends with one breaks off there."""
        self.tops: dict[tuple[str, str], dict[str, Any]] = {}
        """By container and arguments of `ps`."""
        self.logs: dict[str, list[bytes | Event]] = {}
        """Pieces of each container's log, as for the exports."""
        self.log_questions: list[dict[str, str]] = []
        self.files: dict[tuple[str, str], tuple[int, str]] = {}
        """By container and path: mode, as Go writes it, and where a link leads."""
        self.refusals: dict[str, tuple[int, str]] = {}
        """By method and path: what is answered instead of "done"."""
        self.done: list[str] = []
        """Method and path of every request that changes something."""
        self.asked: list[str] = []
        self.queries: list[str] = []
        """What came after the `?` of each request, in the order of `asked`."""
        self.tells_events = False
        """Whether it has a stream of events; they are sent as samples to the container `events`."""
        self.awake = Event()
        self.awake.set()
        self.changed = Condition()
        self.samples: dict[str, list[bytes | None]] = {}
        self.streams: dict[str, int] = {}
        self.one_shots: dict[str, dict[str, Any]] = {}
        self._server: _Server | None = None
        self.start()

    def start(self) -> None:
        self._server = _Server(self)
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def stop(self) -> None:
        """Go away as a killed engine does: every connection breaks."""
        server, self._server = self._server, None
        if server is None:
            return
        server.shutdown()
        server.server_close()
        self.path.unlink(missing_ok=True)
        for connection in list(server.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        with self.changed:
            self.changed.notify_all()

    def add(self, container_id: str, name: str, state: str = "running", **more: Any) -> dict[str, Any]:
        entry: dict[str, Any] = {
            "Id": container_id,
            "Names": [f"/{name}"],
            "Image": "app:1",
            "ImageID": "sha256:1",
            "State": state,
        }
        entry |= {"Status": "Up 2 minutes", "Created": 1_700_000_000, "Labels": {}} | more
        self.containers.append(entry)
        return entry

    def send(self, container_id: str, sample: dict[str, Any] | bytes | None) -> None:
        """Send a sample down the container's stream; bytes as they are, `None` ends the stream."""
        line = json.dumps(sample, separators=(",", ":")).encode() + b"\n" if isinstance(sample, dict) else sample
        with self.changed:
            self.samples.setdefault(container_id, []).append(line)
            self.changed.notify_all()

    def next_sample(self, container_id: str, client: socket.socket) -> bytes | None:
        """Wait for one; `None` when the stream ends, as it does when its client or the engine is gone."""
        with self.changed:
            while not self.samples.get(container_id):
                if is_gone(client):
                    return None
                self.changed.wait(0.01)
            return self.samples[container_id].pop(0)


def is_gone(client: socket.socket) -> bool:
    """Whether the other side has closed; a client that waits for a stream sends nothing."""
    return bool(select([client], [], [], 0)[0])


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, engine: FakeEngine) -> None:
        self.engine = engine
        self.connections: set[socket.socket] = set()
        super().__init__(str(engine.path), _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def setup(self) -> None:
        self.client_address = ("socket", 0)
        self.server.connections.add(self.request)
        super().setup()

    def finish(self) -> None:
        self.server.connections.discard(self.request)
        try:
            super().finish()
        except OSError:
            return

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:
            return

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name that the base class gives it
        pass

    def do_GET(self) -> None:
        engine = self.server.engine
        parts = unquote(urlsplit(self.path).path).strip("/").split("/")
        if parts[0].startswith("v1."):
            parts.pop(0)
        engine.queries.append(urlsplit(self.path).query)
        engine.asked.append("/".join(parts))
        engine.awake.wait()
        match parts:
            case ["version"]:
                self.answer(engine.version)
            case ["info"]:
                self.answer(engine.info)
            case ["containers", "json"]:
                asked = json.loads(parse_qs(urlsplit(self.path).query).get("filters", ["{}"])[0])
                self.answer([each for each in engine.containers if each.get("Id") in asked.get("id", [each.get("Id")])])
            case ["containers", container_id, "json"]:
                self.answer(engine.inspected.get(container_id))
            case ["containers", container_id, "stats"] if "stream=false" in urlsplit(self.path).query:
                self.answer(engine.one_shots.get(container_id))
            case ["containers", container_id, "stats"]:
                self.stream(container_id)
            case ["containers", container_id, "top"]:
                columns = parse_qs(urlsplit(self.path).query)["ps_args"][0]
                self.answer(engine.tops.get((container_id, columns)))
            case ["containers", container_id, "logs"]:
                engine.log_questions.append(dict(parse_qsl(urlsplit(self.path).query)))
                self.export(engine.logs[container_id])
            case ["events"] if engine.tells_events:
                self.stream("events")
            case ["images", "json"]:
                self.answer(engine.images)
            case ["images", *name, "get"] if "/".join(name) in engine.exports:
                self.export(engine.exports["/".join(name)])
            case ["images", *name, "json"]:
                self.answer(engine.image.get("/".join(name)))
            case ["images", *name, "history"]:
                self.answer(engine.history.get("/".join(name)))
            case _:
                self.answer(None)

    def do_POST(self) -> None:
        self.do("POST")

    def do_DELETE(self) -> None:
        self.do("DELETE")

    def do(self, method: str) -> None:
        parts = urlsplit(self.path)
        path = parts.path.strip("/").partition("/")[2]
        self.server.engine.done.append(f"{method} {path}" + (f"?{parts.query}" if parts.query else ""))
        status, message = self.server.engine.refusals.get(f"{method} {path}", (204, ""))
        body = json.dumps({"message": message}).encode() if message else b""
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_HEAD(self) -> None:
        parts = urlsplit(self.path)
        _, _, container_id, _ = unquote(parts.path).strip("/").split("/")
        found = self.server.engine.files.get((container_id, parse_qs(parts.query)["path"][0]))
        self.send_response(200 if found else 404)
        if found:
            about = json.dumps({"name": "x", "mode": found[0], "linkTarget": found[1]}).encode()
            self.send_header("X-Docker-Container-Path-Stat", base64.b64encode(about).decode())
        self.send_header("Content-Length", "0")
        self.end_headers()

    def answer(self, value: Any) -> None:
        body = json.dumps({"message": "no such thing"} if value is None else value).encode()
        self.send_response(404 if value is None else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def export(self, pieces: list[bytes | Event]) -> None:
        if pieces and isinstance(pieces[0], Event):
            pieces[0].wait()
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in pieces:
            if isinstance(piece, Event):
                piece.wait()
            elif piece:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        if pieces and isinstance(pieces[-1], Event):
            self.close_connection = True
        else:
            self.wfile.write(b"0\r\n\r\n")

    def stream(self, container_id: str) -> None:
        engine = self.server.engine
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        with engine.changed:
            engine.streams[container_id] = engine.streams.get(container_id, 0) + 1
        try:
            while (line := engine.next_sample(container_id, self.connection)) is not None:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
                self.wfile.flush()
        finally:
            with engine.changed:
                engine.streams[container_id] -= 1
        self.wfile.write(b"0\r\n\r\n")
