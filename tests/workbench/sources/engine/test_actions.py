"""What is done to containers, and what is refused before an engine is asked."""

from typing import Any, get_args

import docker
import pytest

from tests.workbench.sources.engine.fake_engine import FakeEngine
from workbench.errors import EngineError, NotFound, WorkbenchError
from workbench.model.actions import Action
from workbench.sources import actions
from workbench.sources.engine import Engine


def act(engine: FakeEngine, action: Action, state: str = "running", **config: Any) -> None:
    engine.inspected["api"] = {"Id": "abc", "Name": "/api", "State": {"Status": state}, "Config": config}
    with Engine(engine.endpoint).talk() as connection:
        actions.act(connection.client, "api", action)


@pytest.mark.parametrize(
    ("action", "state", "done"),
    [
        ("start", "exited", "POST containers/abc/start"),
        ("stop", "running", "POST containers/abc/stop"),
        ("stop", "restarting", "POST containers/abc/stop"),
        ("restart", "created", "POST containers/abc/restart"),
        ("pause", "running", "POST containers/abc/pause"),
        ("unpause", "paused", "POST containers/abc/unpause"),
        ("kill", "paused", "POST containers/abc/kill"),
        ("remove", "exited", "DELETE containers/abc"),
        ("remove", "dead", "DELETE containers/abc"),
        ("pause", "some new state", "POST containers/abc/pause"),
    ],
)
def test_each_action_by_the_id_with_its_volumes_left(
    fake_engine: FakeEngine, action: Action, state: str, done: str
) -> None:
    act(fake_engine, action, state)
    assert fake_engine.done == [done]


@pytest.mark.parametrize(
    ("action", "state", "reason"),
    [
        ("start", "running", "api already runs"),
        ("start", "paused", "api is paused"),
        ("stop", "exited", "api is already stopped"),
        ("stop", "created", "api was never started"),
        ("kill", "exited", "api does not run"),
        ("pause", "paused", "api is already paused"),
        ("pause", "exited", "api does not run, so it cannot be paused"),
        ("unpause", "running", "api is not paused"),
        ("remove", "running", "api still runs, and only a stopped container is removed"),
        ("remove", "paused", "api still runs, and only a stopped container is removed"),
        *((action, "removing", "api is being removed") for action in get_args(Action)),
    ],
)
def test_what_its_state_does_not_allow(fake_engine: FakeEngine, action: Action, state: str, reason: str) -> None:
    with pytest.raises(WorkbenchError) as caught:
        act(fake_engine, action, state)
    assert caught.value.reason == reason
    assert fake_engine.done == []


def test_somebody_else_was_faster(fake_engine: FakeEngine) -> None:
    fake_engine.refusals["POST containers/abc/stop"] = (304, "")
    act(fake_engine, "stop")
    fake_engine.refusals["POST containers/abc/kill"] = (409, "Container abc is not running")
    with pytest.raises(EngineError, match=r"^the engine says: Container abc is not running$"):
        act(fake_engine, "kill")
    fake_engine.refusals["DELETE containers/abc"] = (404, "No such container: abc")
    with pytest.raises(NotFound):
        act(fake_engine, "remove", "exited")


def test_a_container_that_takes_long_to_stop_is_waited_for(
    fake_engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[Any] = []
    real = docker.APIClient.post

    def post(self: Any, url: str, **more: Any) -> Any:
        waited.append(more["timeout"][1])
        return real(self, url, **more)

    monkeypatch.setattr(docker.APIClient, "post", post)
    act(fake_engine, "stop", StopTimeout=300)
    act(fake_engine, "restart")
    act(fake_engine, "stop", StopTimeout=-1)
    act(fake_engine, "kill", StopTimeout=300)
    assert waited == [360, 70, 3660, 60]
