"""A short-lived sidecar of the target's own image: its Python reads /proc where ours cannot."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import docker
import docker.errors
import msgspec

from workbench.profilers import proc_facts
from workbench.sources.answers import number, text
from workbench.sources.container_output import said_by
from workbench.sources.docker_errors import sentence
from workbench.sources.ours import GENTLE, PROFILER, maker_labels, new_name, remove_container, remove_gently
from workbench.sources.upload import Watch, upload

_SECONDS = 15.0
_BEFORE_OTHERS = 1 << 17
"""A container's share of the CPU, of which others have 1024."""
_LONGEST_ANSWER = 4 << 20
_USUAL = ("python3", "/usr/local/bin/python3", "/usr/bin/python3", "python")


@contextmanager
def sidecar(
    client: docker.APIClient,
    image: str,
    command: Sequence[str],
    target: str,
    *,
    capabilities: Sequence[str] = (),
    user: str = "0",
    what: str = "sidecar",
    files: bytes = b"",
    watch: Watch = lambda _, __: None,
) -> Iterator[str]:
    """A container that shares the target's process ids and nothing else, started; it is removed whatever happens.

    Args:
        client: The engine's.
        image: Its image.
        command: Program and arguments.
        target: The container whose processes it sees.
        capabilities: All that it has.
        user: Who runs it.
        what: Part of its name; `ours.GENTLE` for one that must end by itself.
        files: An archive that is unpacked at its root before it starts.
        watch: Told how far that is on its way; may raise, which ends it.

    Yields:
        Its id.

    Raises:
        docker.errors.APIError: when the engine refuses; a requests exception when it does not answer.
    """
    name = new_name(what)
    host: dict[str, Any] = client.create_host_config(
        pid_mode=f"container:{target}",
        network_mode="none",
        cap_drop=["ALL"],
        cap_add=list(capabilities),
        security_opt=["no-new-privileges"],
        # While it holds the target, on a machine with much to do, nobody else goes first
        cpu_shares=_BEFORE_OTHERS if what == GENTLE else None,
    )
    try:
        created = client.create_container(
            image,
            list(command[1:]),
            entrypoint=[command[0]],
            name=name,
            user=user,
            labels=maker_labels(PROFILER),
            network_disabled=True,
            healthcheck={"Test": ["NONE"]},
            stop_signal="SIGINT" if what == GENTLE else None,
            host_config=host,
        )
        identity = text(created, "Id") or name
        if files:
            upload(client, identity, "/", files, watch)
        client.start(identity)
        yield identity
    finally:
        # By name: an answer that came too late still made a container
        remove = remove_gently if what == GENTLE else remove_container
        remove(client, name)


def facts_from_beside(
    client: docker.APIClient, target: str, image: str, commands: Sequence[str]
) -> tuple[dict[str, Any] | None, str]:
    """What the script of `proc_facts` tells in a sidecar of the target's image.

    Args:
        client: The engine's.
        target: The container.
        image: Its image's id.
        commands: Command lines of its processes: where its Python may be.

    Returns:
        The answer, or none and the reason.
    """
    script = Path(proc_facts.__file__).read_text(encoding="utf-8")
    words = [command.split()[0] for command in commands if command.split()]
    named = [word for word in words if word.rsplit("/", 1)[-1].startswith("python")]
    reason = "its image has no Python"
    for program in dict.fromkeys((*named[:4], *_USUAL)):
        try:
            with sidecar(
                client, image, (program, "-ISc", script), target, capabilities=["SYS_PTRACE"], what="probe"
            ) as identity:
                answer = _answer_of(client, identity)
        except docker.errors.APIError as error:
            reason = sentence(str(error.explanation or "")) or reason
            continue
        if answer is not None:
            return answer, ""
        reason = "its Python did not answer"
    return None, reason


def _answer_of(client: docker.APIClient, identity: str) -> dict[str, Any] | None:
    ended = time.monotonic() + _SECONDS
    while client.inspect_container(identity)["State"].get("Running") is True:
        if time.monotonic() > ended:
            return None
        time.sleep(0.05)
    if number(client.inspect_container(identity)["State"], "ExitCode") != 0:
        return None
    output = said_by(client, identity, _LONGEST_ANSWER + 1, stderr=False)
    if len(output) > _LONGEST_ANSWER:
        return None
    try:
        return msgspec.json.decode(output, type=dict[str, Any])
    except msgspec.DecodeError:
        return None
