"""Debian's docker-registry on a free port of loopback: unpacked in the tests' cache, never installed."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.live.engines import EngineMissingError

_FETCH_SECONDS = 240
_START_SECONDS = 30


@contextmanager
def running_registry(folder: Path) -> Iterator[str]:
    """Its address, `127.0.0.1:PORT`.

    Args:
        folder: Where it keeps its images.

    Raises:
        EngineMissingError: when it cannot be had.
    """
    program = shutil.which("docker-registry") or str(_fetched())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    settings = folder / "registry.yml"
    settings.write_text(
        f"version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {folder / 'images'}}}}}\n"
        f"http: {{addr: '{address}'}}\n"
    )
    log = folder / "registry.log"
    command = [program, "serve", str(settings)]
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:
        try:
            _wait(address, process, log)
            yield address
        finally:
            process.terminate()


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    host, _, port = address.partition(":")
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            socket.create_connection((host, int(port)), 1).close()
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise EngineMissingError(f"docker-registry does not start: {log.read_text()[-500:]}") from None
            time.sleep(0.05)


def _fetched() -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "workbench-tests/registry"
    program = cache / "usr/bin/docker-registry"
    if program.exists():
        return program
    cache.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache.parent) as scratch:
        fetch = ["apt-get", "download", "-qq", "docker-registry"]
        if subprocess.run(fetch, cwd=scratch, capture_output=True, timeout=_FETCH_SECONDS, check=False).returncode:
            subprocess.run(["apt-get", "update", "-qq"], capture_output=True, timeout=_FETCH_SECONDS, check=False)
            subprocess.run(fetch, cwd=scratch, capture_output=True, timeout=_FETCH_SECONDS, check=False)
        packages = list(Path(scratch).glob("*.deb"))
        if not packages:
            raise EngineMissingError("apt has no docker-registry")
        unpacked = Path(scratch, "unpacked")
        subprocess.run(["dpkg-deb", "--extract", packages[0], unpacked], check=True)
        if not cache.exists():
            unpacked.rename(cache)
    return program
