"""What a log line says, without what steers a terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.measure.log_text import log_level, without_escapes


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("nothing", "nothing"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]0;a title\x07after", "after"),
        ("\x1b]8;;https://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b[2J\x1b[Hgone", "gone"),
        ("\x1bcreset", "reset"),
        ("\x1b(Bplain\x1b[m", "plain"),
        ("\x1b[", "\x1b["),
    ],
)
def test_escape_sequences_go(raw: str, plain: str) -> None:
    assert without_escapes(raw) == plain


@given(st.text(st.sampled_from("\x1b[]0;m\\\x07ab"), max_size=200))
def test_whatever_is_written_nothing_is_added(raw: str) -> None:
    remaining = iter(raw)
    assert all(character in remaining for character in without_escapes(raw))


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("2026-01-01 ERROR cannot connect", "error"),
        ("Traceback (most recent call last):", "error"),
        ("E0412 11:02:03 reflector.go", "error"),
        ("[warn] slow", "warning"),
        ("no errors found", ""),
        ("terrorist", ""),
        ("GET /warnings 200", ""),
    ],
)
def test_the_level_is_told_by_whole_words(line: str, level: str) -> None:
    assert log_level(line) == level
