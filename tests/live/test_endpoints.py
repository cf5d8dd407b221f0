"""A real engine reached in every way: its socket, tcp, ssh, and by a user whom it refuses."""

import getpass
import os
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import psutil
import pytest

from tests.live.engines import Engine, PrivateEngine
from workbench import doctor
from workbench.errors import EngineForbidden, EngineUnreachable
from workbench.sources.docker_errors import socket_of, translated
from workbench.sources.endpoint import NEWEST_API, OLDEST_API, Endpoint, connect, resolve
from workbench.sources.tunnel import remove_leftovers

NOBODY = 65534


@pytest.fixture
def engine_socket(engine: Engine) -> str:
    """The path of the engine's socket."""
    path = socket_of(engine.host)
    if not path:
        pytest.skip(f"the engine at {engine.host} has no socket on this machine")
    return path


def test_the_engine_is_found_and_spoken_to(engine: Engine) -> None:
    client = connect(resolve("", engine.environ))
    theirs = client.version()
    assert tuple(map(int, OLDEST_API.split("."))) <= tuple(map(int, client.api_version.split(".")))
    assert client.api_version in {theirs["ApiVersion"], NEWEST_API}
    assert client.info()["ID"] == engine.client.info()["ID"]
    client.close()


# -- tcp --------------------------------------------------------------------------------------------------


@pytest.fixture
def tcp_engine(engine_socket: str) -> Iterator[str]:
    """The engine's socket, brought to a port of loopback."""

    class Relay(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.socket(socket.AF_UNIX) as far:
                far.connect(engine_socket)
                back = Thread(target=pour, args=(far, self.request), daemon=True)
                back.start()
                pour(self.request, far)
                back.join()

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Relay) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"tcp://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def pour(source: socket.socket, sink: socket.socket) -> None:
    try:
        while chunk := source.recv(65536):
            sink.sendall(chunk)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # the other side is gone, and so is the need


def test_the_engine_over_tcp_is_the_same_engine(engine: Engine, tcp_engine: str) -> None:
    client = connect(resolve("", {"DOCKER_HOST": tcp_engine}))
    assert client.info()["ID"] == engine.client.info()["ID"]
    client.close()


# -- ssh --------------------------------------------------------------------------------------------------


@dataclass
class FarHost:
    """An ssh server on loopback, and what a client needs to get in."""

    port: int
    config: Path
    runtime: Path
    user: str

    @property
    def environ(self) -> dict[str, str]:
        return {"XDG_RUNTIME_DIR": str(self.runtime)}

    def tunnels(self) -> list[Path]:
        return list(self.runtime.glob("workbench-tunnel-*"))


