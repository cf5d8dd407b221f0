from collections.abc import Callable, Iterator
from threading import Thread
from threading import enumerate as threads
from typing import Any

import pytest

from tests.workbench.sources.engine.fake_engine import FakeEngine
from workbench.errors import EngineTimeout, EngineUnreachable
from workbench.model.containers import Container
from workbench.sources.endpoint import NEWEST_API
from workbench.sources.engine import Engine
from workbench.sources.fleet import FleetSource
from workbench.sources.stream_meter import Sampler, StreamMeter

Wait = Callable[[Callable[[], object]], None]
A, B = "a" * 64, "b" * 64
NOWHERE = "0001-01-01T00:00:00Z"


def sample(second: float, cpu_seconds: float = 0.0, **more: Any) -> dict[str, Any]:
    whole, part = divmod(round(second * 1e9), 10**9)
    return {
        "read": f"2026-11-20T16:00:{whole:02d}.{part:09d}Z",
        "cpu_stats": {"cpu_usage": {"total_usage": round(cpu_seconds * 1e9)}},
        "memory_stats": {"usage": 1000, "stats": {}, "limit": 64000},
    } | more


@pytest.fixture
def engine(fake_engine: FakeEngine) -> Iterator[Engine]:
    engine = Engine(fake_engine.endpoint)
    yield engine
    engine.close()


@pytest.fixture
def fleet(engine: Engine) -> Iterator[FleetSource]:
    fleet = FleetSource(engine)
    yield fleet
    fleet.close()


def only(fleet: FleetSource) -> Container:
    (container,) = fleet.read().containers
    return container


def sampler_of(fleet: FleetSource, container_id: str) -> Sampler:
    assert fleet._meters is not None
    meter = fleet._meters._meters[container_id]
    assert isinstance(meter, StreamMeter)
    return meter._sampler


def stat_threads() -> list[Thread]:
    return [thread for thread in threads() if thread.name.startswith("stats:")]


def test_the_list(fake_engine: FakeEngine, fleet: FleetSource) -> None:
    fake_engine.add("c" * 64, "zoo", "exited", Status="Exited (0) 3 hours ago")
    fake_engine.add(B, "web", Labels={"com.docker.compose.project": "shop"})
    fake_engine.add(A, "api", Names=["/web/alias", "/api"])
    fake_engine.add("d" * 64, "bar", "configured")
    snapshot = fleet.read()
    assert [(each.name, each.state) for each in snapshot.containers] == [
        ("api", "running"),
        ("web", "running"),
        ("bar", "created"),
        ("zoo", "exited"),
    ]
    web, zoo = snapshot.containers[1], snapshot.containers[3]
    assert (web.project, web.image, web.created_at) == ("shop", "app:1", 1_700_000_000.0)
    assert zoo.project is None
    assert zoo.status == "Exited (0) 3 hours ago"
    engine = snapshot.engine
    assert (engine.product, engine.version, engine.cpus, engine.cgroup_version) == ("docker", "20.10.24", 4, 1)
    assert engine.memory_bytes == 8_000_000_000


def test_the_version_that_is_spoken_is_the_newest_that_both_know(fake_engine: FakeEngine, fleet: FleetSource) -> None:
    fake_engine.version["ApiVersion"] = "1.99"
    assert fleet.read().engine.api_version == NEWEST_API


def test_podman_names_itself_and_leaves_much_out(fake_engine: FakeEngine, fleet: FleetSource) -> None:
    fake_engine.version["Components"] = [{"Name": "Podman Engine"}]
    fake_engine.info = {}
    fake_engine.containers = [{"Id": A}, {"Id": B, "Names": None, "Labels": None, "State": "odd"}]
    snapshot = fleet.read()
    assert snapshot.engine.product == "podman"
    assert snapshot.engine.cgroup_version is None
    assert {each.state for each in snapshot.containers} == {"unknown"}


