"""What the attached cProfile writes becomes a file that `pstats` reads, without what was of the payload."""

import marshal
import pstats
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import ProfileError
from workbench.measure.attached_calls import as_pstats, calls_in
from workbench.measure.flame.pstats_file import from_pstats

OURS = "ours"
LEAF, WORK = ("app.py", 1, "leaf"), ("app.py", 3, "work")
MODULE = ("<string>", 1, "<module>")


def rows(*each: Any) -> bytes:
    return marshal.dumps(each)


def test_functions_of_one_place_are_added_up_and_pairs_are_kept(tmp_path: Path) -> None:
    data = rows(
        (WORK, (2, 0, 0.5, 1.5), ((LEAF, (14, 0, 0.7, 0.7)), ("<built-in method len>", (2, 0, 0.1, 0.1)))),
        (LEAF, (10, 1, 0.5, 0.5), ()),
        (LEAF, (4, 0, 0.2, 0.2), ()),
        ("<built-in method len>", (2, 0, 0.1, 0.1), ()),
    )
    file = tmp_path / "a.pstats"
    file.write_bytes(as_pstats(data, OURS))
    table = pstats.Stats(str(file)).stats  # type: ignore[attr-defined]  # its figures, which typeshed leaves out
    assert table[LEAF] == (13, 14, 0.7, 0.7, {WORK: (14, 14, 0.7, 0.7)})
    assert table["~", 0, "<built-in method len>"][4] == {WORK: (2, 2, 0.1, 0.1)}
    assert calls_in(data) == 18


def test_what_was_of_the_payload_is_taken_away() -> None:
    ours = (OURS, 9, "__call__")
    pop = "<method 'pop' of 'list' objects>"
    data = rows(
        (MODULE, (2, 0, 0.2, 0.4), ((ours, (1, 0, 0.1, 0.2)), (LEAF, (1, 0, 0.1, 0.1)))),
        (ours, (1, 0, 0.1, 0.2), ((pop, (1, 0, 0.1, 0.1)),)),
        (pop, (3, 0, 0.3, 0.3), ()),
        (LEAF, (1, 0, 0.1, 0.1), ()),
        ("<method 'disable' of '_lsprof.Profiler' objects>", (1, 0, 0.0, 0.0), ()),
    )
    found = {one.place.name: one.calls for one in from_pstats(as_pstats(data, OURS)).functions}
    assert found == {"<module>": 1, pop: 2, "leaf": 1}


@pytest.mark.parametrize("data", [b"", b"x", marshal.dumps({}), rows(1), rows((LEAF, (1, 2), ())), rows((1, 2, 3))])
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(ProfileError):
        as_pstats(data, OURS)


VALUES = st.recursive(
    st.none() | st.integers() | st.floats() | st.text(max_size=4), lambda inner: st.lists(inner, max_size=4).map(tuple)
)


@given(st.lists(VALUES, max_size=4).map(tuple))
def test_any_value_is_read_or_refused(value: Any) -> None:
    with suppress(ProfileError):
        from_pstats(as_pstats(marshal.dumps(value), OURS))
