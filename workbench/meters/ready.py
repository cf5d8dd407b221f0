"""When a container that has just been started is ready: asked again and again, at its own address or in its network.

Never at a port that it publishes: there the engine's forwarding accepts before the program listens.
"""

import http.client
import re
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Event, Thread
from typing import TYPE_CHECKING

from workbench.errors import UsageError, WorkbenchError
from workbench.measure.text import printable
from workbench.meters.address import can_connect
from workbench.meters.agent.pace import enter_network
from workbench.model.startup import Condition
from workbench.sources.answers import part, text
from workbench.sources.logs import read_log

if TYPE_CHECKING:
    import docker

POLL_SECONDS = 0.005
"""Between two tries: a moment is known no better than this."""
_HEALTH_SECONDS = 0.02
_TRY_SECONDS = 2.0
_CONDITION = re.compile(r"(?P<kind>http|tcp)(?::(?P<port>\d{1,5})?(?P<path>/[!-~]*)?)?")


def parse_condition(typed: str) -> Condition:
    """`http:/path`, `http:PORT/path`, `tcp`, `tcp:PORT`, `log:REGEX` or `healthy`.

    Raises:
        UsageError: when it is none of them.
    """
    if typed == "healthy":
        return Condition("healthy")
    if typed.startswith("log:") and typed != "log:":
        try:
            re.compile(typed[4:])
        except re.error as error:
            raise UsageError(f"{printable(typed[4:])} is no regular expression: {error}") from None
        return Condition("log", pattern=typed[4:])
    found = _CONDITION.fullmatch(typed)
    if not found or (found["kind"] == "tcp" and found["path"]):
        raise UsageError(f"{printable(typed)} says not when it is ready", "http:/path, tcp:PORT, log:REGEX or healthy")
    port = int(found["port"]) if found["port"] else None
    if port is not None and not 0 < port < 65536:
        raise UsageError(f"{port} is no port")
    return Condition("http" if found["kind"] == "http" else "tcp", port, found["path"] or "/")


@dataclass(slots=True)
class Seen:
    """When a condition was met, and what was seen until then."""

    at: float | None = None
    """Unix time in seconds."""
    last: str = ""
    """What was in the way at the last try."""


def watch(
    client: "docker.APIClient",
    container: str,
    condition: Condition,
    hosts: Sequence[str],
    network: str,
    stop: Event,
    *,
    engine_clock: bool,
) -> tuple[Thread, Seen]:
    """Look for a condition on a thread of its own until it is met or `stop` is set.

    Args:
        client: The engine's.
        container: Its id; it runs.
        condition: With a port, where one is needed.
        hosts: Where it may listen.
        network: The file of its network, to look from inside; empty to look from here.
        stop: Set to give up.
        engine_clock: Whether the moments that the engine tells are of our clock.
    """
    seen = Seen()

    def work() -> None:
        if network and condition.kind in {"http", "tcp"}:
            enter_network(network)
        match condition.kind:
            case "http":
                _again(lambda: _answers(hosts, condition, seen), seen, stop, POLL_SECONDS)
            case "tcp":
                _again(lambda: _accepts(hosts, condition, seen), seen, stop, POLL_SECONDS)
            case "healthy":
                _again(lambda: _is_healthy(client, container, seen), seen, stop, _HEALTH_SECONDS)
            case "log":
                pattern = re.compile(condition.pattern)
                for line in read_log(client, container, tail=-1, since=None, follow=True, stop=stop):
                    if pattern.search(line.text):
                        seen.at = line.at if engine_clock and line.at else time.time()
                        return
                    seen.last = "no line of its log matches"

    def run() -> None:
        try:
            work()
        except WorkbenchError as error:
            seen.last = error.reason
        except Exception as error:  # noqa: BLE001  the engine's and the network's ways to fail are many
            seen.last = str(error)

    thread = Thread(target=run, name=f"ready:{condition.kind}", daemon=True)
    thread.start()
    return thread, seen


def _again(is_met: Callable[[], bool], seen: Seen, stop: Event, every: float) -> None:
    while not stop.is_set():
        if is_met():
            seen.at = time.time()
            return
        stop.wait(every)


def _accepts(hosts: Sequence[str], condition: Condition, seen: Seen) -> bool:
    seen.last = f"nobody listens on port {condition.port}"
    return any(can_connect(host, condition.port or 0, _TRY_SECONDS) for host in hosts)


def _answers(hosts: Sequence[str], condition: Condition, seen: Seen) -> bool:
    for host in hosts:
        connection = http.client.HTTPConnection(host, condition.port, timeout=_TRY_SECONDS)
        try:
            connection.request("GET", condition.target, headers={"Host": f"localhost:{condition.port}"})
            status = connection.getresponse().status
        except ConnectionRefusedError:
            seen.last = f"nobody listens on port {condition.port}"
        except (OSError, http.client.HTTPException) as error:
            seen.last = str(error) or type(error).__name__
        else:
            seen.last = f"it answers {status}"
            return status < 400
        finally:
            with suppress(OSError):
                connection.close()
    return False


def _is_healthy(client: "docker.APIClient", container: str, seen: Seen) -> bool:
    health = text(part(part(client.inspect_container(container), "State"), "Health"), "Status")
    seen.last = f"its health is {health}" if health else "it has no health check"
    return health == "healthy"
