"""One container engine: connected when it is first needed, and again after it went away."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

import docker

from workbench.errors import EngineError, EngineUnreachable
from workbench.measure.secrets import mask_text
from workbench.model.containers import EngineInfo
from workbench.sources.answers import Answer, number, parts, text
from workbench.sources.docker_errors import translated
from workbench.sources.endpoint import Endpoint, connect


@dataclass(frozen=True, slots=True)
class Connection:
    """A client that works, and what the engine said of itself when it was made."""

    client: docker.APIClient
    info: EngineInfo


class Engine:
    """Shares one connection among threads, makes it when there is none, and forgets it when the engine goes away.

    Args:
        endpoint: Where the engine is.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._connecting = Lock()
        self._connection: Connection | None = None
        self._closed = False

    @contextmanager
    def talk(self) -> Iterator[Connection]:
        """A connection to speak through; whatever fails inside comes out as an error of ours.

        Raises:
            EngineError: one of its kinds. After EngineUnreachable the next call connects anew.
        """
        connection = self._connect()
        try:
            with translated(self.endpoint.address):
                yield connection
        except EngineUnreachable:
            self.forget(connection)
            raise

    def forget(self, connection: Connection) -> None:
        """Make the next call connect anew, unless one already did."""
        if self._connection is connection:
            self._connection = None
        connection.client.close()

    def close(self) -> None:
        """Let go, at once, whatever another thread is waiting for. Callable twice."""
        self._closed = True
        if connection := self._connection:
            self.forget(connection)

    def _connect(self) -> Connection:
        with self._connecting:
            if self._connection is None:
                self._refuse_when_closed()
                client = connect(self.endpoint)
                try:
                    with translated(self.endpoint.address):
                        answers = client.version(), client.info()
                    connection = Connection(client, describe(self.endpoint, client.api_version, *answers))
                    self._refuse_when_closed()
                except BaseException:
                    client.close()
                    raise
                self._connection = connection
            return self._connection

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise EngineError("the workbench has let go of this engine")


def describe(endpoint: Endpoint, api_version: str, version: Answer, info: Answer) -> EngineInfo:
    """What an engine's two answers about itself tell, and the API version that is spoken with it."""
    names = [text(component, "Name") for component in parts(version, "Components")]
    group = text(info, "CgroupVersion")
    return EngineInfo(
        endpoint=mask_text(endpoint.address),
        context=endpoint.context,
        product="podman" if any("podman" in name.lower() for name in names) else "docker",
        version=text(version, "Version"),
        api_version=api_version,
        storage_driver=text(info, "Driver"),
        operating_system=text(info, "OperatingSystem"),
        cgroup_version=int(group) if group in {"1", "2"} else None,
        cpus=number(info, "NCPU") or 0,
        memory_bytes=number(info, "MemTotal") or 0,
    )
