"""Answers orders over HTTP and keeps them in the cache."""

import json
import os
import random
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CACHE = (os.environ.get("CACHE_HOST", "127.0.0.1"), 6379)


def ask_cache(line: str) -> str:
    """One question, one line of answer."""
    with socket.create_connection(CACHE, timeout=5) as connection:
        connection.sendall(line.encode() + b"\n")
        return connection.makefile().readline().strip()


def order(number: int) -> dict[str, object]:
    """Work an order out, which costs some time."""
    lines = [{"article": n, "price": sum(range(n * 10)) % 997} for n in range(1, 200)]
    return {"order": number, "lines": lines}


class Handler(BaseHTTPRequestHandler):
    def log_message(self, text: str, *values: object) -> None:
        """One request of twenty, and every health check."""
        if self.path == "/health" or random.random() < 0.05:
            print(f"{self.client_address[0]} {text % values}")

    def do_GET(self) -> None:
        body = b"ok"
        if self.path.startswith("/orders/"):
            number = int(self.path.rpartition("/")[2])
            text = ask_cache(f"GET {number}")
            if not text:
                text = json.dumps(order(number))
                ask_cache(f"SET {number} {text}")
            body = text.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    ThreadingHTTPServer(("", 8080), Handler).serve_forever()
