"""What line_profiler counted in several processes is added up; what is too much is refused before it is read."""

import json
import tracemalloc
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import ProfileError
from workbench.measure import line_times
from workbench.measure.line_times import from_lines


def document(*lines: tuple[str, int, str, int, int, int], unit: float = 0.001, **functions: str) -> bytes:
    named = {name.replace("_", ":"): state for name, state in functions.items()}
    return json.dumps({"pid": 7, "unit": unit, "functions": named, "lines": lines}).encode()


def test_processes_are_added_up_each_by_its_unit() -> None:
    one = document(("/a.py", 2, "f", 3, 4, 500), a_f="found", a_g="not imported", a_h="no such function")
    other = document(("/a.py", 2, "f", 3, 1, 5), unit=0.1, a_g="found", a_h="not imported")
    found = from_lines([one, other])
    (line,) = found.lines
    assert (line.place.line, line.hits) == (3, 5)
    assert line.seconds == pytest.approx(1.0)
    assert found.tree.total[0] == pytest.approx(1.0)
    assert (found.processes, found.missing) == (2, (("a:h", "no such function"),))


def test_too_many_lines_are_refused_before_they_are_decoded() -> None:
    hostile = b'{"pid": 7, "unit": 0.1, "functions": {}, "lines": [' + b"[],".join([b""] * 2_000_000) + b"[]]}"
    tracemalloc.start()
    try:
        with pytest.raises(ProfileError, match="more than 200,000 lines"):
            from_lines([hostile])
        assert tracemalloc.get_traced_memory()[1] < len(hostile)
    finally:
        tracemalloc.stop()


def test_too_many_lines_of_all_together_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_times, "MOST_LINES", 5)
    each = [document(*(("/a.py", 1, "f", line, 1, 1) for line in range(start, start + 4))) for start in (0, 2)]
    with pytest.raises(ProfileError, match="more than 5 lines"):
        from_lines(each)


@given(st.binary(max_size=80) | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_anything_is_read_or_refused(content: Any) -> None:
    data = content if isinstance(content, bytes) else content.encode("utf-8", "replace")
    with suppress(ProfileError):
        assert from_lines([data]).processes == 1
