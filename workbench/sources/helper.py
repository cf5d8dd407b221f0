"""A container that is created, never started, and removed: through it an engine elsewhere shows its layer store.

The engine mounts a container's file system, binds included, to answer `GET /containers/{id}/archive`, whether or not
the container ever ran. The bind is read-only and the container has no network.
"""

import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event

import docker
import docker.errors
import docker.types

from workbench.sources.answers import number, part, text
from workbench.sources.byte_stream import Budget, ByteStream, TarError
from workbench.sources.download import download
from workbench.sources.ours import LONGEST_LIFE_SECONDS, is_dead, maker_labels, remove_container
from workbench.sources.tar_stream import TarEntry, TarStream

LABEL = "workbench.helper"
"""On every helper; its value is the id of the process that made it."""
RECORDS = "/.workbench-layers"
"""Where the layer store is bound."""


class Helper:
    """A helper container that exists now.

    Args:
        client: The engine's.
        container: The container's id.
        budget: Bounds what is read.
        stop: Set to give up, from any thread.
    """

    def __init__(self, client: docker.APIClient, container: str, budget: Budget, stop: Event) -> None:
        self._client = client
        self._container = container
        self._budget = budget
        self._stop = stop

    @contextmanager
    def read(
        self, path: str, watch: Callable[[int], object] = lambda _: None
    ) -> Iterator[Iterator[tuple[TarEntry, TarStream]]]:
        """The files at and below a path of the container, each with its content.

        Args:
            path: Absolute.
            watch: Told how many bytes came; may raise.

        Raises:
            docker.errors.NotFound: when there is no such path.
            Stopped: as soon as the user gives up.
        """
        archive = f"/containers/{self._container}/archive"
        with download(self._client, archive, {"path": path}, stop=self._stop, watch=watch) as body:
            tar = TarStream(body, self._budget)
            yield ((entry, tar) for entry in tar if entry.is_file)

    @contextmanager
    def read_file(self, path: str) -> Iterator[tuple[TarEntry, ByteStream]]:
        """One file of the container.

        Raises:
            docker.errors.NotFound: when there is no such path.
            TarError: when it is no regular file.
            Stopped: as soon as the user gives up.
        """
        with self.read(path) as files:
            found = next(files, None)
            if found is None:
                raise TarError("it is not a regular file")
            entry, content = found
            yield entry, ByteStream(lambda: content.chunk(1 << 20), content.skip)


@contextmanager
def helper(client: docker.APIClient, image_id: str, records: str, budget: Budget, stop: Event) -> Iterator[Helper]:
    """Create a helper container, and remove it whatever happens; first remove those that killed runs left.

    Args:
        client: The engine's.
        image_id: The image whose file system it shows.
        records: The engine's directory of layers, shown at `RECORDS`; empty for none.
        budget: Bounds what is read.
        stop: Set to give up, from any thread.

    Raises:
        docker.errors.APIError: when the engine refuses.
    """
    remove_leftovers(client)
    name = f"workbench-helper-{os.getpid()}-{secrets.token_hex(4)}"
    # A mount, not a bind: a bind would make the directory where it does not exist
    mounts = [docker.types.Mount(RECORDS, records, type="bind", read_only=True)] if records else []
    try:
        created = client.create_container(
            image_id,
            ["workbench-never-started"],
            name=name,
            labels=maker_labels(LABEL),
            network_disabled=True,
            host_config=client.create_host_config(mounts=mounts, network_mode="none"),
        )
        yield Helper(client, text(created, "Id") or name, budget, stop)
    finally:
        # By name: an answer that came too late still made a container
        remove_container(client, name)


def remove_leftovers(client: docker.APIClient) -> int:
    """Remove helpers whose process is gone, and those that are older than any work.

    Returns:
        How many there were.
    """
    removed = 0
    for found in client.containers(all=True, filters={"label": LABEL}):
        labels = part(found, "Labels")
        if text(found, "State") != "created":  # ours are never started
            continue
        age = time.time() - (number(found, "Created") or 0)
        if is_dead(labels, LABEL) or age > LONGEST_LIFE_SECONDS:
            remove_container(client, text(found, "Id"))
            removed += 1
    return removed
