"""Load generators from elsewhere: what is called, what they said once, and the real ones where they are installed."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from tests.workbench.meters.servers import Server, serving
from workbench.errors import Stopped, UsageError, WorkbenchError
from workbench.measure.latency import flags_of, percentiles_ms
from workbench.meters import engines
from workbench.meters.address import Address, parse_target
from workbench.meters.engines.base import Found
from workbench.meters.engines.run import measure_with
from workbench.model.latency import HttpRequest, LoadPlan, LoadResult

PLAN = LoadPlan(rate=20, seconds=2, warmup_seconds=0, connections=4, timeout_seconds=5)
WRK = """Running 1s test @ http://127.0.0.1:18080/
  1 threads and 4 connections
  11709 requests in 1.01s, 1.05MB read
workbench\t1010452\t11709\t1100646\t1\t2\t0\t7\t3
cell\t37\t11000
cell\t49098\t709
"""
HEY = """response-time,DNS+dialup,DNS,Request-write,Response-delay,Response-read,status-code,offset
0.0094,0.0014,0.0000,0.0003,0.0074,0.0002,200,0.2028
0.0200,0.0017,0.0000,0.0001,0.0065,0.0002,503,2.5000
"""
H2LOAD = """finished in 3.01s, 40.00 req/s, 3.67KB/s
requests: 80 total, 81 started, 80 done, 80 succeeded, 0 failed, 0 errored, 1 timeout
traffic: 7.34KB (7520) total, 6.80KB (6960) headers (space savings 0.00%), 600B (600) data
"""
LOCUST = """[
    {"name": "target", "method": "GET", "num_requests": 80, "num_failures": 10, "total_content_length": 400,
     "response_times": {"130": 1, "1": 70, "4": 9}}
]
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


def read(name: str, output: str, folder: Path) -> Found:
    return engines.load(name).read(output, folder, PLAN)


def test_wrk_that_was_recorded(tmp_path: Path) -> None:
    found = read("wrk", WRK, tmp_path)
    assert (found.answered, found.latency.count, found.seconds) == (11709, 11709, 1.010452)
    assert found.errors == {"unreachable": 1, "reset": 2, "timeout": 3, "status_4xx_or_5xx": 7}
    assert found.latency.quantile_ms(0.5) == 0.037


def test_hey_that_was_recorded(tmp_path: Path) -> None:
    found = read("hey", HEY, tmp_path)
    assert (found.sent, found.answered, found.seconds) == (40, 2, 2.52)
    assert found.errors == {"status_5xx": 1, "no_answer": 38}
    assert found.latency.quantile_ms(1) == pytest.approx(20, rel=0.001)


def test_h2load_that_was_recorded(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("1795952303457837\t200\t322\n1795952303457834\t200\t382\n1795952303457835\t-1\t385\n")
    found = read("h2load", H2LOAD, tmp_path)
    assert (found.sent, found.answered, found.body_bytes) == (3, 2, 600)
    assert found.errors == {"timeout": 1}
    assert found.latency.quantile_ms(1) == 0.382


def test_locust_that_was_recorded(tmp_path: Path) -> None:
    found = read("locust", LOCUST, tmp_path)
    assert (found.sent, found.answered, found.errors) == (80, 70, {"failed": 10})
    assert found.latency.quantile_ms(1) == pytest.approx(130, rel=0.001)


@pytest.mark.parametrize("name", engines.names())
@pytest.mark.parametrize("output", ["", "no such host\n", "[\n", "workbench\t1\ncell\t1\n", "response-time,\n1\n"])
def test_what_cannot_be_read(name: str, output: str, tmp_path: Path) -> None:
    with pytest.raises((ValueError, KeyError, IndexError, TypeError, OSError)):
        read(name, output, tmp_path)


SMALL = tuple(name for name in engines.names() if name != "locust")
"""Those that are one program. locust brings a web server with it, so it is read from a recording alone."""


def measured(name: str, url: str, **request: Any) -> LoadResult:
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    address = parse_target(url)
    assert isinstance(address, Address)
    return measure_with(engines.load(name), PLAN, HttpRequest(url, **request), address, lambda _: None, Event())


@pytest.mark.parametrize("name", SMALL)
def test_the_real_ones(name: str, server: Server) -> None:
    server.heads.clear()
    server.bodies.clear()
    hostile = ("X-Own", '"]] os.exit(1) --\\' if name == "wrk" else "a b")
    result = measured(name, server.url("/ok"), method="POST", body=b'"body\0', headers=(hostile,))
    assert result.answered > 10
    assert result.errors == ()
    assert percentiles_ms(result.latency)["p99"] is not None
    assert server.heads[0].startswith(b"POST /ok HTTP/1.1\r\n")
    assert hostile[1].encode() in server.heads[0]
    assert server.bodies[0] == b'"body\0'
    assert "closed_loop" in {flag.name for flag in flags_of(PLAN, result)}
    if engines.load(name).keeps_rate:
        assert result.sent <= 45


@pytest.mark.parametrize("name", SMALL)
def test_the_real_ones_when_it_fails(name: str, server: Server) -> None:
    result = measured(name, server.url("/500"))
    assert result.failed > 0
    assert result.failed == result.sent or name == "wrk"


def test_what_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    address = Address("127.0.0.1", 1, "/", "x")
    with pytest.raises(UsageError, match="wrk is not installed"):
        measure_with(engines.load("wrk"), PLAN, HttpRequest("http://x/"), address, lambda _: None, Event())


def test_one_that_is_stopped_or_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "wrk"
    program.write_text("#!/bin/sh\nsleep ${1:+0}600\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    address, stop = Address("127.0.0.1", 1, "/", "x"), Event()
    with pytest.raises(Stopped):
        measure_with(engines.load("wrk"), PLAN, HttpRequest("http://x/"), address, lambda _: stop.set(), stop)
    program.write_text("#!/bin/sh\necho '\033[31mbroken'\n")
    with pytest.raises(WorkbenchError, match=r"says what cannot be read: .*broken"):
        measure_with(engines.load("wrk"), PLAN, HttpRequest("http://x/"), address, lambda _: None, Event())
