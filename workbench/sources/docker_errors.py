"""Every way in which talking to an engine fails, as an error of our own with cause and next step."""

import errno
import grp
import http.client
import os
import pwd
import shlex
import shutil
import socket
import ssl
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import docker.errors
import requests
import urllib3.exceptions

from workbench.errors import (
    EngineError,
    EngineForbidden,
    EngineTimeout,
    EngineUnreachable,
    NotFound,
    WorkbenchError,
)
from workbench.measure.secrets import mask_text
from workbench.measure.text import printable, shorten

_LONGEST_SENTENCE = 400
_DEEPEST_CHAIN = 32
_SYSTEM_PROGRAMS = "/usr/local/sbin:/usr/sbin:/sbin"  # where dockerd is, and where only root looks
_UNRESOLVABLE = (socket.gaierror, urllib3.exceptions.NameResolutionError)
_CONNECT_TIMEOUTS = (requests.ConnectTimeout, urllib3.exceptions.ConnectTimeoutError)
_TIMEOUTS = (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError)
_HUNG_UP = (
    ConnectionResetError,
    ConnectionAbortedError,
    BrokenPipeError,
    http.client.RemoteDisconnected,
    http.client.IncompleteRead,
    urllib3.exceptions.IncompleteRead,
)
_NO_HTTP = (http.client.BadStatusLine, http.client.LineTooLong, http.client.UnknownProtocol)
_UNREADABLE = (
    requests.exceptions.JSONDecodeError,
    requests.exceptions.ContentDecodingError,
    docker.errors.StreamParseError,
    urllib3.exceptions.DecodeError,
    urllib3.exceptions.InvalidChunkLength,
)


@contextmanager
def translated(address: str) -> Iterator[None]:
    """Turn what docker-py, requests, urllib3, http.client and the system raise into one of our own errors.

    One of ours passes through untouched; so does anything else, since that is a bug and must be seen.

    Args:
        address: Where the engine is, as the user would write it: `unix:///var/run/docker.sock`.

    Raises:
        NotFound: The engine has no such thing.
        EngineForbidden: The socket, the engine or its authorization refuses this user.
        EngineUnreachable: Nobody answers there, or something that is no engine.
        EngineTimeout: It did not answer in time.
        EngineError: Anything else, with the engine's own sentence.
    """
    try:
        yield
    except WorkbenchError:
        raise
    except (
        docker.errors.DockerException,
        docker.errors.StreamParseError,
        requests.RequestException,
        urllib3.exceptions.HTTPError,
        http.client.HTTPException,
        OSError,
    ) as error:
        raise explain(error, address) from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if _raised_by_docker_py(error):
            raise _unreadable(shown_address(address)) from error
        raise


def explain(error: BaseException, address: str) -> EngineError:
    """The error of ours that tells `error`, met while talking to the engine at `address`."""
    chain = tuple(_chain(error))
    for link in chain:
        if isinstance(link, docker.errors.APIError):
            return _answered(link)
    shown = shown_address(address)
    for told in (_refused_by_system, _refused_by_tls, _no_time, _no_talk):
        found = told(chain, address, shown)
        if found is not None:
            return found
    return EngineError(f"the engine at {shown} failed: {sentence(str(error)) or type(error).__name__}")


def sentence(text: str) -> str:
    """Foreign words as we may repeat them: one bounded line, secrets masked, no full stop at its end."""
    words = " ".join(printable(line) for line in text[: 4 * _LONGEST_SENTENCE].split())
    return shorten(mask_text(words), _LONGEST_SENTENCE).rstrip(".")


def shown_address(address: str) -> str:
    """The address as it may be shown: no password in it; a local socket as its path."""
    return sentence(socket_of(address) or address)


def socket_of(address: str) -> str:
    """The path of a local engine's socket, empty for any other; `unix://var/run/x` is the old way."""
    return "/" + address.removeprefix("unix://").strip("/") if address.startswith("unix://") else ""


def start_hint(address: str) -> str:
    """What to type when nobody answers at `address`."""
    if address.startswith("ssh:"):
        return f"see whether the engine there runs: ssh {sentence(urlsplit(address).netloc)} docker version"
    path = socket_of(address)
    if not path:
        return "see that the engine listens there, or name another with DOCKER_HOST or --context"
    unit = "podman.socket" if "podman" in path else "docker"
    if unit == "docker" and shutil.which("dockerd", path=f"{os.environ.get('PATH', '')}:{_SYSTEM_PROGRAMS}") is None:
        return "install Docker, or name an engine elsewhere: export DOCKER_HOST=ssh://user@host"
    if path.startswith("/run/user/"):
        return f"start it: systemctl --user start {unit}, or name another with DOCKER_HOST"
    return f"start it: {as_root(f'systemctl start {unit}')}, or name another with DOCKER_HOST"


