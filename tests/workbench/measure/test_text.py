"""Hostile text never reaches the terminal as anything but characters that show."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.measure.text import printable, shorten

ANY_TEXT = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("plain text", "plain text"),
        ("naïve 日本 🐳", "naïve 日本 🐳"),
        ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
        ("\x1b]0;title\x07", "␛]0;title␇"),
        ("two\nlines\tand\ra tab", "two␊lines␉and␍a tab"),
        ("\x00\x7f", "␀␡"),
        ("\x9b31m\x85", "�31m�"),
        ("user\u202egnp.exe", "user�gnp.exe"),
        ("a\u200bb\ufeffc\u2028d", "a�b�c�d"),
        ("\udcff\ue000\U0010ffff", "���"),
    ],
)
def test_what_steers_or_hides_is_shown(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(ANY_TEXT)
def test_nothing_printable_gives_is_a_control(text: str) -> None:
    shown = printable(text)
    assert len(shown) == len(text)
    assert not any(unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} for char in shown)
    assert printable(shown) == shown
    shown.encode("utf-8")


@pytest.mark.parametrize(
    ("text", "width", "cut"),
    [
        ("short", 5, "short"),
        ("longer", 5, "long…"),
        ("longer", 1, "…"),
        ("longer", 0, ""),
        ("longer", -1, ""),
        ("", 0, ""),
    ],
)
def test_a_cut_shows_that_something_is_missing(text: str, width: int, cut: str) -> None:
    assert shorten(text, width) == cut


@given(ANY_TEXT, st.integers(-5, 50))
def test_shortened_text_fits(text: str, width: int) -> None:
    assert len(shorten(text, width)) <= max(0, width)
