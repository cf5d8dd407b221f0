"""What is kept as a run belongs to the commit of the folder that the workbench was started in."""

import subprocess
from pathlib import Path

import pytest

from tests.workbench.test_profile_run import ENGINE, FACTS, SAMPLED
from workbench.model.runs import RunSummary
from workbench.model.wish import Wish
from workbench.places import store_file
from workbench.profile_run import keep_profile
from workbench.recording_run import keep_recording
from workbench.store import Store

GIT = ("git", "-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false")


@pytest.fixture
def commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Of a repository in which we are."""
    folder = tmp_path / "repository"
    folder.mkdir()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(folder)
    (folder / "app.py").write_text("one")
    for words in (("init", "-q"), ("add", "."), ("commit", "-qm", "one")):
        subprocess.run([*GIT, *words], check=True)
    return subprocess.run([*GIT, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()


def newest() -> RunSummary:
    with Store.open(store_file()) as store:
        return store.runs(1)[0]


def test_profiles_and_recordings(commit: str, tmp_path: Path) -> None:
    keep_profile(SAMPLED, FACTS, Wish(1.0), ENGINE)
    assert (newest().kind, newest().git_commit, newest().git_dirty) == ("profile", commit, False)
    Path("app.py").write_text("two")
    recording = tmp_path / "session.ndjson"
    recording.write_text("{}\n")
    keep_recording(recording, ENGINE, 1_790_000_000.0, 2.0, 3, "complete")
    assert (newest().kind, newest().git_commit, newest().git_dirty) == ("profile", commit, False)
    with Store.open(store_file()) as store:
        [kept] = store.runs(1, kind="recording")
    assert (kept.git_commit, kept.git_dirty) == (commit, True)


def test_a_folder_that_is_gone(commit: str, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(gone)
        gone.rmdir()
        keep_profile(SAMPLED, FACTS, Wish(1.0), ENGINE)
    assert newest().git_commit is None