def forbidden_hint(socket_path: str) -> str:
    """What to type when this user may not open the engine's socket."""
    try:
        status = Path(socket_path).stat()
        group = grp.getgrgid(status.st_gid)
        user = pwd.getpwuid(os.geteuid()).pw_name
    except (OSError, KeyError):
        return "run the workbench as a user who may open that socket, or name another engine with DOCKER_HOST"
    if os.geteuid() == 0:
        return "root itself is refused: a security module (SELinux, AppArmor) or a user namespace stands between"
    if group.gr_gid == 0 or not status.st_mode & stat.S_IWGRP or socket_path.startswith("/run/user/"):
        return "run the workbench as the socket's owner or with sudo, or name another engine with DOCKER_HOST"
    if user in group.gr_mem and group.gr_gid not in os.getgroups():
        return f"{user} joined the group after this login; take it up here: newgrp {shlex.quote(group.gr_name)}"
    name = shlex.quote(group.gr_name)
    return f"join the group: sudo usermod -aG {name} {shlex.quote(user)} && newgrp {name}"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Every exception inside `error`, outermost first: they hide in causes, arguments and reasons."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting and len(seen) < _DEEPEST_CHAIN:
        link = waiting.pop(0)
        if not isinstance(link, BaseException) or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        waiting += [link.__cause__, link.__context__, getattr(link, "reason", None), *link.args]


def _raised_by_docker_py(error: BaseException) -> bool:
    """Whether docker-py stumbled, as it does on an answer that lacks what an engine's has."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    return frame is not None and str(frame.tb_frame.f_globals.get("__name__", "")).startswith("docker.")


def _answered(error: docker.errors.APIError) -> EngineError:
    """The engine answered, and not with what was asked for."""
    said = sentence(str(error.explanation or "")) or sentence(str(error))
    if error.status_code == 404:
        return NotFound(said)
    if error.status_code in {401, 403}:
        return EngineForbidden(f"the engine refuses: {said}", "ask whoever set up the engine's authorization")
    return EngineError(f"the engine says: {said}")


def _refused_by_system(chain: tuple[BaseException, ...], address: str, shown: str) -> EngineError | None:
    for link in chain:
        if isinstance(link, PermissionError):
            hint = forbidden_hint(socket_of(address)) if socket_of(address) else ""
            return EngineForbidden(f"permission denied at {shown}", hint)
        if isinstance(link, FileNotFoundError):
            return EngineUnreachable(f"there is no engine at {shown}: no such socket", start_hint(address))
        if isinstance(link, ConnectionRefusedError):
            return EngineUnreachable(f"there is no engine at {shown}: connection refused", start_hint(address))
        if isinstance(link, _UNRESOLVABLE):
            return EngineUnreachable(
                f"the name of the host in {shown} does not resolve",
                "check DOCKER_HOST, or the context's host, for a slip",
            )
    return None


def _refused_by_tls(chain: tuple[BaseException, ...], address: str, shown: str) -> EngineError | None:  # noqa: ARG001  one signature
    for link in chain:
        if isinstance(link, ssl.SSLCertVerificationError):
            return EngineUnreachable(
                f"the certificate of {shown} is not to be trusted: {sentence(link.verify_message)}",
                "put the CA that signed it at $DOCKER_CERT_PATH/ca.pem",
            )
        if isinstance(link, ssl.SSLError) and "WRONG_VERSION_NUMBER" in str(link):
            return EngineUnreachable(
                f"{shown} does not speak TLS",
                "unset DOCKER_TLS_VERIFY and DOCKER_CERT_PATH, or check the port",
            )
        if isinstance(link, ssl.SSLError):
            return EngineUnreachable(
                f"no TLS with {shown}: {sentence(str(getattr(link, 'reason', None) or link))}",
                "check cert.pem, key.pem and ca.pem in $DOCKER_CERT_PATH",
            )
    return None


def _no_time(chain: tuple[BaseException, ...], address: str, shown: str) -> EngineError | None:
    for link in chain:
        if isinstance(link, _CONNECT_TIMEOUTS):
            return EngineUnreachable(f"{shown} does not answer", start_hint(address))
        if isinstance(link, _TIMEOUTS):
            return EngineTimeout(
                f"the engine at {shown} took too long to answer", "it may be overloaded; it is asked again"
            )
    return None


def _no_talk(chain: tuple[BaseException, ...], address: str, shown: str) -> EngineError | None:
    for link in chain:
        if isinstance(link, _HUNG_UP):
            return EngineUnreachable(f"the engine at {shown} hung up", start_hint(address))
        if isinstance(link, _NO_HTTP):
            return not_an_engine(address)
        if isinstance(link, _UNREADABLE):
            return _unreadable(shown)
    for link in chain:
        if isinstance(link, OSError) and link.errno is not None and link.errno in errno.errorcode:
            return EngineUnreachable(f"no way to {shown}: {os.strerror(link.errno)}", start_hint(address))
    return None


def not_an_engine(address: str) -> EngineUnreachable:
    """Something answers at `address`, and it is no container engine."""
    return EngineUnreachable(
        f"what answers at {shown_address(address)} is not a container engine",
        "check the address and port in DOCKER_HOST or the context",
    )


def _unreadable(shown: str) -> EngineError:
    return EngineError(
        f"the engine at {shown} gave an answer that cannot be read", "look at its log: journalctl -u docker"
    )


def as_root(command: str) -> str:
    """The command as this user types it to run it as root."""
    return command if os.geteuid() == 0 else f"sudo {command}"
