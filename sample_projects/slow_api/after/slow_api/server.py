"""The HTTP server: a table of routes, JSON answers, and an orderly end on SIGTERM."""

import gzip
import json
import signal
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from slow_api import database, orders, pricing, recommendations, reports
from slow_api.parameters import BadParameter, Parameters

Endpoint = Callable[[sqlite3.Connection, Parameters], object]


def health(connection: sqlite3.Connection, parameters: Parameters) -> object:
    """Say that the service and its database answer."""
    connection.execute("SELECT 1").fetchone()
    return {"status": "ok"}


WORTH_COMPRESSING = 1400
"""Bytes; a smaller answer fits one packet as it is."""

ROUTES: dict[str, Endpoint] = {
    "/health": health,
    "/orders": orders.newest,
    "/price": pricing.quote,
    "/recommendations": recommendations.for_user,
    "/report": reports.sales,
    "/stats": reports.stats,
}


class Handler(BaseHTTPRequestHandler):
    """The requests of one connection: find the endpoint, call it, write what it returned as JSON."""

    protocol_version = "HTTP/1.1"
    timeout = 30
    wbufsize = -1
    server: "Server"

    def setup(self) -> None:
        super().setup()
        self.shop = database.connect(self.server.database)

    def finish(self) -> None:
        self.shop.close()
        super().finish()

    def do_GET(self) -> None:
        with self.server.answering():
            self.find_answer()
            self.wfile.flush()

    def find_answer(self) -> None:
        url = urlsplit(self.path)
        endpoint = ROUTES.get(url.path)
        if endpoint is None:
            self.answer(404, {"error": f"no such path; there are {', '.join(ROUTES)}"})
            return
        try:
            self.answer(200, endpoint(self.shop, Parameters(parse_qsl(url.query))))
        except BadParameter as error:
            self.answer(400, {"error": str(error)})

    def answer(self, status: int, content: object) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Vary", "Accept-Encoding")
        if len(body) >= WORTH_COMPRESSING and accepts_gzip(self.headers.get("Accept-Encoding", "")):
            body = gzip.compress(body, compresslevel=4, mtime=0)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        print(self.address_string(), format % args, file=sys.stderr)


def accepts_gzip(header: str) -> bool:
    """Whether an Accept-Encoding header allows gzip."""
    for part in header.lower().split(","):
        coding, _, weight = part.replace(" ", "").partition(";q=")
        if coding in {"gzip", "*"}:
            return weight.strip("0.") != "" or not weight
    return False


class Server(ThreadingHTTPServer):
    """Waits, when it closes, for the requests that are still being answered, but not for idle connections."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], path: Path) -> None:
        super().__init__(address, Handler)
        self.database = path
        self._busy = 0
        self._quiet = threading.Condition()

    @contextmanager
    def answering(self) -> Iterator[None]:
        with self._quiet:
            self._busy += 1
        try:
            yield
        finally:
            with self._quiet:
                self._busy -= 1
                self._quiet.notify_all()

    def server_close(self) -> None:
        super().server_close()
        with self._quiet:
            self._quiet.wait_for(lambda: self._busy == 0, timeout=10)


def serve(path: Path, host: str, port: int) -> None:
    """Answer requests until SIGTERM or ctrl+c."""
    with Server((host, port), path) as server:

        def stop(number: int, frame: object) -> None:
            # shutdown() waits for serve_forever(), which runs in this very thread.
            threading.Thread(target=server.shutdown).start()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        print(f"slow_api answers on port {server.server_address[1]}", flush=True)
        server.serve_forever(poll_interval=0.1)
    print("slow_api has stopped", flush=True)