def test_rates_come_with_the_second_sample(fake_engine: FakeEngine, fleet: FleetSource, eventually: Wait) -> None:
    fake_engine.add(A, "api")
    assert only(fleet).usage is None
    fake_engine.send(A, sample(1, cpu_seconds=1))
    eventually(lambda: only(fleet).usage)
    first = only(fleet).usage
    assert first is not None
    assert (first.cpu_percent, first.memory_used_bytes) == (None, 1000)
    fake_engine.send(A, sample(3, cpu_seconds=2))
    eventually(lambda: only(fleet).usage != first)
    second = only(fleet).usage
    assert second is not None
    assert (second.cpu_percent, second.interval_seconds) == (50.0, 2.0)
    assert only(fleet).usage == second, "without a new sample the last figures stand"


def test_rates_are_over_the_time_between_two_readings(
    fake_engine: FakeEngine, fleet: FleetSource, eventually: Wait
) -> None:
    fake_engine.add(A, "api")
    fleet.read()
    for second, used in ((1, 0), (2, 1), (3, 1), (4, 1), (5, 2)):
        fake_engine.send(A, sample(second, cpu_seconds=used))
    # The last sample marks the end of what was sent
    fake_engine.send(A, sample(6, cpu_seconds=2, pids_stats={"current": 77}))
    eventually(lambda: (samples := sampler_of(fleet, A).samples) and b"77" in samples.newest)
    usage = only(fleet).usage
    assert usage is not None
    assert (usage.cpu_percent, usage.interval_seconds) == (40.0, 5.0)


def test_a_stop_between_two_samples_starts_anew(fake_engine: FakeEngine, fleet: FleetSource, eventually: Wait) -> None:
    fake_engine.add(A, "api")
    fleet.read()
    fake_engine.send(A, sample(1, cpu_seconds=1))
    fake_engine.send(A, sample(2, cpu_seconds=2))
    eventually(lambda: (usage := only(fleet).usage) and usage.cpu_percent == 100)
    fake_engine.send(A, sample(3) | {"read": NOWHERE})
    fake_engine.send(A, sample(4, cpu_seconds=3))
    eventually(lambda: (usage := only(fleet).usage) and usage.cpu_percent is None)
    fake_engine.send(A, sample(5, cpu_seconds=3.5))
    eventually(lambda: (usage := only(fleet).usage) and usage.cpu_percent == 50)


def test_a_stopped_container_is_not_measured(fake_engine: FakeEngine, fleet: FleetSource, eventually: Wait) -> None:
    entry = fake_engine.add(A, "api")
    fleet.read()
    fake_engine.send(A, sample(1))
    eventually(lambda: only(fleet).usage)
    entry["State"] = "exited"
    assert only(fleet).usage is None
    eventually(lambda: not stat_threads() and fake_engine.streams[A] == 0)
    entry["State"] = "running"
    fleet.read()
    fake_engine.send(A, sample(9))
    eventually(lambda: only(fleet).usage)


