"""A real engine's containers measured from the kernel's files, beside its own statistics, and what it tells."""

import json
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from time import sleep, time

import pytest

from tests.live.conftest import ContainerFactory, give_up
from tests.live.engines import Engine, PrivateEngine
from tests.live.test_fleet import BUSY, HOLD_64_MB, SLEEP, docker_stats, in_bytes, open_world
from workbench.errors import EngineUnreachable
from workbench.measure.secrets import MASK
from workbench.model.containers import Container, ContainerUsage, FleetSnapshot
from workbench.model.events import EngineEvent, EventKind
from workbench.sources.cgroups.find import Hierarchy
from workbench.sources.cgroups.processes import has_nested
from workbench.sources.endpoint import Endpoint
from workbench.sources.engine import Engine as OurEngine
from workbench.sources.fleet import FleetSource
from workbench.sources.meters import STREAMED

THRASH = """
import os, mmap
with open("/tmp/big", "wb") as file:
    for _ in range(80):
        file.write(os.urandom(1 << 20))
while True:
    with open("/tmp/big", "rb") as file:
        while file.read(1 << 20):
            pass
"""
SHARED = """
import time
with open("/dev/shm/held", "wb") as file:
    file.write(b"x" * 20_000_000)
held = bytearray(b"x" * 30_000_000)
time.sleep(3600)
"""
SMALL_QUOTA = 50_000_000
"""A twentieth of a core, so little that it is used up on a busy machine too."""
GREEDY = "held = [bytearray(b'x' * 1_000_000) for _ in range(1000)]"


class Fleet:
    """A fleet that is read twice a second, with every event that came."""

    def __init__(self, host: str, hierarchy: Hierarchy | None = None) -> None:
        self.engine = OurEngine(Endpoint(host))
        self.source = FleetSource(self.engine, hierarchy)
        self.events: list[EngineEvent] = []

    def read(self) -> FleetSnapshot:
        snapshot = self.source.read()
        self.events += snapshot.events
        return snapshot

    def read_on(self) -> None:
        """Read until it fails."""
        while True:
            self.read()

    def until(self, container_id: str | None, fact: Callable[[Container], object]) -> Container:
        """Read until a fact about one container is there; the test's timeout is the only limit."""
        while True:
            for container in self.read().containers:
                if container.id == container_id and fact(container):
                    return container
            sleep(0.5)

    def usage(self, container_id: str | None, fact: Callable[[ContainerUsage], object]) -> ContainerUsage:
        usage = self.until(container_id, lambda each: each.usage is not None and fact(each.usage)).usage
        assert usage is not None
        return usage

    def told(self, container_id: str | None, *kinds: str) -> list[EngineEvent]:
        """The events of a container, once all of these kinds have come."""
        while not set(kinds) <= {each.kind for each in self.events if each.container_id == container_id}:
            self.read()
            sleep(0.1)
        return [each for each in self.events if each.container_id == container_id]

    def listen(self) -> None:
        """Return when the engine's events are followed."""
        self.read()
        while self.source._events is None or not self.source._events.listening:
            sleep(0.01)

    def close(self) -> None:
        self.source.close()
        self.engine.close()


@pytest.fixture
def fleet(engine: Engine) -> Iterator[Fleet]:
    fleet = Fleet(engine.host)
    yield fleet
    fleet.close()


@pytest.fixture(autouse=True)
def _swept(engine: Engine) -> None:
    if Hierarchy().version is None:
        pytest.skip("no control groups can be read here")


def test_nobody_is_asked_for_statistics(fleet: Fleet, base_image: str, container_factory: ContainerFactory) -> None:
    container = container_factory(base_image, SLEEP)
    usage = fleet.usage(container.id, lambda usage: usage.cpu_percent is not None)
    assert fleet.read().measured_from in {"cgroup v1 and /proc", "cgroup v2 and /proc"}
    assert not [each for each in threading.enumerate() if each.name == f"stats:{(container.id or '')[:12]}"]
    assert usage.pids == 1
    assert usage.oom_kills == 0
    assert usage.pressure is not None
    assert (usage.network_dropped_per_second, usage.network_errors_per_second) == (0, 0)


