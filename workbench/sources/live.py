"""The world as it is: a container engine, and the machine we run on."""

import os
import time
from typing import TYPE_CHECKING

from workbench.sources.container_detail import container_detail
from workbench.sources.endpoint import resolve
from workbench.sources.engine import Engine
from workbench.sources.fleet import FleetSource
from workbench.sources.gpu import GpuSource
from workbench.sources.host import HostSource
from workbench.sources.images import ImagesSource, image_detail, image_stacks
from workbench.sources.processes import FocusSource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from threading import Event

    from workbench.model.acquired import AcquiredImage, AcquireProgress
    from workbench.model.actions import Action
    from workbench.model.containers import ContainerDetail, FleetSnapshot
    from workbench.model.gpu import GpuSnapshot
    from workbench.model.host import HostSnapshot
    from workbench.model.images import ImageDetail, ImageSummary
    from workbench.model.logs import LogLine
    from workbench.model.processes import FocusSnapshot
    from workbench.settings import Settings
    from workbench.sources.base import Source


class LiveWorld:
    """An engine and this machine. Nothing is connected before the first reading.

    Args:
        context: A docker context; empty follows DOCKER_HOST and the active context.
        settings: Whether a helper container may be made; `None` takes the defaults.

    Raises:
        ContextUnknown: when the named context does not exist.
    """

    def __init__(self, context: str, settings: "Settings | None" = None) -> None:
        self._settings = settings
        endpoint = resolve(context, os.environ)
        self._engine = Engine(endpoint)
        self.name = endpoint.name
        self.recorded = False
        self._fleet = FleetSource(self._engine)
        self.fleet: Source[FleetSnapshot] = self._fleet
        self.host: Source[HostSnapshot] = HostSource()
        self.gpu: Source[GpuSnapshot] = GpuSource()
        self.images: Source[tuple[ImageSummary, ...]] = ImagesSource(self._engine)
        self._focus = FocusSource(self._engine)
        self.focus: Source[FocusSnapshot] = self._focus

    def image(self, reference: str) -> "ImageDetail":
        """Inspect and history of one image, by id or reference.

        Raises:
            NotFound: when there is no such image.
            EngineError: another of its kinds.
        """
        with self._engine.talk() as connection:
            return image_detail(connection.client, reference)

    def now(self) -> float:
        """Unix time in seconds."""
        return time.time()

    def acquire(
        self, reference: str, progress: "Callable[[AcquireProgress], object]", stop: "Event"
    ) -> "AcquiredImage":
        """Every entry of every layer of one image, from the quickest place that has it.

        Raises:
            NotFound: when there is no such image.
            Stopped: as soon as `stop` is set.
            WorkbenchError: when no way works.
        """
        from workbench.sources.acquire import acquire  # what only an analysis needs

        return acquire(self._engine, reference, progress=progress, stop=stop, settings=self._settings)

    def image_stacks(self) -> "Sequence[tuple[str, Sequence[str]]]":
        """Name and diff ids, base first, of every image of the engine that has a name.

        Raises:
            EngineError: when they cannot be listed.
        """
        with self._engine.talk() as connection:
            return image_stacks(connection.client)

    def container(self, container_id: str) -> "ContainerDetail":
        """Inspect one container, by id or name.

        Raises:
            NotFound: when there is no such container.
            EngineError: another of its kinds.
        """
        with self._engine.talk() as connection:
            return container_detail(connection.client.inspect_container(container_id), connection.info.cpus)

    def look_at(self, container_id: str | None) -> None:
        """Choose the container that `focus` reads, `None` for none. At once, and callable from any thread."""
        self._focus.look_at(container_id)
        self._fleet.look_at(container_id)

    def logs(
        self, container_id: str, *, tail: int, since: float | None, follow: bool, stop: "Event"
    ) -> "Iterator[LogLine]":
        """A container's log, the oldest line first, until its end or until `stop` is set.

        Raises:
            NotFound: when there is no such container.
            WorkbenchError: when its log cannot be read.
        """
        from workbench.sources.logs import read_log

        with self._engine.talk() as connection:
            yield from read_log(connection.client, container_id, tail=tail, since=since, follow=follow, stop=stop)

    def act(self, container_id: str, action: "Action") -> None:
        """Do something to a container, and wait until it is done.

        Raises:
            NotFound: when there is no such container.
            WorkbenchError: when its state does not allow it.
            EngineError: another of its kinds.
        """
        from workbench.sources.actions import act

        with self._engine.talk() as connection:
            act(connection.client, container_id, action)

    def shell_command(self, container_id: str) -> tuple[tuple[str, ...], dict[str, str]]:
        """Arguments of a docker client that opens a shell in a container, and additions to its environment.

        Raises:
            NotFound: when there is no such container.
            WorkbenchError: when there is no docker client, or the container does not run or has no shell.
        """
        from workbench.sources.shell import shell_command

        with self._engine.talk() as connection:
            return shell_command(connection.client, self._engine.endpoint, container_id)

    def container_file(self, container_id: str, path: str, most_bytes: int) -> bytes:
        """One regular file of a container, running or not.

        Raises:
            NotFound: when there is no such file or container.
            EngineError: another of its kinds.
        """
        from workbench.sources.container_files import get_file  # what only the source of a profile needs

        with self._engine.talk() as connection:
            return get_file(connection.client, container_id, path, most_bytes)

    def tidy(self) -> None:
        """Remove what a workbench that was killed left in the engine.

        Raises:
            EngineError: when the engine cannot be asked.
        """
        from workbench.sources.helper import remove_leftovers  # 7 ms; all of `acquire` would be 32 at every start
        from workbench.sources.ours import remove_profilers

        with self._engine.talk() as connection:
            remove_leftovers(connection.client)
            remove_profilers(connection.client)

    def close(self) -> None:
        """Close every source. Callable from another thread, and twice."""
        for source in (self.fleet, self.host, self.gpu, self.images, self.focus):
            source.close()
        self._engine.close()
