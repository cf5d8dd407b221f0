"""Which engine is meant, and a client that speaks to it."""

import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import docker
import requests
import urllib3
from docker.tls import TLSConfig

from workbench.errors import AddressInvalid, EngineError, EngineForbidden, EngineTooOld, EngineUnreachable
from workbench.sources.docker_contexts import Tls, active_context, load_context, settings_folder
from workbench.sources.docker_errors import not_an_engine, sentence, shown_address, socket_of, translated
from workbench.sources.transport import PatientAdapter, SocketAdapter
from workbench.sources.tunnel import Destination, Tunnel

OLDEST_API = "1.40"
"""The oldest that the workbench can speak: all it reads is in it, save one-shot statistics."""
NEWEST_API = "1.51"
"""What the workbench was written against: a newer engine is asked to speak this, since 1.52 drops fields."""
REQUEST_SECONDS = 10

_SYSTEM_SOCKETS = ("/var/run/docker.sock",)
_USER_SOCKETS = ("docker.sock", "podman/podman.sock")
_LAST_SOCKETS = ("/run/podman/podman.sock",)
_LONGEST_VERSION_ANSWER = 1 << 20


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an engine is and how it came to be chosen."""

    address: str
    """`unix://…`, `tcp://…` or `ssh://…`."""
    context: str | None = None
    """The docker context that led here; `None` when DOCKER_HOST or a socket that was found did."""
    tls: Tls | None = None

    @property
    def name(self) -> str:
        """How a title bar calls it: the context, else `local`, else the host."""
        if self.context is not None:
            return self.context
        return "local" if self.is_local else shown_address(urlsplit(self.address).netloc or self.address)

    @property
    def is_local(self) -> bool:
        """Whether the engine's containers run on this machine, as far as the address tells."""
        return self.address.startswith("unix:")


def resolve(context: str, environ: Mapping[str, str]) -> Endpoint:
    """The engine that the user means, as the docker client would choose; nothing is connected.

    In order: the context named here, DOCKER_HOST, DOCKER_CONTEXT or the active context, then the first socket
    there is: docker's, a rootless docker's, a user's podman, the system's podman.

    Args:
        context: A context's name; empty or `default` goes on to the next in the order.
        environ: The environment's variables.

    Raises:
        ContextUnknown: when a named context does not exist.
        EngineError: when the docker client's settings are damaged.
    """
    if context and context != "default":
        return _of_context(context, environ)
    if host := environ.get("DOCKER_HOST", "").strip():
        return Endpoint(host, None, _tls_of(environ) if _takes_tls(host) else None)
    if not context:
        active = active_context(environ)
        if active and active != "default":
            return _of_context(active, environ)
    return Endpoint(f"unix://{_local_socket(environ)}")


def connect(
    endpoint: Endpoint, *, timeout: int = REQUEST_SECONDS, environ: Mapping[str, str] = os.environ
) -> "EngineClient":
    """A client that speaks to the engine at `endpoint`, in the newest API that both know.

    Args:
        endpoint: From `resolve`.
        timeout: Seconds that one request may be silent; a long export wants more than a list.
        environ: Where a tunnel looks up XDG_RUNTIME_DIR.

    Returns:
        A docker-py client; close it.

    Raises:
        EngineError: one of its kinds, with the cause and the next step.
    """
    tunnel = None
    if endpoint.address.startswith("ssh:"):
        tunnel = Tunnel(Destination.parse(endpoint.address), environ)
        tunnel.open()
    try:
        with translated(endpoint.address):
            return _negotiate(endpoint, tunnel, timeout)
    except EngineError as error:
        if tunnel is None:
            raise
        said = tunnel.complaint()
        tunnel.close()
        if said and isinstance(error, EngineUnreachable):
            reason = f"the engine at {shown_address(endpoint.address)} cannot be reached: {said}"
            raise EngineUnreachable(reason, _far_hint(endpoint.address)) from error
        raise
    except BaseException:
        if tunnel is not None:
            tunnel.close()
        raise


