"""Both sides of a comparison built, started, asked and removed; stopped, killed, and gone on with; and nothing left."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.live.engines import Engine
from tests.live.test_build import left_of
from tests.live.test_py_spy import ours
from workbench.cli import main
from workbench.profiling import kept_profile

ROOT = Path(__file__).parents[2]
SERVICE = """
import sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        until = time.thread_time() + {burns}
        while time.thread_time() < until: pass
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")
    def log_message(self, *words): pass
held = bytearray({holds})
time.sleep({waits})
ThreadingHTTPServer.request_queue_size = 128
ThreadingHTTPServer(("", 8000), Answer).serve_forever()
"""
BEFORE = """ARG BASE
FROM $BASE
COPY . .
RUN sleep 1.5 && head -c 3000000 /dev/urandom > /junk # {mark}
EXPOSE 8000
CMD ["python3", "/service.py"]
"""
AFTER = """ARG BASE
FROM $BASE
RUN sleep 0.1 # {mark}
COPY . .
EXPOSE 8000
CMD ["python3", "/service.py"]
"""
SHOP = """
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
def burn(seconds):
    until = time.thread_time() + seconds
    while time.thread_time() < until: pass
def price_basket():
    burn({prices})
def render_page():
    burn(0.002)
class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        price_basket()
        render_page()
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")
    def log_message(self, *words): pass
ThreadingHTTPServer.request_queue_size = 128
ThreadingHTTPServer(("", 8000), Answer).serve_forever()
"""
NO_PYTHON = r"""
use IO::Socket::INET;
my $server = IO::Socket::INET->new(LocalPort => 8000, Listen => 64, ReuseAddr => 1) or die;
while (my $client = $server->accept) {
    while (<$client>) { last if /^\r?$/ }
    print $client "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
    close $client;
}
"""
LOAD = ["--url", "8000/items?id=1", "--rate", "20", "--for", "2"]


@pytest.fixture
def sides(base_image: str, tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The words that name both sides."""
    monkeypatch.setenv("DOCKER_HOST", engine.host)
    monkeypatch.setenv("DOCKER_CONTEXT", "")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    figures = {"before": (BEFORE, 0.010, 60_000_000, 1.5), "after": (AFTER, 0.001, 1, 0)}
    for side, (dockerfile, burns, holds, waits) in figures.items():
        folder = tmp_path / side
        folder.mkdir()
        (folder / "Dockerfile").write_text(dockerfile.format(mark=tmp_path))
        (folder / "service.py").write_text(SERVICE.format(burns=burns, holds=holds, waits=waits))
    return [*(str(tmp_path / side) for side in figures), "--builder", "classic", "--build-arg", f"BASE={base_image}"]


def no_screens(session: Any) -> int:
    raise AssertionError


