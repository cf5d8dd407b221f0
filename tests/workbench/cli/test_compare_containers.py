"""`workbench compare container:A container:B` as it is typed, on a recording."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.workbench.cli.played import record
from tests.workbench.verdicts.situations import CALM, CONSTRUCTED, DETAIL, HOST, OTHER, container
from workbench.cli import main
from workbench.model.containers import Container, ContainerState
from workbench.session import Session

Type = Callable[..., tuple[int, str, str]]
SLOW = CONSTRUCTED["cpu-quota"].usages[0]


def played(count: int, ends_at: int = 10_000) -> list[list[Container]]:
    """Readings of two containers, each measured anew; one that ends."""

    def state(number: int) -> ContainerState:
        return "running" if number < ends_at else "exited"

    return [
        [
            container(usage=replace(SLOW, interval_seconds=1.0 + number / 1e6), cpu_limit_cores=1.0),
            container(
                "api-cache",
                OTHER,
                usage=replace(CALM, interval_seconds=1.0 + number / 1e6) if number < ends_at else None,
                state=state(number),
            ),
        ]
        for number in range(count)
    ]


@pytest.fixture
def type_(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Type:
    """Play a recording and run one command line on it: exit code, what went to stdout, what went to stderr."""
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(variable, str(tmp_path / variable))

    def no_screens(session: Session) -> int:
        raise AssertionError("compare opens no screens")

    def run(file: Path, *words: str) -> tuple[int, str, str]:
        code = main(["--interval", "0.2", "--replay", str(file), "compare", *words], no_screens)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def both(tmp_path: Path) -> Path:
    return record(tmp_path / "both.gz", played(60), host=HOST, details=(DETAIL,))


def test_the_same_seconds_of_two_containers_are_judged(type_: Type, both: Path) -> None:
    code, out, err = type_(both, "container:api", "container:api-cache", "--for", "2", "--json")
    assert code == 0, err
    document: dict[str, Any] = json.loads(out)
    rows = {row["metric"]: row for row in document["rows"]}
    assert (document["kind"], document["before"]["name"], document["after"]["name"]) == ("windows", "api", "api-cache")
    assert rows["cpu"]["before"] == pytest.approx((SLOW.cpu_percent or 0.0) / 100, rel=0.01)
    assert rows["cpu"]["after"] == pytest.approx((CALM.cpu_percent or 0.0) / 100, rel=0.01)
    assert "two containers over the same seconds" in document["notes"]
    assert "the two spans overlap" not in [flag["message"] for flag in document["flags"]]
    assert "kept as run 1" in err


def test_a_gate_holds_one_against_the_other(type_: Type, both: Path) -> None:
    words = ("container:api-cache", "container:api", "--for", "2", "--fail-on", "cpu>0.5cores")
    assert type_(both, *words)[0] == 1


def test_one_that_is_gone_in_the_end_is_another_one_all_the_same(type_: Type, tmp_path: Path) -> None:
    fleets = [fleet[: 1 if number > 30 else 2] for number, fleet in enumerate(played(60))]
    file = record(tmp_path / "gone.gz", fleets, host=HOST, details=(DETAIL,))
    code, out, _ = type_(file, "container:api", "container:api-cache", "--for", "100", "--json")
    assert code == 0
    assert "the two spans overlap" not in [flag["message"] for flag in json.loads(out)["flags"]]


def test_one_that_does_not_run_is_told_at_once(type_: Type, tmp_path: Path) -> None:
    file = record(tmp_path / "not.gz", played(60, ends_at=0), host=HOST, details=(DETAIL,))
    code, out, err = type_(file, "container:api", "container:api-cache")
    assert (code, out) == (2, "")
    assert "api-cache does not run: it is exited" in err


def test_it_ends_with_the_container_that_ends(type_: Type, tmp_path: Path) -> None:
    file = record(tmp_path / "ends.gz", played(60, ends_at=30), host=HOST, details=(DETAIL,))
    code, out, err = type_(file, "container:api", "container:api-cache", "--for", "100", "--json")
    assert code == 0
    assert "api-cache ended after" in err
    assert 1 <= float(json.loads(out)["before"]["detail"].split()[0]) <= 2


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("container:api", "container:nobody"), 3, "there is no container nobody"),
        (("container:api-cache", "container:api-cache"), 2, "api-cache is on both sides"),
        (("container:api", "container:api-cache", "--fail-on", "foo>5"), 2, "foo"),
        (("container:api", "container:api-cache", "--pairs", "3"), 2, "only --for S goes with them"),
        (("container:api", "container:api-cache", "--url", "8000/"), 2, "only --for S goes with them"),
        (("container:api", "image:api"), 2, "container:api is a container, image:api an image"),
    ],
)
def test_what_cannot_be_is_told(type_: Type, both: Path, words: tuple[str, ...], code: int, said: str) -> None:
    got, out, err = type_(both, *words)  # without any watching: it would take a minute
    assert (got, out) == (code, "")
    assert said in err