class EngineClient(docker.APIClient):
    """docker-py's client with our timeouts, our environment, and a tunnel that closes with it."""

    def __init__(self, endpoint: Endpoint, tunnel: Tunnel | None, timeout: int, version: str) -> None:
        self.tunnel = tunnel
        address = endpoint.address if tunnel is None else f"unix://{tunnel.socket_path}"
        super().__init__(address, version=version, timeout=timeout, tls=_docker_tls(endpoint.tls))
        # A proxy, a .netrc or REQUESTS_CA_BUNDLE in the environment is about the web, not about an engine
        self.trust_env = False
        if path := socket_of(address):
            self.mount("http+docker://", SocketAdapter(path))
        else:
            self.mount(f"{urlsplit(self.base_url).scheme}://", PatientAdapter())

    def close(self) -> None:
        """Close the connections and the tunnel. Callable from another thread, and twice."""
        super().close()
        if self.tunnel is not None:
            self.tunnel.close()


def _negotiate(endpoint: Endpoint, tunnel: Tunnel | None, timeout: int) -> EngineClient:
    _check_address(endpoint.address)
    if endpoint.tls is not None and not endpoint.tls.verify:
        urllib3.disable_warnings(
            urllib3.exceptions.InsecureRequestWarning
        )  # the user's own choice, and not ours to print
    client = _client(endpoint, tunnel, timeout, OLDEST_API)
    try:
        version = _spoken(_ask_version(client, endpoint.address), endpoint.address)
    except BaseException:
        requests.Session.close(client)
        raise
    if version == OLDEST_API:
        return client
    requests.Session.close(client)
    return _client(endpoint, tunnel, timeout, version)


def _client(endpoint: Endpoint, tunnel: Tunnel | None, timeout: int, version: str) -> EngineClient:
    try:
        return EngineClient(endpoint, tunnel, timeout, version)
    except (AttributeError, TypeError, ValueError) as error:
        # docker-py reads the docker client's settings once more and trusts their shape
        raise EngineError(
            f"docker's client library fails on the docker client's settings: {sentence(str(error))}",
            "look for a slip in ~/.docker/config.json, or move it away",
        ) from error


def _ask_version(client: EngineClient, address: str) -> dict[str, object]:
    """The engine's answer to /version, read with a bound since nobody knows yet who answers."""
    with client.get(
        f"{client.base_url}/version", stream=True, timeout=client.timeout, allow_redirects=False
    ) as response:
        raw = b""
        for chunk in response.iter_content(1 << 16):
            raw += chunk
            if len(raw) > _LONGEST_VERSION_ANSWER:
                raise not_an_engine(address)
        code = response.status_code
    try:
        answer = json.loads(raw)
    except (ValueError, RecursionError):
        answer = None
    said = sentence(raw[:400].decode(errors="replace"))
    if isinstance(answer, dict):
        said = sentence(str(answer.get("message", "")))
        if code == 200 and isinstance(answer.get("ApiVersion"), str):
            return answer
        if code in {401, 403} and said:
            raise EngineForbidden(f"the engine at {shown_address(address)} refuses: {said}", _AUTHORIZATION_HINT)
        if code >= 500 and said:
            raise EngineError(
                f"the engine at {shown_address(address)} fails: {said}",
                "look at its log: journalctl -u docker",
            )
    if code == 400 and "HTTPS server" in said:
        raise EngineUnreachable(f"{shown_address(address)} speaks only TLS", _TLS_HINT)
    raise not_an_engine(address)


_AUTHORIZATION_HINT = "ask whoever set up the engine's authorization"
_TLS_HINT = "set DOCKER_TLS_VERIFY=1, and DOCKER_CERT_PATH to the folder of ca.pem, cert.pem and key.pem"


