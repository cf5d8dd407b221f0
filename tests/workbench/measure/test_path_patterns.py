"""Patterns of paths: that both ways to match them agree, and that none has no end."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.measure.dockerignore import Dockerignore, file_pattern
from workbench.measure.path_patterns import ManyStars, path_pattern, pieces_of

PARTS = ["*", "**", "**/", "/", "a", "b", "?", "[ab]", "[^a]", "[a-", "\\*", "."]


@given(
    st.lists(st.sampled_from(PARTS), min_size=1, max_size=9).map("".join),
    st.lists(st.sampled_from(["a", "b", "/", "*", "."]), max_size=9).map("".join),
)
def test_many_stars_match_as_the_regular_expression_does(pattern: str, path: str) -> None:
    try:
        pieces = pieces_of(pattern)
        expression = re.compile(f"{''.join(pieces)}\\Z", re.DOTALL)
    except (ValueError, re.error):
        with pytest.raises(ValueError, match="pattern"):
            path_pattern(pattern)
        return
    wanted = expression.match(path) is not None
    assert ManyStars(pieces).matches(path) is wanted
    assert bool(path_pattern(pattern)(path)) is wanted


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("**/*test*/**/*_*/*.py", "a/b/my_tests/x/y_z/c.py", True),
        ("**/*test*/**/*_*/*.py", "a/b/my_tests/x/y_z/c.pyc", False),
        ("a*b*c*d*e", "abbbccdde", True),
        ("a*b*c*d*e", "ab/c/d/e", False),
        ("**/a/**/b/**/c/**", "a/b/c/d", True),
    ],
)
def test_many_stars(pattern: str, path: str, matches: bool) -> None:
    assert bool(path_pattern(pattern)(path)) is matches


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*a" * 30 + "*b", "a" * 255),
        ("**/" * 30 + "b", "a/" * 1000 + "a"),
        ("**/a/" * 30 + "b", "a/" * 1000 + "a"),
        ("**a" * 30 + "b", "a/" * 1000 + "a"),
        ("**/*" * 30 + "b", "a/" * 1000 + "a"),
    ],
    ids=["names", "folders", "parted", "glued", "mixed"],
)
def test_hostile_patterns_have_an_end(pattern: str, path: str) -> None:
    assert not Dockerignore(pattern).leaves_out(path)
    assert not file_pattern(pattern)(path)


def test_a_class_that_is_none_among_many_stars() -> None:
    with pytest.raises(ValueError, match="is none"):
        path_pattern("*a*a*a*[b-a]")
