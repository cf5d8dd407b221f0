"""What comes one by one and is handed on in batches."""

from collections.abc import Iterator, Sequence
from threading import Event, Thread, get_ident

import pytest

from workbench.batches import MOST_AT_ONCE, hand_over


def test_everything_comes_in_order_and_in_few_batches_on_this_thread() -> None:
    batches: list[Sequence[int]] = []
    threads = set()

    def take(batch: Sequence[int]) -> None:
        threads.add(get_ident())
        batches.append(batch)

    hand_over(range(10_000), take, Event())
    assert [number for batch in batches for number in batch] == [*range(10_000)]
    assert all(0 < len(batch) <= MOST_AT_ONCE for batch in batches)
    assert threads == {get_ident()}


def test_a_line_does_not_wait_for_the_next() -> None:
    stop, first = Event(), Event()

    def silent() -> Iterator[int]:
        yield 1
        stop.wait()

    got: list[int] = []

    def take(batch: Sequence[int]) -> None:
        got.extend(batch)
        first.set()

    thread = Thread(target=hand_over, args=(silent(), take, stop))
    thread.start()
    first.wait()
    assert got == [1]
    stop.set()
    thread.join()


def test_a_failure_comes_after_what_came_before_it() -> None:
    def fails() -> Iterator[int]:
        yield 1
        raise OSError("gone")

    got: list[int] = []
    with pytest.raises(OSError, match="gone"):
        hand_over(fails(), got.extend, Event())
    assert got == [1]


def test_nothing_comes_after_stop_and_a_writer_that_is_ahead_is_let_go() -> None:
    stop = Event()
    batches: list[Sequence[int]] = []

    def endless() -> Iterator[int]:
        number = 0
        while not stop.is_set():
            yield (number := number + 1)

    def take(batch: Sequence[int]) -> None:
        batches.append(batch)
        stop.set()

    hand_over(endless(), take, stop)
    assert len(batches) == 1


def test_a_listener_that_fails_stops_the_reader() -> None:
    stop = Event()

    def endless() -> Iterator[int]:
        while not stop.is_set():
            yield 1

    with pytest.raises(ZeroDivisionError):
        hand_over(endless(), lambda batch: len(batch) // 0, stop)
    assert stop.is_set()
