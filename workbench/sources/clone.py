"""The configuration of a container that is run once more beside the original, as the engine takes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.sources.answers import Answer, part, parts, text, texts

_COMPOSE = ("com.docker.compose.", "com.docker.stack.", "com.docker.swarm.", "io.podman.compose.")
"""Labels by which these tell their own containers: a clone is none of them."""
_LOG = {"Type": "json-file", "Config": {"max-size": "64m", "max-file": "1"}}


@dataclass(frozen=True, slots=True)
class Clone:
    """What to ask the engine for."""

    configuration: dict[str, Any]
    """For `POST /containers/create`."""
    networks: tuple[str, ...]
    """To connect to before the start, beside the one in the configuration."""
    notes: tuple[str, ...]
    """In what it differs from the original, one sentence each."""


def clone_of(
    found: Answer,
    *,
    mounts: Sequence[Mapping[str, Any]],
    environment: Mapping[str, str],
    path_entry: str,
    labels: Mapping[str, str],
    command: Sequence[str] = (),
    checks_health: bool = False,
) -> Clone:
    """A container like another one.

    What two cannot have both is changed: its name and network names, published ports while the original runs, fixed
    addresses. It is not restarted, has no health check unless that is wanted, and its own volumes are new. Named
    volumes and folders of the host are the original's.

    Args:
        found: What inspect says of the original.
        mounts: Added to its own, as `HostConfig.Mounts` has them.
        environment: Added to its own.
        path_entry: Goes before its PYTHONPATH; empty leaves that as it is.
        labels: Added to its own.
        command: Instead of entrypoint and command.
        checks_health: Whether its health check is kept.
    """
    identity = text(found, "Id")
    configuration = {key: value for key, value in part(found, "Config").items() if key != "MacAddress"}
    host = dict(part(found, "HostConfig"))
    notes = []
    configuration["Image"] = text(found, "Image") or text(configuration, "Image")
    if identity and text(configuration, "Hostname") == identity[:12]:
        configuration.pop("Hostname")
    if command:
        configuration["Entrypoint"], configuration["Cmd"] = [command[0]], list(command[1:])
    configuration["Env"] = _environment(texts(configuration, "Env"), environment, path_entry)
    own = {key: value for key, value in part(configuration, "Labels").items() if not key.startswith(_COMPOSE)}
    configuration["Labels"] = {**own, **labels}
    if not checks_health:
        if configuration.get("Healthcheck"):
            notes.append("its health check is left out")
        configuration["Healthcheck"] = {"Test": ["NONE"]}
    configuration |= {"AttachStdin": False, "AttachStdout": False, "AttachStderr": False}
    host |= {
        "AutoRemove": False,
        "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0},
        "ContainerIDFile": "",
        "LogConfig": _LOG,
        "Mounts": [*parts(host, "Mounts"), *mounts],
    }
    is_running = part(found, "State").get("Running") is True
    if is_running and part(host, "PortBindings"):
        host["PortBindings"] = _moved(part(host, "PortBindings"))
        notes.append("its ports are published at free ones")
    if is_running and text(host, "NetworkMode") == "host":
        notes.append("it shares the host's network, where the original's ports are taken")
    if texts(host, "Binds") or any(text(mount, "Type") != "tmpfs" for mount in parts(host, "Mounts")):
        notes.append("it shares the original's named volumes and folders")
    first, others = _networks(found, host)
    configuration["HostConfig"] = host
    configuration["NetworkingConfig"] = {"EndpointsConfig": {first: {}} if first else {}}
    return Clone(configuration, others, tuple(notes))


def _environment(own: Sequence[str], more: Mapping[str, str], path_entry: str) -> list[str]:
    variables = dict(entry.split("=", 1) for entry in own if "=" in entry)
    if path_entry:
        before = variables.get("PYTHONPATH", "")
        variables["PYTHONPATH"] = f"{path_entry}:{before}" if before else path_entry
    return [f"{name}={value}" for name, value in {**variables, **more}.items()]


def _moved(bindings: Answer) -> dict[str, list[dict[str, str]]]:
    """The same ports at the same addresses, each at a free one."""
    return {
        port: [{"HostIp": text(one, "HostIp"), "HostPort": ""} for one in parts(bindings, port)] for port in bindings
    }


def _networks(found: Answer, host: Answer) -> tuple[str, tuple[str, ...]]:
    """The network to begin with, empty for one that is no network, and the others."""
    mode = text(host, "NetworkMode")
    if mode in {"host", "none"} or mode.startswith("container:"):
        return "", ()
    names = list(part(part(found, "NetworkSettings"), "Networks"))
    first = mode if mode in names else (names[0] if names else "")
    return first, tuple(name for name in names if name != first)
