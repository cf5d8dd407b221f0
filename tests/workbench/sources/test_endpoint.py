"""Which engine is meant, and what is said of those that are none; the far sides are servers on loopback."""

import hashlib
import http.server
import json
import os
import socket
import socketserver
import ssl
import subprocess
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from workbench.errors import (
    AddressInvalid,
    ContextUnknown,
    EngineError,
    EngineForbidden,
    EngineTimeout,
    EngineTooOld,
    EngineUnreachable,
)
from workbench.sources import endpoint as endpoint_module
from workbench.sources.docker_contexts import Tls
from workbench.sources.endpoint import NEWEST_API, Endpoint, connect, resolve
from workbench.sources.tunnel import Destination, Tunnel, remove_leftovers

# -- which engine -----------------------------------------------------------------------------------------


@dataclass
class Home:
    """A home folder with the docker client's settings in it."""

    path: Path

    @property
    def environ(self) -> dict[str, str]:
        return {"HOME": str(self.path)}

    @property
    def docker(self) -> Path:
        return self.path / ".docker"

    def settings(self, text: str) -> None:
        self.docker.mkdir(exist_ok=True)
        (self.docker / "config.json").write_text(text)

    def context(self, name: str, meta: object) -> Path:
        identity = hashlib.sha256(name.encode()).hexdigest()
        folder = self.docker / "contexts" / "meta" / identity
        folder.mkdir(parents=True)
        (folder / "meta.json").write_text(meta if isinstance(meta, str) else json.dumps(meta))
        tls = self.docker / "contexts" / "tls" / identity / "docker"
        tls.mkdir(parents=True)
        return tls


def leads_to(host: str, name: str = "x", **more: object) -> dict[str, object]:
    return {"Name": name, "Metadata": {}, "Endpoints": {"docker": {"Host": host, **more}}}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture
def sockets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], str]]:
    """Makes sockets below a folder that stands for the system's."""
    monkeypatch.setattr(endpoint_module, "_SYSTEM_SOCKETS", (str(tmp_path / "docker.sock"),))
    monkeypatch.setattr(endpoint_module, "_LAST_SOCKETS", (str(tmp_path / "podman.sock"),))
    made = []

    def make(name: str) -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        made.append(listener)
        return str(path)

    yield make
    for listener in made:
        listener.close()


def test_a_named_context_comes_first(home: Home) -> None:
    home.context("far", leads_to("tcp://10.0.0.9:2375"))
    found = resolve("far", home.environ | {"DOCKER_HOST": "tcp://other:1", "DOCKER_CONTEXT": "third"})
    assert found == Endpoint("tcp://10.0.0.9:2375", "far", None)
    assert found.name == "far"


def test_docker_host_comes_before_docker_context(home: Home) -> None:
    home.context("far", leads_to("tcp://10.0.0.9:2375"))
    found = resolve("", home.environ | {"DOCKER_HOST": "tcp://other:1", "DOCKER_CONTEXT": "far"})
    assert found == Endpoint("tcp://other:1", None, None)
    assert found.name == "other:1"


def test_docker_context_comes_before_the_active_one(home: Home) -> None:
    home.context("far", leads_to("ssh://far"))
    home.context("near", leads_to("unix:///x.sock"))
    home.settings('{"currentContext": "near"}')
    assert resolve("", home.environ | {"DOCKER_CONTEXT": "far"}).context == "far"
    assert resolve("", home.environ) == Endpoint("unix:///x.sock", "near", None)


def test_default_goes_past_the_active_context(home: Home, sockets: Callable[[str], str]) -> None:
    path = sockets("docker.sock")
    home.context("far", leads_to("ssh://far"))
    home.settings('{"currentContext": "far"}')
    assert resolve("default", home.environ) == Endpoint(f"unix://{path}", None, None)
    assert resolve("default", home.environ | {"DOCKER_HOST": "tcp://h:1"}).address == "tcp://h:1"
    home.settings('{"currentContext": "default"}')
    assert resolve("", home.environ).address == f"unix://{path}"


def test_another_settings_folder_can_be_named(home: Home, tmp_path: Path) -> None:
    other = Home(tmp_path / "other")
    other.path.mkdir()
    other.context("far", leads_to("ssh://far"))
    assert resolve("far", home.environ | {"DOCKER_CONFIG": str(other.docker)}).address == "ssh://far"


