import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.measure.dockerignore import Dockerignore


@pytest.mark.parametrize(
    ("patterns", "path", "left_out"),
    [
        ("*.log", "a.log", True),
        ("*.log", "a/x.log", False),
        ("**/*.log", "a/b/x.log", True),
        ("**/*.log", "x.log", True),
        ("*.log\n!keep.log", "keep.log", False),
        ("README.md", "readme.md", False),
        ("node_modules", "node_modules/a/b", True),
        ("node_modules", "web/node_modules/a", False),
        ("**/node_modules", "web/node_modules/a/b/c", True),
        ("**", "anything/at/all", True),
        ("a/**", "a", False),
        ("a/**", "a/b/c", True),
        ("a/**/c", "a/c", True),
        ("/a/", "a/b", True),
        ("./a/../b", "b", True),
        ("*\n!src", "src/deep/x.py", False),
        ("*\n!src\nsrc/deep", "src/deep/x.py", True),
        ("a?c", "abc", True),
        ("a?c", "a/c", False),
        ("[a-c]x", "bx", True),
        ("[^a]x", "bx", True),
        ("[!a]x", "bx", False),
        ("a.b", "axb", False),
        ("a\\*b", "a*b", True),
        ("a\\*b", "axb", False),
        ("  spaced  ", "spaced", True),
        ("# a comment\n", "# a comment", False),
        (" # no comment", "# no comment", True),
        ("!!x", "x", False),
        ("x\n! x", "x", False),
        (".", "a", False),
        ("a+b$", "a+b$", True),
    ],
)
def test_patterns(patterns: str, path: str, left_out: bool) -> None:
    assert Dockerignore(patterns).leaves_out(path) is left_out


@pytest.mark.parametrize("patterns", ["!", "[a", "a\\", "[]a]", "x" * 5000])
def test_what_builders_refuse(patterns: str) -> None:
    with pytest.raises(ValueError, match=r"pattern|alone"):
        Dockerignore(patterns)


def test_where_something_may_be_kept() -> None:
    assert not Dockerignore("*").may_keep_below("a")
    keeps = Dockerignore("*\n!a/b/**")
    assert keeps.may_keep_below("a")
    assert keeps.may_keep_below("a/b")
    assert not keeps.may_keep_below("ab")
    assert Dockerignore("*\n!**/x").may_keep_below("anywhere")


@given(st.text(alphabet="ab/*!?.[]^-\\\n #", max_size=30), st.text(alphabet="ab/.", min_size=1, max_size=12))
def test_any_patterns_are_read_or_refused(patterns: str, path: str) -> None:
    try:
        read = Dockerignore(patterns)
    except ValueError:
        return
    read.leaves_out(path)
