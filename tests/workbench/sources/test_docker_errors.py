"""Every failure becomes one of our own errors, whatever it is wrapped in."""

import grp
import http.client
import os
import pwd
import shutil
import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import docker.errors
import pytest
import requests
import urllib3.exceptions

from workbench.errors import (
    EngineError,
    EngineForbidden,
    EngineTimeout,
    EngineUnreachable,
    NotFound,
    UsageError,
)
from workbench.sources import docker_errors
from workbench.sources.docker_errors import forbidden_hint, sentence, shown_address, socket_of, start_hint, translated

SOCKET = "unix:///var/run/docker.sock"


def wrapped(inner: BaseException) -> docker.errors.DockerException:
    """As docker-py hands it over: in urllib3's words, in requests', in its own."""
    aborted = urllib3.exceptions.ProtocolError("Connection aborted.", inner)
    lost = requests.ConnectionError(aborted)
    told = docker.errors.DockerException(f"Error while fetching server API version: {lost}")
    told.__cause__ = lost
    return told


def answered(status: int, explanation: object) -> docker.errors.APIError:
    response = requests.Response()
    response.status_code = status
    response.url = "http+docker://localhost/v1.41/containers/x/json"
    kind = docker.errors.NotFound if status == 404 else docker.errors.APIError
    return kind("the message", response=response, explanation=explanation)  # type: ignore[arg-type]  # an engine may say anything


def translation(error: BaseException, address: str = SOCKET) -> EngineError:
    with pytest.raises(EngineError) as caught, translated(address):
        raise error
    assert caught.value.__cause__ is error
    return caught.value


@pytest.mark.parametrize(
    ("inner", "kind", "words"),
    [
        (FileNotFoundError(2, "No such file or directory"), EngineUnreachable, "no such socket"),
        (PermissionError(13, "Permission denied"), EngineForbidden, "permission denied at /var/run/docker.sock"),
        (ConnectionRefusedError(111, "Connection refused"), EngineUnreachable, "connection refused"),
        (socket.gaierror(-2, "Name or service not known"), EngineUnreachable, "does not resolve"),
        (TimeoutError("timed out"), EngineTimeout, "took too long"),
        (ConnectionResetError(104, "reset"), EngineUnreachable, "hung up"),
        (http.client.RemoteDisconnected("closed"), EngineUnreachable, "hung up"),
        (http.client.IncompleteRead(b"x", 9), EngineUnreachable, "hung up"),
        (http.client.BadStatusLine("SSH-2.0-OpenSSH"), EngineUnreachable, "not a container engine"),
        (OSError(113, "No route to host"), EngineUnreachable, "No route to host"),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number"), EngineUnreachable, "does not speak TLS"),
        (ssl.SSLError(1, "[SSL] tlsv13 alert certificate required"), EngineUnreachable, "no TLS with"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
def test_the_cause_is_found_however_deep_and_said(inner: BaseException, kind: type[EngineError], words: str) -> None:
    for error in (inner, wrapped(inner)) if isinstance(inner, OSError) else (wrapped(inner),):
        told = translation(error)
        assert type(told) is kind
        assert words in told.reason
        assert not told.reason.endswith(".")
        assert told.hint


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (requests.ReadTimeout("slow"), EngineTimeout),
        (requests.ConnectTimeout("slow"), EngineUnreachable),
        (
            requests.exceptions.ChunkedEncodingError(urllib3.exceptions.ProtocolError("x", ConnectionResetError())),
            EngineUnreachable,
        ),
        (requests.exceptions.JSONDecodeError("Expecting value", "<html>", 0), EngineError),
        (docker.errors.StreamParseError("torn"), EngineError),
        (docker.errors.InvalidVersion("too old"), EngineError),
        (docker.errors.NullResource("Resource ID was not provided"), EngineError),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
def test_every_kind_that_the_libraries_raise_is_ours_afterwards(error: Exception, kind: type[EngineError]) -> None:
    assert type(translation(error)) is kind


def test_the_engines_own_sentence_is_kept() -> None:
    told = translation(answered(404, "No such container: web"))
    assert type(told) is NotFound
    assert told.reason == "No such container: web"
    told = translation(answered(409, "You cannot remove a running container."))
    assert type(told) is EngineError
    assert told.reason == "the engine says: You cannot remove a running container"


@pytest.mark.parametrize("status", [401, 403])
def test_an_engine_that_refuses_is_forbidden(status: int) -> None:
    told = translation(answered(status, "authorization denied by plugin opa"))
    assert type(told) is EngineForbidden
    assert "denied by plugin opa" in told.reason


@pytest.mark.parametrize("explanation", [None, "", {"nested": "thing"}, 7, ["x"]])
def test_an_answer_of_any_shape_is_survived(explanation: object) -> None:
    assert type(translation(answered(500, explanation))) is EngineError


def test_hostile_words_are_one_bounded_line_without_escapes_or_secrets() -> None:
    told = translation(answered(500, "\x1b[2Jboom\nDB_PASSWORD=hunter2 tcp://u:s3cret@h\u202e " + "x" * 100_000))
    assert "\x1b" not in told.reason
    assert "\n" not in told.reason
    assert "\u202e" not in told.reason
    assert "hunter2" not in told.reason
    assert "s3cret" not in told.reason
    assert len(told.reason) < 500


def test_ours_and_bugs_pass_through_untouched() -> None:
    for mine in (UsageError("no"), NotFound("gone"), KeyError("a bug"), ZeroDivisionError(), KeyboardInterrupt()):
        with pytest.raises(type(mine)) as caught, translated(SOCKET):
            raise mine
        assert caught.value is mine


def test_docker_py_stumbling_over_an_answer_is_not_a_bug_of_ours() -> None:
    response = requests.Response()
    response.status_code = 500
    response._content = b"{}"  # an error without the `message` that every engine sends
    with pytest.raises(EngineError, match="cannot be read"), translated(SOCKET):
        docker.errors.create_api_error_from_http_exception(requests.HTTPError(response=response))


def test_a_chain_that_bites_its_tail_ends() -> None:
    first, second = docker.errors.DockerException("one"), docker.errors.DockerException("two")
    first.__cause__, second.__cause__ = second, first
    assert "one" in docker_errors.explain(first, SOCKET).reason


def test_no_password_of_an_address_is_shown() -> None:
    assert "s3cret" not in translation(ConnectionRefusedError(), "tcp://me:s3cret@host:2375").reason
    assert shown_address("unix:///var/run/docker.sock") == "/var/run/docker.sock"


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("unix:///var/run/docker.sock", "/var/run/docker.sock"),
        ("unix://var/run/docker.sock", "/var/run/docker.sock"),
        ("tcp://h:1", ""),
        ("ssh://h/run/x.sock", ""),
    ],
)
def test_the_socket_of_an_address(address: str, path: str) -> None:
    assert socket_of(address) == path


def test_the_way_to_start_fits_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_args, **_options: "/usr/sbin/dockerd")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "sudo systemctl start docker" in start_hint(SOCKET)
    assert "DOCKER_HOST" in start_hint(SOCKET)
    assert "systemctl --user start docker" in start_hint("unix:///run/user/1000/docker.sock")
    assert "systemctl --user start podman.socket" in start_hint("unix:///run/user/1000/podman/podman.sock")
    assert "ssh me@far docker version" in start_hint("ssh://me@far")
    assert "--context" in start_hint("tcp://10.0.0.1:2375")
    monkeypatch.setattr(shutil, "which", lambda *_args, **_options: None)
    assert start_hint(SOCKET).startswith("install Docker")


