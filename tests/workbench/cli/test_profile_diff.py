"""`workbench profile --diff` and `workbench open` of profiles: two files in, what differs out."""

import json
from pathlib import Path
from typing import Any

import pytest

from workbench.cli import main
from workbench.session import Session

BEFORE = "main (/srv/app.py:3);slow (/srv/app.py:8) 600\nmain (/srv/app.py:3);same\x1b[31m (/srv/app.py:9) 400\n"
AFTER = "main (/srv/app.py:3);slow (/srv/app.py:8) 200\nmain (/srv/app.py:3);same\x1b[31m (/srv/app.py:9) 800\n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))


@pytest.fixture
def two(tmp_path: Path) -> tuple[str, str]:
    paths = tmp_path / "before.txt", tmp_path / "after.txt"
    for path, text in zip(paths, (BEFORE, AFTER), strict=True):
        path.write_text(text)
    return str(paths[0]), str(paths[1])


def refuse(session: Session) -> int:
    raise AssertionError("no screens are wanted")


def test_the_table_names_what_changed(two: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["profile", "--diff", *two], refuse) == 0
    said = capsys.readouterr()
    lines = said.out.splitlines()
    assert lines[0].split() == ["change", "before", "after", "verdict", "q", "seen", "from", "function", "where"]
    assert {line.split()[0]: line.split()[3] for line in lines[1:3]} == {"−40%": "lost", "+40%": "gained"}
    assert "\x1b" not in said.out
    assert "before.txt → after.txt · 1000 samples → 1000 samples" in said.err


def test_the_document_has_both_sides(two: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["profile", "--diff", *two, "--json"], refuse) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert (found["schema"], found["compared"]) == (1, "shares")
    assert (found["before"]["samples"], found["after"]["total"]) == (1000, 1000.0)
    slow = next(each for each in found["functions"] if each["function"] == "slow")
    assert (slow["verdict"], slow["total_before"], slow["total_after"]) == ("lost", 0.6, 0.2)
    assert slow["q"] < 0.001
    assert 0.05 < slow["smallest_seen"] < 0.07


def stacks(folder: Path, name: str, slow: int) -> str:
    path = folder / name
    top = "main (/srv/app.py:3);"
    path.write_text(f"{top}slow (/srv/app.py:8) {slow}\n{top}same (/srv/app.py:9) 400\n")
    return str(path)


def test_several_runs_of_each_have_figures_with_verdicts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = [stacks(tmp_path, f"a{number}.txt", 600 + number) for number in range(6)]
    after = [stacks(tmp_path, f"b{number}.txt", 200 + number) for number in range(6)]
    assert main(["profile", "--json", "--diff", *before, "--", *after], refuse) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert found["repeats"]["runs"] == [6, 6]
    assert (found["repeats"]["unit"], found["repeats"]["per"]) == ("samples", "run")
    slow = next(each for each in found["repeats"]["functions"] if each["function"] == "slow")
    assert (slow["total"]["before"], slow["total"]["after"], slow["total"]["verdict"]) == (602.5, 202.5, "better")
    assert slow["self"]["q"] < 0.05
    assert len(slow["self"]["before_runs"]) == 6
    assert main(["profile", "--diff", *before, "--", *after], refuse) == 0
    said = capsys.readouterr()
    assert "self before" in said.out
    assert "better" in said.out
    assert "medians of 6 and 6 runs, per run" in said.err


def test_one_run_of_each_says_why_there_are_no_absolute_figures(
    two: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["profile", "--diff", *two], refuse) == 0
    assert "no absolute figures: there is one run before and after" in capsys.readouterr().err
    assert main(["profile", "--diff", *two, "--json"], refuse) == 0
    assert json.loads(capsys.readouterr().out)["repeats"]["reason"].startswith("no absolute figures")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["profile", "--diff", "a", "b", "c"], 2, "--diff names several, and nothing to compare with"),
        (["profile", "--diff", "a"], 2, "--diff names one, and nothing to compare with"),
        (["profile", "--diff", "a", "b", "--", "b"], 2, "b is on both sides"),
        (["profile", "--diff", "run:1,2", "run:2,3"], 2, "run:2 is on both sides"),
        (["profile", "--diff", "none", "none"], 3, "No such file"),
        (["profile", "--diff", "run:99999", "none"], 2, "there is no run 99999"),
        (["profile", "api", "--diff", "a", "b"], 2, "two profiles that are there"),
        (["open", "none"], 3, "none"),
        (["open", "run:1"], 2, "there is no run 1"),
    ],
)
def test_slips_are_named(words: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words, refuse) == code
    assert said in capsys.readouterr().err


def test_two_profiles_open_on_the_screens(two: tuple[str, str]) -> None:
    shown: list[Any] = []

    def screens(session: Session) -> int:
        shown.append(session.profiles.first)
        session.close()
        return 0

    assert main(["open", *two], screens) == 0
    assert main(["open", two[0]], screens) == 0
    both, one = shown
    assert [side[0].target for side in both.compared] == ["before.txt", "after.txt"]
    assert both.profile.target == "after.txt"
    assert one.compared is None
    assert one.profile.samples == 1000
