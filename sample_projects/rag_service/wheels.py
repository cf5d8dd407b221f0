"""A folder of wheels for builds without an index: `fetch` fills it through pip, `serve` hands it out as an index does.

python3 wheels.py fetch FOLDER requirements-all.txt requirements.txt requirements-index.txt
python3 wheels.py serve FOLDER 172.17.0.1:8099
"""

import subprocess
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

PLATFORMS = ("manylinux_2_28", "manylinux_2_27", "manylinux_2_17", "manylinux2014", "manylinux_2_5", "manylinux1")


class Handler(SimpleHTTPRequestHandler):
    def end_headers(self) -> None:
        # As package indexes say of wheels, which never change: without it pip would keep none in its cache
        self.send_header("Cache-Control", "max-age=31536000, immutable")
        super().end_headers()

    def log_message(self, format: str, *words: object) -> None:
        """Nothing."""


def fetch(folder: str, *requirements: str) -> None:
    """Wheels for Python 3.11 on x86-64, whatever runs this."""
    platforms = [f"--platform={name}_x86_64" for name in PLATFORMS]
    for file in requirements:
        command = [sys.executable, "-m", "pip", "download", "--python-version=3.11", "--only-binary=:all:"]
        subprocess.run([*command, *platforms, "--dest", folder, "--requirement", file], check=True)


def serve(folder: str, address: str) -> None:
    """Until it is stopped."""
    host, _, port = address.rpartition(":")
    ThreadingHTTPServer((host, int(port)), partial(Handler, directory=folder)).serve_forever()


if __name__ == "__main__":
    {"fetch": fetch, "serve": serve}[sys.argv[1]](*sys.argv[2:])