@pytest.fixture
def foreign_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """A path that looks like a system engine's socket to a user who is not root."""
    path = tmp_path / "docker.sock"
    path.touch()

    def look(*, members: list[str], mode: int = 0o660, groups: list[int]) -> Path:
        path.chmod(mode)
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
        monkeypatch.setattr(os, "getgroups", lambda: groups)
        monkeypatch.setattr(grp, "getgrgid", lambda _: grp.struct_group(("docker", "x", 999, members)))
        monkeypatch.setattr(
            pwd, "getpwuid", lambda _: pwd.struct_passwd(("ada; reboot", "x", 1000, 1000, "", "/", "/bin/sh"))
        )
        return path

    return look


def test_whoever_is_not_in_the_group_is_told_how_to_join_it(foreign_socket: Callable[..., Path]) -> None:
    hint = forbidden_hint(str(foreign_socket(members=[], groups=[1000])))
    assert hint == "join the group: sudo usermod -aG docker 'ada; reboot' && newgrp docker"


def test_whoever_joined_after_login_is_told_to_take_it_up(foreign_socket: Callable[..., Path]) -> None:
    hint = forbidden_hint(str(foreign_socket(members=["ada; reboot"], groups=[1000])))
    assert hint.endswith("newgrp docker")
    assert "usermod" not in hint


def test_no_group_is_offered_that_would_not_help(foreign_socket: Callable[..., Path]) -> None:
    assert "usermod" not in forbidden_hint(str(foreign_socket(members=[], mode=0o600, groups=[1000])))
    assert "usermod" not in forbidden_hint("/nonexistent/docker.sock")


def test_a_sentence_loses_its_full_stop() -> None:
    assert sentence("It  broke.\n") == "It broke"
