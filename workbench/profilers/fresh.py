"""A run of its own: a container's configuration once more, with tools on a volume; the original is not touched."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Event
from typing import Any, Literal

import docker
import docker.errors

from workbench.errors import WorkbenchError
from workbench.measure.secrets import mask_text
from workbench.measure.text import printable
from workbench.model.probe import Route, TargetFacts
from workbench.profilers.base import Wish
from workbench.profilers.ending import Ending
from workbench.sources.answers import Answer, number, part, text
from workbench.sources.clone import clone_of
from workbench.sources.container_files import Gathered, folders_of, gather, tar_of
from workbench.sources.container_output import said_by
from workbench.sources.docker_errors import sentence
from workbench.sources.engine import Connection
from workbench.sources.ours import PROFILER, maker_labels, new_name, remove_container, remove_volume
from workbench.sources.upload import Watch, upload

TOOLS = "/.workbench"
"""Where the volume is mounted."""
STOP_SECONDS = 10
MOST_RESULT_BYTES = 256 << 20
_MOST_SAID = 4096
_LOOK_SECONDS = 0.1
_MOST_ASKED_BYTES = 256 << 10
_PRICE = "starts the same container once more, with its own start-up and load; the original is not touched"


@dataclass(frozen=True, slots=True)
class FreshRun:
    """A clone that runs."""

    client: docker.APIClient
    address: str
    """The engine's, as it is told of."""
    container: str
    notes: tuple[str, ...]
    started_at: float
    """Seconds of time.monotonic."""
    image: str
    volume: str

    def has_ended(self) -> bool:
        """Whether it ended by itself."""
        return self._state().get("Running") is not True

    def ending(self) -> Ending | None:
        """How it ended by itself; `None` while it runs."""
        state = self._state()
        return None if state.get("Running") is True else _ending(state, by_itself=True)

    def stop(self) -> Ending:
        """End it politely, where it has not ended by itself."""
        if ending := self.ending():
            return ending
        self.client.stop(self.container, timeout=STOP_SECONDS)
        return _ending(self._state(), by_itself=False)

    def _state(self) -> Answer:
        return part(self.client.inspect_container(self.container), "State")

    def results(self, goes_on: Callable[[int], bool] = lambda _: True) -> Gathered:
        """Every whole file that it has left in `out`, by name; see `gather`."""
        found = self._files("out", MOST_RESULT_BYTES, goes_on)
        whole = {name: content for name, content in found.files.items() if not name.endswith(".part")}
        return replace(found, files=whole)

    def result(self, name: str, most_bytes: int, goes_on: Callable[[int], bool]) -> Gathered:
        """One of those files; see `gather`."""
        return self._files(f"out/{name}", most_bytes, goes_on)

    def asked(self) -> dict[str, bytes]:
        """Files of `asks` by name, where an agent leaves what it lacks; what is too much is not looked at."""
        return self._files("asks", _MOST_ASKED_BYTES).files

    def _files(self, folder: str, most_bytes: int, goes_on: Callable[[int], bool] = lambda _: True) -> Gathered:
        found = gather(self.client, self.container, f"{TOOLS}/{folder}", most_bytes, goes_on=goes_on)
        return replace(found, files={name.rpartition("/")[2]: content for name, content in found.files.items()})

    def run_beside(
        self, command: Sequence[str], environment: Mapping[str, str], seconds: float, stop: Event
    ) -> tuple[int | None, bytes]:
        """Run another command of the same image, with the same files and volume, without a network; blocks.

        Returns:
            Its exit code, `None` when it took too long or was given up; and what it wrote to its standard error.
        """
        name = new_name("beside")
        found = dict(self.client.inspect_container(self.container))
        clone = clone_of(
            found, mounts=(), environment=environment, path_entry="", labels=maker_labels(PROFILER), command=command
        )
        clone.configuration["HostConfig"] |= {"NetworkMode": "none", "PortBindings": {}}
        clone.configuration["NetworkingConfig"] = {}
        try:
            api: Any = self.client  # this call of docker-py has no types
            identity = text(api.create_container_from_config(clone.configuration, name), "Id") or name
            self.client.start(identity)
            beside = replace(self, container=identity)
            until = time.monotonic() + seconds
            while not beside.has_ended():
                if stop.wait(_LOOK_SECONDS) or time.monotonic() > until:
                    return None, b""
            ending = beside.ending()
            return None if ending is None else ending.code, beside.errors(_MOST_SAID)
        finally:
            remove_container(self.client, name)

    def put(self, files: Mapping[str, bytes], watch: Watch = lambda _, __: None) -> None:
        """Put more into its volume, by path."""
        _fill(self.client, self.image, self.volume, files, watch)

    def errors(self, most_bytes: int, lines: int | Literal["all"] = "all") -> bytes:
        """What it wrote to its standard error, its output too when it has a terminal; or its last lines."""
        return said_by(self.client, self.container, most_bytes, stdout=False, lines=lines)

    def last_words(self) -> str:
        """The last line of what it wrote to its standard error, secrets masked."""
        return printable(mask_text(self.errors(_MOST_SAID, 1).decode("utf-8", "replace")).strip()[-200:])


