"""Registries that behave, ask for tokens, and lie; and what engines say while they pull."""

import json
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from workbench.errors import NotFound, UsageError, WorkbenchError
from workbench.meters.pull import PullTimes
from workbench.meters.registry import layer_sizes, parse_reference
from workbench.model.pull import LayerTimes

LINUX = ("linux", "amd64")
DIGEST = "sha256:" + "a" * 64
MANIFEST = {"layers": [{"size": 100}, {"size": 20}]}
PAGES: dict[str, tuple[int, object]] = {
    "/v2/one/manifests/1": (200, MANIFEST),
    "/v2/many/manifests/latest": (
        200,
        {
            "manifests": [
                {"digest": "sha256:" + "b" * 64, "platform": {"os": "linux", "architecture": "arm64"}},
                {"digest": DIGEST, "platform": {"os": "linux", "architecture": "amd64"}},
            ]
        },
    ),
    f"/v2/many/manifests/{DIGEST}": (200, MANIFEST),
    "/v2/locked/manifests/latest": (401, {}),
    "/v2/long/manifests/latest": (401, {}),
    "/v2/moved/manifests/latest": (302, {}),
    "/v2/list/manifests/latest": (200, []),
    "/v2/none/manifests/latest": (200, {"layers": []}),
    "/v2/lie/manifests/latest": (200, {"layers": [{"size": -5}]}),
    "/v2/astronomic/manifests/latest": (200, {"layers": [{"size": 10**400}]}),
}


SENT: list[str | None] = []
"""The header `Authorization` of each request."""


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        SENT.append(self.headers["Authorization"])
        status, document = PAGES.get(self.path, (404, {}))
        content = b"{" * (9 << 20) if self.path.startswith("/v2/huge") else json.dumps(document).encode()
        if self.path.startswith("/v2/deep"):
            status, content = 200, b"[" * (1 << 20)
        self.send_response(200 if content.startswith(b"{{") else status)
        if self.path.startswith("/v2/long"):
            self.send_header("WWW-Authenticate", "Bearer " + "x" * 60_000)
        elif status == 401:
            self.send_header("WWW-Authenticate", 'Bearer realm="http://127.0.0.1/token",service="x"')
        self.send_header("Location", "http://127.0.0.1:1/")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(content)

    def log_message(self, *words: object) -> None: ...


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("name", ["one:1", "many"])
def test_sizes(host: str, name: str) -> None:
    assert layer_sizes(parse_reference(f"{host}/{name}"), LINUX) == (100, 20)


@pytest.mark.parametrize("name", ["locked", "moved", "list", "none", "lie", "huge", "astronomic", "deep", "long"])
def test_refusals_and_lies(host: str, name: str) -> None:
    with pytest.raises(WorkbenchError):
        layer_sizes(parse_reference(f"{host}/{name}"), LINUX)


def test_no_password_of_this_user_goes_to_a_registry(
    host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password hunter2\n")
    monkeypatch.setenv("NETRC", str(netrc))
    SENT.clear()
    layer_sizes(parse_reference(f"{host}/one:1"), LINUX)
    assert SENT == [None]


def test_not_there(host: str) -> None:
    with pytest.raises(NotFound):
        layer_sizes(parse_reference(f"{host}/nothing"), LINUX)
    with pytest.raises(NotFound, match="windows/amd64"):
        layer_sizes(parse_reference(f"{host}/many"), ("windows", "amd64"))


@pytest.mark.parametrize(
    ("typed", "address", "version"),
    [
        ("debian", "https://registry-1.docker.io/v2/library/debian/manifests/", "latest"),
        ("team/app:1.4", "https://registry-1.docker.io/v2/team/app/manifests/", "1.4"),
        ("docker.io/debian:12", "https://registry-1.docker.io/v2/library/debian/manifests/", "12"),
        ("reg.example.org/a/b/c:x", "https://reg.example.org/v2/a/b/c/manifests/", "x"),
        ("localhost:5000/app", "http://localhost:5000/v2/app/manifests/", "latest"),
        (f"127.0.0.1:5000/app@{DIGEST}", "http://127.0.0.1:5000/v2/app/manifests/", DIGEST),
    ],
)
def test_references(typed: str, address: str, version: str) -> None:
    found = parse_reference(typed)
    assert (found.address, found.version) == (address, version)


@pytest.mark.parametrize("typed", ["", "UPPER", "a b", "x:", "http://x/y", "../x", "a@sha256:zz"])
def test_no_references(typed: str) -> None:
    with pytest.raises(UsageError):
        parse_reference(typed)


def test_what_an_engine_says_while_it_pulls() -> None:
    now = 0.0
    seen = PullTimes(lambda: now)
    for at, layer, status, total in (
        (0.1, "1", "Pulling from team/app", 0),
        (0.2, "a", "Pulling fs layer", 0),
        (0.2, "b", "Pulling fs layer", 0),
        (0.2, "c", "Already exists", 0),
        (0.3, "a", "Downloading", 500),
        (0.5, "b", "Download complete", 0),
        (1.0, "a", "Downloading", 500),
        (2.0, "a", "Verifying Checksum", 0),
        (2.1, "a", "Download complete", 0),
        (2.2, "a", "Extracting", 500),
        (3.0, "a", "Pull complete", 0),
        (3.0, "b", "Extracting", 40),
        (3.1, "b", "Pull complete", 0),
    ):
        now = at
        seen.feed({"id": layer, "status": status, "progressDetail": {"total": total} if total else {}})
    assert seen.layers() == (("a", 500, LayerTimes(0.3, 2.0, 2.2, 3.0)), ("b", 40, LayerTimes(0.5, 0.5, 3.0, 3.1)))
    with pytest.raises(WorkbenchError, match="manifest unknown"):
        seen.feed({"error": "manifest unknown"})
