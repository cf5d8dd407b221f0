"""The fleet of a real engine: figures that agree with its own client, and containers that come and go."""

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import enumerate as threads
from time import sleep

import pytest

from tests.live.conftest import ContainerFactory
from tests.live.engines import Engine, PrivateEngine
from workbench.errors import EngineUnreachable, NotFound
from workbench.measure.secrets import MASK
from workbench.model.containers import Container, ContainerState, ContainerUsage
from workbench.sources.live import LiveWorld

HOLD_64_MB = "import time; held = bytearray(b'x' * 64_000_000); time.sleep(3600)"
BUSY = "while True: pass"
TALK = """
import socket, time
link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
link.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)  # needs nobody to answer, and leaves the container
while True:
    link.sendto(b"x" * 1000, ("255.255.255.255", 9))
    time.sleep(0.001)
"""
SLEEP = ["sleep", "3600"]


@pytest.fixture
def world(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[LiveWorld]:
    world = open_world(engine.host, monkeypatch)
    yield world
    world.close()


def open_world(host: str, monkeypatch: pytest.MonkeyPatch) -> LiveWorld:
    monkeypatch.setenv("DOCKER_HOST", host)
    monkeypatch.delenv("DOCKER_CONTEXT", raising=False)
    return LiveWorld("")


def find(world: LiveWorld, container_id: str) -> Container | None:
    return next((each for each in world.fleet.read().containers if each.id == container_id), None)


def get(world: LiveWorld, container_id: str) -> Container:
    found = find(world, container_id)
    assert found is not None
    return found


def wait_for(world: LiveWorld, container_id: str, fact: Callable[[ContainerUsage], bool]) -> ContainerUsage:
    """Read until the container's usage shows the fact; the test's timeout is the only limit."""
    while True:
        usage = get(world, container_id).usage
        if usage is not None and fact(usage):
            return usage
        sleep(0.5)  # rates over less are chance


def wait_for_state(world: LiveWorld, container_id: str, state: ContainerState) -> Container:
    """Read until the engine's events have brought the state."""
    while (container := get(world, container_id)).state != state:
        sleep(0.05)
    return container


def has_rates(usage: ContainerUsage) -> bool:
    return usage.cpu_percent is not None


def docker_stats(engine: Engine, container_id: str) -> dict[str, str]:
    done = subprocess.run(
        ["docker", "stats", "--no-stream", "--format", "{{json .}}", container_id],
        env=dict(engine.environ),
        capture_output=True,
        text=True,
        check=True,
    )
    figures: dict[str, str] = json.loads(done.stdout)
    return figures


def in_bytes(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(\w+)", text.strip()).groups()  # type: ignore[union-attr]  # a failed match fails the test
    return float(number) * {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}[unit]


SETTLING_LOOKS = 5
"""Both look at different moments; what was read to start the container leaves its memory in the first seconds."""


def test_memory_agrees_with_docker_stats(
    engine: Engine, world: LiveWorld, base_image: str, container_factory: ContainerFactory
) -> None:
    held = container_factory(base_image, ["python3", "-c", HOLD_64_MB], mem_limit="200m", pids_limit=50)
    assert held.id
    for _ in range(SETTLING_LOOKS):
        usage = wait_for(world, held.id, lambda usage: (usage.memory_used_bytes or 0) > 64_000_000)
        theirs = docker_stats(engine, held.id)
        used, limit = (in_bytes(part) for part in theirs["MemUsage"].split("/"))
        if usage.memory_used_bytes == pytest.approx(used, rel=0.05):
            break
    assert usage.memory_used_bytes == pytest.approx(used, rel=0.05)
    assert usage.memory_limit_bytes == limit == 200 * 2**20
    assert usage.pids == int(theirs["PIDs"]) == 1
    assert usage.pids_limit == 50


def test_cpu_agrees_with_docker_stats(
    engine: Engine, world: LiveWorld, base_image: str, container_factory: ContainerFactory
) -> None:
    busy = container_factory(base_image, ["python3", "-c", BUSY], nano_cpus=300_000_000)
    idle = container_factory(base_image, SLEEP)
    assert busy.id
    assert idle.id
    ours = wait_for(world, busy.id, lambda usage: (usage.cpu_percent or 0) > 10)
    theirs = docker_stats(engine, busy.id)
    assert float(theirs["CPUPerc"].rstrip("%")) > 1, "how much it gets depends on who else is on the machine"
    assert ours.cpu_percent is not None
    assert ours.cpu_percent < 60, "its quota is 30 %"
    assert get(world, busy.id).cpu_limit_cores == 0.3
    still = wait_for(world, idle.id, has_rates)
    assert still.cpu_percent is not None
    assert still.cpu_percent < 10


def test_network_and_disk_rates(world: LiveWorld, base_image: str, container_factory: ContainerFactory) -> None:
    talker = container_factory(base_image, ["python3", "-c", TALK])
    silent = container_factory(base_image, SLEEP, network_mode="none")
    assert talker.id
    assert silent.id
    usage = wait_for(world, talker.id, lambda usage: (usage.network_sent_bytes_per_second or 0) > 10_000)
    assert usage.block_written_bytes_per_second is not None
    alone = wait_for(world, silent.id, has_rates)
    assert not alone.network_sent_bytes_per_second


def test_pausing_stopping_starting_and_removing(
    world: LiveWorld, base_image: str, container_factory: ContainerFactory
) -> None:
    container = container_factory(base_image, ["python3", "-c", BUSY], nano_cpus=200_000_000)
    assert container.id
    wait_for(world, container.id, lambda usage: (usage.cpu_percent or 0) > 5)
    container.pause()
    wait_for_state(world, container.id, "paused")
    wait_for(world, container.id, lambda usage: usage.cpu_percent == 0)
    container.unpause()
    wait_for(world, container.id, lambda usage: (usage.cpu_percent or 0) > 5)
    container.kill()
    container.wait()
    assert wait_for_state(world, container.id, "exited").usage is None
    container.start()
    wait_for(world, container.id, lambda usage: (usage.cpu_percent or 0) > 5)
    container.remove(force=True)
    while find(world, container.id) is not None:
        sleep(0.05)


def test_a_restart_between_readings_gives_no_absurd_rate(
    world: LiveWorld, base_image: str, container_factory: ContainerFactory
) -> None:
    container = container_factory(base_image, ["python3", "-c", BUSY], nano_cpus=300_000_000, stop_signal="KILL")
    assert container.id
    wait_for(world, container.id, lambda usage: (usage.cpu_percent or 0) > 5)
    for _ in range(3):
        container.restart(timeout=0)
        seen = wait_for(world, container.id, has_rates)
        assert seen.cpu_percent is not None
        assert 0 <= seen.cpu_percent < 60, "its quota is 30 %"


def test_a_changed_quota_is_noticed(world: LiveWorld, base_image: str, container_factory: ContainerFactory) -> None:
    container = container_factory(base_image, SLEEP, cpu_quota=50_000, cpu_period=100_000)
    assert container.id
    while get(world, container.id).cpu_limit_cores != 0.5:
        sleep(0.05)
    container.update(cpu_quota=25_000)
    while get(world, container.id).cpu_limit_cores != 0.25:
        sleep(0.05)


def test_containers_that_come_and_go_by_the_dozen(
    engine: Engine, world: LiveWorld, base_image: str, labels: dict[str, str]
) -> None:
    def live_shortly(number: int) -> str:
        command = ["true"] if number % 2 else ["sleep", "0.3"]
        made = engine.client.containers.create(base_image, command, labels=labels, network_mode="none")
        made.start()
        made.wait()
        made.remove()
        return str(made.id)

    with ThreadPoolExecutor(4) as pool:
        lives = [pool.submit(live_shortly, number) for number in range(30)]
        readings = 0
        while not all(life.done() for life in lives):
            world.fleet.read()
            readings += 1
        gone = {life.result() for life in lives}
    assert readings > 0
    while gone & {each.id for each in world.fleet.read().containers}:
        sleep(0.05)
    ours = {f"stats:{container_id[:12]}" for container_id in gone}
    while ours & {thread.name for thread in threads()}:
        sleep(0.05)


def test_an_engine_that_goes_away_and_comes_back(late_engine: PrivateEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    world = open_world(late_engine.host, monkeypatch)
    try:
        with pytest.raises(EngineUnreachable):
            world.fleet.read()
        for _ in range(2):
            late_engine.start()
            assert world.fleet.read().engine.version
            assert world.images.read() == ()
            late_engine.stop()
            with pytest.raises(EngineUnreachable):
                world.fleet.read()
    finally:
        world.close()


def test_one_container(world: LiveWorld, base_image: str, container_factory: ContainerFactory) -> None:
    container = container_factory(
        base_image,
        ["sh", "-c", "DB_PASSWORD=hunter2 sleep 3600", "--token", "hunter2"],
        environment={"API_TOKEN": "hunter2", "MODE": "fast"},
        labels={"deploy.token": "hunter2", "team": "shop"},
        ports={"80/tcp": ("127.0.0.1", None)},
        tmpfs={"/scratch": "size=1m"},
        mem_limit="100m",
        nano_cpus=500_000_000,
        user="nobody",
        working_dir="/tmp",
        restart_policy={"Name": "on-failure", "MaximumRetryCount": 3},
    )
    assert container.id
    detail = world.container(container.id)
    assert (detail.state, detail.user, detail.working_dir) == ("running", "nobody", "/tmp")
    assert (detail.cpu_limit_cores, detail.memory_limit_bytes) == (0.5, 100 * 2**20)
    assert (detail.exit_code, detail.finished, detail.restart_policy) == (None, "", "on-failure:3")
    assert re.fullmatch(r"127\.0\.0\.1:\d+ → 80/tcp", detail.ports[0])
    assert detail.mounts == ("tmpfs → /scratch",)
    assert ("API_TOKEN", MASK) in detail.environment
    assert ("MODE", "fast") in detail.environment
    assert ("deploy.token", MASK) in detail.labels
    assert "hunter2" not in repr(detail)
    container.kill()
    container.wait()
    ended = world.container(container.id)
    assert (ended.state, ended.exit_code) == ("exited", 137)
    assert ended.finished
    container.remove()
    with pytest.raises(NotFound):
        world.container(container.id)


def test_a_modern_engine(modern_engine: Engine, modern_base_image: str, monkeypatch: pytest.MonkeyPatch) -> None:
    world = open_world(modern_engine.host, monkeypatch)
    made = modern_engine.client.containers.run(
        modern_base_image, ["python3", "-c", BUSY], detach=True, network_mode="none", nano_cpus=200_000_000
    )
    try:
        assert made.id
        usage = wait_for(world, made.id, lambda usage: (usage.cpu_percent or 0) > 5)
        assert usage.memory_used_bytes
        assert usage.pids == 1
        assert get(world, made.id).cpu_limit_cores == 0.2
        assert world.fleet.read().engine.version.split(".")[0] >= "24"
        image = world.image(modern_base_image)
        assert sum(layer.size_bytes for layer in image.layers) > 50_000_000
        assert image.layers[0].diff_id
    finally:
        made.remove(force=True)
        world.close()
