"""Where requests go: an address of the network, or a container's own, found from its name."""

import re
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from workbench.errors import UsageError, WorkbenchError
from workbench.measure.text import printable
from workbench.meters.agent.pace import enter_network
from workbench.sources.answers import Answer, part, parts, text
from workbench.sources.container_pids import ContainerPids
from workbench.sources.listening import listening_ports

if TYPE_CHECKING:
    import docker

_TARGET = re.compile(r"(?P<name>[a-zA-Z0-9][a-zA-Z0-9_.-]*)(?::(?P<port>\d{1,5}))?(?P<path>[/?].*)?", re.DOTALL)
_CONNECT_SECONDS = 1.0
_MOST_HOPS = 4
"""Containers that use the network of a container, and so on."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a request goes, and what it asks for there."""

    host: str
    """A name, or an address of IP."""
    port: int
    target: str
    """Path and query."""
    authority: str
    """For the header `Host`."""
    server_name: str = ""
    """Whose certificate is expected; empty without TLS."""
    network: str = ""
    """The file of the network to be in; empty for this one."""
    container_id: str = ""
    """In full; empty when it is no container's."""
    container_name: str = ""
    image_id: str = ""
    """The image to measure from, in a container beside that one; empty to measure from here."""
    how: str = ""
    """In words, how it is reached."""

    @property
    def url(self) -> str:
        """What is asked for, as an address."""
        scheme, usual = ("https", 443) if self.server_name else ("http", 80)
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}{'' if self.port == usual else f':{self.port}'}{self.target}"


@dataclass(frozen=True, slots=True)
class Named:
    """What was typed for a container: `NAME[:PORT][/path]`."""

    name: str
    port: int | None
    target: str


def parse_target(typed: str) -> Address | Named:
    """An address of the network when it begins with `http://` or `https://`, else a container.

    Raises:
        UsageError: when it can be neither.
    """
    if "://" in typed:
        return _parse_url(typed)
    found = _TARGET.fullmatch(typed)
    if not found:
        raise UsageError(
            f"{printable(typed)} is neither a URL nor a container", "http://host:port/path, or CONTAINER[:PORT][/path]"
        )
    path = found["path"] or "/"
    port = int(found["port"]) if found["port"] else None
    if port is not None and not 0 < port < 65536:
        raise UsageError(f"{port} is no port")
    return Named(found["name"], port, _fit(path if path.startswith("/") else f"/{path}", typed))


def _parse_url(typed: str) -> Address:
    try:
        parts_ = urlsplit(typed)
        port = parts_.port
    except ValueError:
        raise UsageError(f"{printable(typed)} is no URL") from None
    if parts_.scheme not in {"http", "https"} or not parts_.hostname:
        raise UsageError(f"{printable(typed)} is no URL of http or https")
    if parts_.username is not None:
        raise UsageError("a URL with a password is not taken", "--header 'Authorization: Basic …'")
    secure = parts_.scheme == "https"
    target = (parts_.path or "/") + (f"?{parts_.query}" if parts_.query else "")
    return Address(
        host=parts_.hostname,
        port=port or (443 if secure else 80),
        target=_fit(target, typed),
        authority=_fit(parts_.netloc, typed),
        server_name=parts_.hostname if secure else "",
        how="as given",
    )


def _fit(word: str, typed: str) -> str:
    if not word.isascii() or any(character <= " " or character == "\x7f" for character in word):
        raise UsageError(f"{printable(typed)} has characters that a URL cannot have", "write them as %20 and the like")
    return word


