"""Serves orders over HTTP."""

import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

CATALOGUE = json.loads(Path(__file__).with_name("catalogue.json").read_text())


class Orders(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        article = CATALOGUE.get(self.path.rpartition("/")[2])
        self.send_response(200 if article else 404)
        self.end_headers()
        self.wfile.write(json.dumps(article).encode())


if __name__ == "__main__":
    HTTPServer(("", int(sys.argv[-1])), Orders).serve_forever()
