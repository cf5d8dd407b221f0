"""HTTP answers however their bytes come, and what is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.meters.agent.answer import Answer, MalformedError

WHOLE = {
    "length": (b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello", 5, True),
    "empty": (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0, True),
    "none": (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n", 0, True),
    "chunks": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n",
        13,
        True,
    ),
    "trailers": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX: 1\r\nY: 2\r\n\r\n", 1, True),
    "close": (b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\na", 1, False),
    "old": (b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na", 1, False),
    "old kept": (b"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\na", 1, True),
    "continue": (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", 1, True),
}


@pytest.mark.parametrize("name", WHOLE)
@given(data=st.data())
def test_whole_answers_in_any_pieces(name: str, data: st.DataObject) -> None:
    content, size, keeps = WHOLE[name]
    cuts = sorted(data.draw(st.sets(st.integers(1, len(content) - 1), max_size=6)))
    answer = Answer(to_head=False)
    for begin, end in zip([0, *cuts], [*cuts, len(content)], strict=True):
        assert not answer.complete
        answer.feed(content[begin:end])
    assert answer.complete
    assert (answer.body_bytes, answer.keeps) == (size, keeps)


def test_until_the_end() -> None:
    answer = Answer(to_head=False)
    answer.feed(b"HTTP/1.1 200 OK\r\n\r\nabc")
    answer.feed(b"def")
    assert not answer.complete
    assert answer.end()
    assert (answer.body_bytes, answer.keeps) == (6, False)


def test_to_head_nothing_follows() -> None:
    answer = Answer(to_head=True)
    answer.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n")
    assert answer.complete
    assert answer.body_bytes == 0


@pytest.mark.parametrize(
    "content",
    [
        b"SSH-2.0-x\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 twohundred OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nmore",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"0" * 5000,
    ],
)
def test_what_is_no_answer(content: bytes) -> None:
    with pytest.raises(MalformedError):
        Answer(to_head=False).feed(content)


@given(st.lists(st.binary(max_size=80), max_size=8))
def test_any_bytes_are_read_or_refused(pieces: list[bytes]) -> None:
    answer = Answer(to_head=False)
    try:
        for piece in [b"HTTP/1.1 200 OK\r\n", *pieces]:
            answer.feed(piece)
    except MalformedError:
        pass
