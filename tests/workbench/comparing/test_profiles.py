"""Stored profiles compared: several on a side by what functions took, one on each by shares and why not more."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.workbench.test_profile_run import SAMPLED, keep
from workbench.comparing.runs import compare_runs
from workbench.errors import UsageError
from workbench.profilers.base import Made
from workbench.profiling import compared_profiles
from workbench.store import Store


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


def profile(slow: int, at: float) -> int:
    text = f"main (/m.py:1);slow (/m.py:2) {slow}\nmain (/m.py:1);same (/m.py:3) 400\n"
    files = (Made("collapsed", "text/plain", text.encode()),)
    taken = SAMPLED.taken_at + at
    return keep(replace(SAMPLED, collapsed=text, files=files, samples=slow + 400, taken_at=taken, complete=True))


def test_several_on_each_side_are_compared_by_what_functions_took() -> None:
    runs = [profile((600, 200)[number % 2] + number, 60.0 * number) for number in range(12)]
    found = compare_runs(runs[::2], runs[1::2])
    rows = {row.title: row for row in found.rows}
    # 605 samples at 100 a second in 4.25 s of recording
    assert rows["slow"].before == pytest.approx(605 * 10 / 4.25)
    assert rows["slow"].verdict == rows["slow, self"].verdict == "better"
    assert rows["same"].verdict == "same"
    assert (found.before.runs, found.after.runs) == (tuple(runs[::2]), tuple(runs[1::2]))
    assert "Benjamini" in found.method


def test_the_store_is_opened_once_for_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = [profile(200 + number, 60.0 * number) for number in range(6)]
    opened: list[Path] = []
    really = Store.open

    def counted(path: Path) -> Store:
        opened.append(path)
        return really(path)

    monkeypatch.setattr(Store, "open", counted)
    assert compare_runs(runs[::2], runs[1::2]).rows
    assert len(opened) == 1


def test_one_on_each_side_has_shares_and_says_why_not_more() -> None:
    found = compare_runs([profile(600, 0.0)], [profile(200, 60.0)])
    slow = next(row for row in found.rows if row.title == "slow")
    assert (slow.unit, slow.verdict) == ("%", "changed")
    assert any("no absolute figures: there is one run before and after" in note for note in found.notes)
    assert "Samples are taken as independent" in found.method


def test_runs_of_one_side_that_count_different_things_are_not_put_together() -> None:
    text = f"{' | '.join(['import time: self [us]', 'cumulative', 'imported package'])}\nimport time: 5 | 5 | json\n"
    files = (Made("importtime", "text/plain", text.encode()),)
    other = keep(replace(SAMPLED, profiler="imports", unit="seconds", collapsed="", files=files, samples=None))
    one, two = profile(600, 0.0), profile(610, 60.0)
    with pytest.raises(UsageError, match="the runs of one side count samples and seconds"):
        compare_runs([one, other], [two])
    with pytest.raises(UsageError, match="the runs of one side count samples and seconds"):
        compared_profiles([f"run:{two}"], [f"run:{one},{other}"])