def test_cpu_and_memory_agree_with_docker_stats(
    engine: Engine, fleet: Fleet, base_image: str, container_factory: ContainerFactory
) -> None:
    """Within a fifth, or three hundredths of a core, of the same interval: each looks at moments of its own."""
    command = f"import threading, time; held = bytearray(b'x' * 64_000_000)\n{BUSY}"
    container = container_factory(base_image, ["python3", "-c", command], nano_cpus=300_000_000)
    assert container.id
    fleet.usage(container.id, lambda usage: (usage.cpu_percent or 0) > 5)
    pairs: list[tuple[float, float]] = []
    for _ in range(5):
        fleet.read()
        theirs = docker_stats(engine, container.id)  # takes two seconds, and tells of the last one
        ours = fleet.usage(container.id, lambda usage: usage.interval_seconds)
        assert ours.memory_used_bytes == pytest.approx(in_bytes(theirs["MemUsage"].split("/")[0]), rel=0.05)
        pairs.append((ours.cpu_percent or 0, float(theirs["CPUPerc"].rstrip("%"))))
    medians = [sorted(side)[len(pairs) // 2] for side in zip(*pairs, strict=True)]
    assert medians[0] == pytest.approx(medians[1], rel=0.2, abs=3), pairs


def test_our_counters_are_the_engines(
    engine: Engine, fleet: Fleet, base_image: str, container_factory: ContainerFactory
) -> None:
    """The same container by both ways at once, from files and from the stream."""

    def holds_all(usage: ContainerUsage) -> bool:
        return usage.cpu_percent is not None and (usage.memory_used_bytes or 0) > 64_000_000

    container = container_factory(base_image, ["python3", "-c", HOLD_64_MB], mem_limit="200m", pids_limit=50)
    streams = Fleet(engine.host, Hierarchy(Path("/nonexistent")))
    try:
        theirs = streams.usage(container.id, holds_all)
        ours = fleet.usage(container.id, holds_all)
    finally:
        streams.close()
    assert (ours.memory_limit_bytes, ours.pids, ours.pids_limit) == (200 << 20, 1, 50)
    assert (theirs.memory_limit_bytes, theirs.pids, theirs.pids_limit) == (200 << 20, 1, 50)
    assert ours.memory_used_bytes == pytest.approx(theirs.memory_used_bytes, rel=0.05)
    assert ours.memory is not None
    assert theirs.memory is not None
    assert ours.memory.anonymous_bytes == pytest.approx(theirs.memory.anonymous_bytes, rel=0.05)


def test_a_quota_shows_as_throttling_and_as_pressure(
    fleet: Fleet, base_image: str, container_factory: ContainerFactory
) -> None:
    container = container_factory(base_image, ["python3", "-c", BUSY], nano_cpus=SMALL_QUOTA)
    usage = fleet.usage(
        container.id,
        lambda usage: (usage.throttled_percent or 0) > 50 and usage.pressure and (usage.pressure.cpu_some or 0) > 20,
    )
    assert usage.throttled_seconds_per_second
    assert usage.run_delay_seconds_per_second
    assert usage.busiest_task_percent is None, "it uses far less than a core"


def test_one_busy_thread_is_told(
    fleet: Fleet, base_image: str, container_factory: ContainerFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.measure.rates.ABOUT_ONE_CORE", (0.01, 1.3))  # a busy machine gives it no whole core
    container = container_factory(base_image, ["python3", "-c", BUSY])
    usage = fleet.usage(container.id, lambda usage: usage.busiest_task_percent is not None)
    assert usage.busiest_task_percent == pytest.approx(usage.cpu_percent, rel=0.1, abs=5)


def test_the_parts_of_memory(fleet: Fleet, base_image: str, container_factory: ContainerFactory) -> None:
    container = container_factory(base_image, ["python3", "-c", SHARED], mem_limit="100m")
    usage = fleet.usage(
        container.id, lambda usage: usage.memory is not None and (usage.memory.anonymous_bytes or 0) > 30_000_000
    )
    assert usage.memory is not None
    assert usage.memory.shared_bytes == pytest.approx(20_000_000, rel=0.01)
    assert usage.memory.kernel_bytes
    assert usage.memory_limit_bytes == 100 << 20


def test_thrashing_shows_as_refaults(fleet: Fleet, base_image: str, container_factory: ContainerFactory) -> None:
    container = container_factory(base_image, ["python3", "-c", THRASH], mem_limit="24m", memswap_limit="24m")
    usage = fleet.usage(container.id, lambda usage: (usage.refaults_per_second or 0) > 100)
    assert usage.block_read_bytes_per_second is not None
    stalled = fleet.usage(
        container.id, lambda usage: usage.pressure is not None and (usage.pressure.memory_some or 0) > 0
    )
    assert stalled.memory_limit_bytes == 24 << 20


def test_events_come_in_order(fleet: Fleet, base_image: str, container_factory: ContainerFactory) -> None:
    fleet.listen()
    began = time()
    container = container_factory(
        base_image,
        SLEEP,
        stop_signal="KILL",
        healthcheck={"test": ["CMD", "true"], "interval": 10**9, "retries": 1},
    )
    fleet.told(container.id, "health")
    container.exec_run(["sh", "-c", "true --token hunter2"])
    container.pause()
    container.unpause()
    container.rename(f"{container.name}-renamed")
    container.update(mem_limit="100m", memswap_limit="100m")
    container.restart(timeout=0)
    told = fleet.told(container.id, "restart")
    details = {event.kind: event.detail for event in told}
    kinds = [event.kind for event in told]
    expected: list[EventKind] = [
        "create",
        "start",
        "health",
        "exec",
        "pause",
        "unpause",
        "rename",
        "update",
        "kill",
        "die",
        "restart",
    ]
    assert [kind for kind in expected if kind in kinds] == expected
    first = [kinds.index(kind) for kind in expected]
    assert first == sorted(first)
    assert kinds.count("start") == 2
    assert kinds.count("exec") == 1, "its health checks are none"
    assert (details["health"], details["die"], details["kill"]) == ("healthy", "exit 137", "signal 9")
    assert MASK in details["exec"]
    assert "hunter2" not in repr(told)
    assert all(began - 5 < event.at < time() + 5 for event in told)


def test_a_kill_for_memory_is_told_and_counted(
    fleet: Fleet, base_image: str, container_factory: ContainerFactory
) -> None:
    fleet.listen()
    killed = container_factory(base_image, ["python3", "-c", GREEDY], mem_limit="32m", memswap_limit="32m")
    told = fleet.told(killed.id, "oom", "die")
    assert [event.detail for event in told if event.kind == "die"] == ["exit 137"]
    script = "while true; do python3 -c \"held = [bytearray(b'x' * 1000000) for _ in range(1000)]\"; sleep 1; done"
    again = container_factory(base_image, ["sh", "-c", script], mem_limit="32m", memswap_limit="32m")
    assert fleet.usage(again.id, lambda usage: (usage.oom_kills or 0) > 0).oom_kills


def test_a_restart_is_no_spike(fleet: Fleet, base_image: str, container_factory: ContainerFactory) -> None:
    container = container_factory(base_image, ["python3", "-c", BUSY], nano_cpus=300_000_000, stop_signal="KILL")
    fleet.usage(container.id, lambda usage: (usage.cpu_percent or 0) > 5)
    for _ in range(3):
        container.restart(timeout=0)
        for _ in range(3):
            for each in fleet.read().containers:
                if each.id == container.id and each.usage is not None:
                    assert (each.usage.cpu_percent or 0) < 60, "its quota is 30 %"
                    assert (each.usage.network_received_bytes_per_second or 0) < 1_000_000
            sleep(0.5)


@pytest.fixture
def parent_group() -> Iterator[str]:
    """A parent for a container's groups, which the engine would leave behind."""
    name = f"workbench-test-{os.getpid()}"
    yield f"/{name}"
    for folder in (*Path("/sys/fs/cgroup").glob(f"*/{name}"), *Path("/sys/fs/cgroup").glob(name)):
        folder.rmdir()


def test_a_parent_group_of_the_users_own(
    fleet: Fleet, base_image: str, parent_group: str, container_factory: ContainerFactory
) -> None:
    container = container_factory(base_image, SLEEP, cgroup_parent=parent_group)
    source = Hierarchy().version
    while fleet.read().measured_from != f"cgroup v{source} and /proc":
        sleep(0.1)
    assert fleet.usage(container.id, lambda usage: usage.pressure is not None).pids == 1


def test_the_hosts_network_is_not_counted(fleet: Fleet, base_image: str, container_factory: ContainerFactory) -> None:
    container = container_factory(base_image, SLEEP, network_mode="host")
    usage = fleet.usage(container.id, lambda usage: usage.cpu_percent is not None)
    assert usage.network_received_bytes_per_second is None


def test_groups_below_a_group_are_seen() -> None:
    assert has_nested("/sys/fs/cgroup/cpuacct" if Hierarchy().version == 1 else "/sys/fs/cgroup")


def test_without_readable_groups_the_engine_is_asked(
    engine: Engine, base_image: str, container_factory: ContainerFactory, tmp_path: Path
) -> None:
    container = container_factory(base_image, ["python3", "-c", BUSY], nano_cpus=SMALL_QUOTA)
    fleet = Fleet(engine.host, Hierarchy(tmp_path))
    try:
        usage = fleet.usage(container.id, lambda usage: (usage.throttled_percent or 0) > 50)
        assert usage.cpu_percent
        told = fleet.read().measured_from
        assert STREAMED in told
        assert "cgroup" not in told
        assert (usage.pressure, usage.run_delay_seconds_per_second) == (None, None), "engines do not tell"
    finally:
        fleet.close()


def test_beyond_the_streams_one_sample_at_a_time(
    engine: Engine,
    base_image: str,
    container_factory: ContainerFactory,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("workbench.sources.meters.MOST_STREAMS", 0)
    monkeypatch.setattr("workbench.sources.poll.SLOW_SECONDS", 1.0)
    container = container_factory(base_image, ["python3", "-c", BUSY], nano_cpus=300_000_000)
    fleet = Fleet(engine.host, Hierarchy(tmp_path))
    try:
        usage = fleet.usage(container.id, lambda usage: (usage.cpu_percent or 0) > 5)
        assert (usage.cpu_percent or 0) < 60, "its quota is 30 %"
    finally:
        fleet.close()


def test_no_event_is_lost_when_the_stream_breaks(
    fleet: Fleet, base_image: str, container_factory: ContainerFactory
) -> None:
    fleet.listen()
    events = fleet.source._events
    assert events is not None
    container = container_factory(base_image, SLEEP)
    fleet.told(container.id, "start")
    assert events._response is not None
    events._response.raw.shutdown()
    while events.listening:
        sleep(0.001)
    container.pause()
    container.unpause()
    assert not events.listening, "it opens the stream anew only after a while"
    told = fleet.told(container.id, "unpause")
    assert [event.kind for event in told] == ["create", "start", "pause", "unpause"]


def test_an_engine_that_restarts_is_listened_to_again(late_engine: PrivateEngine) -> None:
    late_engine.start()
    fleet = Fleet(late_engine.host)
    try:
        for _ in range(2):
            fleet.listen()
            late_engine.stop()
            with pytest.raises(EngineUnreachable):
                fleet.read_on()
            late_engine.start()
        fleet.listen()
        assert fleet.read().containers == ()
    finally:
        fleet.close()


def test_the_world_sweeps(
    engine: Engine, base_image: str, container_factory: ContainerFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    container_factory(base_image, SLEEP)
    world = open_world(engine.host, monkeypatch)
    try:
        assert world.fleet.read().measured_from.startswith("cgroup v")
    finally:
        world.close()


def test_what_docker_lists_is_what_we_list(
    engine: Engine, fleet: Fleet, base_image: str, container_factory: ContainerFactory
) -> None:
    fleet.listen()
    container = container_factory(base_image, ["true"])
    container.wait()
    fleet.until(container.id, lambda each: each.state == "exited")
    listed = subprocess.run(
        ["docker", "ps", "-a", "--no-trunc", "--format", "{{json .}}", "--filter", f"id={container.id}"],
        env=dict(engine.environ),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(listed.stdout)["State"] == "exited"


def test_the_v2_files_of_this_kernel_tell_the_same(
    engine: Engine, base_image: str, container_factory: ContainerFactory
) -> None:
    """A hybrid machine's v2 mount has the CPU and pressure files of a v2 machine, though not its memory controller."""
    unified = Path("/sys/fs/cgroup/unified")
    hierarchy = Hierarchy(unified if unified.is_dir() else Path("/sys/fs/cgroup"))
    if hierarchy.version != 2:
        give_up("this kernel mounts no control groups v2")
    made = container_factory(base_image, ["python3", "-c", BUSY], nano_cpus=400_000_000)
    here, v2 = Fleet(engine.host), Fleet(engine.host, hierarchy)
    try:
        while True:
            usual = here.usage(made.id, lambda usage: usage.cpu_percent)
            ours = v2.usage(made.id, lambda usage: usage.cpu_percent)
            assert v2.read().measured_from.startswith("cgroup v2")
            assert ours.pressure is not None
            assert ours.pressure.cpu_some is not None
            if ours.cpu_percent == pytest.approx(usual.cpu_percent, rel=0.2, abs=3.0):
                return
            sleep(1)
    finally:
        here.close()
        v2.close()
