"""Chrome's traces: spans of threads become stacks in time, and come back the same."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workbench.measure.flame.stacks import STACKS, Stacks, check_shape, stacks_of, tree_of
from workbench.errors import ProfileError
from workbench.measure.flame.chrome import from_chrome, to_chrome
from workbench.measure.flame.collapsed import read_collapsed
from workbench.model.frame_tree import FrameTree, Place
from workbench.model.profile import Profile


def names(tree: FrameTree) -> list[str]:
    return [tree.at(node).name for node in range(1, len(tree))]


def event(kind: str, name: str, ts: float, **more: object) -> dict[str, object]:
    return {"ph": kind, "name": name, "ts": ts, "pid": 7, "tid": 1, **more}


def test_begin_and_end_and_complete_events_of_named_threads() -> None:
    text = json.dumps([
        event("M", "thread_name", 0, args={"name": "main --password=hunter2hunter2"}),
        event("M", "process_name", 0, args={"name": "app"}),
        event("B", "outer", 0), event("B", "inner", 1e6, args={"filename": "a.py", "line": 3}),
        event("E", "inner", 3e6), event("E", "outer", 4e6), event("X", "late", 5e6, dur=1e6, tid=2),
        event("i", "a mark", 1), event("E", "none", 9e6),
    ])  # fmt: skip
    found = from_chrome(text)
    assert names(found.tree)[:2] == ["7 app", "1 main --password=••••••"]
    assert names(found.tree)[2:] == ["outer", "inner", "2", "late"]
    assert list(found.tree.total) == [5, 5, 4, 4, 2, 1, 1]
    inner = next(found.tree.at(node) for node in range(len(found.tree)) if found.tree.at(node).name == "inner")
    assert (inner.file, inner.line) == ("a.py", 3)
    assert found.moments is not None
    assert list(found.moments.edges)[-1] == 6
    assert found.timeline.begin is not None


def test_threads_that_py_spy_puts_among_the_frames_are_threads() -> None:
    text = json.dumps([
        event("B", "thread (12)", 0), event("B", "f", 0), event("E", "f", 1e6), event("E", "thread (12)", 1e6),
        event("B", "thread (12): worker", 1e6), event("B", "f", 1e6), event("E", "f", 2e6),
        event("E", "thread (12): worker", 2e6),
    ])  # fmt: skip
    assert names(from_chrome(text).tree) == ["7", "12 worker", "f"]


def test_spans_that_overlap_or_never_end_lose_no_time() -> None:
    text = json.dumps([
        event("X", "a", 0, dur=2e6), event("X", "b", 1e6, dur=3e6), event("B", "c", 5e6), event("X", "d", 6e6, dur=1e6),
    ])  # fmt: skip
    found = from_chrome(text)
    check_shape(found.tree)
    assert found.tree.total[0] == 4
    assert {found.tree.at(node).name: found.tree.total[node] for node in range(3, len(found.tree))} == {
        "a": 2, "b": 1, "c": 2, "d": 1,
    }  # fmt: skip


@given(STACKS)
def test_what_is_written_is_read_again(stacks: Stacks) -> None:
    thread = Place("7 python3 app.py", kind="process"), Place("8 main", kind="thread")
    tree = tree_of([((*thread, *stack), own) for stack, own in stacks])
    timeline = tree_of([((*thread, *stack), own) for stack, own in stacks], in_order=True)
    again = from_chrome(to_chrome(Profile("seconds", tree, timeline=timeline)))

    def told(of: FrameTree) -> dict[tuple[tuple[str, str], ...], float]:
        found: dict[tuple[tuple[str, str], ...], float] = {}
        for stack, own in stacks_of(of).items():
            key = tuple(place.function for place in stack)
            found[key] = found.get(key, 0.0) + own
        return found

    assert told(again.tree) == pytest.approx(told(tree), abs=1e-4)


def test_slices_of_a_recording_are_written_where_they_were() -> None:
    tree, moments = read_collapsed(
        "# from 0.000 s to 1.000 s\nthread (3);f 50\n# from 1.000 s to 2.000 s\nthread (3);f 10\nthread (3);g 10\n"
    )
    written = json.loads(to_chrome(Profile("samples", tree, moments=moments)))
    spans = [(each["name"], each["ts"], each["dur"]) for each in written["traceEvents"]]
    assert spans == [("f", 0, 1e6), ("f", 1e6, 5e5), ("g", 1.5e6, 5e5)]


def test_without_an_order_of_time_it_says_so() -> None:
    with pytest.raises(ProfileError, match="when what ran"):
        to_chrome(Profile("samples", tree_of([((Place("f"),), 1.0)])))


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.sampled_from(["X", "B", "E", "M", "thread_name", "f"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["ph", "name", "ts", "dur", "pid", "tid", "args", "traceEvents", "filename", "line"]), inner
    ),
    max_leaves=20,
)  # fmt: skip
EVENTS = st.lists(
    st.fixed_dictionaries({
        "ph": st.sampled_from("XBEMi"), "name": st.sampled_from(["f", "g", "thread (1): x", "thread_name"]),
        "ts": st.integers(-10**9, 10**9), "dur": st.integers(-10**6, 10**9),
        "pid": st.integers(0, 1), "tid": st.integers(0, 1),
        "args": st.fixed_dictionaries({"name": st.just("x"), "line": st.integers(-1, 3)}),
    }),
    max_size=25,
)  # fmt: skip


@given(JSON)
def test_any_json_is_read_or_refused(value: object) -> None:
    try:
        check_shape(from_chrome(json.dumps(value)).tree)
    except ProfileError:
        return


def test_threads_that_call_themselves_the_same_stay_apart() -> None:
    spans = [{"ph": "X", "name": "f", "ts": 0, "dur": 1, "pid": 1, "tid": thread} for thread in (0, 1)]
    names = [{"ph": "X", "name": "thread (1): x", "ts": 0, "dur": 0, "pid": 1, "tid": thread} for thread in (0, 1)]
    tree = from_chrome(json.dumps({"traceEvents": spans + names})).tree
    threads = [node for node in range(1, len(tree)) if tree.at(node).kind == "thread"]
    assert [round(tree.total[node] * 1e6) for node in threads] == [1, 1]


@given(EVENTS)
def test_any_events_keep_to_their_time(events: list[dict[str, object]]) -> None:
    found = from_chrome(json.dumps({"traceEvents": events}))
    tree = found.tree
    threads = [node for node in range(1, len(tree)) if tree.at(node).kind == "thread"]
    if found.moments is not None:
        length = found.moments.edges[-1] - found.moments.edges[0]
        assert all(tree.total[node] <= length * (1 + 1e-9) for node in threads)
        assert all(first < last for first, last in pairwise(found.moments.edges))
        assert sum(found.moments.own) == pytest.approx(tree.total[0])


@pytest.mark.parametrize("text", ["", "[", "{}", '{"traceEvents": 3}', "[3]", '[{"ph": "X", "name": "f", "ts": "x"}]'])
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(ProfileError, match="not a Chrome trace"):
        from_chrome(text)