def test_a_stream_that_ends_leaves_nothing_stale(
    fake_engine: FakeEngine, fleet: FleetSource, eventually: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.sources.watch.PAUSE_SECONDS", 0.01)
    fake_engine.add(A, "api")
    fleet.read()
    fake_engine.send(A, sample(1))
    eventually(lambda: only(fleet).usage)
    fake_engine.send(A, None)
    eventually(lambda: only(fleet).usage is None)
    fake_engine.send(A, sample(2))
    eventually(lambda: only(fleet).usage)


def test_a_silent_stream_is_opened_anew(
    fake_engine: FakeEngine, fleet: FleetSource, eventually: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.sources.watch.PAUSE_SECONDS", 0.01)
    monkeypatch.setattr("workbench.sources.watch.SILENCE_SECONDS", 0.05)
    fake_engine.add(A, "api")
    fleet.read()
    eventually(lambda: fake_engine.asked.count(f"containers/{A}/stats") > 2)


def test_a_sample_without_end_is_given_up(
    fake_engine: FakeEngine, fleet: FleetSource, eventually: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.sources.watch.PAUSE_SECONDS", 0.01)
    monkeypatch.setattr("workbench.sources.watch.SILENCE_SECONDS", 1000)
    fake_engine.add(A, "api")
    fleet.read()
    for _ in range(12):
        fake_engine.send(A, b"x" * (1 << 15))
    eventually(lambda: fake_engine.asked.count(f"containers/{A}/stats") > 1)
    assert only(fleet).usage is None


def test_quotas_are_looked_up_once_per_start_and_again_after_a_while(
    fake_engine: FakeEngine, fleet: FleetSource, eventually: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.sources.watch.LOOK_AGAIN_AFTER", 5)
    monkeypatch.setattr("workbench.sources.watch.SILENCE_SECONDS", 1000)
    fake_engine.add(A, "api")
    fake_engine.inspected[A] = {"HostConfig": {"NanoCpus": 500_000_000}}
    eventually(lambda: only(fleet).cpu_limit_cores == 0.5)
    for _ in range(20):
        fleet.read()
    assert fake_engine.asked.count(f"containers/{A}/json") == 1
    fake_engine.inspected[A] = {"HostConfig": {"NanoCpus": 1_500_000_000}}
    for second in range(5):
        fake_engine.send(A, sample(second + 1))
    eventually(lambda: only(fleet).cpu_limit_cores == 1.5)


def test_an_engine_that_hangs_on_one_container_holds_up_no_other(
    fake_engine: FakeEngine, fleet: FleetSource, eventually: Wait
) -> None:
    fake_engine.add(A, "api")
    fake_engine.add(B, "web")
    fleet.read()
    fake_engine.send(B, sample(1))
    eventually(lambda: fleet.read().containers[1].usage)
    assert fleet.read().containers[0].usage is None


def test_it_comes_back_with_the_engine(fake_engine: FakeEngine, fleet: FleetSource, eventually: Wait) -> None:
    fake_engine.add(A, "api")
    fleet.read()
    fake_engine.send(A, sample(1))
    eventually(lambda: only(fleet).usage)
    fake_engine.stop()
    for _ in range(2):
        with pytest.raises(EngineUnreachable):
            fleet.read()
    fake_engine.info["NCPU"] = 16
    fake_engine.start()
    assert fleet.read().engine.cpus == 16, "what the engine says of itself is asked anew"
    fake_engine.send(A, sample(5))
    eventually(lambda: only(fleet).usage)
    eventually(lambda: len(stat_threads()) == 1)


def test_an_engine_that_took_too_long_is_connected_anew(
    fake_engine: FakeEngine, engine: Engine, fleet: FleetSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet.read()
    with engine.talk() as connection:
        monkeypatch.setattr(connection.client, "timeout", 0.05)
    fake_engine.awake.clear()
    with pytest.raises(EngineTimeout):
        fleet.read()
    fake_engine.info["NCPU"] = 16
    fake_engine.awake.set()
    assert fleet.read().engine.cpus == 16


def test_closing_stops_every_thread_at_once(
    fake_engine: FakeEngine,
    engine: Engine,
    fleet: FleetSource,
    eventually: Wait,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("workbench.sources.watch.SILENCE_SECONDS", 1000)
    for number in range(30):
        fake_engine.add(f"{number:064x}", f"c{number}")
    fleet.read()
    eventually(lambda: sum(fake_engine.streams.values()) == 30)
    fleet.close()
    engine.close()
    fleet.close()
    eventually(lambda: not stat_threads() and sum(fake_engine.streams.values()) == 0)


def test_closing_does_not_wait_for_an_engine_that_hangs(
    fake_engine: FakeEngine, engine: Engine, fleet: FleetSource, eventually: Wait
) -> None:
    fleet.read()
    fake_engine.awake.clear()
    failed: list[BaseException] = []

    def read() -> None:
        try:
            fleet.read()
        except BaseException as error:  # noqa: BLE001  it is looked at below
            failed.append(error)

    before = len(fake_engine.asked)
    reader = Thread(target=read)
    reader.start()
    eventually(lambda: len(fake_engine.asked) > before)
    fleet.close()
    engine.close()
    assert reader.is_alive()
    fake_engine.awake.set()
    reader.join()
    assert not stat_threads()


def test_nothing_is_watched_after_closing(fake_engine: FakeEngine, fleet: FleetSource) -> None:
    fleet.read()
    fleet.close()
    fake_engine.add(A, "api")
    fleet.read()
    assert not stat_threads()
