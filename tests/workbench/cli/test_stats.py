"""`workbench stats` as it is typed, on a recording."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.workbench.cli.played import STARTED_AT, record
from tests.workbench.verdicts.situations import CALM, CONSTRUCTED, HOST, ID, MINE, OTHER, container, gpu, usage
from workbench.cli import main
from workbench.cli.stats_json import Look, look_document
from workbench.cli.stats_prometheus import escaped, exposition
from workbench.cli.stats_table import lines
from workbench.model.containers import Container, EngineInfo
from workbench.model.gpu import GpuSnapshot
from workbench.session import Session
from workbench.verdicts import judge

Type = Callable[..., tuple[int, str, str]]
ENGINE = EngineInfo("unix:///x", None, "docker", "28", "1.51", "overlay2", "Debian", 2, 8, 0)
NASTY = 'a"b\\c\nd\x1b[2J'
REQUIRED = {
    "name",
    "id",
    "image",
    "state",
    "cpu_percent",
    "cpu_cores",
    "cpu_limit_cores",
    "throttled_percent",
    "memory_bytes",
    "memory_limit_bytes",
    "memory_percent",
    "psi",
    "net_rx_bytes_per_second",
    "net_tx_bytes_per_second",
    "read_bytes_per_second",
    "write_bytes_per_second",
    "pids",
    "gpus",
}


def shop(number: int) -> list[Container]:
    """One that works on a GPU, one that does not run; rates that grow with each reading."""
    return [
        container(
            usage=usage(interval_seconds=1.0, cpu_percent=10.0 * (number + 1)), cpu_limit_cores=2.0, project="shop"
        ),
        container("job", OTHER, state="exited", status="Exited (1) 3 minutes ago"),
    ]


@pytest.fixture
def played(tmp_path: Path) -> Path:
    gpus = GpuSnapshot("550", (gpu(MINE, replace(MINE, pid=4243, memory_bytes=None, sm_percent=3.0)),))
    return record(tmp_path / "shop.gz", [shop(number) for number in range(40)], host=HOST, gpu=gpus)


@pytest.fixture
def type_(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Type:
    """Run one command line on a recording: exit code, what went to stdout, what went to stderr."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))

    def no_screens(session: Session) -> int:
        raise AssertionError("stats opens no screens")

    def run(file: Path, *words: str) -> tuple[int, str, str]:
        code = main(["--interval", "0.2", "--replay", str(file), "stats", *words], no_screens)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_the_document_has_what_programs_rely_on(type_: Type, played: Path) -> None:
    code, out, err = type_(played, "--json")
    assert (code, err) == (0, "")
    document = json.loads(out)
    assert document["schema"] == 1
    assert STARTED_AT <= document["taken_at"] < STARTED_AT + 60
    assert document["host"]["cpu_percent"] == 20.0
    assert document["host"]["memory_total_bytes"] == HOST.memory_total_bytes
    assert document["gpus"][0]["utilisation_percent"] == 97.0
    (api,) = document["containers"]
    assert set(api) >= REQUIRED
    assert (api["name"], api["id"], api["state"], api["cpu_limit_cores"]) == ("api", ID, "running", 2.0)
    assert api["cpu_cores"] == pytest.approx(api["cpu_percent"] / 100)
    assert api["memory_percent"] == pytest.approx(100 * 200 / 1024)
    assert api["psi"] == {"cpu": 0.1, "memory": 0.0, "io": 0.1}
    assert (api["net_rx_bytes_per_second"], api["net_tx_bytes_per_second"]) == (90_000.0, 120_000.0)
    assert (api["read_bytes_per_second"], api["write_bytes_per_second"]) == (0.0, 4096.0)
    assert api["gpus"] == [
        {"index": 0, "uuid": "GPU-0", "processes": 2, "memory_bytes": 70 * 10**9, "sm_percent": 98.0}
    ]


def test_what_was_not_measured_is_null_and_never_zero() -> None:
    bare = Look(0.0, ENGINE, "", (container(usage=None),), None, None)
    document = look_document(bare)
    assert (document["host"], document["gpus"]) == (None, [])
    (told,) = document["containers"]
    measured = {key: value for key, value in told.items() if key not in {"name", "id", "image", "state", "project"}}
    assert measured.pop("interval_seconds") == 0
    assert measured.pop("gpus") == []
    assert measured.pop("psi") == {"cpu": None, "memory": None, "io": None}
    assert set(measured.pop("memory").values()) == {None}
    assert set(measured.values()) == {None}
    assert [line for line in exposition(bare) if not line.startswith("#")] == [
        f'workbench_container_running{{name="api",id="{ID}",image="shop/api:1.4",project=""}} 1'
    ]


def test_those_that_do_not_run_are_told_when_asked_for(type_: Type, played: Path) -> None:
    for words in (("--all",), ("job",), (OTHER[:8],)):
        _, out, _ = type_(played, "--json", *words)
        assert "job" in [each["name"] for each in json.loads(out)["containers"]]
    code, out, err = type_(played, "--json", "nobody")
    assert (code, out) == (3, "")
    assert "there is no container nobody" in err


