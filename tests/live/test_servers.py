"""Python's web servers in fresh runs: what each of their processes holds is found by its line, after a polite end."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.live.conftest import ContainerFactory, ImageFactory
from tests.live.engines import Engine
from tests.live.test_memray import held, profiling, run, tree
from tests.live.test_py_spy import ours
from workbench.model.frame_tree import FrameTree
from workbench.profiling import Profiling

__all__ = ["profiling"]  # a fixture

APPLICATION = """
import threading, time, urllib.request

held = []

def handle():
    held.append(bytearray(50_000))

def wsgi(environ, start_response):
    handle()
    start_response("200 OK", [])
    return [b"yes"]

async def asgi(scope, receive, send):
    if scope["type"] == "http":
        handle()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"yes"})

def ask():
    while True:
        time.sleep(0.01)
        try:
            urllib.request.urlopen("http://127.0.0.1:8000", timeout=10).read()
        except OSError:
            pass

threading.Thread(target=ask, daemon=True).start()
"""
"""Serves, and asks itself: whoever of several processes answers."""
LINE = APPLICATION.splitlines().index("    held.append(bytearray(50_000))") + 1
BYTES = 50_000
DOCKERFILE = """
ARG BASE
FROM $BASE
COPY wheels /wheels
RUN pip install --quiet --no-index --find-links /wheels gunicorn uvicorn && rm -r /wheels
COPY application.py /srv/
WORKDIR /srv
"""
SERVERS = {
    "gunicorn": (["gunicorn", "--workers", "2", "application:wsgi"], 3, 2),
    "gunicorn with threads": (["gunicorn", "--threads", "4", "application:wsgi"], 2, 1),
    "uvicorn": (["uvicorn", "application:asgi"], 1, 1),
    "uvicorn with workers": (["uvicorn", "--workers", "2", "application:asgi"], 4, 2),
}
"""How each is started, how many Pythons that makes, multiprocessing's own among them, and how many of them serve."""


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the image is built from, without a network."""
    folder = tmp_path_factory.mktemp("servers")
    options = ["--quiet", "--only-binary", ":all:", "--python-version", "3.11", "--dest", str(folder / "wheels")]
    subprocess.run([sys.executable, "-m", "pip", "download", *options, "gunicorn", "uvicorn"], check=True)
    (folder / "application.py").write_text(APPLICATION)
    (folder / "Dockerfile").write_text(DOCKERFILE)
    return folder


def test_leak_of_every_process_that_serves_is_named_with_its_line(
    engine: Engine,
    base_image: str,
    image_factory: ImageFactory,
    container_factory: ContainerFactory,
    profiling: Profiling,
    context: Path,
) -> None:
    image = image_factory(context, buildargs={"BASE": base_image}, network_mode="none")
    assert image.id
    for name, (command, pythons, serving) in SERVERS.items():
        container = container_factory(image.id, command, network_mode="none")
        container.kill()
        outcome = run(profiling, container, seconds=3)
        assert outcome.recorded.complete, name
        assert sum(file.kind == "memray" for file in outcome.recorded.files) == pythons, name
        peak = tree(outcome.profile, "peak")
        size, count, line = held(peak, "handle")
        assert line == LINE, name
        assert size == pytest.approx(BYTES * (count or 0), rel=0.05), name
        amounts = handled_by_process(peak) if pythons > 1 else [size]
        assert sum(amount > 5 * BYTES for amount in amounts) == serving, name
        assert not any("was not recorded" in warning for warning in outcome.recorded.warnings), name
        assert ours(engine) == []


def handled_by_process(peak: FrameTree) -> list[float]:
    """What requests hold in each process."""
    found: list[float] = []
    for node in range(1, len(peak)):
        if peak.at(node).kind == "process":
            found.append(0.0)
        elif peak.at(node).name == "handle":
            found[-1] += peak.own[node]
    return found
