"""Logs as engines send them, whole, in pieces, and damaged."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.measure.log_frames import ENGINE, LONGEST_LINE, STDERR, STDOUT, LogFrames, RawLine

AT = 1_767_323_045.25
STAMP = b"2026-01-02T03:04:05.250000000Z "


def frame(content: bytes, stream: int = STDOUT, stamp: bytes = STAMP) -> bytes:
    payload = stamp + content
    return bytes((stream, 0, 0, 0)) + len(payload).to_bytes(4, "big") + payload


def read(data: bytes, *, framed: bool = True, size: int = 1 << 20) -> list[RawLine]:
    frames = LogFrames(framed=framed)
    return [line for at in range(0, len(data), size) for line in frames.feed(data[at : at + size])] + [*frames.finish()]


def test_two_streams_and_their_times() -> None:
    data = frame(b"one\n") + frame(b"two\n", STDERR) + frame(b"\n")
    assert read(data) == [RawLine(AT, b"one", STDOUT), RawLine(AT, b"two", STDERR), RawLine(AT, b"", STDOUT)]


def test_a_long_line_in_several_messages_is_one_line_without_the_times_in_it() -> None:
    data = frame(b"a" * 100) + frame(b"other\n", STDERR) + frame(b"b" * 100) + frame(b"c\n") + frame(b"next\n")
    assert [line.content for line in read(data)] == [b"other", b"a" * 100 + b"b" * 100 + b"c", b"next"]


def test_a_time_that_the_program_writes_itself_stays() -> None:
    assert read(frame(STAMP + b"mine\n"))[0] == RawLine(AT, STAMP + b"mine", STDOUT)
    assert [line.content for line in read(frame(b"a\n" + STAMP + b"b\n"))] == [b"a", STAMP + b"b"]


def test_a_terminal_has_no_frames() -> None:
    data = STAMP + b"one\r\n" + STAMP + b"\x1b[31mtwo\r\n" + STAMP + b"no end"
    lines = read(data, framed=False)
    assert [line.content for line in lines] == [b"one", b"\x1b[31mtwo", b"no end"]
    assert {line.at for line in lines} == {AT}


@pytest.mark.parametrize(
    "stamp", [b"", b"2026-99-99T03:04:05Z ", b"yesterday ", b"2026-01-02T03:04:05.250Z", b"x" * 50]
)
def test_a_message_without_a_time_loses_nothing(stamp: bytes) -> None:
    assert read(frame(b"line\n", stamp=stamp)) == [RawLine(None, stamp + b"line", STDOUT)]


def test_the_engines_own_word_is_told_apart() -> None:
    assert read(frame(b"Error grabbing logs: disk\n", ENGINE, b""))[0].stream == ENGINE


def test_what_is_no_frame_is_read_as_text() -> None:
    assert [line.content for line in read(b"hello there\nsecond\n")] == [b"hello there", b"second"]


def test_a_line_that_never_ends_is_cut_and_takes_no_more_memory() -> None:
    frames = LogFrames(framed=True)
    header = bytes((STDOUT, 0, 0, 0)) + (0xFFFFFFFF).to_bytes(4, "big")
    assert not [*frames.feed(header + STAMP)]
    for _ in range(1000):
        assert not [*frames.feed(b"x" * 65536)]
    (line,) = frames.feed(b"\n")
    assert (line.at, line.is_cut, line.content) == (AT, True, b"x" * LONGEST_LINE)
    assert not read(frame(b"y" * LONGEST_LINE + b"\n"))[0].is_cut


contents = st.binary(max_size=60).map(lambda raw: raw.replace(b"\n", b" ").rstrip(b"\r"))
messages = st.lists(st.tuples(st.sampled_from((STDOUT, STDERR)), contents), max_size=12)


@given(messages, st.integers(1, 50))
def test_any_lines_in_pieces_of_any_size(said: list[tuple[int, bytes]], size: int) -> None:
    data = b"".join(frame(content + b"\n", stream) for stream, content in said)
    assert read(data, size=size) == [RawLine(AT, content, stream) for stream, content in said]


@given(messages, st.integers(1, 50))
def test_any_lines_of_a_terminal(said: list[tuple[int, bytes]], size: int) -> None:
    data = b"".join(STAMP + content + b"\r\n" for _, content in said)
    assert read(data, framed=False, size=size) == [RawLine(AT, content, STDOUT) for _, content in said]


def cuts(data: bytes, places: list[int]) -> Iterator[bytes]:
    ends = sorted({place % (len(data) + 1) for place in places})
    for start, end in zip([0, *ends], [*ends, len(data)], strict=True):
        yield data[start:end]


@given(st.binary(max_size=300), st.lists(st.integers(0, 1000), max_size=8), st.booleans())
def test_garbage_reads_the_same_however_it_is_cut(data: bytes, places: list[int], framed: bool) -> None:
    frames = LogFrames(framed=framed)
    lines = [line for piece in cuts(data, places) for line in frames.feed(piece)] + [*frames.finish()]
    assert lines == read(data, framed=framed)
