"""The HTTP server: `/ask?q=…`, `/health`, JSON answers, and an orderly end on SIGTERM."""

import json
import signal
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from rag_service.search import Index

LONGEST_QUESTION = 500
MOST_PASSAGES = 10


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "Server"

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if url.path == "/health":
            self.answer(200, {"status": "ok"})
        elif url.path == "/ask":
            self.ask(parse_qs(url.query))
        else:
            self.answer(404, {"error": "no such path; there are /ask?q=QUESTION&limit=3 and /health"})

    def ask(self, given: dict[str, list[str]]) -> None:
        question, limit = given.get("q", [""])[0].strip(), given.get("limit", ["3"])[0]
        if not 0 < len(question) <= LONGEST_QUESTION:
            self.answer(400, {"error": f"q is a question of at most {LONGEST_QUESTION} characters"})
        elif not (limit.isascii() and limit.isdigit() and 0 < int(limit[:4]) <= MOST_PASSAGES):
            self.answer(400, {"error": f"limit is a number up to {MOST_PASSAGES}"})
        else:
            self.answer(200, self.server.index.ask(question, int(limit)))

    def answer(self, status: int, content: object) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *words: object) -> None:
        """Nothing: a line for each request would be most of the work."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], index: Index) -> None:
        super().__init__(address, Handler)
        self.index = index


def serve(index: Path, host: str, port: int) -> None:
    """Answer until SIGTERM."""
    server = Server((host, port), Index(index))
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    print(f"rag_service answers on port {server.server_address[1]}", flush=True)
    server.serve_forever()
    print("rag_service has stopped", flush=True)
