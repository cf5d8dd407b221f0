"""Collapsed stacks: read, written and read again, and hostile ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workbench.measure.flame.stacks import STACKS, Stacks, added, check_shape, stacks_of, tree_of
from workbench.errors import ProfileError
from workbench.measure.flame.building import DEEPEST
from workbench.measure.flame.collapsed import LONGEST_LINE, from_collapsed, profile_to_collapsed, to_collapsed
from workbench.model.frame_tree import FrameTree, Place
from workbench.model.profile import Profile

PY_SPY = """\
process 7:"python3 -c import app; app.run()";thread (0x7F12): Main;<module> (app.py:17);work (app.py:13) 34
process 7:"python3 -c import app; app.run()";thread (13704): odd; name (x);work (app.py:13) 2
process 7:"";thread (13704);work (app.py:12) 1
"""


@given(STACKS)
def test_a_tree_says_what_its_stacks_said(stacks: Stacks) -> None:
    tree = tree_of(stacks)
    check_shape(tree)
    assert stacks_of(tree) == added(stacks)


@given(STACKS)
def test_written_and_read_again_it_is_the_same(stacks: Stacks) -> None:
    tree = tree_of(stacks)
    assert stacks_of(from_collapsed(to_collapsed(tree))) == stacks_of(tree)


def names(tree: FrameTree) -> list[str]:
    return [tree.at(node).name for node in range(1, len(tree))]


def test_processes_and_threads_of_py_spy() -> None:
    tree = from_collapsed(PY_SPY)
    kinds = {place.name: place.kind for place in tree.places}
    assert kinds["7 python3 -c import app; app.run()"] == "process"
    assert kinds["0x7F12 Main"] == kinds["13704 odd; name (x)"] == "thread"
    assert kinds["work"] == "code"
    assert "13704" not in names(tree), "seen before it had a name, it is the same thread"
    assert to_collapsed(tree).startswith('process 7:"python3 -c import app: app.run()";thread (0x7F12): Main;<module>')


def test_only_the_outermost_frames_are_processes_and_threads() -> None:
    tree = from_collapsed('main (a.py:1);process 7:"x";thread (1): y 3\n')
    assert {place.kind for place in tree.places[1:]} == {"code"}


@pytest.mark.parametrize(
    ("part", "place"),
    [
        ("f (a.py:3)", Place("f", "a.py", 3)),
        ("f (/srv/a (b)/x.py:3)", Place("f", "/srv/a (b)/x.py", 3)),
        ("std::at(unsigned long) const (libfoo.so)", Place("std::at(unsigned long) const", "libfoo.so")),
        ("0x52c180 (?)", Place("0x52c180")),
        ("_find (<frozen importlib._bootstrap>:1176)", Place("_find", "<frozen importlib._bootstrap>", 1176)),
        ("java.lang.run", Place("java.lang.run")),
        (") (", Place(") (")),
        ("f (a.py:٣)", Place("f", "a.py:٣")),
        ("", Place("")),
    ],
)
def test_a_frame_is_taken_apart(part: str, place: Place) -> None:
    assert from_collapsed(f"{part} 1").at(1) == place


def test_secrets_of_a_command_line_are_masked() -> None:
    tree = from_collapsed('process 7:"app --password hunter2hunter2";f (a.py:1) 1\n')
    assert "hunter2" not in tree.at(1).name


@pytest.mark.parametrize("line", ["nothing", "f (a.py:1) x", "f -1", "f nan", "f inf", "f 1_0", "f 1e300"])
def test_a_line_that_is_none_is_told_by_its_number(line: str) -> None:
    with pytest.raises(ProfileError, match="line 2 "):
        from_collapsed(f"f 1\n{line}\n")


def test_stacks_are_cut_where_they_get_too_deep_and_lines_where_they_get_too_long() -> None:
    tree = from_collapsed(";".join(f"f{number}" for number in range(3 * DEEPEST)) + " 5")
    assert len(tree) == DEEPEST + 1
    assert tree.own[DEEPEST] == tree.total[1] == 5
    with pytest.raises(ProfileError, match="longer than"):
        from_collapsed("f" * (LONGEST_LINE + 1) + " 1")


@given(st.text(alphabet='ab;:()" \n\r\x1b0123456789.#﷽threadprocess', max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        tree = from_collapsed(text)
    except ProfileError:
        return
    check_shape(tree)
    written = to_collapsed(tree)
    assert "\x1b" not in written
    assert sum(from_collapsed(written).own) == sum(round(own) for own in tree.own[1:])


def test_seconds_are_written_as_microseconds() -> None:
    tree = from_collapsed("a (x.py:1) 0.25\nb (x.py:2) 0.0000001\n")
    assert profile_to_collapsed(Profile("seconds", tree)) == "a (x.py:1) 250000\n"
    assert profile_to_collapsed(Profile("samples", from_collapsed("a (x.py:1) 3"))) == "a (x.py:1) 3\n"
