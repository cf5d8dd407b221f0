"""The lines of profiled functions that a run keeps: whole functions, bounded, and the same when they are read back."""

import pytest

from workbench.errors import ProfileError
from workbench.measure.excerpts import MOST_BYTES, MOST_LINES, agrees, excerpts_of, lines_in, read_excerpts, written
from workbench.model.profile import LineFigures, Place, SourceExcerpt

TEXT = """\
import time

class Shop:
    @property
    def price(self):
        total = 0
        for book in range(7):
            if book > 3:
                total += book

        return total

    def name(self):
        return "shop"

def last():
    def inner():
        return 1
    return inner()
"""


def counted(name: str, *lines: int, file: str = "/srv/app.py") -> list[LineFigures]:
    return [LineFigures(Place(name, file, line), 1, 0.1) for line in lines]


def cut(*lines: LineFigures, text: str = TEXT) -> list[tuple[int, int]]:
    return [(one.first, len(one.lines)) for one in excerpts_of(lines, {"/srv/app.py": text})]


def test_a_function_is_cut_from_its_def_to_the_end_of_its_block() -> None:
    assert cut(*counted("Shop.price", 6, 7)) == [(5, 7)]
    assert cut(*counted("Shop.name", 14)) == [(13, 2)]


def test_a_function_within_another_is_kept_once() -> None:
    assert cut(*counted("last", 17, 19), *counted("last.<locals>.inner", 18)) == [(16, 4)]


def test_a_file_that_could_not_be_read_has_none() -> None:
    assert excerpts_of(counted("f", 3, file="/gone.py"), {"/srv/app.py": TEXT}) == ()


def test_lines_beyond_the_file_keep_what_there_is() -> None:
    assert cut(*counted("f", 900), text="x = 1\n") == []


def test_a_function_without_end_and_a_line_without_end_are_bounded() -> None:
    text = "def f():\n" + f"    x = {'9' * 10_000}\n" * (3 * MOST_LINES)
    (one,) = excerpts_of(counted("f", 2), {"/srv/app.py": text})
    assert len(one.lines) == MOST_LINES
    assert max(map(len, one.lines)) == 400


def test_all_of_them_together_are_bounded() -> None:
    files = {f"/{number}.py": "def f():\n" + "    x = 'ü'\n" * MOST_LINES for number in range(200)}
    lines = [line for file in files for line in counted("f", 2, file=file)]
    found = excerpts_of(lines, files)
    assert 0 < len(found) < len(files)
    assert len(written(found)) < 2 * MOST_BYTES


def test_what_is_written_is_read_back() -> None:
    found = excerpts_of(counted("Shop.price", 6), {"/srv/app.py": TEXT})
    assert read_excerpts(written(found)) == found
    assert lines_in(found, "/srv/app.py")[6] == "        total = 0"
    assert lines_in(found, "/other.py") == {}


BROKEN = (b"", b"{}", b'[{"file": 1}]', b"\xff\xfe", b'[{"file":"a","first":1,"lines":[2]}]')


@pytest.mark.parametrize("content", BROKEN)
def test_anything_else_is_refused(content: bytes) -> None:
    with pytest.raises(ProfileError):
        read_excerpts(content)


def test_a_file_agrees_when_every_kept_line_stands_where_it_stood() -> None:
    kept = lines_in((SourceExcerpt("f", 2, ("b", "c")),), "f")
    assert agrees(["a", "b", "c"], kept)
    assert not agrees(["a", "b"], kept)
    assert not agrees(["b", "c", "a"], kept)
