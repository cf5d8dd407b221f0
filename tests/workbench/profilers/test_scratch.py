"""What lies on disk for a while is gone at the end, also after a crash."""

import os
from pathlib import Path

import pytest

from workbench.profilers.scratch import scratch

DEAD = 4194305
"""More than any process id of Linux."""


def test_it_is_gone_at_the_end_and_so_is_what_a_dead_process_left(tmp_path: Path) -> None:
    stay = [f"ours-{os.getppid()}-a", f"ours-{10**30}-b", "ours-x", "ours-", f"another-{DEAD}-c"]
    for name in (*stay, f"ours-{DEAD}-d"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").touch()
    with scratch(tmp_path, "ours") as folder:
        (folder / "file").touch()
        assert folder.name.startswith(f"ours-{os.getpid()}-")
        assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*stay, folder.name])
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(stay)


def test_links_and_what_others_made_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "away").mkdir()
    (tmp_path / "away" / "file").touch()
    (tmp_path / f"ours-{DEAD}-link").symlink_to(tmp_path / "away")
    with scratch(tmp_path, "ours"):
        assert (tmp_path / "away" / "file").exists()
    (tmp_path / f"ours-{DEAD}-other").mkdir()
    monkeypatch.setattr("os.geteuid", lambda: os.getuid() + 1)
    with scratch(tmp_path, "ours"):
        assert (tmp_path / f"ours-{DEAD}-other").exists()
