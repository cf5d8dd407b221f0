"""The source of counted lines is kept with a run, as far as it can be read in good time and nobody gives it up."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest

from tests.workbench.test_profile_run import FACTS
from workbench import source_text
from workbench.errors import EngineTimeout, NotFound
from workbench.profilers.base import Made, Recorded
from workbench.profiling import as_profile, with_sources
from workbench.sources import container_files

TEXT = b"def f():\n    return 1\n"


def counted(files: int) -> Recorded:
    """Lines of as many files."""
    rows = [[f"/f{number:03}.py", 1, "f", 2, 3, 4] for number in range(files)]
    content = json.dumps({"pid": 7, "unit": 1e-9, "functions": {"m:f": "found"}, "lines": rows}).encode()
    return Recorded("lines", "gdb", "seconds", 3.0, 0.0, files=(Made("lines", "application/json", content),))


@pytest.fixture
def keep(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, list[str], tuple[str, ...]]]:
    """How many excerpts are kept, the files that were asked for, and what is said."""

    def keeps(files: int, read: Callable[[str], bytes], stop: Event) -> tuple[int, list[str], tuple[str, ...]]:
        asked: list[str] = []

        def get_file(_: object, __: str, path: str, ___: int) -> bytes:
            asked.append(path)
            return read(path)

        @contextmanager
        def talk() -> Iterator[Any]:
            yield SimpleNamespace(client=None)

        monkeypatch.setattr(container_files, "get_file", get_file)
        engine: Any = SimpleNamespace(talk=talk)
        found = with_sources(counted(files), engine, FACTS.id, lambda _: None, stop)
        return len(as_profile(found, FACTS).excerpts), asked, found.warnings

    return keeps


def test_what_can_be_read_is_kept(keep: Callable[..., Any]) -> None:
    def read(path: str) -> bytes:
        if path == "/f001.py":
            raise NotFound("there is no such file")
        return TEXT

    assert keep(3, read, Event()) == (2, ["/f000.py", "/f001.py", "/f002.py"], ())


def test_stop_gives_up_the_rest_unless_it_ended_the_recording(keep: Callable[..., Any]) -> None:
    stop = Event()

    def read(_: str) -> bytes:
        stop.set()
        return TEXT

    kept, asked, said = keep(3, read, stop)
    assert (kept, asked) == (1, ["/f000.py"])
    assert said == ("not all of its source is kept with it: it was given up",)
    assert stop.is_set()
    assert keep(3, read, stop)[0] == 3


def test_stop_at_the_last_file_gives_nothing_up(keep: Callable[..., Any]) -> None:
    stop = Event()

    def read(_: str) -> bytes:
        stop.set()
        return TEXT

    assert keep(1, read, stop) == (1, ["/f000.py"], ())


def test_engine_that_does_not_answer_is_not_asked_for_another_file(keep: Callable[..., Any]) -> None:
    def read(path: str) -> bytes:
        if path == "/f001.py":
            raise EngineTimeout("it took too long to answer")
        return TEXT

    kept, asked, said = keep(9, read, Event())
    assert (kept, len(asked)) == (1, 2)
    assert said == ("not all of its source is kept with it: it took too long to answer",)


def test_only_so_much_is_read(keep: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(keep(300, lambda _: TEXT, Event())[1]) == 100
    monkeypatch.setattr(source_text, "_MOST_IN_ALL", 5 * len(TEXT))
    assert len(keep(300, lambda _: TEXT, Event())[1]) == 5
