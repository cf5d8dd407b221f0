"""The load test against servers that behave well, badly, and not at all. All of them are on loopback."""

import json
import signal
import socket
from collections.abc import Iterator
from threading import Event, Timer
from typing import Any

import psutil
import pytest

from tests.workbench.meters.servers import SLOW_SECONDS, Server, serving, stoppable
from workbench.errors import Stopped, WorkbenchError
from workbench.measure.histogram import Histogram
from workbench.measure.latency import flags_of, percentiles_ms
from workbench.meters.address import Address, parse_target
from workbench.meters.agent.tally import Tally
from workbench.meters.latency import measure, read_result, request_bytes
from workbench.model.latency import HttpRequest, LoadPlan, LoadProgress, LoadResult

SHORT = LoadPlan(rate=100, seconds=1.0, warmup_seconds=0.2, blocks=2, timeout_seconds=5)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


def asked(*urls: str, **request: Any) -> list[tuple[HttpRequest, Address]]:
    found = []
    for url in urls:
        address = parse_target(url)
        assert isinstance(address, Address)
        found.append((HttpRequest(url, **request), address))
    return found


def load(*urls: str, plan: LoadPlan = SHORT, stop: Event | None = None, **request: Any) -> LoadResult:
    return measure(plan, asked(*urls, **request), lambda _: None, stop or Event())


def plan(**changes: Any) -> LoadPlan:
    usual = {"rate": 100, "seconds": 1.0, "warmup_seconds": 0.0, "blocks": 2, "timeout_seconds": 5}
    return LoadPlan(**(usual | changes))


def test_every_request_that_was_due_is_counted(server: Server) -> None:
    result = load(server.url("/ok"))
    assert (result.sent, result.answered, result.errors, result.statuses) == (100, 100, (), (("200", 100),))
    assert sum(count for _, count in result.latency) == 100
    assert [block.sent for block in result.blocks] == [50, 50]
    whole = Histogram()
    for block in result.blocks:
        whole.add(Histogram(block.latency))
    assert tuple(whole.pairs()) == result.latency
    assert result.body_bytes == 200
    assert result.samples[0] is not None
    assert dict(result.samples[0].headers)["cache-control"] == "max-age=60"


@pytest.mark.parametrize("path", ["/slow", "/slow_body"])
def test_latency_is_until_the_last_byte(server: Server, path: str) -> None:
    result = load(server.url(path))
    least = percentiles_ms(result.latency)["p50"]
    assert least is not None
    assert least >= SLOW_SECONDS * 1000
    assert result.answered == 100, "requests did not wait for each other"


@pytest.mark.parametrize(
    ("path", "errors"),
    [
        ("/500", "status_5xx"),
        ("/404", "status_4xx"),
        ("/early", "closed_early"),
        ("/reset", "reset"),
        ("/rubbish", "malformed"),
        ("/never", "timeout"),
    ],
)
def test_errors_are_told_by_their_kind(server: Server, path: str, errors: str) -> None:
    result = load(server.url(path), plan=plan(timeout_seconds=0.3))
    assert result.errors == ((errors, 100),)
    answered = 100 if errors.startswith("status") else 0
    assert result.answered == sum(count for _, count in result.latency) == answered
    assert sum(block.errors for block in result.blocks) == 100
    assert "errors" in {flag.name for flag in flags_of(SHORT, result)}


def test_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        result = load(f"http://127.0.0.1:{free.getsockname()[1]}/")
    assert result.errors == (("refused", 100),)


def test_other_ends_of_an_answer(server: Server) -> None:
    result = load(server.url("/chunked"), server.url("/none"), server.url("/until_close"), plan=plan(rate=150))
    assert (result.answered, result.errors) == (150, ())
    sizes = [sample.body_bytes for sample in result.samples if sample]
    assert sizes == [8, 0, 13]
    first = result.samples[0]
    assert first is not None
    assert dict(first.headers)["content-encoding"] == "gzip"


def test_connections_are_kept_or_not(server: Server) -> None:
    server.connections = 0
    load(server.url("/ok"), plan=plan(rate=50))
    kept, server.connections = server.connections, 0
    load(server.url("/ok"), plan=plan(rate=50, keep_alive=False))
    assert kept < 50 == server.connections


def test_connection_that_is_closed_as_it_is_used_again_is_no_error(server: Server) -> None:
    result = load(server.url("/idle"), plan=plan(rate=180, seconds=2.0))
    assert (result.answered, result.errors) == (360, ())


def test_what_is_sent(server: Server) -> None:
    server.heads.clear()
    server.bodies.clear()
    headers = (("X-Own", "1"), ("Accept", "a/b"))
    load(server.url("/ok"), plan=plan(rate=10), method="POST", body=b"a body", headers=headers)
    assert server.bodies == [b"a body"] * 10
    head = server.heads[0].decode()
    assert head.startswith("POST /ok HTTP/1.1\r\n")
    assert f"Host: 127.0.0.1:{server.port}\r\n" in head
    assert "X-Own: 1\r\n" in head
    assert head.count("Accept: ") == 1


