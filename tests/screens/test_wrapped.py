"""Running text in a few rows."""

import pytest
from rich.cells import cell_len

from screens.widgets.wrapped import wrapped


def test_words_are_kept_whole_and_the_last_row_tells_that_there_is_more() -> None:
    text = "its own quota was used up in most periods"
    assert wrapped(text, 16, 9) == ["its own quota", "was used up in", "most periods"]
    assert wrapped(text, 16, 2) == ["its own quota", "was used up in…"]
    assert wrapped(text, 100, 2) == [text]


def test_no_room_and_no_text_are_no_rows() -> None:
    assert wrapped("text", 0, 3) == wrapped("text", 10, 0) == wrapped("", 10, 3) == []


@pytest.mark.parametrize("text", ["x" * 500, "容器" * 250, "\x1b[2J\x1b[31mred [bold", "a\nb\u2028c", "🐳🐳 " * 90])
def test_whatever_it_says_it_stays_in_its_cells(text: str) -> None:
    for width in (2, 3, 20, 77):
        for most in (1, 2, 5):
            rows = wrapped(text, width, most)
            assert len(rows) <= most
            assert all(cell_len(row) <= width and row.isprintable() for row in rows)
