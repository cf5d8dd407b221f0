"""The lines of a log that are kept: bounded, filtered, searched, found by their moment."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screens.logs.book import LogBook
from workbench.model.logs import LogLine

WORDS = st.sampled_from(["ready", "error", "GET /", "slow query", ""])
LINES = st.lists(WORDS, max_size=40)


def lines(*texts: str, first: int = 0) -> list[LogLine]:
    return [LogLine(float(at), text) for at, text in enumerate(texts, start=first)]


def shown(book: LogBook) -> list[str]:
    return [book.line(book.number(index)).text for index in range(len(book))]


@given(st.lists(LINES, max_size=6), WORDS, st.integers(1, 30), st.integers(1, 200))
def test_a_filtered_book_is_the_newest_lines_filtered(
    batches: list[list[str]], words: str, most_lines: int, most_characters: int
) -> None:
    book = LogBook(most_lines, most_characters)
    book.filter(words)
    everything: list[str] = []
    for batch in batches:
        book.add(lines(*batch, first=len(everything)))
        everything += batch
        kept = everything[len(everything) - book.kept :]
        assert book.kept <= most_lines
        assert sum(map(len, kept)) <= most_characters or book.kept == 1
        assert book.dropped + book.kept == len(everything)
        assert shown(book) == [text for text in kept if all(word in text for word in words.split())]
    before = shown(book)
    book.filter("")
    assert book.kept == len(book)
    book.filter(words)
    assert shown(book) == before


def test_a_number_outlives_the_dropping_of_older_lines() -> None:
    book = LogBook(most_lines=3)
    book.add(lines("a", "b", "c"))
    number = book.number(2)
    book.add(lines("d", "e", first=3))
    assert shown(book) == ["c", "d", "e"]
    assert book.line(number).text == "c"
    assert book.index(number) == 0
    with pytest.raises(IndexError):
        book.line(number - 1)


def test_the_cursor_of_a_line_that_the_filter_hides_goes_to_the_next_one() -> None:
    book = LogBook()
    book.add(lines("x", "hit", "x", "hit"))
    number = book.number(2)
    book.filter("hit")
    assert book.index(number) == 1
    assert book.index(999) == 1


def test_finding_goes_round_in_both_directions_and_ignores_case() -> None:
    book = LogBook()
    book.add(lines("Error one", "fine", "error two", "fine"))
    assert book.find("ERROR", 0, 1) == 2
    assert book.find("error", 2, 1) == 0
    assert book.find("error", 0, -1) == 2
    assert book.find("nowhere", 0, 1) is None
    assert book.find("  ", 0, 1) is None


def test_a_moment_leads_to_the_first_line_of_it_or_later() -> None:
    book = LogBook()
    book.add(lines("a", "b", "c", "d"))
    assert [book.index_at(at) for at in (-1, 0, 0.5, 3, 99)] == [0, 0, 1, 3, 3]
    book.filter("c")
    assert book.index_at(0) == 0


def test_colours_of_the_writer_do_not_hide_a_word() -> None:
    book = LogBook()
    book.add([LogLine(0.0, "\x1b[31mer\x1b[0mror: out of luck")])
    book.filter("error: out")
    assert len(book) == 1
