"""Adding up cProfile results, against the standard library's own way of doing it."""

import contextlib
import cProfile
import marshal
import pstats
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import ProfileError
from workbench.measure.pstats_merge import merged_pstats


def leaf(number: int) -> int:
    return number * 2


def work(times: int) -> None:
    for number in range(times):
        leaf(number)


def result(times: int, path: Path) -> bytes:
    profile = cProfile.Profile()
    profile.runcall(work, times)
    profile.dump_stats(path)
    return path.read_bytes()


def test_it_is_what_pstats_adds_up(tmp_path: Path) -> None:
    paths = [tmp_path / "a", tmp_path / "b"]
    merged = marshal.loads(merged_pstats([result(10, paths[0]), result(7, paths[1])]))
    expected = pstats.Stats(*map(str, paths)).stats  # type: ignore[attr-defined]  # not in its stub
    assert merged.keys() == expected.keys()
    for key, value in expected.items():
        assert merged[key][:2] == value[:2]
        assert merged[key][2:4] == pytest.approx(value[2:4])
        assert {caller: figures[:2] for caller, figures in merged[key][4].items()} == {
            caller: figures[:2] for caller, figures in value[4].items()
        }


@pytest.mark.parametrize(
    "content",
    [b"", b"x", marshal.dumps(1), marshal.dumps({1: 2}), marshal.dumps({1: (1, 2, 3, 4, 5)}), b"c\0\0\0\0"],
)
def test_what_is_no_result_is_refused(content: bytes) -> None:
    with pytest.raises(ProfileError):
        merged_pstats([content])


@given(st.binary())
def test_any_bytes_are_refused_or_read(content: bytes) -> None:
    with contextlib.suppress(ProfileError):
        merged_pstats([content, content])
