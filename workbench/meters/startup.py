"""Start-up: the same container made, started and removed several times, and how long it took until it was ready."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from threading import Event
from typing import TYPE_CHECKING, Any

import docker
import docker.errors
import requests

from workbench.errors import NotFound, Stopped, UsageError, WorkbenchError
from workbench.measure.instants import unix_nanoseconds
from workbench.measure.text import printable
from workbench.meters.address import addresses_of, network_of, the_port
from workbench.meters.ready import Seen, watch
from workbench.model.startup import Condition, Start, StartupResult
from workbench.sources.answers import Answer, number, part, text
from workbench.sources.clone import clone_of
from workbench.sources.docker_errors import sentence
from workbench.sources.ours import PROFILER, maker_labels, new_name, remove_container

if TYPE_CHECKING:
    from threading import Thread

Heard = Callable[[int, str], object]
"""Gets how many starts are done, and what is waited for."""

_LOOK_SECONDS = 0.02
_STATE_SECONDS = 0.5
_STOP_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is started."""

    name: str
    is_container: bool
    image_id: str
    configuration: dict[str, Any]
    networks: tuple[str, ...]
    notes: tuple[str, ...]
    conditions: tuple[Condition, ...]


def recipe_of(client: docker.APIClient, wanted: str, conditions: Sequence[Condition], *, is_local: bool) -> Recipe:
    """How to start a container like the one of that name, or the image of that name, and when it is ready.

    Args:
        client: The engine's.
        wanted: Container or image.
        conditions: When it is ready; without any, when its health check says so, or else its only port accepts.
        is_local: Whether the engine runs on this machine.

    Raises:
        NotFound: when there is neither.
        UsageError: when a port is needed and not known, or there is no health check to wait for.
        docker.errors.APIError: when the engine refuses; a requests exception when it does not answer.
    """
    labels = maker_labels(PROFILER)
    configuration: dict[str, Any]
    networks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    is_container, network = False, ""
    untyped: Any = client
    try:
        found: Answer = client.inspect_container(wanted)
    except docker.errors.NotFound:
        try:
            image: Answer = untyped.inspect_image(wanted)
        except docker.errors.NotFound:
            raise NotFound(f"there is no container or image {printable(wanted)}") from None
        found = {"Name": wanted, "Config": part(image, "Config")}
        configuration = {"Image": text(image, "Id"), "Labels": labels, "HostConfig": {}}
        image_id = text(image, "Id")
    else:
        clone = clone_of(found, mounts=(), environment={}, path_entry="", labels=labels, checks_health=True)
        configuration, networks, notes, is_container = clone.configuration, clone.networks, clone.notes, True
        image_id = text(found, "Image")
        network = network_of(found, is_local=is_local)
    mode = text(part(found, "HostConfig"), "NetworkMode")
    asks_network = not conditions or any(each.kind in {"http", "tcp"} for each in conditions)
    if asks_network and (mode == "host" or mode.startswith("container:")):
        raise UsageError(
            f"{printable(wanted)} shares a network, where it cannot be told from others that listen",
            "--ready log:REGEX or healthy",
        )
    has_check = _has_check(part(found, "Config"))
    if not conditions:
        conditions = (Condition("healthy") if has_check else Condition("tcp"),)
    if any(each.kind == "healthy" for each in conditions) and not has_check:
        raise UsageError(f"{printable(wanted)} has no health check", "--ready http:PORT/path, tcp:PORT or log:REGEX")
    ported = tuple(
        replace(each, port=the_port(found, network)) if each.kind in {"http", "tcp"} and each.port is None else each
        for each in conditions
    )
    name = text(found, "Name").lstrip("/")
    return Recipe(name, is_container, image_id, configuration, networks, notes, ported)


def start_again_and_again(
    client: docker.APIClient,
    recipe: Recipe,
    times: int,
    heard: Heard,
    stop: Event,
    *,
    timeout: float,
    is_local: bool,
) -> StartupResult:
    """Start it so many times, one after the other; each is removed before the next; blocks.

    Args:
        client: The engine's.
        recipe: What is started.
        times: How often.
        heard: Told how many are done and what is waited for; must not block.
        stop: Set to end it; the starts until then are the result.
        timeout: Seconds that each has to get ready.
        is_local: Whether the engine runs on this machine, and by its clock.

    Raises:
        Stopped: when it was stopped before the first was ready.
        WorkbenchError: when one does not start, or does not get ready.
        docker.errors.APIError: when the engine refuses; a requests exception when it does not answer.
    """
    began, began_at = time.monotonic(), time.time()
    starts: list[Start] = []
    while len(starts) < times and not stop.is_set():
        try:
            starts.append(_start(client, recipe, lambda what: heard(len(starts), what), stop, timeout, is_local))
        except Stopped:
            break
    if not starts:
        raise Stopped("stopped before anything was measured")
    return StartupResult(
        recipe.name,
        recipe.is_container,
        recipe.image_id,
        recipe.conditions,
        tuple(starts),
        began_at,
        time.monotonic() - began,
        was_stopped=len(starts) < times,
        notes=recipe.notes,
    )


