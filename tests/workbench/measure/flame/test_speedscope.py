"""Speedscope's files: read in the order of time, written, and hostile ones refused."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workbench.measure.flame.stacks import STACKS, Stacks, added, check_shape, stacks_of, tree_of
from workbench.errors import ProfileError
from workbench.measure.flame.speedscope import from_speedscope, to_speedscope
from workbench.model.frame_tree import Place
from workbench.model.profile import Profile


def sampled(samples: list[list[int]], name: str = 'Process 7 Thread 9 "Main"') -> dict[str, Any]:
    return {
        "type": "sampled", "name": name, "unit": "seconds", "startValue": 0, "endValue": len(samples),
        "samples": samples, "weights": [1.0] * len(samples),
    }  # fmt: skip


def file(*profiles: dict[str, Any]) -> str:
    frames = [{"name": "main", "file": "a.py", "line": 1}, {"name": "f", "file": "a.py", "line": 5}, {"name": "g"}]
    return json.dumps({"shared": {"frames": frames}, "profiles": profiles, "exporter": "py-spy@0.4.3"})


def test_samples_are_merged_in_the_tree_and_in_order_on_the_timeline() -> None:
    found = from_speedscope(file(sampled([[0, 1], [0, 1], [0, 2], [0], [0, 1]])))
    assert (found.unit, found.samples, found.exporter) == ("seconds", 5, "py-spy@0.4.3")
    tree = found.tree
    assert [(tree.at(node).name, tree.at(node).kind, tree.total[node]) for node in range(1, len(tree))] == [
        ("7", "process", 5.0), ("9 Main", "thread", 5.0), ("main", "code", 5.0), ("f", "code", 3.0), ("g", "code", 1.0),
    ]  # fmt: skip
    timeline = found.timeline
    assert timeline.begin is not None
    assert [(timeline.at(node).name, timeline.begin[node], timeline.total[node]) for node in range(4, 7)] == [
        ("f", 0.0, 2.0), ("g", 2.0, 1.0), ("f", 4.0, 1.0),
    ]  # fmt: skip


def test_events_are_stacks_for_a_time() -> None:
    events = [("O", 0, 1), ("O", 1, 3), ("C", 1, 4), ("C", 0, 9)]
    evented = {
        "type": "evented", "name": "main", "unit": "milliseconds", "startValue": 0, "endValue": 9,
        "events": [{"type": kind, "frame": frame, "at": at} for kind, frame, at in events],
    }  # fmt: skip
    found = from_speedscope(file(evented))
    assert found.samples is None
    assert {tuple(place.name for place in stack): own for stack, own in stacks_of(found.tree).items()} == {
        ("main", "main"): pytest.approx(0.007),
        ("main", "main", "f"): pytest.approx(0.001),
    }


@given(STACKS)
def test_written_and_read_again_it_is_the_same(stacks: Stacks) -> None:
    thread = (Place("7", kind="process"), Place("12 a b", kind="thread"))
    placed = [((*thread, *stack), value) for stack, value in stacks]
    tree = tree_of(placed)
    found = from_speedscope(to_speedscope(Profile("seconds", tree), "orders"))
    check_shape(found.tree)
    assert stacks_of(found.tree) == added(placed)


def broken() -> list[Any]:
    whole = json.loads(file(sampled([[0, 1]])))
    return [
        None, [], {}, {"shared": {}}, {"shared": {"frames": [{}]}, "profiles": []},
        {**whole, "profiles": [{**whole["profiles"][0], "samples": [[7]]}]},
        {**whole, "profiles": [{**whole["profiles"][0], "samples": [[-1]]}]},
        {**whole, "profiles": [{**whole["profiles"][0], "samples": [["x"]]}]},
        {**whole, "profiles": [{**whole["profiles"][0], "weights": []}]},
        {**whole, "profiles": [{**whole["profiles"][0], "weights": [-1]}]},
        {**whole, "profiles": [{**whole["profiles"][0], "weights": ["Infinity"]}]},
        {**whole, "profiles": [{**whole["profiles"][0], "type": "other"}]},
        {**whole, "profiles": [{**whole["profiles"][0], "unit": ["bytes"]}]},
        {**whole, "profiles": [{**whole["profiles"][0], "unit": "parsecs"}]},
        {**whole, "profiles": 3},
    ]  # fmt: skip


@pytest.mark.parametrize("data", broken(), ids=lambda data: json.dumps(data)[-60:])
def test_what_is_none_is_refused(data: Any) -> None:
    with pytest.raises(ProfileError):
        from_speedscope(json.dumps(data))


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "NaN", '{"shared": {"frames": 1e999}}'])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(ProfileError):
        from_speedscope(text)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=4)
    | st.sampled_from(["sampled", "seconds"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["frames", "name", "type", "unit", "samples", "weights", "line"]), inner)
    ),
    max_leaves=12,
)


@given(JSON, JSON)
def test_any_json_is_read_or_refused(frames: Any, profiles: Any) -> None:
    for shape in (
        frames,
        {"shared": {"frames": frames}, "profiles": profiles},
        {"shared": frames, "profiles": [profiles]},
    ):
        try:
            from_speedscope(json.dumps(shape))
        except ProfileError:
            continue


def test_what_py_spy_puts_into_the_stack_is_no_frame_of_code() -> None:
    frames = [
        {"name": 'process 7:"python3 app.py --token abcdef0123456789"'},
        {"name": "thread (9): Main"},
        {"name": "f"},
    ]
    text = json.dumps({"shared": {"frames": frames}, "profiles": [sampled([[0, 1, 2], [0, 2]])]})
    tree = from_speedscope(text).tree
    assert [(tree.at(node).name.split(" --")[0], tree.at(node).kind) for node in range(1, len(tree))] == [
        ("7 python3 app.py", "process"), ("9 Main", "thread"), ("f", "code"),
    ]  # fmt: skip
    assert "abcdef" not in tree.at(1).name
