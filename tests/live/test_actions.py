"""What is done to real containers."""

from threading import Event

import pytest

from tests.live.conftest import ContainerFactory
from tests.live.engines import Engine
from workbench.errors import NotFound, WorkbenchError
from workbench.model.actions import Action
from workbench.model.reading import Fresh, Missing, Reading
from workbench.session import Session
from workbench.settings import Settings
from workbench.sources.endpoint import REQUEST_SECONDS
from workbench.sources.live import LiveWorld

HEEDS = ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.05; done"]


def test_a_whole_life(world: LiveWorld, base_image: str, container_factory: ContainerFactory) -> None:
    container = container_factory(base_image, HEEDS)
    assert container.id
    where = container.id

    def state() -> str:
        return world.container(where).state

    def refused(action: Action) -> str:
        with pytest.raises(WorkbenchError) as caught:
            world.act(where, action)
        return caught.value.reason

    name = container.name
    assert refused("start") == f"{name} already runs"
    assert refused("remove") == f"{name} still runs, and only a stopped container is removed"
    assert refused("unpause") == f"{name} is not paused"
    world.act(where, "pause")
    assert state() == "paused"
    assert refused("pause") == f"{name} is already paused"
    world.act(where, "unpause")
    first = world.container(where).pid
    world.act(where, "restart")
    assert (state(), world.container(where).pid != first) == ("running", True)
    world.act(where, "stop")
    assert (state(), world.container(where).exit_code) == ("exited", 0)
    assert refused("stop") == f"{name} is already stopped"
    assert refused("kill") == f"{name} does not run"
    world.act(where, "start")
    world.act(where, "kill")
    assert world.container(where).exit_code == 137
    world.act(where, "remove")
    for action in ("start", "remove"):
        with pytest.raises(NotFound):
            world.act(where, action)


def test_a_paused_container_stops_and_is_killed(
    world: LiveWorld, base_image: str, container_factory: ContainerFactory
) -> None:
    for action in ("stop", "kill"):
        container = container_factory(base_image, HEEDS)
        assert container.id
        world.act(container.id, "pause")
        world.act(container.id, action)
        assert world.container(container.id).state == "exited"


def test_volumes_are_left(
    engine: Engine, world: LiveWorld, base_image: str, container_factory: ContainerFactory, labels: dict[str, str]
) -> None:
    volume = engine.client.volumes.create(labels=labels)
    container = container_factory(base_image, HEEDS, volumes=[f"{volume.name}:/kept", "/nameless"])
    assert container.id
    names = [mount["Name"] for mount in container.attrs["Mounts"]]
    assert len(names) == 2
    world.act(container.id, "kill")
    world.act(container.id, "remove")
    for name in names:
        engine.client.volumes.get(name).remove()


def test_stopping_may_take_longer_than_an_answer(
    engine: Engine, world: LiveWorld, base_image: str, labels: dict[str, str]
) -> None:
    """It takes longer than any other request is waited for."""
    last_words = f"trap 'sleep {REQUEST_SECONDS + 1}; exit 7' TERM; while :; do sleep 0.1; done"
    api = engine.client.api
    slow = api.create_container(base_image, ["sh", "-c", last_words], labels=labels, stop_timeout=6 * REQUEST_SECONDS)
    try:
        world.act(slow["Id"], "start")
        while "sleep" not in str(api.top(slow["Id"])):
            pass
        world.act(slow["Id"], "stop")
        assert world.container(slow["Id"]).exit_code == 7
    finally:
        api.remove_container(slow["Id"], force=True)


def test_a_session_that_may_only_look(world: LiveWorld, base_image: str, container_factory: ContainerFactory) -> None:
    container = container_factory(base_image, HEEDS)
    assert container.id
    answers: list[Reading[None]] = []
    for settings in (Settings(read_only=True), Settings()):
        told = Event()

        def done(reading: Reading[None], told: Event = told) -> None:
            answers.append(reading)
            told.set()

        Session(world, settings).act(container.id, "kill", done)
        told.wait()
        if settings.read_only:
            assert world.container(container.id).state == "running"
    refused, killed = answers
    assert isinstance(refused, Missing)
    assert refused.reason == "the workbench is read-only"
    assert isinstance(killed, Fresh)
    assert world.container(container.id).state == "exited"