def test_head_has_no_body() -> None:
    address = parse_target("http://127.0.0.1:80/x?y=1")
    assert isinstance(address, Address)
    sent = request_bytes(HttpRequest("", "HEAD"), address, keep_alive=False)
    assert sent.startswith(b"HEAD /x?y=1 HTTP/1.1\r\nHost: 127.0.0.1:80\r\n")
    assert b"Connection: close\r\n" in sent


def test_stall_is_charged_with_every_request_that_it_kept_waiting() -> None:
    """The proof against coordinated omission: one second of ten is 10 % of the requests, so p95 is about half of it."""
    with stoppable() as (process, url):
        stall = Timer(3.0, process.send_signal, (signal.SIGSTOP,))
        goes_on = Timer(4.0, process.send_signal, (signal.SIGCONT,))
        stall.start()
        goes_on.start()
        result = load(url, plan=LoadPlan(rate=500, seconds=10, warmup_seconds=0.5))
    told = percentiles_ms(result.latency)
    assert result.answered == 5000
    assert told["p95"] is not None
    assert told["p95"] >= 400
    assert told["max"] is not None
    assert told["max"] >= 900


def test_few_connections_make_requests_wait_and_the_wait_counts(server: Server) -> None:
    result = load(server.url("/slow"), plan=plan(rate=100, connections=3))
    latency, service = percentiles_ms(result.latency), percentiles_ms(result.service)
    assert result.waited > 50
    assert latency["p50"] is not None
    assert service["p50"] is not None
    assert latency["p50"] > 3 * service["p50"]
    assert {"connections", "rate"} <= {flag.name for flag in flags_of(plan(rate=100, connections=3), result)}


def test_stopping_keeps_what_was_measured(server: Server) -> None:
    stop = Event()
    told: list[LoadProgress] = []

    def heard(progress: LoadProgress) -> None:
        told.append(progress)
        if progress.elapsed_seconds > 1:
            stop.set()

    long = plan(seconds=600.0, blocks=600)
    result = measure(long, asked(server.url("/ok")), heard, stop)
    assert result.was_stopped
    assert 1 < result.seconds < 600
    assert result.answered == result.sent > 100
    assert 1 <= len(result.blocks) < 600
    assert told[-1].p50_ms is not None
    assert flags_of(long, result)[0].name == "stopped"


def test_stopped_before_anything_was_measured(server: Server) -> None:
    stop = Event()
    stop.set()
    with pytest.raises(Stopped):
        load(server.url("/ok"), plan=plan(warmup_seconds=60), stop=stop)


def test_meter_does_not_outlive_who_started_it(server: Server) -> None:
    begun = Event()

    class GoneError(Exception):
        pass

    def die(progress: LoadProgress) -> None:
        begun.set()
        raise GoneError

    with pytest.raises(GoneError):
        measure(plan(seconds=600.0), asked(server.url("/ok")), die, Event())
    assert begun.is_set()
    children = psutil.Process().children()
    assert not [child for child in children if any("meters.agent" in word for word in child.cmdline())]


@pytest.mark.parametrize("said", [b"nonsense", b"[]", b'{"result": {}}', b'{"progress": 3}', b'{"other": 1}'])
def test_foreign_answers_of_a_meter_are_refused(said: bytes) -> None:
    with pytest.raises(WorkbenchError):
        read_result([said], SHORT, lambda _: None)


@pytest.mark.parametrize(
    "lie",
    [
        {"seconds": "1"},
        {"seconds": float("nan")},
        {"began": float("inf")},
        {"sent": -1},
        {"sent": 10**400},
        {"statuses": [200]},
        {"latency": [[1 << 60, 1]]},
        {"latency": [[1, -1]]},
        {"samples": [{"status": 200, "head_bytes": 1, "body_bytes": 1, "headers": []}]},
        {"blocks": [3]},
    ],
)
def test_a_meter_in_a_strange_image_cannot_lie_itself_into_trouble(lie: dict[str, object]) -> None:
    honest = {"stopped": False, "began": 1.0, **Tally(0.0, 1.0, 2, 1).document(1.0)}
    assert read_result([json.dumps({"result": honest}).encode()], SHORT, lambda _: None) is not None
    with pytest.raises(WorkbenchError, match="cannot be read"):
        read_result([json.dumps({"result": honest | lie}).encode()], SHORT, lambda _: None)


def test_network_that_is_not_there() -> None:
    address = Address("127.0.0.1", 80, "/", "x", network="/proc/0/ns/net")
    with pytest.raises(WorkbenchError, match="network cannot be entered"):
        measure(SHORT, [(HttpRequest("http://x/"), address)], lambda _: None, Event())
