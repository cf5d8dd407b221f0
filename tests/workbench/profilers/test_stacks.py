"""Segments of py-spy's collapsed stacks: added up, masked, and read whatever their text holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.measure.flame.collapsed import from_collapsed, read_collapsed
from workbench.measure.flame.moments import between
from workbench.profilers.py_spy import stacks
from workbench.profilers.py_spy.stacks import MOST_SLICES, Stacks

ONE = 'process 1:"python3 app.py";thread (1): MainThread;main (/app.py:3);leaf (/app.py:1) 73\n'


def test_segments_are_added_up() -> None:
    found = Stacks()
    assert found.add(ONE) == 73
    assert found.add(ONE + "thread (2): other;main (/app.py:3) 5\n\n") == 78
    assert found.samples == 151
    assert found.collapsed() == ONE.replace(" 73", " 146") + "thread (2): other;main (/app.py:3) 5\n"


def test_command_with_lines_and_semicolons_is_one_frame() -> None:
    found = Stacks()
    command = "python3 -c import a; import b\nwhile True: main(60)\n\n"
    assert found.add(f'process 7:"{command}";thread (7): MainThread;main (<string>:3) 12\n') == 12
    assert found.collapsed() == (
        'process 7:"python3 -c import a import b while True: main(60) ";thread (7): MainThread;main (<string>:3) 12\n'
    )
    tree = from_collapsed(found.collapsed())
    assert [place.kind for place in tree.places].count("process") == 1


def test_children_have_their_parents_frame_too() -> None:
    found = Stacks()
    found.add('process 1:"sh -c x";process 7:"python3 x --token=hunter2hunter2";thread (7): M;main (x:1) 2\n')
    assert "hunter2" not in found.collapsed()
    assert found.collapsed().startswith('process 1:"sh -c x";process 7:"python3 x --token=')


def test_a_semicolon_in_a_name_makes_no_frame() -> None:
    found = Stacks()
    found.add("thread (1): a;main (/x.py:3);semi;colon 7 (/srv/semi;colon.py:3);thread (1): fake (/y;z.py:2) 5\n")
    tree = from_collapsed(found.collapsed())
    assert [(tree.at(node).name, tree.at(node).line) for node in range(2, len(tree))] == [
        ("main", 3),
        ("semi:colon 7", 3),
        ("thread (1): fake", 2),
    ]


def test_what_is_too_much_is_counted_and_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stacks, "MOST_STACKS", 2)
    found = Stacks()
    found.add("".join(f"thread (1): a;f{number} (x:1) 3\n" for number in range(4)))
    assert (found.samples, found.dropped) == (6, 6)
    found.add(f"thread (1): a;{'f' * stacks.LONGEST_STACK} (x:1) 1\n")
    assert found.dropped == 7


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    found = Stacks()
    assert found.add(text) == found.samples
    found.add(f'process 1:"{text}";thread (1): {text};{text} 3\n')
    assert found.collapsed().count("\n") == len(found._counts)


def test_segments_keep_their_time() -> None:
    stacks = Stacks()
    stacks.add("thread (1);f (a.py:1) 3\n", 0.0, 1.0)
    stacks.add("thread (1);f (a.py:1) 2\nthread (1);g (a.py:2) 5\n", 1.1, 2.0)
    tree, moments = read_collapsed(stacks.by_time())
    assert moments is not None
    assert list(moments.edges) == [0.0, 1.1, 2.0]
    assert between(tree, moments, 0, 1).total[0] == 3
    assert between(tree, moments, 1, 2).total[0] == 7


def test_a_long_recording_keeps_fewer_and_longer_slices() -> None:
    stacks = Stacks()
    for second in range(3000):
        stacks.add(f"thread (1);f{second % 7} (a.py:1) 1\n", float(second), second + 1.0)
    tree, moments = read_collapsed(stacks.by_time())
    assert moments is not None
    assert len(moments) <= MOST_SLICES
    assert (moments.edges[0], moments.edges[-1]) == (0.0, 3000.0)
    assert sum(moments.own) == tree.total[0] == stacks.samples == 3000