@pytest.fixture
def far_host(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[FarHost]:
    """Start sshd with keys of its own, and put an `ssh` that knows them before the system's on PATH."""
    sshd = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    ssh = shutil.which("ssh")
    if sshd is None or ssh is None:
        pytest.skip("no ssh server: apt-get install openssh-server openssh-client")
    folder = tmp_path_factory.mktemp("far")
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # sshd refuses to start as root without it
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    (folder / "sshd_config").write_text(
        f"ListenAddress 127.0.0.1:{port}\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/user.pub\n"
        "StrictModes no\nUsePAM no\nPidFile none\nPasswordAuthentication no\nPermitRootLogin prohibit-password\n"
        "MaxSessions 2\n"
    )
    key = (folder / "host.pub").read_text().split()
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {key[0]} {key[1]}\n")
    config = folder / "ssh_config"
    config.write_text(
        f"Host far-alias\n  HostName 127.0.0.1\n  Port {port}\n  User {getpass.getuser()}\n"
        f"Host *\n  IdentityFile {folder}/user\n  IdentitiesOnly yes\n  UserKnownHostsFile {folder}/known_hosts\n"
    )
    programs = folder / "bin"
    programs.mkdir()
    (programs / "ssh").write_text(f'#!/bin/sh\nexec {ssh} -F {config} "$@"\n')
    (programs / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", sshd, "-D", "-e", "-f", folder / "sshd_config"], stderr=log
        )
        try:
            wait_until(lambda: server.poll() is not None or answers(port))
            assert server.poll() is None, (folder / "log").read_text()
            runtime = tmp_path_factory.mktemp("run")
            yield FarHost(port, config, runtime, getpass.getuser())
            assert not list(runtime.iterdir()), "a tunnel left its folder behind"
        finally:
            server.terminate()
            server.wait()


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(fact: object) -> None:
    """Look again and again until `fact` holds; the test's own time limit ends what never comes true."""
    assert callable(fact)
    while not fact():
        time.sleep(0.02)


def ssh_processes() -> set[int]:
    """Every ssh that this process started."""
    return {child.pid for child in psutil.Process().children() if child.name() == "ssh"}


@pytest.mark.parametrize("form", ["ssh://{user}@127.0.0.1:{port}", "ssh://far-alias", "ssh://far-alias{socket}"])
def test_the_engine_over_ssh_is_the_same_engine(
    engine: Engine, engine_socket: str, far_host: FarHost, form: str
) -> None:
    address = form.format(user=far_host.user, port=far_host.port, socket=engine_socket)
    client = connect(resolve("", {"DOCKER_HOST": address}), environ=far_host.environ)
    assert client.info()["ID"] == engine.client.info()["ID"]
    assert len(ssh_processes()) == 1
    client.close()
    client.close()
    assert not ssh_processes()
    assert not far_host.tunnels()


def test_one_tunnel_carries_more_streams_than_ssh_has_sessions(engine: Engine, far_host: FarHost) -> None:
    client = connect(Endpoint("ssh://far-alias"), environ=far_host.environ)
    streams = [client.events(decode=True) for _ in range(12)]
    assert client.info()["ID"] == engine.client.info()["ID"]
    assert len(ssh_processes()) == 1
    for stream in streams:
        stream.close()
    client.close()


def test_a_killed_workbench_leaves_no_ssh_and_the_next_one_sweeps(engine: Engine, far_host: FarHost) -> None:
    program = (
        "import os, time\n"
        "from workbench.sources.endpoint import Endpoint, connect\n"
        "client = connect(Endpoint('ssh://far-alias'))\n"
        "stream = client.events(decode=True)\n"
        "print(client.api_version, flush=True)\n"
        "time.sleep(3600)\n"
    )
    environ = {**os.environ, **far_host.environ}
    with subprocess.Popen([sys.executable, "-c", program], env=environ, stdout=subprocess.PIPE) as workbench:
        assert workbench.stdout is not None
        assert workbench.stdout.readline().strip()
        children = psutil.Process(workbench.pid).children()
        assert [child.name() for child in children] == ["ssh"]
        assert len(far_host.tunnels()) == 1
        workbench.send_signal(signal.SIGKILL)
        workbench.wait()
    wait_until(lambda: not any(child.is_running() for child in children))
    remove_leftovers(far_host.runtime)
    assert not far_host.tunnels()


def test_a_workbench_that_ends_without_closing_leaves_nothing(engine: Engine, far_host: FarHost) -> None:
    program = (
        "import psutil\n"
        "from workbench.sources.endpoint import Endpoint, connect\n"
        "client = connect(Endpoint('ssh://far-alias'))\n"
        "print(*(child.pid for child in psutil.Process().children()))\n"
    )
    environ = {**os.environ, **far_host.environ}
    done = subprocess.run([sys.executable, "-c", program], env=environ, capture_output=True, text=True, check=True)
    assert not psutil.pid_exists(int(done.stdout))
    assert not far_host.tunnels()


def test_an_ssh_that_dies_is_an_engine_out_of_reach(engine: Engine, far_host: FarHost) -> None:
    client = connect(Endpoint("ssh://far-alias"), environ=far_host.environ)
    for pid in ssh_processes():
        os.kill(pid, signal.SIGKILL)
    with pytest.raises(EngineUnreachable), translated("ssh://far-alias"):
        client.info()
    client.close()
    again = connect(Endpoint("ssh://far-alias"), environ=far_host.environ)
    assert again.info()["ID"] == engine.client.info()["ID"]
    again.close()


def test_no_socket_on_the_far_side_is_said(engine: Engine, far_host: FarHost) -> None:
    with pytest.raises(EngineUnreachable, match="open failed") as caught:
        connect(Endpoint("ssh://far-alias/run/no-such.sock"), environ=far_host.environ)
    assert caught.value.hint.endswith("ssh far-alias ls -l /run/no-such.sock")
    assert not ssh_processes()


def test_a_key_that_is_not_accepted_is_said(engine: Engine, far_host: FarHost) -> None:
    with pytest.raises(EngineUnreachable, match="Permission denied") as caught:
        connect(Endpoint(f"ssh://nosuchuser@127.0.0.1:{far_host.port}"), environ=far_host.environ)
    assert "never asks for passwords" in caught.value.hint
    with pytest.raises(EngineUnreachable, match="Host key verification failed") as caught:
        connect(Endpoint(f"ssh://{far_host.user}@localhost:{far_host.port}"), environ=far_host.environ)
    assert "accept it once" in caught.value.hint


# -- refused ----------------------------------------------------------------------------------------------


@contextmanager
def as_nobody() -> Iterator[None]:
    """Act as the user who may do nothing."""
    if os.geteuid() != 0:
        pytest.skip("only root can act as another user")
    groups = os.getgroups()
    os.setgroups([])
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)


def test_a_user_whom_the_socket_refuses_is_told_the_group(engine: Engine) -> None:
    with as_nobody(), pytest.raises(EngineForbidden, match="permission denied") as caught:
        connect(Endpoint(engine.host))
    assert "sudo usermod -aG docker nobody && newgrp docker" in caught.value.hint


# -- engines that come, go, and are newer -----------------------------------------------------------------


def test_a_client_outlives_its_engine_and_finds_the_next_one(late_engine: PrivateEngine) -> None:
    with pytest.raises(EngineUnreachable, match="no such socket"):
        connect(Endpoint(late_engine.host))
    late_engine.start()
    client = connect(Endpoint(late_engine.host))
    before = client.info()["ID"]
    late_engine.stop()
    with pytest.raises(EngineUnreachable), translated(late_engine.host):
        client.info()
    late_engine.start()
    with translated(late_engine.host):
        assert client.info()["ID"] == before
    client.close()


def test_a_modern_engine_is_spoken_to_and_its_buildx_found(modern_engine: Engine) -> None:
    client = connect(Endpoint(modern_engine.host))
    assert client.api_version == NEWEST_API
    assert client.info()["ID"] == modern_engine.client.info()["ID"]
    client.close()
    found = {each.name: each for each in doctor.examine(doctor.Surroundings(environ=modern_engine.environ))}
    assert found["engine"].status == "fine"
    assert found["buildx"].status == "fine"
    assert "github.com/docker/buildx" in found["buildx"].detail
