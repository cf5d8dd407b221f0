"""A shell in a real container, in a terminal as the screens give it one."""

import os
import shutil

import pytest

from tests.live.conftest import ContainerFactory, give_up
from tests.live.test_endpoints import FarHost, engine_socket, far_host
from tests.terminals import Terminal
from workbench.errors import WorkbenchError
from workbench.sources.live import LiveWorld

__all__ = ["engine_socket", "far_host"]

SLEEP = ["sleep", "3600"]


@pytest.fixture(autouse=True)
def docker_client() -> None:
    if shutil.which("docker") is None:
        give_up("no docker client on PATH")


def try_out(world: LiveWorld, container_id: str) -> tuple[str, ...]:
    """Open it in a terminal, type, and leave; the arguments."""
    argv, environment = world.shell_command(container_id)
    with Terminal(argv, environment=os.environ | environment) as terminal:
        terminal.press(b"echo $((6 * 7)); tty; hostname; exit 5\n")
        end = terminal.wait_for(b"42\r\n")
        end = terminal.wait_for(b"/dev/pts/", end)
        terminal.wait_for(container_id[:12].encode(), end)
        assert terminal.wait_for_end() == 5
    return argv


def test_bash_where_there_is_one(world: LiveWorld, base_image: str, container_factory: ContainerFactory) -> None:
    container = container_factory(base_image, SLEEP)
    assert container.id
    assert try_out(world, container.id)[-1].endswith("/bash")


def test_sh_where_there_is_no_bash(world: LiveWorld, base_image: str, container_factory: ContainerFactory) -> None:
    container = container_factory(base_image, ["sh", "-c", "rm /bin/bash; exec sleep 3600"])
    assert container.id
    while container.exec_run(["test", "-e", "/bin/bash"]).exit_code == 0:
        pass
    assert try_out(world, container.id)[-1].endswith("/sh")


def test_over_ssh(
    world: LiveWorld,
    base_image: str,
    container_factory: ContainerFactory,
    far_host: FarHost,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    container = container_factory(base_image, SLEEP)
    assert container.id
    for name, value in far_host.environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DOCKER_HOST", "ssh://far-alias")
    far = LiveWorld("")
    try:
        try_out(far, container.id)
    finally:
        far.close()


def test_no_shell_at_all(world: LiveWorld, base_image: str, container_factory: ContainerFactory) -> None:
    program = """
import os, time
for folder in os.environ["PATH"].split(":"):
    for name in ("bash", "sh", "dash"):
        if os.path.lexists(f"{folder}/{name}"): os.remove(f"{folder}/{name}")
open("/ready", "w").close()
time.sleep(3600)
"""
    container = container_factory(base_image, ["python3", "-c", program])
    assert container.id
    while container.exec_run(["test", "-e", "/ready"]).exit_code != 0:
        pass
    with pytest.raises(WorkbenchError, match=f"there is no shell in {container.name}") as caught:
        world.shell_command(container.id)
    assert f"--pid=container:{container.id[:12]}" in caught.value.hint


def test_a_container_that_does_not_run(world: LiveWorld, base_image: str, container_factory: ContainerFactory) -> None:
    container = container_factory(base_image, ["true"])
    assert container.id
    container.wait()
    with pytest.raises(WorkbenchError, match="does not run"):
        world.shell_command(container.id)