def _spoken(answer: Mapping[str, object], address: str) -> str:
    """The API version to speak with an engine that answered so."""
    newest = _numbers(answer.get("ApiVersion"))
    oldest = _numbers(answer.get("MinAPIVersion")) or (0, 0)
    if newest is None:
        raise not_an_engine(address)
    needed, known = _numbers(OLDEST_API) or (0, 0), _numbers(NEWEST_API) or (0, 0)
    if newest < needed:
        raise EngineTooOld(
            f"the engine at {shown_address(address)} speaks API {_text(newest)}; {OLDEST_API} is needed",
            "upgrade it to Docker 19.03 or newer",
        )
    return _text(max(min(newest, known), oldest))


def _numbers(version: object) -> tuple[int, int] | None:
    """`1.41` as (1, 41); None for what is no version."""
    if not isinstance(version, str):
        return None
    major, dot, minor = version.partition(".")
    if not (dot and major.isascii() and major.isdigit() and minor.isascii() and minor.isdigit() and len(version) < 12):
        return None
    return int(major), int(minor)


def _text(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"


def _check_address(address: str) -> None:
    """Refuse what docker-py would stumble over in words of its own.

    Raises:
        AddressInvalid: with the forms an address can have.
    """
    try:
        parts = urlsplit(address)
        whole = {
            "unix": socket_of(address) not in {"", "/"},
            "tcp": bool(parts.hostname and parts.port),
            "http": bool(parts.hostname and parts.port),
            "https": bool(parts.hostname and parts.port),
            "ssh": True,
        }.get(parts.scheme, False)
    except ValueError:
        whole = False
    if not whole or (parts.password is not None and parts.scheme != "ssh"):
        raise AddressInvalid(
            f"{shown_address(address)} is not the address of an engine",
            "an address is unix:///path/to/socket, tcp://host:port or ssh://user@host",
        )


def _of_context(name: str, environ: Mapping[str, str]) -> Endpoint:
    found = load_context(name, environ)
    return Endpoint(found.address, name, found.tls if _takes_tls(found.address) else None)


def _takes_tls(address: str) -> bool:
    return not address.startswith(("unix:", "ssh:"))


def _tls_of(environ: Mapping[str, str]) -> Tls | None:
    """As docker's clients do: DOCKER_TLS_VERIFY asks for TLS, DOCKER_CERT_PATH alone for TLS unverified."""
    verify, named = bool(environ.get("DOCKER_TLS_VERIFY")), environ.get("DOCKER_CERT_PATH")
    if not verify and not named:
        return None
    base = Path(named).expanduser() if named else settings_folder(environ)
    return Tls(str(base / "ca.pem"), str(base / "cert.pem"), str(base / "key.pem"), verify)


def _docker_tls(tls: Tls | None) -> TLSConfig | bool:
    if tls is None:
        return False
    for path in (tls.ca if tls.verify else None, tls.cert, tls.key):
        if path is not None and not os.access(path, os.R_OK):
            raise EngineUnreachable(
                f"TLS needs {path}, which cannot be read",
                "point DOCKER_CERT_PATH to the folder that holds it",
            )
    both = (tls.cert, tls.key) if tls.cert is not None and tls.key is not None else None
    return TLSConfig(client_cert=both, ca_cert=tls.ca, verify=tls.verify)


def _local_socket(environ: Mapping[str, str]) -> str:
    """The first local socket there is; docker's own when there is none, so that the error names it."""
    runtime = environ.get("XDG_RUNTIME_DIR", "")
    users = [str(Path(runtime) / name) for name in _USER_SOCKETS] if runtime.startswith("/") else []
    for path in (*_SYSTEM_SOCKETS, *users, *_LAST_SOCKETS):
        try:
            if stat.S_ISSOCK(os.stat(path).st_mode):  # noqa: PTH116  one call, and Path.is_socket hides the error
                return path
        except OSError:
            continue
    return _SYSTEM_SOCKETS[0]


def _far_hint(address: str) -> str:
    to = Destination.parse(address)
    return f"see that {to.socket} is there and your user there may open it: ssh {to.host} ls -l {to.socket}"