def test_the_first_socket_there_is_is_taken(home: Home, sockets: Callable[[str], str], tmp_path: Path) -> None:
    environ = home.environ | {"XDG_RUNTIME_DIR": str(tmp_path / "user")}
    assert resolve("", environ).address == f"unix://{tmp_path / 'docker.sock'}", "none: docker's own, for the error"
    for name in ("podman.sock", "user/podman/podman.sock", "user/docker.sock", "docker.sock"):
        path = sockets(name)
        found = resolve("", environ)
        assert found.address == f"unix://{path}"
        assert found.name == "local"
        assert found.is_local


def test_a_file_that_is_no_socket_is_passed_over(home: Home, sockets: Callable[[str], str], tmp_path: Path) -> None:
    (tmp_path / "docker.sock").write_text("")
    path = sockets("podman.sock")
    assert resolve("", home.environ).address == f"unix://{path}"


def test_an_unknown_context_names_those_there_are_and_the_nearest(home: Home) -> None:
    home.context("staging", leads_to("ssh://s", "staging"))
    home.context("production", leads_to("ssh://p", "production"))
    home.context("torn", "{")
    with pytest.raises(ContextUnknown) as caught:
        resolve("stagin", home.environ)
    assert caught.value.reason == 'there is no docker context "stagin"; did you mean staging?'
    assert caught.value.hint == "there are: default, production, staging"
    assert caught.value.exit_code == 2


def test_an_unknown_active_context_is_said_too(home: Home) -> None:
    home.settings('{"currentContext": "gone"}')
    with pytest.raises(ContextUnknown, match="gone"):
        resolve("", home.environ)
    assert resolve("", home.environ | {"DOCKER_HOST": "tcp://h:1"}).address == "tcp://h:1"


@pytest.mark.parametrize(
    "meta",
    [
        *(
            "",
            "{",
            "[]",
            "null",
            '"x"',
            "{}",
            "[" * 100_000,
            "\udcff",
            '{"Endpoints": []}',
            '{"Endpoints": {"docker": 7}}',
        ),
        *(json.dumps(leads_to("")), json.dumps({"Endpoints": {"docker": {"Host": 9}}})),
    ],
    ids=range(12),
)
def test_a_damaged_context_is_one_sentence(home: Home, meta: str) -> None:
    home.context("torn", "")
    identity = hashlib.sha256(b"torn").hexdigest()
    (home.docker / "contexts" / "meta" / identity / "meta.json").write_bytes(meta.encode(errors="surrogateescape"))
    with pytest.raises(EngineError) as caught:
        resolve("torn", home.environ)
    assert "torn" in caught.value.reason
    assert "damaged" in caught.value.reason
    assert caught.value.hint


@pytest.mark.parametrize("settings", ["", "{", "[]", "null", "x" * 2_000_000])
def test_damaged_settings_are_one_sentence(home: Home, settings: str) -> None:
    home.settings(settings)
    with pytest.raises(EngineError, match=r"config\.json") as caught:
        resolve("", home.environ)
    assert "DOCKER_HOST" in caught.value.hint
    assert resolve("", home.environ | {"DOCKER_HOST": "tcp://h:1"}).address == "tcp://h:1"


@pytest.mark.parametrize("odd", ['{"currentContext": 7}', '{"currentContext": null}', "{}"])
def test_settings_without_a_context_mean_none(home: Home, sockets: Callable[[str], str], odd: str) -> None:
    home.settings(odd)
    assert resolve("", home.environ).address == f"unix://{sockets('docker.sock')}"


def test_a_hostile_context_name_reaches_no_other_file_and_no_terminal(home: Home) -> None:
    with pytest.raises(ContextUnknown) as caught:
        resolve("../../\x1b[2J/etc", home.environ)
    assert "\x1b" not in caught.value.reason


def test_tls_of_the_environment(home: Home) -> None:
    environ = home.environ | {"DOCKER_HOST": "tcp://h:2376", "DOCKER_TLS_VERIFY": "1"}
    folder = home.docker
    files = (str(folder / "ca.pem"), str(folder / "cert.pem"), str(folder / "key.pem"))
    assert resolve("", environ).tls == Tls(*files, verify=True)
    assert resolve("", environ | {"DOCKER_TLS_VERIFY": ""}).tls is None
    unverified = resolve("", environ | {"DOCKER_TLS_VERIFY": "", "DOCKER_CERT_PATH": "/certs"}).tls
    assert unverified == Tls("/certs/ca.pem", "/certs/cert.pem", "/certs/key.pem", verify=False)
    assert resolve("", environ | {"DOCKER_HOST": "unix:///x"}).tls is None