def _start(
    client: docker.APIClient,
    recipe: Recipe,
    heard: Callable[[str], object],
    stop: Event,
    timeout: float,
    is_local: bool,
) -> Start:
    with started(client, recipe, heard, stop, timeout=timeout, is_local=is_local) as (_, start):
        return start


@contextmanager
def started(
    client: docker.APIClient,
    recipe: Recipe,
    heard: Callable[[str], object],
    stop: Event,
    *,
    timeout: float,
    is_local: bool,
) -> Iterator[tuple[str, Start]]:
    """A container that is ready, by its id, and how long that took. It is removed in the end.

    Args:
        client: The engine's.
        recipe: What is started.
        heard: Told what is waited for; must not block.
        stop: Set to give up.
        timeout: Seconds that it has to get ready.
        is_local: Whether the engine runs on this machine, and by its clock.

    Raises:
        The same as `start_again_and_again`.
    """
    name = new_name("start")
    over = Event()
    looking: list[tuple[Thread, Seen]] = []
    try:
        heard("creating it")
        begun = time.time()
        api: Any = client  # this call of docker-py has no types
        with _refused(recipe):
            identity = text(api.create_container_from_config(recipe.configuration, name), "Id") or name
            created = time.time() - begun
            for network in recipe.networks:
                client.connect_container_to_network(identity, network)
            client.start(identity)
        returned = time.time()
        found: Answer = client.inspect_container(identity)
        first_ns = unix_nanoseconds(text(part(found, "State"), "StartedAt")) if is_local else None
        network = network_of(found, is_local=is_local)
        hosts = tuple(dict.fromkeys((*(("127.0.0.1",) if network else ()), *addresses_of(found))))
        if not hosts and any(each.kind in {"http", "tcp"} for each in recipe.conditions):
            raise WorkbenchError("it has no address that is reached from here", "--ready log:REGEX or healthy")
        looking = [
            watch(client, identity, each, hosts, network, over, engine_clock=is_local) for each in recipe.conditions
        ]
        _wait(client, identity, recipe, looking, heard, stop, timeout)
        over.set()
        yield (
            identity,
            Start(
                created,
                (first_ns / 1e9 if first_ns else returned) - begun,
                tuple(None if seen.at is None else seen.at - begun for _, seen in looking),
            ),
        )
    finally:
        over.set()
        if recipe.is_container:  # it may write to volumes that are the original's
            with suppress(docker.errors.APIError, requests.RequestException):
                client.stop(name, timeout=_STOP_SECONDS)
        remove_container(client, name)
        for thread, _ in looking:
            thread.join(_STOP_SECONDS)


@contextmanager
def _refused(recipe: Recipe) -> Iterator[None]:
    """Say in our words that the engine does not start it."""
    try:
        yield
    except docker.errors.APIError as error:
        reason = sentence(str(error.explanation or "")) or "the engine refuses"
        raise WorkbenchError(f"another {printable(recipe.name)} does not start: {reason}") from error


def _wait(
    client: docker.APIClient,
    identity: str,
    recipe: Recipe,
    looking: Sequence[tuple["Thread", Seen]],
    heard: Callable[[str], object],
    stop: Event,
    timeout: float,
) -> None:
    """Until each condition is met."""
    deadline = time.monotonic() + timeout
    looked = time.monotonic()
    while any(seen.at is None for _, seen in looking):
        open_ = [(each, seen) for each, (_, seen) in zip(recipe.conditions, looking, strict=True) if seen.at is None]
        condition, seen = open_[0]
        if stop.wait(_LOOK_SECONDS):
            raise Stopped("stopped")
        if time.monotonic() > deadline:
            last = f": {printable(seen.last)}" if seen.last else ""
            raise WorkbenchError(
                f"{printable(recipe.name)} was not ready ({printable(condition.name)}) in {timeout:g} s{last}",
                "name another sign with --ready, or give it longer with --timeout",
            )
        if time.monotonic() - looked > _STATE_SECONDS:
            looked = time.monotonic()
            heard(condition.name)
            state: Mapping[str, Any] = part(client.inspect_container(identity), "State")
            if state.get("Running") is not True and all(seen.at is None for _, seen in open_):
                code = number(state, "ExitCode")
                raise WorkbenchError(
                    f"another {printable(recipe.name)} ended with code {code} before it was ready",
                    f"see why: docker logs {printable(recipe.name)}" if recipe.is_container else "",
                )


def _has_check(configuration: Answer) -> bool:
    test = part(configuration, "Healthcheck").get("Test")
    return isinstance(test, list) and bool(test) and test[0] != "NONE"
