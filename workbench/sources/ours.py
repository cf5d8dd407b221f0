"""What the workbench makes in an engine says which process made it, so that the next start can remove what is left.

Two things must hold before anything is removed: its maker is dead or it is older than any work, and its name is one
of ours. Labels alone prove nothing, for a container gets those of its image, and anybody may make an image of ours.
"""

import os
import platform
import secrets
import time
from collections.abc import Callable
from contextlib import suppress

import docker
import docker.errors
import psutil
import requests

from workbench.sources.answers import Answer, number, part, parts, text, texts

PROFILER = "workbench.profiler"
"""On every container, volume and image that profiling makes; its value is the id of the process that made it."""
LONGEST_LIFE_SECONDS = 2 * 3600
"""Older than any work: a recording takes up to an hour, and what comes before and after it."""
_SAME_START_SECONDS = 60
_NAME = "workbench-profiler-"
_NAMELESS = "<none>:<none>"
GENTLE = "gdb"
"""In the name of a container that must end by itself: killing what it runs kills the process that it holds."""
_GENTLE_SECONDS = 15.0
_LABEL_SIGNS = '"$\\'


def new_name(what: str) -> str:
    """A name for something that profiling makes, which nobody else has."""
    return f"{_NAME}{what}-{os.getpid()}-{secrets.token_hex(4)}"


def maker_labels(label: str) -> dict[str, str]:
    """Labels that say which process made something.

    Args:
        label: What kind of thing it is; the names of the others begin with it.
    """
    process = psutil.Process()
    return {label: str(process.pid), f"{label}.host": _host(), f"{label}.started": f"{process.create_time():.0f}"}


def label_lines(labels: dict[str, str]) -> list[str]:
    """Labels as lines of a Dockerfile, which an image made by import takes."""
    return [f"LABEL {key}={_quoted(value)}" for key, value in labels.items()]


def _quoted(value: str) -> str:
    return '"' + "".join(f"\\{sign}" if sign in _LABEL_SIGNS else sign for sign in value) + '"'


def is_dead(labels: object, label: str) -> bool:
    """Whether something was made on this machine by a process that is gone.

    Args:
        labels: Those that it has.
        label: As it was given to `maker_labels`.
    """
    if not isinstance(labels, dict) or text(labels, f"{label}.host") != _host():
        return False
    pid, started = text(labels, label), text(labels, f"{label}.started")
    if not (pid.isdigit() and started.isdigit() and len(pid) < 10):
        return False
    try:
        return abs(psutil.Process(int(pid)).create_time() - int(started)) > _SAME_START_SECONDS
    except psutil.NoSuchProcess:
        return True
    except psutil.AccessDenied:
        return False


def _is_alive(labels: object) -> bool:
    """Whether something was made on this machine by a process that still runs: it is not left, however old."""
    known = isinstance(labels, dict) and text(labels, f"{PROFILER}.host") == _host()
    return known and not is_dead(labels, PROFILER)


def remove_profilers(client: docker.APIClient) -> int:
    """Remove the containers, volumes and images of profiling whose process is gone.

    Returns:
        How many there were.

    Raises:
        docker.errors.APIError: when the engine cannot list them; a requests exception when it does not answer.
    """
    wanted = {"label": PROFILER}
    removed = 0
    for found in client.containers(all=True, filters=wanted):
        if any(_is_left(name.lstrip("/"), found) for name in texts(found, "Names")):
            remove = remove_gently if _is_gentle(found) else remove_container
            remove(client, text(found, "Id"))
            removed += 1
    for found in parts(client.volumes(filters=wanted), "Volumes"):
        if _is_left(text(found, "Name"), found):
            remove_volume(client, text(found, "Name"))
            removed += 1
    for found in client.images(filters=wanted):
        named = [tag for tag in texts(found, "RepoTags") if tag != _NAMELESS]
        left = [tag for tag in named if _is_left(tag, found)]
        if not named and is_dead(part(found, "Labels"), PROFILER):  # its name was given to a newer one
            left = [text(found, "Id")]
        for name in left:  # a name that somebody else gave it stays
            remove_image(client, name)
        removed += bool(left)
    return removed


def remove_container(client: docker.APIClient, container: str) -> None:
    """Remove a container of ours, running or not, with its own volumes."""
    _quietly(lambda: client.remove_container(container, v=True, force=True))


def remove_gently(client: docker.APIClient, container: str) -> None:
    """Remove a container of ours that must end by itself: it gets Ctrl-C, and stays if it does not heed that."""
    _quietly(lambda: client.kill(container, "SIGINT"))  # refused when it has ended
    ends = time.monotonic() + _GENTLE_SECONDS
    with suppress(docker.errors.APIError, requests.RequestException):
        while client.inspect_container(container)["State"].get("Running") is True and time.monotonic() < ends:
            time.sleep(0.05)
    _quietly(lambda: client.remove_container(container, v=True))  # refused while it runs


def remove_volume(client: docker.APIClient, volume: str) -> None:
    """Remove a volume of ours."""
    _quietly(lambda: client.remove_volume(volume, force=True))


def remove_image(client: docker.APIClient, image: str) -> None:
    """Remove an image of ours."""
    _quietly(lambda: client.remove_image(image, force=True))


def _quietly(remove: Callable[[], object]) -> None:
    with suppress(docker.errors.APIError, requests.RequestException):  # the next start tries again
        remove()


def _is_gentle(found: Answer) -> bool:
    return any(name.lstrip("/").startswith(f"{_NAME}{GENTLE}-") for name in texts(found, "Names"))


def _is_left(name: str, found: Answer) -> bool:
    if not name.startswith(_NAME):
        return False
    labels = part(found, "Labels")
    created = number(found, "Created")
    is_old = created is not None and time.time() - created > LONGEST_LIFE_SECONDS
    return not _is_alive(labels) and (is_old or is_dead(labels, PROFILER))


def _host() -> str:
    """This machine and its process ids: those of another container's are others."""
    try:
        processes = os.stat("/proc/self/ns/pid").st_ino  # noqa: PTH116  a link that leads nowhere
    except OSError:
        processes = 0
    return f"{platform.node()}/{processes}"
