"""The thread that reads keys: asleep while nobody types, awake for a key, and gone when it is told."""

import os
from collections.abc import Iterator
from threading import Event, Thread

import pytest

from screens import quiet_input
from screens.quiet_input import READER, QuietInput


class Reader:
    """As Textual's: asks again and again whether it is to end."""

    def __init__(self) -> None:
        self.keys, self._typist = os.pipe()
        self.over = QuietInput(self.keys)
        self.asked = 0
        self.read: list[bytes] = []
        self.woke = Event()
        self.thread = Thread(target=self._run, name=READER, daemon=True)

    def _run(self) -> None:
        while not self.over.is_set():
            self.asked += 1
            self.read.append(os.read(self.keys, 64))
            self.woke.set()

    def type(self, key: bytes) -> None:
        self.woke.clear()
        os.write(self._typist, key)
        assert self.woke.wait(30)

    def close(self) -> None:
        self.over.set()
        self.thread.join(30)
        assert not self.thread.is_alive()
        os.close(self.keys)
        os.close(self._typist)


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    monkeypatch.setattr(quiet_input, "TYPING_SECONDS", -1.0)
    made = Reader()
    yield made
    made.close()


def test_it_wakes_for_keys_alone(reader: Reader) -> None:
    reader.thread.start()
    for key in (b"a", b"b"):
        reader.type(key)
    assert reader.read == [b"a", b"b"]
    assert reader.asked == 2


def test_it_ends_while_it_sleeps_and_begins_again(reader: Reader) -> None:
    reader.thread.start()
    reader.over.set()
    reader.thread.join(30)
    assert not reader.thread.is_alive()
    reader.over.clear()
    reader.thread = Thread(target=reader._run, name=READER, daemon=True)
    reader.thread.start()
    reader.type(b"c")
    assert reader.read == [b"c"]


def test_others_are_answered_at_once(reader: Reader) -> None:
    reader.thread.start()
    assert not reader.over.is_set()
    reader.over.set()
    assert reader.over.is_set()
