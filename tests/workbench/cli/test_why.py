"""`workbench why` as it is typed, on a recording."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.workbench.cli.played import record
from tests.workbench.verdicts.situations import CALM, CONSTRUCTED, DETAIL, HOST, ID, OTHER, container, usage
from workbench.cli import main
from workbench.model.containers import Container, ContainerUsage
from workbench.session import Session

Type = Callable[..., tuple[int, str, str]]
SLOW = CONSTRUCTED["cpu-quota"].usages[0]


def played(figures: ContainerUsage, count: int = 60, **fields: Any) -> list[list[Container]]:
    """Readings of two containers, each measured anew."""
    return [
        [
            container(usage=replace(figures, interval_seconds=1.0 + number / 1e6), **fields),
            container("api-cache", OTHER, usage=replace(CALM, interval_seconds=1.0 + number / 1e6)),
        ]
        for number in range(count)
    ]


@pytest.fixture
def type_(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Type:
    """Play a recording and run one command line on it: exit code, what went to stdout, what went to stderr."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))

    def no_screens(session: Session) -> int:
        raise AssertionError("why opens no screens")

    def run(file: Path, *words: str) -> tuple[int, str, str]:
        code = main(["--interval", "0.2", "--replay", str(file), "why", *words], no_screens)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def slow(tmp_path: Path) -> Path:
    return record(tmp_path / "slow.gz", played(SLOW, cpu_limit_cores=1.0), host=HOST, details=(DETAIL,))


def test_the_document_has_what_programs_rely_on(type_: Type, slow: Path) -> None:
    code, out, err = type_(slow, "api", "--for", "3", "--json")
    assert (code, err) == (1, "")
    document = json.loads(out)
    assert document["schema"] == 1
    assert (document["container"], document["id"], document["state"]) == ("api", ID, "running")
    assert document["measured_seconds"] >= 2.8
    (verdict,) = document["verdicts"]
    assert {"rule", "severity", "confidence", "message", "evidence", "next_step"} <= set(verdict)
    assert (verdict["rule"], verdict["severity"]) == ("cpu-quota", "act")
    assert "throttled: 63% of periods (threshold: more than 25%)" in verdict["evidence"]


def test_people_read_the_verdict_its_evidence_and_what_to_do(type_: Type, slow: Path) -> None:
    code, out, err = type_(slow, ID[:12], "--for", "3")
    assert (code, err) == (1, "")
    lines = out.splitlines()
    assert re.fullmatch(r"api  Up  \d s measured from cgroup v2", lines[0])
    assert lines[2].startswith("act  own CPU quota: throttled 63% of periods  (cpu-quota, ")
    assert "  next: give it more, or make it need less: docker update --cpus 2 api" in lines


def test_one_that_is_fine_ends_with_0(type_: Type, tmp_path: Path) -> None:
    fine = record(tmp_path / "fine.gz", played(CALM), host=HOST, details=(DETAIL,))
    code, out, _ = type_(fine, "api", "--for", "3", "--json")
    assert code == 0
    assert [each["rule"] for each in json.loads(out)["verdicts"]] == ["look-downstream"]


def test_one_that_was_killed_is_told_without_measuring(type_: Type, tmp_path: Path) -> None:
    dead = [container(state="exited", status="Exited (137) 1 minute ago")]
    detail = replace(DETAIL, state="exited", exit_code=137, out_of_memory_killed=True)
    file = record(tmp_path / "dead.gz", [dead], details=(detail,))
    code, out, _ = type_(file, "api", "--for", "600", "--json")
    assert code == 1
    assert json.loads(out)["verdicts"][0]["rule"] == "oom-killed"


def test_a_beginning_must_be_of_one(type_: Type, tmp_path: Path) -> None:
    file = record(tmp_path / "pair.gz", [[container("web-1"), container("web-2", OTHER)]])
    code, out, err = type_(file, "web")
    assert (code, out) == (2, "")
    assert "web-1, web-2" in err


def test_the_whole_name_wins_over_what_begins_so(type_: Type, slow: Path) -> None:
    code, out, _ = type_(slow, "api", "--for", "1", "--json")
    assert json.loads(out)["container"] == "api"
    assert code == 1


@pytest.mark.parametrize("wanted", ["nobody", "", "\x1b[2Jx"])
def test_who_is_not_there_is_a_missing_world(type_: Type, slow: Path, wanted: str) -> None:
    code, out, err = type_(slow, wanted)
    assert (code, out) == (3, "")
    assert "there is no container" in err
    assert "\x1b" not in err


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "inf", "soon"])
def test_how_long_must_be_a_time(type_: Type, slow: Path, seconds: str) -> None:
    code, _, err = type_(slow, "api", "--for", seconds)
    assert code == 2
    assert "not a number of seconds above 0" in err


def test_what_is_missing_is_said_as_its_source_says_it(type_: Type, tmp_path: Path) -> None:
    file = record(tmp_path / "empty.gz", [])
    code, _, err = type_(file, "api")
    assert code == 3
    assert "no readings of the containers" in err


def test_hostile_names_reach_no_terminal(type_: Type, tmp_path: Path) -> None:
    nasty = "a\x1b]0;own\x07\nb"
    figures = [
        [container(nasty, usage=usage(cpu_percent=float(number), throttled_percent=90.0), cpu_limit_cores=1.0)]
        for number in range(30)
    ]
    code, out, _ = type_(record(tmp_path / "nasty.gz", figures), ID, "--for", "2")
    assert code in (0, 1)
    assert "\x1b" not in out
    assert f"docker update --cpus 2 {ID[:12]}" in out or ID[:12] in out