def test_one_look_can_be_averaged(type_: Type, played: Path) -> None:
    _, out, _ = type_(played, "--json", "--for", "1")
    (api,) = json.loads(out)["containers"]
    assert api["interval_seconds"] > 2
    assert api["cpu_percent"] < 200.0


def test_ndjson_is_a_document_a_line_until_the_time_is_up(type_: Type, played: Path) -> None:
    code, out, _ = type_(played, "--ndjson", "--for", "1")
    documents = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert len(documents) >= 3
    times = [document["taken_at"] for document in documents]
    assert times == sorted(times)
    assert all(set(document) == set(documents[0]) for document in documents)


def test_people_get_a_table_with_a_verdict(type_: Type, played: Path) -> None:
    code, out, _ = type_(played, "--all")
    assert code == 0
    heading, api, job = out.splitlines()
    assert re.split(r" {2,}", heading)[:3] == ["NAME", "CPU", "OF LIMIT"]
    assert "GPU" in heading
    assert "0: 98%" in api
    assert "Exited (1) 3 minutes ago" in job


@pytest.mark.parametrize("words", [("--json", "--prometheus"), ("--once", "--for", "2"), ("--interval", "0")])
def test_what_contradicts_is_refused(type_: Type, played: Path, words: tuple[str, ...]) -> None:
    assert type_(played, *words)[0] == 2


# -- Prometheus -------------------------------------------------------------------------------------------

SAMPLE = re.compile(
    r'(?P<name>[a-z_:][a-z0-9_:]*)(?:\{(?P<labels>(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (?P<value>\S+)'
)


def test_a_scrape_follows_the_text_format(type_: Type, played: Path) -> None:
    code, out, _ = type_(played, "--prometheus")
    assert code == 0
    family = ""
    seen: set[str] = set()
    for line in out.splitlines():
        if line.startswith("# HELP "):
            family = line.split(" ")[2]
            assert family not in seen, f"{family} is in two places"
            seen.add(family)
        elif line.startswith("# TYPE "):
            assert line.split(" ")[2:] in ([family, "gauge"], [family, "counter"])
        else:
            found = SAMPLE.fullmatch(line)
            assert found, line
            assert found["name"] == family
            float(found["value"])
    assert {"workbench_container_cpu_cores", "workbench_host_cpu_ratio", "workbench_gpu_utilisation_ratio"} <= seen
    assert all(name.endswith("_total") == (f"# TYPE {name} counter" in out) for name in seen)
    assert f'workbench_container_gpu_sm_ratio{{name="api",id="{ID}"' in out


def test_labels_are_escaped() -> None:
    assert escaped(NASTY) == r"a\"b\\c\nd␛[2J"
    (line, *_) = [
        line
        for line in exposition(Look(0.0, ENGINE, "", (container(NASTY, usage=CALM),), None, None))
        if not line.startswith("#")
    ]
    found = SAMPLE.fullmatch(line)
    assert found
    assert r'name="a\"b\\c\nd␛[2J"' in found["labels"]


# -- the pipe and the keyboard ----------------------------------------------------------------------------


def spawn(file: Path, tmp_path: Path, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "workbench", "--interval", "0.2", "--replay", str(file), "stats", *words]
    environ: dict[str, Any] = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ)


def test_whoever_reads_may_leave(played: Path, tmp_path: Path) -> None:
    with spawn(played, tmp_path, "--ndjson") as child:
        assert child.stdout is not None
        assert child.stderr is not None
        json.loads(child.stdout.readline())
        child.stdout.close()
        assert child.wait() == 0
        assert child.stderr.read() == ""


def test_ctrl_c_ends_it_without_a_word(played: Path, tmp_path: Path) -> None:
    with spawn(played, tmp_path, "--ndjson") as child:
        assert child.stdout is not None
        assert child.stderr is not None
        json.loads(child.stdout.readline())
        child.send_signal(signal.SIGINT)
        rest = child.stdout.read()
        assert child.wait() == 130
        assert child.stderr.read() == ""
        assert all(json.loads(line) for line in rest.splitlines())


# -- the table --------------------------------------------------------------------------------------------


def crowd(count: int) -> Look:
    several = tuple(
        container(f"{'x' * 30}-{number}", f"{number:064x}", usage=usage(cpu_percent=float(number)))
        for number in range(count)
    )
    return Look(0.0, ENGINE, "", several, None, GpuSnapshot("550", (gpu(MINE),)))


@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
def test_the_table_fits_its_terminal_and_keeps_the_verdict(width: int) -> None:
    look = crowd(5)
    verdicts = {each.id: judge(CONSTRUCTED["cpu-quota"])[0] for each in look.containers}
    told = lines(look, verdicts, width, 24)
    assert len(told) == 6
    assert all(len(line) <= width for line in told)
    assert told[0].startswith("NAME")
    assert "VERDICT" in told[0]
    assert "own CPU quota" in told[1]
    assert ("PIDS" in told[0]) is (width == 200)
    wide = [line.replace(" ", "") for line in lines(look, verdicts)]
    assert "x" * 30 in wide[1]


def test_more_than_a_screenful_is_counted() -> None:
    told = lines(crowd(30), {}, 80, 10)
    assert len(told) == 9
    assert told[-1] == "and 23 more"
