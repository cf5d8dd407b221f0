"""The label on everything that a live test makes in an engine, and the broom that goes by it."""

import os
import platform
from collections.abc import Callable

import docker
import psutil
from docker.errors import APIError, NotFound

LABEL = "workbench.test"
SAME_START_SECONDS = 60
"""A process that started this close to the labelled one, with its id, is taken for it."""


def run_id(pid: int | None = None) -> str:
    """The label's value for a test run: machine, process, and when that started, for ids are used again."""
    process = psutil.Process(pid)
    return f"{platform.node()}/{process.pid}/{process.create_time():.0f}"


def is_dead(run: str) -> bool:
    """Whether `run` is a test run of this machine whose process is gone."""
    node, pid, started = run.rsplit("/", 2) if run.count("/") == 2 else ("", "", "")
    if node != platform.node() or not (pid.isdigit() and started.isdigit()):
        return False
    try:
        start_time = psutil.Process(int(pid)).create_time()
    except psutil.NoSuchProcess:
        return True
    return abs(start_time - int(started)) > SAME_START_SECONDS


def labelled(client: docker.DockerClient, run: str | None = None) -> dict[str, str]:
    """All that carries the label, of one test run or of all: `kind id` to the run that made it."""
    filters = {"label": LABEL if run is None else f"{LABEL}={run}"}
    api = client.api
    found = {f"container {each['Id']}": each for each in api.containers(all=True, filters=filters)}
    found |= {f"image {each['Id']}": each for each in api.images(all=True, filters=filters)}
    found |= {f"network {each['Id']}": each for each in api.networks(filters=filters)}
    found |= {f"volume {each['Name']}": each for each in api.volumes(filters=filters)["Volumes"] or []}
    return {name: (each.get("Labels") or {}).get(LABEL, "") for name, each in found.items()}


def sweep(client: docker.DockerClient, wanted: Callable[[str], bool]) -> list[str]:
    """Remove all that carries the label of a wanted run: containers first, then what they used.

    Returns:
        What was removed, as `kind id`.
    """
    api = client.api
    removers: dict[str, Callable[[str], object]] = {
        "container": lambda name: api.remove_container(name, v=True, force=True),
        "image": lambda name: api.remove_image(name, force=True),
        "network": api.remove_network,
        "volume": lambda name: api.remove_volume(name, force=True),
    }
    removed = []
    for thing, run in labelled(client).items():
        if wanted(run):
            kind, name = thing.split(" ", 1)
            try:
                removers[kind](name)
            except NotFound:
                continue
            except APIError as error:
                # The engine is removing it already, or another image stands on it.
                if error.status_code != 409:
                    raise
            removed.append(thing)
    return removed


def is_mine(run: str) -> bool:
    """Whether `run` is this process's own test run."""
    return run == run_id(os.getpid())
