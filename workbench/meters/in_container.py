"""The load test from a container of its own that shares the network of the one that is measured.

For engines elsewhere, whose containers' networks cannot be entered from here. It runs in the measured container's own
image, so that nothing is pulled; that needs a Python of 3.8 or newer.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import Any

import docker
import docker.errors

from workbench.errors import WorkbenchError
from workbench.measure.text import printable, shorten
from workbench.meters.address import Address
from workbench.meters.agent.__main__ import RESULT
from workbench.meters.latency import START, Heard, agent_plan, read_result
from workbench.model.latency import HttpRequest, LoadPlan, LoadResult
from workbench.sources.answers import text
from workbench.sources.container_files import folders_of, get_file, tar_of
from workbench.sources.docker_errors import sentence
from workbench.sources.logs import read_log
from workbench.sources.ours import PROFILER, maker_labels, new_name, remove_container

_FOLDER = "/.workbench-meter"
_PLAN = f"{_FOLDER}/plan.json"
_ROOT = Path(__file__).parents[2]
_EMPTY = ("workbench/__init__.py", "workbench/measure/__init__.py", "workbench/meters/__init__.py")
_LOG = {"Type": "json-file", "Config": {"max-size": "64m", "max-file": "1"}}
_LOOK_SECONDS = 0.2
_LARGEST_RESULT = 64 << 20


def measure_in_container(
    client: docker.APIClient,
    plan: LoadPlan,
    requests: Sequence[tuple[HttpRequest, Address]],
    heard: Heard,
    stop: Event,
) -> LoadResult:
    """The same as `latency.measure`, from beside the container of the first address; blocks.

    Raises:
        Stopped: when it was stopped before anything was measured.
        WorkbenchError: when its image has no Python that can do it, or the meter fails.
        docker.errors.APIError: when the engine refuses; a requests exception when it does not answer.
    """
    beside = requests[0][1]
    name = new_name("meter")
    configuration = {
        "Image": beside.image_id,
        "Entrypoint": ["python3", "-S", "-c", START.format(root=_FOLDER)],
        "Cmd": [_PLAN],
        "User": "0",
        "Labels": maker_labels(PROFILER),
        "Healthcheck": {"Test": ["NONE"]},
        "HostConfig": {"NetworkMode": f"container:{beside.container_id}", "LogConfig": _LOG},
    }
    over = Event()
    try:
        api: Any = client  # this call of docker-py has no types
        identity = text(api.create_container_from_config(configuration, name), "Id") or name
        client.put_archive(identity, "/", _files(agent_plan(plan, requests)))
        try:
            client.start(identity)
        except docker.errors.APIError as error:
            reason = sentence(str(error.explanation or "")) or "the engine refuses"
            raise WorkbenchError(
                f"the meter does not run beside {printable(beside.container_name)}: {reason}",
                "its image needs python3; or publish the port and leave out --inside",
            ) from error
        Thread(target=_hand_on, args=(client, identity, stop, over), name="meter:stop", daemon=True).start()
        complaint: list[str] = []
        found = read_result(_said(client, identity, complaint), plan, heard)
        if found is None:
            reason = shorten(printable(complaint[-1]), 200) if complaint else "no reason"
            raise WorkbenchError(f"the meter failed beside {printable(beside.container_name)}: {reason}")
        return found
    finally:
        over.set()
        # By name: an answer that came too late still made a container
        remove_container(client, name)


def _files(plan: dict[str, Any]) -> bytes:
    """The agent with its plan, as an archive."""
    base = _FOLDER.strip("/")
    sources = [_ROOT / "workbench/measure/histogram.py", *sorted((_ROOT / "workbench/meters/agent").glob("*.py"))]
    files = {f"{base}/{source.relative_to(_ROOT)}": (source.read_bytes(), 0o644) for source in sources}
    files |= {f"{base}/{name}": (b"", 0o644) for name in _EMPTY}
    files[f"{base}/plan.json"] = (json.dumps(plan).encode(), 0o644)
    return tar_of(files, folders_of(files), {})


def _hand_on(client: docker.APIClient, container: str, stop: Event, over: Event) -> None:
    """Tell the meter to end when the user says so."""
    while not over.wait(_LOOK_SECONDS):
        if stop.is_set():
            with suppress(docker.errors.APIError, OSError):
                client.kill(container, "SIGINT")
            return


def _said(client: docker.APIClient, container: str, complaint: list[str]) -> Iterator[bytes]:
    """Its lines as they come, then its result; what it writes to its standard error goes to `complaint`."""
    for line in read_log(client, container, tail=-1, since=None, follow=True, stop=Event()):
        if line.stream == "stderr":
            complaint[:] = [line.text]
        else:
            yield line.text.encode()
    with suppress(docker.errors.NotFound):
        yield get_file(client, container, _PLAN + RESULT, _LARGEST_RESULT)
