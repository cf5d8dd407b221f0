"""What a program in a container writes is waited for: until it has ended, however long it took to start."""

import socket
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from workbench.sources import container_run

NOT_YET = {"Running": False, "ExitCode": None}
RUNS = {"Running": True, "ExitCode": None}
ENDED = {"Running": False, "ExitCode": 0}


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[socket.socket, socket.socket]]:
    """Our end of a program's terminal, and its own."""
    monkeypatch.setattr(container_run, "_ASK_SECONDS", 0.0)
    ours, its = socket.socketpair()
    with ours, its:
        ours.settimeout(0.01)
        yield ours, its


def client(*told: dict[str, Any]) -> Any:
    """An engine that says one after another of a program, and then the last for ever."""
    answers = list(told)
    return SimpleNamespace(exec_inspect=lambda _: answers.pop(0) if len(answers) > 1 else answers[0])


def test_program_that_a_busy_engine_has_yet_to_start_is_waited_for(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, its = ends
    gathered = b""
    for number, piece in enumerate(container_run._pieces(client(NOT_YET, NOT_YET, RUNS), "run", ours)):
        gathered += piece
        if number == 3:
            its.sendall(b"late")
            its.close()
    assert gathered == b"late"


def test_silent_program_that_has_ended_is_not(ends: tuple[socket.socket, socket.socket]) -> None:
    assert b"".join(container_run._pieces(client(RUNS, ENDED), "run", ends[0])) == b""


def test_program_that_never_ran_is_not_waited_for_ever(
    ends: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(container_run, "_START_SECONDS", 0.05)
    assert b"".join(container_run._pieces(client(NOT_YET), "run", ends[0])) == b""