def container_address(
    client: "docker.APIClient", wanted: Named, *, is_local: bool, engine_host: str, inside_only: bool = False
) -> Address:
    """A container's own address, reached in the first way that works.

    From here; from inside its network; through a port that it publishes; when asked for, from a container beside it.

    Args:
        client: The engine's.
        wanted: The container.
        is_local: Whether the engine runs on this machine.
        engine_host: Where the ports that containers publish are.
        inside_only: Whether to measure from inside its network in any case.

    Raises:
        UsageError: when it has several ports, or none that is known.
        WorkbenchError: when it does not run, or nobody answers there in any way.
        docker.errors.APIError: when the engine refuses; a requests exception when it does not answer.
    """
    found: Answer = client.inspect_container(wanted.name)
    identity, name = text(found, "Id"), text(found, "Name").lstrip("/")
    if part(found, "State").get("Running") is not True:
        raise WorkbenchError(f"the container {printable(name)} does not run", f"docker start {printable(name)}")
    network = network_of(found, is_local=is_local)
    port = wanted.port or the_port(found, network)
    owner = _whose_network(client, found)
    hosts = addresses_of(owner)
    address = Address("", port, wanted.target, f"{name}:{port}", container_id=identity, container_name=name)
    for host in () if inside_only else hosts:
        if can_connect(host, port):
            return replace(address, host=host, authority=f"{host}:{port}", how="its own address")
    if network:
        for host in ("127.0.0.1", *hosts, "::1"):
            if inside(network, lambda host=host: can_connect(host, port)):  # type: ignore[misc]
                how = "from inside its network"
                return replace(address, host=host, authority=f"localhost:{port}", network=network, how=how)
        raise WorkbenchError(
            f"nobody listens on port {port} of {printable(name)}", f"name another port: {printable(name)}:PORT"
        )
    if inside_only:
        how = "from a container that shares its network"
        authority, image = f"localhost:{port}", text(found, "Image")
        return replace(address, host="127.0.0.1", authority=authority, image_id=image, how=how)
    for host, published in _published(owner, port, engine_host):
        if can_connect(host, published):
            how = "a port that it publishes, through the engine's own forwarding"
            return replace(address, host=host, port=published, authority=f"{host}:{published}", how=how)
    raise WorkbenchError(
        f"port {port} of {printable(name)} is not reached from here",
        "add --inside, run the workbench as root on the engine's machine, or publish the port",
    )


def the_port(found: Answer, network: str) -> int:
    """The only TCP port that a container exposes, publishes or, seen from its network, listens on.

    Raises:
        UsageError: when there are several, or none.
    """
    name = printable(text(found, "Name").lstrip("/"))
    exposed = {**part(part(found, "Config"), "ExposedPorts"), **part(part(found, "NetworkSettings"), "Ports")}
    known = sorted({int(port.partition("/")[0]) for port in exposed if re.fullmatch(r"\d{1,5}/tcp", port)})
    if not known and network:
        known = sorted(listening_ports(network))
    if len(known) == 1:
        return known[0]
    if not known:
        raise UsageError(f"which port of {name}? none is known", f"{name}:PORT")
    listed = ", ".join(map(str, known[:8]))
    raise UsageError(f"which port of {name}? it has {listed}", f"{name}:{known[0]}")


def addresses_of(found: Answer) -> tuple[str, ...]:
    """A container's own addresses: 127.0.0.1 when it shares the machine's network."""
    if text(part(found, "HostConfig"), "NetworkMode") == "host":
        return ("127.0.0.1",)
    networks = part(part(found, "NetworkSettings"), "Networks")
    each = [part(networks, name) for name in networks]
    own = [text(one, key) for key in ("IPAddress", "GlobalIPv6Address") for one in each]
    return tuple(dict.fromkeys(address for address in own if address))


def can_connect(host: str, port: int, seconds: float = _CONNECT_SECONDS) -> bool:
    """Whether somebody accepts a connection."""
    with suppress(OSError), socket.create_connection((host, port), seconds):
        return True
    return False


def network_of(found: Answer, *, is_local: bool) -> str:
    """The file of a running container's network, empty when it is not of this machine or may not be entered."""
    if not is_local or text(part(found, "HostConfig"), "NetworkMode") == "host":
        return ""
    first = part(found, "State").get("Pid")
    first = first if isinstance(first, int) and first > 0 else None
    pids = ContainerPids(text(found, "Id"), first, None).read()
    pid = first if first in pids else next(iter(pids), None)
    path = f"/proc/{pid}/ns/net"
    if pid is not None and inside(path, lambda: True):
        return path
    return ""


def inside(network: str, work: Callable[[], bool]) -> bool:
    """What `work` says in that network, on a thread of its own; `False` when it cannot be entered."""
    said: list[bool] = []

    def run() -> None:
        with suppress(OSError):
            enter_network(network)
            said.append(work())

    thread = Thread(target=run, name="inside", daemon=True)
    thread.start()
    thread.join()
    return bool(said and said[0])


def _whose_network(client: "docker.APIClient", found: Answer) -> Answer:
    """The container whose network this one uses."""
    for _ in range(_MOST_HOPS):
        mode = text(part(found, "HostConfig"), "NetworkMode")
        if not mode.startswith("container:"):
            break
        found = client.inspect_container(mode.partition(":")[2])
    return found


def _published(found: Answer, port: int, engine_host: str) -> Sequence[tuple[str, int]]:
    bindings = parts(part(part(found, "NetworkSettings"), "Ports"), f"{port}/tcp")
    places = []
    for one in bindings:
        host, published = text(one, "HostIp"), text(one, "HostPort")
        if published.isdigit():
            places.append((engine_host if host in {"", "0.0.0.0", "::"} else host, int(published)))  # noqa: S104
    return places
