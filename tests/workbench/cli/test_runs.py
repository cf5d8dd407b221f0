"""`workbench runs` as it is typed, on a real store."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.cli import main
from workbench.measure.secrets import MASK
from workbench.model.runs import Conditions, Environment, Metric, NewArtifact, NewRun, Sample, Target
from workbench.session import Session
from workbench.store import Store

ENVIRONMENT = Environment("h", "Xeon", 8, memory_bytes=1 << 34, engine="docker", engine_version="28.5.2")
LATENCY = NewRun(
    target=Target("image", "api:1.4"),
    environment=ENVIRONMENT,
    kind="latency",
    started_at=1_700_000_000.0,
    ended_at=1_700_000_001.5,
    label="before",
    note="on a quiet box",
    metrics=(
        Metric("p99", "ms", 31.0, -1, quality="noisy", samples=(Sample(29.5), Sample(44.0))),
        Metric("image_size", "B", 292_100_000.0),
        Metric("warm", "s", None),
    ),
    artifacts=(NewArtifact("log", "text/plain", b"hello"),),
    conditions=Conditions("sha256:ab", "c0ffee", True, (("rate", "500"), ("api_key", "hunter2")), 0.25),
)
BUILD = NewRun(Target("container", "web"), ENVIRONMENT, "build", 1_700_000_100.0, 1_700_000_225.0, status="failed")

Type = Callable[..., tuple[int, str, str]]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the store would be; nothing is there."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "data" / "workbench" / "runs.db"


@pytest.fixture
def filled(file: Path) -> Path:
    """A store with runs 1 and 2."""
    with Store.open(file) as store:
        assert [store.record_run(run) for run in (LATENCY, BUILD)] == [1, 2]
    return file


@pytest.fixture
def type_(capsys: pytest.CaptureFixture[str]) -> Type:
    """Run one command line: exit code, what went to stdout, what went to stderr."""

    def no_screens(session: Session) -> int:
        raise AssertionError("runs opens no screens")

    def run(*words: str) -> tuple[int, str, str]:
        code = main(["runs", *words], no_screens)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_without_a_store_it_says_how_to_make_a_run_and_makes_no_store(type_: Type, file: Path) -> None:
    assert type_() == (0, "", "no runs yet\n  hint: workbench record FILE makes one\n")
    code, out, err = type_("--json")
    assert (code, json.loads(out)) == (0, {"schema": 1, "runs": []})
    assert "no runs yet" in err
    for words in (("show", "1"), ("rm", "1")):
        code, out, err = type_(*words)
        assert (code, out) == (2, "")
        assert err.startswith("workbench: there is no run 1\n")
    assert not file.parent.exists()


def test_runs_are_a_table_newest_first(type_: Type, filled: Path) -> None:
    code, out, err = type_()
    heading, second, first = (line.split() for line in out.splitlines())
    assert (code, err) == (0, "")
    assert heading == ["ID", "Started", "Kind", "Target", "Label", "Took", "Figures", "Status"]
    assert second[0] == "2"
    assert second[3:] == ["build", "web", "2", "min", "05", "s", "0", "failed"]
    assert first[0] == "1"
    assert first[3:] == ["latency", "api:1.4", "before", "1.5", "s", "3", "complete"]


def test_runs_are_json_with_a_schema(type_: Type, filled: Path) -> None:
    code, out, err = type_("--json", "--limit", "1")
    document = json.loads(out)
    assert (code, err, document["schema"]) == (0, "", 1)
    (run,) = document["runs"]
    assert run["id"] == 2
    assert run["target"] == {"kind": "container", "name": "web", "specification": []}
    assert (run["status"], run["started_at"], run["ended_at"]) == ("failed", 1_700_000_100.0, 1_700_000_225.0)


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        (("--kind", "latency"), [1]),
        (("--target", "web"), [2]),
        (("--limit", "1"), [2]),
        (("--kind", "latency", "--target", "web"), []),
    ],
)
def test_the_list_is_narrowed(type_: Type, filled: Path, words: tuple[str, ...], ids: list[int]) -> None:
    code, out, err = type_("--json", *words)
    assert code == 0
    assert [run["id"] for run in json.loads(out)["runs"]] == ids
    assert err == ("" if ids else "no run matches\n  hint: workbench runs lists all\n")


def test_one_run_is_shown_with_everything(type_: Type, filled: Path) -> None:
    code, out, _ = type_("show", "1")
    assert code == 0
    lines = [" ".join(line.split()) for line in out.splitlines()]
    for line in (
        "run 1 · latency · complete",
        "target api:1.4 (image)",
        "label before",
        "note on a quiet box",
        "machine Xeon, 8 cores, 17.2 GB",
        "engine docker 28.5.2",
        "commit c0ffee with changes",
        "load 0.25",
        "rate 500",
        f"api_key {MASK}",
        "Figure Value Samples Range",
        "p99 31 ms 2 29.5 ms to 44 ms lower is better, noisy",
        "image_size 292 MB 0",
        "warm – 0",
    ):
        assert line in lines
    assert lines[-1].startswith("log text/plain 5 B 2cf24dba")


@pytest.mark.parametrize("words", [("show", "1", "--json"), ("--json", "show", "1")])
def test_one_run_is_json_wherever_the_option_stands(type_: Type, filled: Path, words: tuple[str, ...]) -> None:
    code, out, _ = type_(*words)
    run = json.loads(out)["run"]
    assert code == 0
    assert run["summary"]["id"] == 1
    assert run["environment"]["fingerprint"] == ENVIRONMENT.fingerprint
    assert [metric["name"] for metric in run["metrics"]] == ["image_size", "p99", "warm"]
    assert run["metrics"][1]["samples"][1] == {"value": 44.0, "offset_seconds": None}
    assert "hunter2" not in out


def test_runs_are_removed_all_or_none(type_: Type, filled: Path) -> None:
    code, _, err = type_("rm", "1", "9")
    assert (code, err.splitlines()[0]) == (2, "workbench: there is no run 9")
    assert type_("rm", "2", "1", "2") == (0, "", "deleted run 2\ndeleted run 1\n")
    assert type_()[2].startswith("no runs yet")


@pytest.mark.parametrize(
    "words",
    [
        ("--limit", "0"),
        ("--limit", "-1"),
        ("--limit", "many"),
        ("show",),
        ("show", "x"),
        ("show", "²"),
        ("show", "9" * 30),
        ("rm",),
        ("explain",),
        ("--colour",),
    ],
)
def test_what_makes_no_sense_is_refused(type_: Type, filled: Path, words: tuple[str, ...]) -> None:
    code, out, err = type_(*words)
    assert (code, out) == (2, "")
    assert "--help" in err


def test_a_damaged_store_is_named_with_its_cure(type_: Type, file: Path) -> None:
    file.parent.mkdir(parents=True)
    file.write_bytes(b"junk")
    code, out, err = type_()
    assert (code, out) == (3, "")
    assert f"the store {file} is damaged" in err
    assert "mv " in err
    assert file.read_bytes() == b"junk"


def test_hostile_names_stay_on_their_line(type_: Type, file: Path) -> None:
    hostile = NewRun(Target("image", "[red]\x1b[31m\nroot"), ENVIRONMENT, "a\tb", 0.0, label="[/]")
    with Store.open(file) as store:
        store.record_run(hostile)
    for words in ((), ("show", "1")):
        out = type_(*words)[1]
        assert "[red]␛[31m␊root" in out
        assert "\x1b" not in out


def test_the_installed_program_lists_runs_without_the_screens(filled: Path) -> None:
    script = "import sys; from workbench.__main__ import main\ntry: main()\nfinally: print('textual' in sys.modules)"
    child = subprocess.run(
        [sys.executable, "-c", script, "runs"], capture_output=True, text=True, check=True, env={**os.environ}
    )
    assert "api:1.4" in child.stdout
    assert child.stdout.splitlines()[-1] == "False"