def _ending(state: Answer, *, by_itself: bool) -> Ending:
    return Ending(number(state, "ExitCode"), by_itself, out_of_memory=state.get("OOMKilled") is True)


def fresh_route(facts: TargetFacts) -> Route:
    """The one way in: what it costs, and why it is closed."""
    closed = "" if facts.kind == "container" else "a fresh run is one of a container"
    return Route("fresh", _PRICE, closed)


@contextmanager
def fresh_run(
    connection: Connection,
    facts: TargetFacts,
    wish: Wish,
    *,
    files: Mapping[str, bytes],
    environment: Mapping[str, str],
    path_entry: str = "",
    watch: Watch = lambda _, __: None,
) -> Iterator[FreshRun]:
    """Start a container like the target's; it and its tools are removed whatever happens.

    Args:
        connection: To the engine.
        facts: The target.
        wish: Its command counts.
        files: Go into the volume, by path.
        environment: Added to the container's own.
        path_entry: Goes before its PYTHONPATH.
        watch: Told how far the files are.

    Raises:
        WorkbenchError: when it cannot be started, with the engine's reason.
        docker.errors.APIError: when the engine refuses; a requests exception when it does not answer.
    """
    client = connection.client
    found: dict[str, Any] = dict(client.inspect_container(facts.id))
    labels = maker_labels(PROFILER)
    volume, name = new_name("tools"), new_name("fresh")
    mount = {"Type": "volume", "Source": volume, "Target": TOOLS}
    clone = clone_of(
        found, mounts=[mount], environment=environment, path_entry=path_entry, labels=labels, command=wish.command
    )
    try:
        client.create_volume(volume, labels=labels)
        _fill(client, text(found, "Image"), volume, files, watch)
        try:
            api: Any = client  # this call of docker-py has no types
            created = api.create_container_from_config(clone.configuration, name)
            identity = text(created, "Id") or name
            for network in clone.networks:
                client.connect_container_to_network(identity, network)
            client.start(identity)
        except docker.errors.APIError as error:
            reason = sentence(str(error.explanation or "")) or "the engine refuses"
            raise WorkbenchError(
                f"a fresh run of {printable(facts.name)} does not start: {reason}",
                "profile the container as it runs: --with py-spy",
            ) from error
        yield FreshRun(
            client, connection.info.endpoint, identity, clone.notes, time.monotonic(), text(found, "Image"), volume
        )
    finally:
        # By name: an answer that came too late still made a container
        remove_container(client, name)
        remove_volume(client, volume)


def _fill(client: docker.APIClient, image: str, volume: str, files: Mapping[str, bytes], watch: Watch) -> None:
    """Put files into a volume through a container that never starts."""
    name = new_name("fill")
    try:
        host = client.create_host_config(network_mode="none", binds=[f"{volume}:{TOOLS}"])
        created = client.create_container(
            image, ["workbench-never-started"], name=name, labels=maker_labels(PROFILER), host_config=host
        )
        folders = {**folders_of(files), "out": 0o1777, "asks": 0o1777}  # everybody may write to these
        content = tar_of({path: (data, 0o644) for path, data in files.items()}, folders, {})
        upload(client, text(created, "Id") or name, TOOLS, content, watch)
    finally:
        remove_container(client, name)
