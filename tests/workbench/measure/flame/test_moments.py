"""Slices of time: together they are the whole, and each is what was measured in it."""

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workbench.measure.flame.stacks import STACKS, Stack, Stacks, added, check_shape, stacks_of
from workbench.measure.flame.building import TreeBuilder
from workbench.measure.flame.collapsed import frame_text, from_collapsed, read_collapsed, slice_mark
from workbench.measure.flame.moments import SLICES, Slicer, between, figures, in_order
from workbench.measure.flame.speedscope import from_speedscope
from workbench.measure.flame.views import Choices, shown
from workbench.model.frame_tree import FrameTree, Place
from workbench.model.profile import Profile


def lines(stacks: Stacks) -> str:
    return "".join(f"{';'.join(map(frame_text, stack))} {value:.0f}\n" for stack, value in stacks)


def functions(tree: FrameTree) -> Counter[Stack]:
    """Its stacks, without lines."""
    return added((tuple(place._replace(line=0) for place in stack), own) for stack, own in stacks_of(tree).items())


@given(st.lists(STACKS, min_size=2, max_size=5), st.integers(0, 5), st.integers(0, 5))
def test_a_span_is_what_was_seen_in_it(slices: list[Stacks], one: int, other: int) -> None:
    text = "".join(slice_mark(number, number + 0.9) + lines(stacks) for number, stacks in enumerate(slices))
    tree, moments = read_collapsed(text)
    assert moments is not None
    assert len(moments) == len(slices)
    first, last = sorted((one % (len(slices) + 1), other % (len(slices) + 1)))
    expected = from_collapsed("".join(map(lines, slices[first:last])))
    cut, ordered = between(tree, moments, first, last), in_order(tree, moments, first, last)
    check_shape(cut)
    check_shape(ordered)
    assert stacks_of(cut) == stacks_of(expected)
    assert functions(ordered) == functions(expected)
    rates = figures(moments)
    assert sum(rates[:-1]) + 0.9 * rates[-1] == pytest.approx(tree.total[0])


def test_threads_keep_a_time_of_their_own_and_a_name_that_came_late() -> None:
    text = (
        slice_mark(0, 1) + "thread (1);f 2\nthread (2): b;g 1\n"
        + slice_mark(1, 2) + "thread (1): a;h 3\nthread (1): a;f 1\n"
    )  # fmt: skip
    tree, moments = read_collapsed(text)
    assert moments is not None
    ordered = in_order(tree, moments, 0, 2)
    assert [ordered.at(node).name for node in range(1, len(ordered))] == ["1 a", "f", "h", "2 b", "g"]
    assert ordered.begin is not None
    assert list(ordered.total) == [7, 6, 3, 3, 1, 1]


SECONDS = st.integers(0, 1000).map(lambda hundredths: hundredths / 100)


@given(st.lists(st.tuples(SECONDS, SECONDS), max_size=20))
def test_what_lasts_is_shared_out_among_the_slices_that_it_lasts_in(spans: list[tuple[float, float]]) -> None:
    builder = TreeBuilder()
    slicer = Slicer(max((begin + length for begin, length in spans), default=0.0), "seconds")
    for number, (begin, length) in enumerate(spans):
        slicer.add(builder.stack([builder.intern(Place(f"f{number}"))], length), begin, length)
    tree = builder.finish()
    moments = slicer.finish(builder.moved)
    if moments is None:
        assert tree.total[0] == 0
        return
    whole = between(tree, moments, 0, SLICES)
    assert whole.total[0] == pytest.approx(tree.total[0])
    for node in range(1, len(whole)):
        length = spans[int(whole.at(node).name[1:])][1]
        assert whole.own[node] == pytest.approx(length)


@pytest.mark.parametrize("marks", [
    "# from 1.000 s to 2.000 s\nf 1\n# from 0.000 s to 0.500 s\ng 1\n",
    "# from 9.000 s to 2.000 s\nf 1\n", "# from nan s to 1.000 s\nf 1\n", "# anything\nf 1\n",
])  # fmt: skip
def test_marks_that_make_no_sense_are_passed_over(marks: str) -> None:
    tree, moments = read_collapsed(marks)
    assert moments is None
    assert tree.total[0] == marks.count(" 1\n")


def test_all_of_a_view_follows_the_span() -> None:
    samples = [[0, 1]] * 30 + [[0, 2]] * 10
    text = json.dumps({
        "shared": {"frames": [{"name": "main"}, {"name": "f"}, {"name": "g"}]},
        "profiles": [{
            "type": "sampled", "name": "t", "unit": "seconds", "samples": samples, "weights": [0.1] * 40,
            "startValue": 0, "endValue": 4,
        }],
    })  # fmt: skip
    found = from_speedscope(text)
    profile = Profile("seconds", found.tree, timeline=found.timeline, moments=found.moments)
    last = shown(profile, Choices(span=(SLICES * 3 // 4, SLICES)))
    assert last.lines.total[0] == pytest.approx(1.0)
    names = {last.lines.at(node).name for node in range(len(last.lines)) if last.lines.total[node] > 1e-6}
    assert names == {"all", "t", "main", "g"}
    in_time = shown(profile, Choices(span=(0, SLICES), in_time=True)).drawn
    assert [in_time.at(node).name for node in range(1, len(in_time))] == ["t", "main", "f", "g"]


def test_a_thread_that_did_nothing_in_the_span_shows_nothing() -> None:
    tree, moments = read_collapsed(slice_mark(0, 1) + "thread (1): a;f 2\n" + slice_mark(1, 2) + "thread (2): b;g 3\n")
    profile = Profile("samples", tree, moments=moments)
    part = (Place("1 a", kind="thread"),)
    assert shown(profile, Choices(part=part, span=(0, 1))).drawn.total[0] == 2
    for in_time in (False, True):
        found = shown(profile, Choices(part=part, span=(1, 2), in_time=in_time))
        assert (found.drawn.total[0], len(found.drawn), found.lines.total[0]) == (0, 1, 0)
