"""Load tests and start-ups of real containers: found by name, reached in every way, with figures, and nothing left."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from docker.models.containers import Container

from tests.live.conftest import ContainerFactory, ImageFactory
from tests.live.engines import Engine
from tests.live.test_py_spy import ours
from workbench.benching import Benching, Outcome, Wish
from workbench.cli import main
from workbench.errors import NotFound, Stopped, UsageError, WorkbenchError
from workbench.meters.address import Named, container_address
from workbench.meters.in_container import measure_in_container
from workbench.meters.ready import parse_condition
from workbench.model.latency import HttpRequest, LoadPlan
from workbench.model.startup import StartupResult
from workbench.settings import Settings

SERVICE = """
import sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        until = time.thread_time() + 0.005
        while time.thread_time() < until: pass
        self.send_response(503 if time.time() < ready else 200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")
    def log_message(self, *words): pass
host, port, wait, refuse = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])
time.sleep(wait)
ThreadingHTTPServer.request_queue_size = 128
server = ThreadingHTTPServer((host, port), Answer)
ready = time.time() + refuse
print("listening", flush=True)
time.sleep(refuse)
print("ready to serve", flush=True) if refuse else None
server.serve_forever()
"""
LOAD = LoadPlan(rate=20, seconds=4, warmup_seconds=1, blocks=2, timeout_seconds=120)
"""Patient: the machine may be busy with much else."""


@pytest.fixture
def benching(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Benching]:
    monkeypatch.setenv("DOCKER_HOST", engine.host)
    monkeypatch.setenv("DOCKER_CONTEXT", "")
    opened = Benching(Settings())
    yield opened
    opened.close()


def service(
    factory: ContainerFactory, image: str, host: str = "0.0.0.0", port: int = 8000, wait: float = 0, **more: Any
) -> Container:
    command = ["python3", "-c", SERVICE, host, str(port), str(wait), "0"]
    container = factory(image, command, **more)
    while b"listening" not in container.logs():
        time.sleep(0.1)
    return container


def load(benching: Benching, *targets: str, plan: LoadPlan = LOAD, **wish: Any) -> Outcome:
    return benching.run(Wish(targets, plan, **wish), lambda _: None, Event())


def test_container_by_name_with_what_it_used(
    base_image: str, container_factory: ContainerFactory, benching: Benching
) -> None:
    container = service(container_factory, base_image, ports={"8000/tcp": ("127.0.0.1", None)})
    outcome = load(benching, str(container.name))
    assert outcome.result.answered == outcome.result.sent == 80
    assert outcome.result.errors == ()
    assert outcome.addresses[0].how == "its own address"
    assert outcome.container_id == container.id
    used = outcome.figures
    assert used is not None
    assert used.seconds > 1
    assert used.cpu_per_request_ms is not None
    assert 3 < used.cpu_per_request_ms < 30, "each answer burns 5 ms of CPU"
    assert used.memory_peak_bytes is not None
    assert used.memory_peak_bytes > 1 << 20


def test_service_that_only_listens_inside(
    base_image: str, container_factory: ContainerFactory, benching: Benching
) -> None:
    container = service(container_factory, base_image, host="127.0.0.1", port=8123, network_mode="none")
    plan = LoadPlan(rate=20, seconds=1, warmup_seconds=0, timeout_seconds=120)
    outcome = load(benching, f"{container.name}/x", plan=plan)
    assert outcome.result.answered == 20
    assert (outcome.addresses[0].port, outcome.addresses[0].how) == (8123, "from inside its network")


def test_from_a_container_beside_it(
    engine: Engine, base_image: str, container_factory: ContainerFactory, benching: Benching
) -> None:
    """The way for engines elsewhere, whose networks cannot be entered from here."""
    container = service(container_factory, base_image, host="127.0.0.1", port=8123, network_mode="none", user="1000")
    named = Named(str(container.name), 8123, "/")
    with benching.engine.talk() as connection:
        client = connection.client
        address = container_address(client, named, is_local=False, engine_host="127.0.0.1", inside_only=True)
        assert address.image_id
        plan = LoadPlan(rate=20, seconds=1, warmup_seconds=0, timeout_seconds=120)
        request = (HttpRequest(address.url), address)
        result = measure_in_container(client, plan, [request], lambda _: None, Event())
        assert (result.answered, result.errors) == (20, ())
        stop = Event()
        long = LoadPlan(rate=20, seconds=600, warmup_seconds=0, timeout_seconds=120)
        stopped = measure_in_container(client, long, [request], lambda _: stop.set(), stop)
        assert stopped.was_stopped
        assert stopped.sent < 600
    assert ours(engine) == []


def test_what_is_not_there(base_image: str, container_factory: ContainerFactory, benching: Benching) -> None:
    container = container_factory(base_image, ["sleep", "60"], ports={"80/tcp": None, "443/tcp": None})
    with pytest.raises(NotFound):
        load(benching, "no-such-container")
    with pytest.raises(UsageError, match="it has 80, 443"):
        load(benching, str(container.name))
    with pytest.raises(WorkbenchError, match="nobody listens on port 80"):
        load(benching, f"{container.name}:80")
    container.kill()
    with pytest.raises(WorkbenchError, match="does not run"):
        load(benching, f"{container.name}:80")


def test_knee_of_a_container_with_little_cpu(
    base_image: str, container_factory: ContainerFactory, benching: Benching
) -> None:
    """A tenth of a core and 5 ms a request: never more than 20 a second."""
    container = service(container_factory, base_image, nano_cpus=100_000_000)
    plan = LoadPlan(rate=2, seconds=3, warmup_seconds=0, timeout_seconds=120, connections=64)
    outcome = benching.find_knee(Wish((f"{container.name}:8000",), plan), 100, None, lambda _: None, Event())
    assert max((step.rate for step in outcome.steps if step.kept_up), default=0) < 25
    assert not all(step.kept_up for step in outcome.steps)


def test_verb_keeps_a_run(
    base_image: str,
    container_factory: ContainerFactory,
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DOCKER_HOST", engine.host)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    container = service(container_factory, base_image)
    words = [f"{container.name}:8000", "--rate", "50", "--for", "2", "--warmup", "0", "--timeout", "120", "--json"]
    more = ["--blocks", "4", "--header", "Authorization: Bearer abc123abc123"]
    assert main(["bench", *words, *more], no_screens) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["schema"], found["requests"], found["errors"], len(found["blocks"])) == (1, 100, {}, 4)
    assert set(found["latency_ms"]) == {"p50", "p90", "p95", "p99", "p99.9", "max"}
    assert found["container"]["name"] == container.name
    assert main(["runs", "show", "1", "--json"], no_screens) == 0
    kept = capsys.readouterr().out
    run = json.loads(kept)["run"]
    metrics = {metric["name"]: metric for metric in run["metrics"]}
    assert [len(metrics[name]["samples"]) for name in ("latency_p50", "latency_p99", "throughput")] == [4, 4, 4]
    assert run["artifacts"][0]["kind"] == "latency_histograms"
    assert "abc123" not in kept


def no_screens(session: Any) -> int:
    raise AssertionError


# -- start-up ---------------------------------------------------------------------------------------------


def start(benching: Benching, target: str, *ready: str, times: int = 1, timeout: float = 60) -> StartupResult:
    conditions = [parse_condition(typed) for typed in ready]
    return benching.startup(target, conditions, times, timeout, lambda *_: None, Event())


def test_each_sign_of_being_ready_in_its_order(
    engine: Engine, base_image: str, container_factory: ContainerFactory, benching: Benching
) -> None:
    command = ["python3", "-c", SERVICE, "0.0.0.0", "8000", "0.5", "0.5"]
    container = container_factory(base_image, command, ports={"8000/tcp": ("127.0.0.1", None)})
    result = start(benching, str(container.name), "http:/", "tcp", "log:^listening", "log:ready to", times=2)
    assert len(result.starts) == 2
    for one in result.starts:
        answers, accepts, listens, says = (at or 0 for at in one.ready_seconds)
        assert 0 < one.created_seconds < one.started_seconds < one.started_seconds + 0.5 <= accepts
        assert abs(accepts - listens) < 0.5
        assert listens + 0.5 <= says + 0.01
        assert answers >= listens + 0.49, "503 is not ready, and the published port accepts at once"
    container.reload()
    assert container.status == "running"
    assert ours(engine) == []


def test_health_of_an_image(engine: Engine, image_factory: ImageFactory, base_image: str, benching: Benching) -> None:
    image = image_factory(
        f"FROM {base_image}\nHEALTHCHECK --interval=1s CMD test -e /tmp/ready\n"
        'CMD ["sh", "-c", "sleep 1; touch /tmp/ready; exec sleep 60"]\n'
    )
    assert image.id
    result = start(benching, image.id)
    assert not result.is_container
    assert [condition.kind for condition in result.conditions] == ["healthy"]
    assert (result.starts[0].ready_seconds[0] or 0) > result.starts[0].started_seconds + 0.9
    assert ours(engine) == []


def test_what_does_not_get_ready_leaves_nothing(
    engine: Engine, base_image: str, container_factory: ContainerFactory, benching: Benching
) -> None:
    container = container_factory(base_image, ["sleep", "60"])
    name = str(container.name)
    with pytest.raises(WorkbenchError, match=r"not ready \(tcp:80\) in 1 s: nobody listens on port 80"):
        start(benching, name, "tcp:80", timeout=1)
    with pytest.raises(WorkbenchError, match="ended with code 3 before"):
        start(benching, str(container_factory(base_image, ["sh", "-c", "sleep 1; exit 3"]).name), "tcp:80")
    with pytest.raises(UsageError, match="no health check"):
        start(benching, name, "healthy")
    with pytest.raises(NotFound):
        start(benching, "no-such-thing", "tcp:80")
    stop = Event()
    with pytest.raises(Stopped):
        benching.startup(name, [parse_condition("tcp:80")], 1, 60, lambda *_: stop.set(), stop)
    assert ours(engine) == []
