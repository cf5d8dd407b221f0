"""The command line that opens a shell in a container, through the docker client."""

import base64
import posixpath
import shutil
from urllib.parse import quote

import docker
import docker.errors
import msgspec

from workbench.errors import WorkbenchError
from workbench.sources.answers import Answer, part, text, texts
from workbench.sources.container_state import container_state
from workbench.sources.docker_errors import as_root
from workbench.sources.download import refuse
from workbench.sources.endpoint import Endpoint
from workbench.sources.processes import refuse_unless_running, shown_name

SHELLS = ("bash", "sh")
"""By preference."""
_USUAL_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_UNUSUAL_PATH = ("/busybox",)
"""Where images for debugging that have no system keep their shell."""
_MOST_FOLDERS = 16
_SYMLINK = 1 << 27
"""As Go writes the mode of a file."""
_FOLDER = 1 << 31


def shell_command(
    client: docker.APIClient, endpoint: Endpoint, container_id: str
) -> tuple[tuple[str, ...], dict[str, str]]:
    """Arguments of a docker client that runs a shell in a container, and what to add to its environment.

    Args:
        client: The engine's.
        endpoint: Where the docker client finds the same engine.
        container_id: The container.

    Raises:
        WorkbenchError: when there is no docker client, or the container does not run or has no shell.
        docker.errors.APIError: when the engine refuses; a requests exception when it does not answer.
    """
    program = shutil.which("docker")
    if program is None:
        raise WorkbenchError(
            "a shell is opened by the docker client, and there is none",
            f"install it: {as_root('apt-get install docker.io')}",
        )
    found = client.inspect_container(container_id)
    refuse_unless_running(found)
    if container_state(text(part(found, "State"), "Status")) == "paused":
        raise WorkbenchError(f"{shown_name(found)} is paused, so nothing can be run in it", "unpause it")
    own_id = text(found, "Id") or container_id
    shell = _shell(client, own_id, found)
    if shell is None:
        raise WorkbenchError(
            f"there is no shell in {shown_name(found)}: its image was built without one",
            f"bring your own: docker run --rm -it --pid=container:{own_id[:12]} --network=container:{own_id[:12]} "
            "busybox sh; its files are in /proc/1/root",
        )
    options, environment = way_to(endpoint)
    return (program, *options, "exec", "-it", own_id, shell), environment


def way_to(endpoint: Endpoint) -> tuple[tuple[str, ...], dict[str, str]]:
    """Options and environment with which the docker client speaks to the same engine as we do."""
    if endpoint.context is not None:
        return ("--context", endpoint.context), {}
    # An empty value is none to the docker client; ours decides, whatever the environment says besides
    environment = {"DOCKER_HOST": endpoint.address, "DOCKER_TLS_VERIFY": "", "DOCKER_TLS": ""}
    tls = endpoint.tls
    if tls is None:
        return (), environment
    options = ["--tlsverify" if tls.verify else "--tls"]
    for option, path in (
        ("--tlscacert", tls.ca if tls.verify else None),
        ("--tlscert", tls.cert),
        ("--tlskey", tls.key),
    ):
        options += [option, path] if path is not None else []
    return tuple(options), environment


def _shell(client: docker.APIClient, container_id: str, found: Answer) -> str | None:
    """The path of the best shell where the container itself would look for it."""
    variables = dict(entry.split("=", 1) for entry in texts(part(found, "Config"), "Env") if "=" in entry)
    folders = [folder for folder in variables.get("PATH", _USUAL_PATH).split(":") if folder.startswith("/")]
    places = dict.fromkeys((*folders[:_MOST_FOLDERS], "/bin", "/usr/bin", *_UNUSUAL_PATH))
    paths = (posixpath.join(folder, shell) for shell in SHELLS for folder in places)
    return next((path for path in paths if _is_program(client, container_id, path)), None)


def _is_program(client: docker.APIClient, container_id: str, path: str) -> bool:
    """Whether a path leads to a file that may be run. Nothing is run for it, and nothing sent but its description."""
    mode, target = _look(client, container_id, path)
    if mode is not None and mode & _SYMLINK:
        mode, _ = _look(client, container_id, posixpath.join(posixpath.dirname(path), target))
    return mode is not None and not mode & (_FOLDER | _SYMLINK) and bool(mode & 0o111)


def _look(client: docker.APIClient, container_id: str, path: str) -> tuple[int | None, str]:
    """The mode of a file, as Go writes it, and where it leads when it is a link; no mode when it is not there."""
    url = f"{client.base_url}/v{client.api_version}/containers/{quote(container_id, safe='')}/archive"
    with client.head(url, params={"path": path}, timeout=client.timeout) as response:
        if response.status_code == 404:
            return None, ""
        refuse(response)
        described = response.headers.get("X-Docker-Container-Path-Stat", "")
    try:
        about = msgspec.json.decode(base64.b64decode(described), type=_PathStat)
    except ValueError:
        return None, ""
    return about.mode, about.linkTarget


class _PathStat(msgspec.Struct):
    """How an engine describes a file."""

    mode: int = 0
    linkTarget: str = ""  # noqa: N815  the engine's name
