"""The HTTP server: a table of routes, JSON answers, and an orderly end on SIGTERM."""

import json
import signal
import sqlite3
import sys
import threading
from collections.abc import Callable
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


ROUTES: dict[str, Endpoint] = {
    "/health": health,
    "/orders": orders.newest,
    "/price": pricing.quote,
    "/recommendations": recommendations.for_user,
    "/report": reports.sales,
    "/stats": reports.stats,
}


class Handler(BaseHTTPRequestHandler):
    """One request: find its endpoint, call it, write what it returned as JSON."""

    server: "Server"

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        endpoint = ROUTES.get(url.path)
        if endpoint is None:
            self.answer(404, {"error": f"no such path; there are {', '.join(ROUTES)}"})
            return
        connection = database.connect(self.server.database)
        try:
            self.answer(200, endpoint(connection, Parameters(parse_qsl(url.query))))
        except BadParameter as error:
            self.answer(400, {"error": str(error)})
        finally:
            connection.close()

    def answer(self, status: int, content: object) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        print(self.address_string(), format % args, file=sys.stderr)


class Server(ThreadingHTTPServer):
    """Waits, when it closes, for the requests that are still being answered."""

    daemon_threads = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], path: Path) -> None:
        super().__init__(address, Handler)
        self.database = path


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
