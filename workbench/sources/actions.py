"""Starting, stopping and removing containers."""

from urllib.parse import quote

import docker
import requests

from workbench.errors import WorkbenchError
from workbench.model.actions import Action
from workbench.model.containers import ContainerState
from workbench.sources.answers import Answer, number, part, text
from workbench.sources.container_state import container_state
from workbench.sources.download import refuse
from workbench.sources.processes import shown_name
from workbench.sources.transport import CONNECT_SECONDS

ANSWER_SECONDS = 60.0
"""For what the engine itself does. To remove a large container, or to start one with many mounts, takes its time."""
USUAL_STOP_SECONDS = 10
"""How long an engine waits for a container to stop before it kills it, unless the container says otherwise."""
LONGEST_STOP_SECONDS = 3600.0

_DONE = frozenset((200, 204, 304))
"""304 is the engine's word for "it was so already"."""
_UP = frozenset(("running", "paused", "restarting"))


def act(client: docker.APIClient, container_id: str, action: Action) -> None:
    """Do something to a container, and wait until it is done.

    Args:
        client: The engine's.
        container_id: The container.
        action: What to do.

    Raises:
        WorkbenchError: when its state does not allow it, with the next step.
        docker.errors.APIError: when the engine refuses; a requests exception when it does not answer.
    """
    found = client.inspect_container(container_id)
    _refuse(action, shown_name(found), container_state(text(part(found, "State"), "Status")))
    # By the id: between the question and the deed the name could have gone to another one
    url = f"{client.base_url}/v{client.api_version}/containers/{quote(text(found, 'Id') or container_id, safe='')}"
    patience = (CONNECT_SECONDS, ANSWER_SECONDS + (_stop_seconds(found) if action in {"stop", "restart"} else 0))
    # docker-py's own methods know no timeout but one for all requests
    response = (
        client.delete(url, timeout=patience, stream=True)
        if action == "remove"
        else client.post(f"{url}/{action}", timeout=patience, stream=True, headers={"Content-Length": "0"})
    )
    with response:
        _check(response)


def _check(response: requests.Response) -> None:
    if response.status_code not in _DONE:
        refuse(response)


def _stop_seconds(found: Answer) -> float:
    """How long the engine may wait before it kills."""
    given = number(part(found, "Config"), "StopTimeout")
    seconds = USUAL_STOP_SECONDS if given is None else given
    return min(seconds, LONGEST_STOP_SECONDS) if seconds >= 0 else LONGEST_STOP_SECONDS


def _refuse(action: Action, name: str, state: ContainerState) -> None:
    """Raise what stands in the way, as far as it is known before the engine is asked."""
    reason, hint = "", ""
    if state == "removing":
        reason = f"{name} is being removed"
    elif action == "start" and state == "running":
        reason = f"{name} already runs"
    elif action == "start" and state == "paused":
        reason, hint = f"{name} is paused", "unpause it"
    elif action == "stop" and state not in _UP:
        reason = f"{name} is already stopped" if state != "created" else f"{name} was never started"
    elif action == "kill" and state not in _UP:
        reason = f"{name} does not run"
    elif action == "pause" and state == "paused":
        reason = f"{name} is already paused"
    elif action == "pause" and state != "running":
        reason = f"{name} does not run, so it cannot be paused"
    elif action == "unpause" and state != "paused":
        reason = f"{name} is not paused"
    elif action == "remove" and state in _UP:
        reason, hint = f"{name} still runs, and only a stopped container is removed", "stop it first"
    if reason and state != "unknown":
        raise WorkbenchError(reason, hint)
