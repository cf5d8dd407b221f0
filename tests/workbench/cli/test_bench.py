"""`workbench bench` on servers of loopback: what it writes, what it keeps, and what it refuses."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

from tests.workbench.meters.servers import Server, serving
from workbench.cli import main
from workbench.meters.ready import parse_condition
from workbench.model.startup import Condition, Start, StartupResult
from workbench.startup_run import metrics_of


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


@pytest.fixture(autouse=True)
def own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


def bench(*words: str) -> int:
    return main(["bench", *words], no_screens)


def no_screens(session: Any) -> int:
    raise AssertionError


SHORT = ("--rate", "50", "--for", "1", "--warmup", "0")


def test_json(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench(server.url("/ok"), *SHORT, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["schema"], found["url"], found["requests"]) == (1, server.url("/ok"), 50)
    assert found["rate_requested"] == 50
    assert found["errors"] == {}
    assert set(found["latency_ms"]) == {"p50", "p90", "p95", "p99", "p99.9", "max"}
    assert set(found["start_lag_ms"]) == {"p50", "p99"}
    assert found["response"]["first"][0]["headers"]["cache-control"] == "max-age=60"
    assert len(found["blocks"]) == 10
    assert found["container"] is None


def test_secrets_are_masked(server: Server, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    secret = "hunter2hunter2"
    bench(server.url(f"/ok?token={secret}"), *SHORT, "--header", f"X-Api-Key: {secret}", "--blocks", "1")
    bench(server.url("/ok"), *SHORT, "--header", f"Authorization: Bearer {secret}", "--json")
    main(["runs", "show", "1"], no_screens)
    main(["runs", "show", "2", "--json"], no_screens)
    said = capsys.readouterr()
    assert secret not in said.out + said.err
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and secret.encode() in file.read_bytes()]


def test_words(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench(server.url("/500"), *SHORT) == 0
    said = capsys.readouterr()
    assert "errors     100%: 50 status 5xx" in said.out
    assert "! 100% of the requests failed" in said.out
    assert said.err == "kept as run 1\n"
    assert bench(server.url("/reset"), *SHORT, "--no-keep") == 3, "nobody answers"
    assert capsys.readouterr().err == ""


def test_knee(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--find-knee", "--rate", "20", "--most", "30", "--for", "1", "--warmup", "0", "--json")
    assert bench(server.url("/ok"), *words, "--p99-limit", "30000") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["knee"]["rate"] == 30
    assert [step["rate"] for step in found["knee"]["steps"]] == [20, 30]
    assert found["flags"][0]["name"] == "no_knee"


def test_ctrl_c_keeps_what_was_measured(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    Timer(3.0, os.kill, (os.getpid(), signal.SIGINT)).start()
    assert bench(server.url("/ok"), "--rate", "50", "--for", "600", "--warmup", "0", "--json") == 0
    said = capsys.readouterr()
    found = json.loads(said.out)
    assert found["flags"][0]["name"] == "stopped"
    assert 0 < found["requests"] < 1000
    assert said.err == "kept as run 1\n"
    main(["runs", "--json"], no_screens)
    assert json.loads(capsys.readouterr().out)["runs"][0]["status"] == "interrupted"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ((), "TARGET is missing"),
        (("http://127.0.0.1:1/", "--startup", "x"), "one thing is measured at a time"),
        (("http://127.0.0.1:1/", "--most", "5"), "--most goes with --find-knee"),
        (("http://127.0.0.1:1/", "--ready", "healthy"), "--ready goes with --startup"),
        (("http://127.0.0.1:1/", "--bandwidth", "5M"), "--bandwidth goes with --pull"),
        (("--pull", "x", "--timed", "--registry"), "--timed measures what the others suppose"),
        (("http://127.0.0.1:1/", "--rate", "0"), "not a rate"),
        (("http://127.0.0.1:1/", "--rate", "nan"), "not a rate"),
        (("http://127.0.0.1:1/", "--method", "G T"), "no HTTP method"),
        (("http://127.0.0.1:1/", "--header", "hunter2"), "NAME: VALUE"),
        (("http://127.0.0.1:1/", "--header", "X: a\r\nY: b"), "NAME: VALUE"),
        (("http://127.0.0.1:1/", "--body", "/nowhere"), "cannot be read"),
        (("ftp://x/",), "no URL of http or https"),
        (("--startup", "x", "--ready", "soon"), "says not when it is ready"),
        (("--startup", "x", "--ready", "log:("), "no regular expression"),
        (("--pull", "x", "--bandwidth", "fast"), "is no speed"),
    ],
)
def test_what_does_not_go_together(words: tuple[str, ...], reason: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench(*words) == 2
    assert reason in capsys.readouterr().err


@pytest.mark.parametrize("words", [("--startup", "x"), ("--pull", "x", "--timed"), ("x", "--inside")])
def test_read_only_starts_nothing(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--read-only", "bench", *words], no_screens) == 2
    assert "read-only" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("healthy", Condition("healthy")),
        ("http", Condition("http")),
        ("http:/up", Condition("http", None, "/up")),
        ("http:8000/up?x", Condition("http", 8000, "/up?x")),
        ("tcp", Condition("tcp")),
        ("tcp:5432", Condition("tcp", 5432)),
        ("log:ready: \\d+", Condition("log", pattern="ready: \\d+")),
    ],
)
def test_signs_of_being_ready(typed: str, expected: Condition) -> None:
    assert parse_condition(typed) == expected


def test_startup_as_metrics() -> None:
    conditions = (Condition("tcp", 80), Condition("log", pattern="token=abc"), Condition("healthy"))
    starts = (Start(0.1, 0.2, (1.0, None, 3.0)), Start(0.2, 0.4, (2.0, None, 5.0)), Start(0.3, 0.6, (9.0, None, 4.0)))
    found = metrics_of(StartupResult("x", True, "", conditions, starts, 0, 1, False, ()))
    by_name = {metric.name: metric for metric in found}
    assert by_name["time_to_ready"].value == 2000
    assert [sample.value for sample in by_name["time_to_ready"].samples] == [1000, 2000, 9000]
    assert by_name["time_to_healthy"].value == 4000
    assert by_name["time_to_log_token"].value is None


def test_a_secret_that_a_load_generator_would_show_is_told_of_first(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    url, secret = server.url("/"), "Authorization: Bearer abc123abc123"
    for engine, shows in (("hey", True), ("wrk", False)):
        words = ["--for", "1", "--warmup", "0", "--rate", "5", "--connections", "2", "--engine", engine, "--no-keep"]
        bench(url, *words, "--header", secret)
        told = capsys.readouterr().err
        assert (f"{engine} takes Authorization on its command line" in told) is shows
        assert "abc123" not in told
        bench(url, *words, "--header", "X-Page: 2")
        assert "command line" not in capsys.readouterr().err
