"""cProfile's files: read as pstats reads them, never run, and hostile ones refused."""

import cProfile
import marshal
import pstats
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import ProfileError
from workbench.measure.flame.call_graph import REST, estimated_tree
from workbench.measure.flame.functions import callers_and_callees
from workbench.measure.flame.marshal_data import DEEPEST, loads
from workbench.measure.flame.pstats_file import from_pstats
from workbench.model.profile import CallEdge, FunctionFigures, Place, Profile


def inner(count: int) -> int:
    return sum(number * number for number in range(count))


def recursive(depth: int) -> int:
    return inner(50) if depth == 0 else recursive(depth - 1)


def odd(depth: int) -> int:
    return inner(20) if depth == 0 else even(depth - 1)


def even(depth: int) -> int:
    return inner(20) if depth == 0 else odd(depth - 1)


def outer() -> int:
    return sum(inner(number) for number in range(200)) + sum(recursive(5) for _ in range(30)) + odd(7)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("profile") / "out.prof"
    profiler = cProfile.Profile()
    profiler.runcall(outer)
    profiler.dump_stats(path)
    return path


def test_figures_are_those_of_pstats(written: Path) -> None:
    stats: Any = pstats.Stats(str(written))
    found = from_pstats(written.read_bytes())
    expected = {
        (name, "" if file == "~" else file, line): (nc, tt, ct)
        for (file, line, name), (_, nc, tt, ct, _) in stats.stats.items()
    }
    assert {
        (each.place.name, each.place.file, each.place.line): (each.calls, each.own, each.total)
        for each in found.functions
    } == expected
    recursive_place = next(each.place for each in found.functions if each.place.name == "recursive")
    profile = Profile(
        "seconds", estimated_tree(found.functions, found.edges), functions=found.functions, edges=found.edges
    )
    callers, callees = callers_and_callees(profile, recursive_place)
    assert {each.place.name: each.calls for each in callers}["recursive"] == 150
    assert {each.place.name: each.calls for each in callees}["inner"] == 30


def test_the_estimated_tree_keeps_the_whole_and_names_what_it_leaves(written: Path) -> None:
    found = from_pstats(written.read_bytes())
    tree = estimated_tree(found.functions, found.edges)
    whole = sum(each.own for each in found.functions)
    assert tree.total[0] == pytest.approx(whole, rel=0.02)
    names = {tree.at(node).name for node in range(1, len(tree))}
    assert {"outer", "inner", "recursive", "odd", "even"} <= names
    assert all(len({tree.place[step] for step in tree.path(node)}) == len(tree.path(node)) for node in range(len(tree)))


def edge(caller: int, callee: int, total: float) -> CallEdge:
    return CallEdge(caller, callee, 1, 0.0, total)


def test_time_is_shared_out_in_proportion() -> None:
    """Two callers of one function that calls another: a known split comes out, an unknown one is even."""
    functions = [
        FunctionFigures(Place(name, "a.py", 1), own, total)
        for name, own, total in (
            ("main", 1.0, 10.0),
            ("a", 0.0, 6.0),
            ("b", 0.0, 3.0),
            ("f", 3.0, 9.0),
            ("g", 6.0, 6.0),
        )
    ]
    edges = [edge(0, 1, 6.0), edge(0, 2, 3.0), edge(1, 3, 6.0), edge(2, 3, 3.0), edge(3, 4, 6.0)]
    tree = estimated_tree(functions, edges)
    paths = {"/".join(tree.at(step).name for step in tree.path(node)): tree.total[node] for node in range(1, len(tree))}
    assert paths == pytest.approx({
        "main": 10.0, "main/a": 6.0, "main/a/f": 6.0, "main/a/f/g": 4.0,
        "main/b": 3.0, "main/b/f": 3.0, "main/b/f/g": 2.0,
    })  # fmt: skip


EDGES = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.floats(0, 5)), max_size=20)


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(0, 9)), min_size=6, max_size=6), EDGES)
def test_any_figures_make_a_tree_that_holds_no_more_than_it_has(
    figures: list[tuple[float, float]], pairs: list[tuple[int, int, float]]
) -> None:
    functions = [FunctionFigures(Place(f"f{number}"), own, total) for number, (own, total) in enumerate(figures)]
    tree = estimated_tree(functions, [edge(*pair) for pair in pairs])
    assert len(tree) <= 60_000
    for node in range(len(tree)):
        assert tree.own[node] >= 0
    assert tree.total[0] <= sum(each.total for each in functions) + 1e-6


def test_code_is_not_even_made(tmp_path: Path) -> None:
    code = compile("open('/tmp/never', 'w')", "x", "exec")
    with pytest.raises(ProfileError, match="holds no figures"):
        from_pstats(marshal.dumps({("f", 1, "n"): code}))
    assert isinstance(FunctionType(code, {}), FunctionType)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**70) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.tuples(inner, inner) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES, st.integers(2, 4))
def test_marshal_data_is_read_as_it_was_written(value: Any, version: int) -> None:
    try:
        assert loads(marshal.dumps(value, version)) == value
    except ProfileError as error:
        assert "nested" in error.reason  # noqa: PT017  deep values may be refused, and only those


def test_what_comes_twice_is_read_twice() -> None:
    name = "a name that is long enough"
    assert loads(marshal.dumps(((name, name), (name, 1)))) == ((name, name), (name, 1))


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"(\xff\xff\xff\x7f", b"0", b"r\x05\x00\x00\x00", b"\xa8\x01\x00\x00\x00r\x00\x00\x00\x00",
     b")\x01" * (DEEPEST + 5) + b"N", b"l\xff\xff\xff\x7f", b"{N0", b"s\xff\xff\xff\xffx", b"c", b"\xdb"],
)  # fmt: skip
def test_broken_and_hostile_data_is_refused(data: bytes) -> None:
    with pytest.raises((ProfileError, IndexError)):
        loads(data)
    with pytest.raises(ProfileError):
        from_pstats(data)


@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for start in (b"", b"{", b"{(\x03\x00\x00\x00"):
        try:
            from_pstats(start + data)
        except ProfileError:
            continue


@given(st.integers(0, 400), st.integers(0, 255))
def test_one_wrong_byte_is_read_or_refused(place: int, byte: int) -> None:
    key, value = ("a.py", 3, "f"), (1, 1, 0.5, 0.5, {("b.py", 1, "g"): (1, 1, 0.5, 0.5)})
    data = bytearray(marshal.dumps({key: value}))
    data[place % len(data)] = byte
    try:
        from_pstats(bytes(data))
    except ProfileError:
        return


def test_the_rest_is_named() -> None:
    functions = [FunctionFigures(Place(f"f{number}"), 1.0, 500.0 - number) for number in range(500)]
    chain = [edge(number, number + 1, 499.0 - number) for number in range(499)]
    tree = estimated_tree(functions, chain)
    assert REST in tree.places
    assert tree.total[0] == pytest.approx(500.0)