def test_tls_of_a_context(home: Home) -> None:
    tls = home.context("far", leads_to("tcp://h:2376"))
    assert resolve("far", home.environ).tls is None
    (tls / "ca.pem").write_text("")
    assert resolve("far", home.environ).tls == Tls(str(tls / "ca.pem"), None, None, verify=True)
    home.context("loose", leads_to("tcp://h:2376", SkipTLSVerify=True))
    assert resolve("loose", home.environ).tls == Tls(verify=False)


# -- what answers -----------------------------------------------------------------------------------------


class _UnixServer(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, _ = super().get_request()
        return connection, ("unix", 0)


Serve = Callable[..., str]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Starts an HTTP server that gives one answer to everything, and returns its address."""
    stop: list[Callable[[], None]] = []

    def start(
        body: object,
        *,
        status: int = 200,
        tcp: bool = False,
        tls: ssl.SSLContext | None = None,
        hang: Event | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> str:
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                if hang is not None:
                    hang.wait()
                raw = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                for name, value in {"Content-Length": str(len(raw)), **(headers or {})}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's name
                pass

        server: socketserver.BaseServer
        if tcp or tls:
            server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
            address = f"tcp://127.0.0.1:{server.server_port}"
            server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a refused handshake is the test
            if tls:
                server.socket = tls.wrap_socket(server.socket, server_side=True)
        else:
            path = tmp_path / f"engine{len(stop)}.sock"
            server, address = _UnixServer(str(path), Handler), f"unix://{path}"
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()

        def end() -> None:
            if hang is not None:
                hang.set()
            server.shutdown()
            server.server_close()

        stop.append(end)
        return address

    yield start
    for end in stop:
        end()


def engine(newest: object, oldest: object = "1.12") -> dict[str, object]:
    return {"Version": "99", "ApiVersion": newest, "MinAPIVersion": oldest}


@pytest.mark.parametrize("tcp", [False, True], ids=["unix", "tcp"])
@pytest.mark.parametrize(
    ("answer", "spoken"),
    [
        (engine("1.40"), "1.40"),
        (engine("1.41"), "1.41"),
        (engine("1.99"), NEWEST_API),
        (engine("1.60", "1.55"), "1.55"),
        ({"ApiVersion": "1.41"}, "1.41"),
    ],
)
def test_the_newest_version_that_both_know_is_spoken(serve: Serve, answer: object, spoken: str, tcp: bool) -> None:
    client = connect(Endpoint(serve(answer, tcp=tcp)))
    assert client.api_version == spoken
    assert client.version() == answer
    client.close()
    client.close()


@pytest.mark.parametrize("newest", ["1.24", "1.39"])
def test_an_engine_too_old_is_told_to_upgrade(serve: Serve, newest: str) -> None:
    with pytest.raises(EngineTooOld, match=newest) as caught:
        connect(Endpoint(serve(engine(newest))))
    assert "upgrade" in caught.value.hint


@pytest.mark.parametrize("tcp", [False, True], ids=["unix", "tcp"])
@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"<html>It works!</html>", 200),
        (b"<html>Not Found</html>", 404),
        (b"", 200),
        ({"hello": "world"}, 200),
        ([1, 2], 200),
        (engine("latest"), 200),
        (engine("1." + "9" * 5000), 200),
        (engine(1.41), 200),
        (b"[" * 100_000, 200),
        (b" " * 3_000_000, 200),
        (b"\xff\xfe\x00", 200),
    ],
    ids=range(11),
)
def test_what_is_no_engine_is_called_that(serve: Serve, body: object, status: int, tcp: bool) -> None:
    with pytest.raises(EngineUnreachable, match="is not a container engine") as caught:
        connect(Endpoint(serve(body, status=status, tcp=tcp)))
    assert caught.value.hint


def test_a_redirect_is_not_followed(serve: Serve) -> None:
    elsewhere = serve(engine("1.41"), tcp=True)
    with pytest.raises(EngineUnreachable, match="is not a container engine"):
        connect(Endpoint(serve(b"", status=302, tcp=True, headers={"Location": elsewhere.replace("tcp", "http")})))


def test_an_engine_that_refuses_or_fails_is_quoted(serve: Serve) -> None:
    with pytest.raises(EngineForbidden, match="denied by plugin"):
        connect(Endpoint(serve({"message": "authorization denied by plugin"}, status=403)))
    with pytest.raises(EngineError, match="shim disconnected"):
        connect(Endpoint(serve({"message": "shim disconnected"}, status=500)))


@pytest.mark.parametrize("tcp", [False, True], ids=["unix", "tcp"])
def test_an_engine_that_hangs_is_waited_for_as_long_as_said(serve: Serve, tcp: bool) -> None:
    with pytest.raises(EngineTimeout):
        connect(Endpoint(serve(engine("1.41"), hang=Event(), tcp=tcp)), timeout=1)


def test_what_speaks_no_http_is_not_an_engine() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def greet() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
                connection.recv(4096)

        thread = Thread(target=greet)
        thread.start()
        with pytest.raises(EngineUnreachable, match="is not a container engine"):
            connect(Endpoint(f"tcp://127.0.0.1:{listener.getsockname()[1]}"))
        thread.join()


def test_nobody_there_is_said_with_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(EngineUnreachable, match="no such socket") as caught:
        connect(Endpoint(f"unix://{tmp_path / 'docker.sock'}"))
    assert caught.value.hint
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(EngineUnreachable, match="connection refused"):
        connect(Endpoint(f"tcp://127.0.0.1:{port}"))
    with pytest.raises(EngineUnreachable, match="does not resolve"):
        connect(Endpoint("tcp://nosuchhost.invalid:2375"))


def test_a_socket_that_nobody_listens_on_refuses(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "docker.sock"))
        with pytest.raises(EngineUnreachable, match="connection refused"):
            connect(Endpoint(f"unix://{tmp_path / 'docker.sock'}"))


@pytest.mark.parametrize(
    "address",
    [
        "foo://x",
        "docker.sock",
        "",
        "tcp://",
        "tcp://host",
        "tcp://u:pw@host:1",
        "unix://",
        "fd://x",
        "npipe://x",
        "tcp://[::1",
    ],
)
def test_what_is_no_address_is_a_usage_error(address: str) -> None:
    with pytest.raises(AddressInvalid) as caught:
        connect(Endpoint(address))
    assert caught.value.exit_code == 2
    assert "pw" not in caught.value.reason


def test_a_proxy_or_bundle_of_the_environment_is_about_the_web(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nonexistent")
    client = connect(Endpoint(serve(engine("1.41"), tcp=True)))
    assert client.version()["ApiVersion"] == "1.41"
    client.close()


def test_one_connection_serves_every_url_of_a_socket(serve: Serve) -> None:
    address = serve(engine("1.41"))
    client = connect(Endpoint(address))
    before = len(list(Path("/proc/self/fd").iterdir()))
    for name in "abcdef":
        client.inspect_container(name)
    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 2  # ours and the server's end of the one connection
    client.close()


@pytest.mark.parametrize(
    ("settings", "survived"),
    [
        ("[]", False),
        ('{"proxies": []}', False),
        ('{"proxies": {"default": 7}}', False),
        ('{"auths": 7}', False),
        ("{", True),
    ],
)
def test_docker_py_failing_on_the_clients_settings_is_one_sentence(
    serve: Serve, home: Home, monkeypatch: pytest.MonkeyPatch, settings: str, survived: bool
) -> None:
    home.settings(settings)
    monkeypatch.setenv("HOME", str(home.path))
    monkeypatch.delenv("DOCKER_CONFIG", raising=False)
    address = serve(engine("1.41"))
    if survived:
        connect(Endpoint(address)).close()
        return
    with pytest.raises(EngineError, match="settings") as caught:
        connect(Endpoint(address))
    assert "config.json" in caught.value.hint


# -- TLS --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CA, and one certificate for both sides, in the folder layout of DOCKER_CERT_PATH."""
    folder = tmp_path_factory.mktemp("certs")
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    openssl("req", "-x509", *curve, "-subj", "/CN=test authority", "-keyout", "ca.key", "-out", "ca.pem")
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    openssl(
        "req", "-x509", "-CA", "ca.pem", "-CAkey", "ca.key", *curve, *subject, "-keyout", "key.pem", "-out", "cert.pem"
    )
    return folder


@pytest.fixture
def tls_server(certificates: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "cert.pem", certificates / "key.pem")
    return context


def tls_environ(address: str, folder: Path, verify: str = "1") -> dict[str, str]:
    return {"DOCKER_HOST": address, "DOCKER_CERT_PATH": str(folder), "DOCKER_TLS_VERIFY": verify}


def test_both_sides_prove_themselves_over_tls(serve: Serve, tls_server: ssl.SSLContext, certificates: Path) -> None:
    tls_server.verify_mode = ssl.CERT_REQUIRED
    tls_server.load_verify_locations(certificates / "ca.pem")
    client = connect(resolve("", tls_environ(serve(engine("1.41"), tls=tls_server), certificates)))
    assert client.version()["ApiVersion"] == "1.41"
    client.close()


def test_unverified_tls_is_silent(serve: Serve, tls_server: ssl.SSLContext, certificates: Path) -> None:
    with warnings.catch_warnings(record=True) as told:
        client = connect(resolve("", tls_environ(serve(engine("1.41"), tls=tls_server), certificates, verify="")))
        client.close()
    assert not told


def test_a_stranger_is_not_trusted(
    serve: Serve, tls_server: ssl.SSLContext, certificates: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("cert.pem", "key.pem"):
        (tmp_path / name).write_bytes((certificates / name).read_bytes())
    (tmp_path / "ca.pem").write_bytes((certificates / "cert.pem").read_bytes())
    with pytest.raises(EngineUnreachable, match="not to be trusted") as caught:
        connect(resolve("", tls_environ(serve(engine("1.41"), tls=tls_server), tmp_path)))
    assert "ca.pem" in caught.value.hint


def test_tls_to_one_who_speaks_none_and_the_other_way_round(
    serve: Serve, tls_server: ssl.SSLContext, certificates: Path
) -> None:
    with pytest.raises(EngineUnreachable, match="does not speak TLS") as caught:
        connect(resolve("", tls_environ(serve(engine("1.41"), tcp=True), certificates)))
    assert "DOCKER_TLS_VERIFY" in caught.value.hint
    gos_words = b"Client sent an HTTP request to an HTTPS server.\n"
    with pytest.raises(EngineUnreachable, match="speaks only TLS") as caught:
        connect(Endpoint(serve(gos_words, status=400, tcp=True)))
    assert "DOCKER_TLS_VERIFY=1" in caught.value.hint


def test_missing_certificates_are_named(certificates: Path, tmp_path: Path) -> None:
    with pytest.raises(EngineUnreachable, match=r"ca\.pem"):
        connect(resolve("", tls_environ("tcp://127.0.0.1:1", tmp_path)))
    (tmp_path / "ca.pem").write_bytes((certificates / "ca.pem").read_bytes())
    for name in ("cert.pem", "key.pem"):
        (tmp_path / name).write_text("not a certificate")
    with socket.create_server(("127.0.0.1", 0)) as listener, pytest.raises(EngineError) as caught:
        connect(resolve("", tls_environ(f"tcp://127.0.0.1:{listener.getsockname()[1]}", tmp_path)))
    assert "TLS" in caught.value.reason


# -- ssh --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "destination"),
    [
        ("ssh://far", Destination("far")),
        ("ssh://Far-Alias_1", Destination("Far-Alias_1")),
        ("ssh://ada@far:2222", Destination("far", "ada", 2222)),
        ("ssh://ada@far/", Destination("far", "ada")),
        ("ssh://far/run/user/1000/docker.sock", Destination("far", socket="/run/user/1000/docker.sock")),
        ("ssh://[fe80::1%25eth0]:22", Destination("fe80::1%25eth0", None, 22)),
        ("ssh://a.b%40corp@far", Destination("far", "a.b@corp")),
    ],
)
def test_an_ssh_address_is_taken_apart(address: str, destination: Destination) -> None:
    assert Destination.parse(address) == destination


@pytest.mark.parametrize(
    "address",
    [
        "ssh://",
        "ssh://-oProxyCommand=touch%20x",
        "ssh://-lroot@-oX",
        "ssh://-G",
        "ssh://$(reboot)",
        "ssh://a;b",
        "ssh://far`x`",
        "ssh://-oX@far",
        "ssh://a%20b@far",
        "ssh://far:99999",
        "ssh://far:x",
        "ssh://me:pw@far",
        "ssh://far/run/a:b",
        "ssh://far/run/%25h",
        "ssh://far/run/$HOME",
        "ssh://far/x?y",
        "ssh://[far",
    ],
)
def test_an_ssh_address_that_smuggles_is_refused_before_anything_starts(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **_options: object) -> None:
        pytest.fail("something was started")

    monkeypatch.setattr(subprocess, "Popen", never)
    with pytest.raises(AddressInvalid) as caught:
        connect(Endpoint(address))
    assert ":pw" not in caught.value.reason


def test_the_host_is_the_last_thing_that_ssh_could_take_for_an_option(tmp_path: Path) -> None:
    tunnel = Tunnel(Destination("far", "ada", 2222, "/x.sock"), {"XDG_RUNTIME_DIR": str(tmp_path)})
    command = tunnel.command()
    assert command[-3:] == ["--", "far", "cat"]
    assert command[command.index("-p") + 1] == "2222"
    assert command[command.index("-l") + 1] == "ada"
    assert command[command.index("-L") + 1] == f"{tunnel.socket_path}:/x.sock"
    assert Path(tunnel.socket_path).parent.stat().st_mode & 0o777 == 0o700
    tunnel.close()
    tunnel.close()
    assert not any(tmp_path.glob("workbench-tunnel-*"))


def test_folders_of_the_dead_are_removed_and_of_the_living_kept(short_folder: Path) -> None:
    living = Tunnel(Destination("far"), {"XDG_RUNTIME_DIR": str(short_folder)})
    dead = short_folder / "workbench-tunnel-dead"
    dead.mkdir()
    (dead / "docker.sock").touch()
    treasure = short_folder / "treasure"
    treasure.mkdir()
    (treasure / "docker.sock").touch()
    (short_folder / "workbench-tunnel-link").symlink_to(treasure)
    full = short_folder / "workbench-tunnel-full"
    full.mkdir()
    (full / "something else").touch()
    remove_leftovers(short_folder)
    assert not dead.exists()
    assert Path(living.socket_path).parent.exists()
    assert (treasure / "docker.sock").exists(), "a link is not followed"
    assert (full / "something else").exists(), "what is not ours is left"
    living.close()


def test_a_tunnel_that_was_closed_starts_nothing(short_folder: Path) -> None:
    tunnel = Tunnel(Destination("far"), {"XDG_RUNTIME_DIR": str(short_folder)})
    tunnel.close()
    with pytest.raises(EngineUnreachable):
        tunnel.open()


@pytest.mark.parametrize(
    ("said", "status", "reason", "hint"),
    [
        ("Permission denied (publickey).", 255, "Permission denied (publickey)", "never asks for passwords"),
        ("Host key verification failed.", 255, "Host key verification failed", "accept it once"),
        ("", 3, "ssh to far gave up", "by hand: ssh -p 2222 ada@far"),
        ("x\x1b[2J" * 5000, 255, "ssh to far gave up", "by hand"),
    ],
)
def test_sshs_own_words_are_the_cause(
    said: str, status: int, reason: str, hint: str, short_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = short_folder / "ssh"
    program.write_text(f"#!/bin/sh\ncat >&2 <<'END'\n{said}\nEND\nexit {status}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{short_folder}:{os.environ['PATH']}")
    with pytest.raises(EngineUnreachable) as caught:
        connect(Endpoint("ssh://ada@far:2222"), environ={"XDG_RUNTIME_DIR": str(short_folder)})
    assert reason in caught.value.reason
    assert hint in caught.value.hint
    assert "\x1b" not in caught.value.reason
    assert not any(short_folder.glob("workbench-tunnel-*"))


def test_no_ssh_program_is_said(short_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(short_folder))
    with pytest.raises(EngineUnreachable, match="ssh cannot be started") as caught:
        connect(Endpoint("ssh://far"), environ={"XDG_RUNTIME_DIR": str(short_folder)})
    assert "openssh-client" in caught.value.hint


@pytest.fixture
def short_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose path leaves room for a socket's."""
    return tmp_path_factory.mktemp("t")
