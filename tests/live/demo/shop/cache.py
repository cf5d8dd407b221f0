"""Keeps the last few hundred values, over a line a question: `GET key`, `SET key value`."""

import socketserver
from collections import OrderedDict

MOST = 300
values: OrderedDict[str, str] = OrderedDict()


class Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        verb, key, *value = self.rfile.readline().decode().strip().split(" ", 2)
        if verb == "SET":
            values[key] = value[0]
            if len(values) > MOST:
                values.popitem(last=False)
        self.wfile.write(values.get(key, "").encode() + b"\n")


if __name__ == "__main__":
    socketserver.ThreadingTCPServer(("", 6379), Handler).serve_forever()
