"""Profiles in files: told apart by their content, refused with a reason, and sources that are only Python's."""

import cProfile
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import ProfileError
from workbench.measure.flame.collapsed import from_collapsed
from workbench.model.profile import Profile
from workbench.model.reading import Fresh, Missing
from workbench.profile_files import parse_profile, read_profile, write_profile
from workbench.source_text import local_source


def test_each_kind_is_told_by_its_content(tmp_path: Path) -> None:
    profile = Profile("samples", from_collapsed("f (a.py:3) 5\n"), target="x")
    assert write_profile(profile, tmp_path / "a.json") == "speedscope"
    assert write_profile(profile, tmp_path / "a.txt") == "collapsed"
    cProfile.run("sum(range(10))", str(tmp_path / "a.prof"))
    kinds = {path.name: read_profile(path) for path in tmp_path.iterdir()}
    assert kinds["a.txt"].profiler == "py-spy"
    assert kinds["a.txt"].samples == 5
    assert kinds["a.json"].timeline is not None
    assert kinds["a.prof"].profiler == "cprofile"
    assert kinds["a.prof"].tree_is_estimated
    assert kinds["a.prof"].unit == "seconds"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no stacks"), (b"\n\n# nothing\n", "no stacks"), (b"{}", "not a speedscope"), (b"{0", "no functions"),
        (b"{N", "cut short"), (b'{"shared": {"frames": []}, "profiles": []}', "no samples"), (b"\x7fELF\n", "line 1"),
    ],
)  # fmt: skip
def test_what_is_none_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(ProfileError, match=reason):
        parse_profile(data, "x")


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        profile = parse_profile(data, "x")
    except ProfileError:
        return
    assert len(profile.tree) >= 1


def test_files_that_cannot_be_used_say_why(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="No such file"):
        read_profile(tmp_path / "nowhere")
    profile = Profile("samples", from_collapsed("f 5\n"))
    write_profile(profile, tmp_path / "there")
    with pytest.raises(ProfileError, match="there already"):
        write_profile(profile, tmp_path / "there")
    with pytest.raises(ProfileError, match="cannot be written"):
        write_profile(profile, tmp_path / "no" / "where")


def test_only_sources_of_python_are_opened(tmp_path: Path) -> None:
    good = tmp_path / "app.py"
    good.write_text("password = 'hunter2hunter2'\nx = 1\n")
    found = local_source(str(good))
    assert isinstance(found, Fresh)
    assert "hunter2" not in found.value
    assert found.value.splitlines()[1] == "x = 1"
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "folder.py").mkdir()
    for name in (
        "/etc/passwd",
        "app.py",
        str(tmp_path / "gone.py"),
        str(tmp_path / "pipe.py"),
        str(tmp_path / "folder.py"),
        "/a\0.py",
        "",
    ):
        assert isinstance(local_source(name), Missing), name


def test_every_format_is_written_by_its_name_and_read_again(tmp_path: Path) -> None:
    cProfile.run("sorted(range(10), key=str)", str(tmp_path / "a.prof"))
    exact = read_profile(tmp_path / "a.prof")
    assert write_profile(exact, tmp_path / "again.prof") == "pstats"
    again = read_profile(tmp_path / "again.prof")
    assert again.functions == exact.functions
    assert again.edges == exact.edges
    first, second = "# from 0.000 s to 1.000 s\nthread (3);f 5\n", "# from 1.000 s to 2.000 s\nthread (3);g 5\n"
    sampled = parse_profile((first + second).encode(), "x")
    assert sampled.moments is not None
    assert write_profile(sampled, tmp_path / "a.trace.json") == "chrome"
    assert write_profile(sampled, tmp_path / "a.html") == "html"
    assert write_profile(sampled, tmp_path / "a.json") == "speedscope"
    traced = read_profile(tmp_path / "a.trace.json")
    assert (traced.unit, traced.tree.total[0]) == ("seconds", 2.0)
    assert traced.timeline is not None
    with pytest.raises(ProfileError, match="only cProfile"):
        write_profile(sampled, tmp_path / "b.prof")
    with pytest.raises(ProfileError, match="when what ran"):
        write_profile(exact, tmp_path / "b.trace.json")
    assert not (tmp_path / "b.prof").exists()
