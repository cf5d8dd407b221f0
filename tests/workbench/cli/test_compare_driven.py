"""What `workbench compare` refuses before it measures anything, and how it understands what is asked for."""

from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.cli import main
from workbench.cli.compare_driven import asked
from workbench.errors import UsageError
from workbench.session import Session

Type = Callable[..., tuple[int, str]]


@pytest.fixture
def type_(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Type:
    """Run one command line where no engine answers: exit code, and what went to stderr."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody.sock")
    monkeypatch.setenv("DOCKER_CONTEXT", "")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))

    def no_screens(session: Session) -> int:
        raise AssertionError("the screens were opened")

    def run(*argv: str) -> tuple[int, str]:
        return main(argv, no_screens), capsys.readouterr().err

    return run


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", (None, "")),
        ("8000/items", (8000, "/items")),
        (":8000/items?id=1&b=%20", (8000, "/items?id=1&b=%20")),
        ("/", (None, "/")),
        ("http://localhost:8000/items?id=1", (8000, "/items?id=1")),
        ("http://127.0.0.1", (None, "/")),
        ("http://[::1]:80", (80, "/")),
    ],
)
def test_what_to_ask_for(typed: str, found: tuple[int | None, str]) -> None:
    assert asked(typed) == found


ELSEWHERE = ("http://example.com/", "https://localhost/", "http://localhost.example.com/", "ftp://localhost/")
NO_REQUEST = ("8000", "items", "0/", "65536/", "/a b", "/a\r\nX: y", "http://localhost:99999/", "http://[::1")


@pytest.mark.parametrize("typed", [*ELSEWHERE, *NO_REQUEST])
def test_nobody_else_is_asked(typed: str) -> None:
    with pytest.raises(UsageError):
        asked(typed)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--pairs", "1", "--fail-on", "speed>5%"], "there is no such figure"),
        (["--pairs", "1", "--fail-on", "size>5ms"], "measured in B, not in ms"),
        (["--rate", "10"], "nothing is asked for"),
        (["--profile"], "nothing is asked for"),
        (["--profile", "--url", "80/", "--pairs", "0"], "--pairs 0 starts no container"),
        (["--pairs", "101"], "is not a number up to 100"),
        (["--for", "9999", "--url", "80/"], "is more than 600"),
        (["--ready", "soon"], "says not when it is ready"),
        (["--build", "/nowhere", "/nowhere"], "neither a Dockerfile nor a folder with one"),
        (["--build-arg", "a b"], "NAME=VALUE or NAME"),
        (["--env", "NOT_SET_ANYWHERE"], "there is no variable NOT_SET_ANYWHERE"),
    ],
)
def test_refused_before_anything_is_measured(type_: Type, words: list[str], told: str) -> None:
    code, err = type_("compare", "api:1", "api:2", *words)
    assert (code, told in err) == (2, True), err


def test_what_cannot_be_measured_anew(type_: Type) -> None:
    for words in (["1", "2"], ["run:1", "run:2"], ["api:1", "a.ndjson"], ["profile:x", "api:1"]):
        code, err = type_("compare", *words, "--pairs", "1")
        assert (code, "cannot be measured anew" in err) == (2, True), err
    assert type_("compare", "image:api:1", "image:api:2", "--pairs", "1")[0] == 3
    code, err = type_("compare", "api:1", "api:2", "--pairs", "1", "--container", "x")
    assert (code, "--container goes with two bundles" in err) == (2, True)


def test_read_only_measures_nothing(type_: Type) -> None:
    code, err = type_("--read-only", "compare", "api:1", "api:2", "--pairs", "1")
    assert (code, "read-only" in err) == (2, True)


def test_without_an_engine(type_: Type, tmp_path: Path) -> None:
    assert type_("compare", "api:1", "api:2", "--pairs", "1")[0] == 3
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY a.py /\n")
    code, err = type_("compare", str(tmp_path), str(tmp_path), "--fail-on", "p99>+10%")
    assert (code, "no source file is copied" in err) == (2, True), "a folder with a Dockerfile is built"


def test_a_value_may_come_from_the_environment(type_: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_TOKEN", "hunter2hunter2")
    code, err = type_("compare", "api:1", "api:2", "--pairs", "1", "--build-arg", "REGISTRY_TOKEN")
    assert (code, "hunter2" in err) == (3, False), "it is understood, and there is no engine"