def test_the_whole_table(sides: list[str], engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["compare", *sides, *LOAD, "--pairs", "2", "--builds", "1"]
    assert main([*words, "--json"], no_screens) == 0
    document = json.loads(capsys.readouterr().out)
    rows = {row["metric"]: row for row in document["rows"]}
    assert (document["kind"], document["before"]["name"]) == ("driven", sides[0])
    assert (rows["size"]["verdict"], rows["size"]["cause"][:6]) == ("better", "layer ")
    assert 2e6 < rows["size"]["before"] - rows["size"]["after"] < 5e6
    assert rows["compressed_size"]["before"] > rows["compressed_size"]["after"] > 0
    assert rows["pull_estimated"]["change"] < 0
    assert rows["build_cold"]["before"] > rows["build_cold"]["after"] > 0
    assert rows["build_touched"]["cause"].startswith("4 of 5 steps run, was 5 of 5; RUN sleep "), "and ARG always runs"
    assert rows["time_to_ready"]["before"] > 1.5
    assert rows["time_to_ready"]["cause"].startswith("the program, once it runs: ")
    assert [rows[name]["n"] for name in ("build_cold", "time_to_ready", "latency_p99")] == [1, 2, 2]
    assert rows["cpu_per_request"]["before"] > rows["cpu_per_request"]["after"] + 5
    assert rows["memory_peak"]["verdict"] == "better"
    assert rows["latency_p99"]["verdict"] == "inconclusive", "two of each are not enough"
    assert rows["throughput_at_knee"]["message"] == "not measured: --knee RATE looks for it"
    assert ours(engine) == []
    assert left_of(engine, tmp_path) == []

    began = time.monotonic()
    assert main([*words, "--fail-on", "latency_p99>+10%", "size>+1MB"], no_screens) == 0
    told = capsys.readouterr()
    assert "8 measurements were there from an earlier call; --fresh measures anew" in told.err
    assert "pass    size>+1MB" in told.err
    assert main([*words, "--fail-on", "cpu_per_request<-10%"], no_screens) == 4, "chance is not ruled out"
    assert ours(engine) == []
    assert time.monotonic() - began < 60, "nothing was built or started"


def test_images_that_are_there(
    sides: list[str], base_image: str, engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", base_image, base_image, "--pairs", "1", "--ready", "log:x", "--json"], no_screens) == 0
    rows = {row["metric"]: row for row in json.loads(capsys.readouterr().out)["rows"]}
    assert rows["size"]["verdict"] == "same"
    assert "not measured: before: " in rows["time_to_ready"]["message"], "Python without a terminal ends at once"
    assert "ended with code 0" in rows["time_to_ready"]["message"]
    assert rows["build_cold"]["message"].startswith("not measured: no build is known")
    assert rows["latency_p50"]["verdict"] == "inconclusive"
    assert main(["compare", base_image, "no-such-image:1", "--pairs", "1"], no_screens) == 3
    assert ours(engine) == []


def test_the_function_that_a_change_comes_from(
    sides: list[str], engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for side, prices in (("before", 0.020), ("after", 0.0005)):
        (tmp_path / side / "service.py").write_text(SHOP.format(prices=prices))
    words = ["compare", *sides, *LOAD, "--for", "8", "--pairs", "1", "--builds", "0", "--profile", "--json"]
    for _ in range(2):
        assert main(words, no_screens) == 0
        told = capsys.readouterr()
        document = json.loads(told.out)
        row = next(row for row in document["rows"] if row["metric"] == "cpu_per_request")
        found = re.fullmatch(r"service\.py:price_basket ([\d.]+)% → ([\d.]+)% of samples", row["cause"])
        assert found, row["cause"]
        assert float(found[1]) > 60 > 50 > float(found[2]), "20 of 22 ms, and 0.5 of 2.5"
        assert row["n"] == 1, "py-spy's start is in no figure"
        assert ours(engine) == []
    assert "4 measurements were there from an earlier call" in told.err
    note = next(note for note in document["notes"] if "py-spy" in note)
    kept = [kept_profile(int(number)) for number in re.findall(r"\d+", note)]
    assert [outcome.recorded.how for outcome in kept] == ["sidecar", "sidecar"]
    assert all((outcome.profile.samples or 0) > 20 for outcome in kept)
    assert main(["runs", "show", str(kept[0].run)], no_screens) == 0
    assert str(tmp_path / "before") in capsys.readouterr().out, "it is the side's, not of a container that is gone"


def test_what_is_no_python_has_no_functions(
    sides: list[str], engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "after" / "service.pl").write_text(NO_PYTHON)
    recipe = tmp_path / "after" / "Dockerfile"
    recipe.write_text(recipe.read_text().replace('"python3", "/service.py"', '"perl", "/service.pl"'))
    assert main(["compare", *sides, *LOAD, "--pairs", "1", "--builds", "0", "--profile", "--json"], no_screens) == 0
    document = json.loads(capsys.readouterr().out)
    rows = {row["metric"]: row for row in document["rows"]}
    assert rows["latency_p99"]["after"] > 0
    after = tmp_path / "after"
    assert f"no functions are told as causes: after: there is no Python process in {after}" in document["notes"]
    assert ours(engine) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("phase", ["builds, ", "answers, p99", r"py-spy, \d"])
def test_it_ends_in_the_middle_and_goes_on(
    sides: list[str], engine: Engine, tmp_path: Path, number: signal.Signals, phase: str
) -> None:
    words = ["compare", *sides, *LOAD, "--pairs", "1", "--json"]
    if phase.startswith("py-spy"):
        words.append("--profile")
    command = [sys.executable, "-m", "workbench", *words]
    master, slave = os.openpty()  # what it tells of its progress is for a terminal
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=slave, env={**os.environ, **engine.environ}
    ) as process:
        os.close(slave)
        said = b""
        # The second side, so that something was measured
        while not re.search(rb"after: [^\r]*" + phase.encode(), said):
            said += os.read(master, 1 << 16)
        process.send_signal(number)
        while True:
            try:
                piece = os.read(master, 1 << 16)
            except OSError:
                break
            said += piece
        written = process.stdout.read() if process.stdout else b""
    os.close(master)
    if number == signal.SIGINT:
        assert process.returncode == 130
        rows = {row["metric"]: row for row in json.loads(written)["rows"]}
        assert rows["build_cold"]["before"] > 0, "what was measured is kept and told"
        assert "stopped before" in rows["latency_p99"]["message"] or rows["latency_p99"]["verdict"] == "inconclusive"
        assert re.search(rb"\d measurements? (are|is) still to be made: the same command goes on", said)
        assert ours(engine, process.pid) == []
        assert left_of(engine, tmp_path) == []
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, env={**os.environ, **engine.environ}
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"[1-7] measurements were there from an earlier call", done.stderr)
    rows = {row["metric"]: row for row in json.loads(done.stdout)["rows"]}
    assert all(rows[name]["n"] == 1 for name in ("build_cold", "build_touched", "time_to_ready", "latency_p99"))
    assert ours(engine, process.pid) == []
    assert left_of(engine, tmp_path) == []


def test_builds_with_buildkit(
    sides: list[str],
    modern_engine: Engine,
    modern_base_image: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("DOCKER_HOST", "DOCKER_CONFIG", "PATH"):
        monkeypatch.setenv(name, modern_engine.environ[name])
    words = ["compare", *sides[:2], "--builder", "buildx", "--build-arg", f"BASE={modern_base_image}"]
    assert main([*words, "--pairs", "0", "--builds", "1", "--json"], no_screens) == 0
    rows = {row["metric"]: row for row in json.loads(capsys.readouterr().out)["rows"]}
    assert rows["size"]["verdict"] == "better"
    assert rows["build_cold"]["n"] == rows["build_touched"]["n"] == 1
    assert rows["build_touched"]["cause"].startswith("1 of 2 steps run, was 2 of 2"), (
        "BuildKit counts what makes a layer"
    )
    assert rows["time_to_ready"]["message"] == "not measured: --pairs 0"
    assert ours(modern_engine) == []
