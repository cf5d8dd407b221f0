"""What a step wrote: its end, whole lines, no secrets."""

import pytest

from workbench.builds import step_log
from workbench.builds.step_log import LONGEST_LOG, StepLog


def test_pieces_make_a_text() -> None:
    log = StepLog()
    assert log.text == ""
    log.add("naïve ".encode()[:3])
    log.add("naïve ".encode()[3:] + b"line\nnext")
    assert log.text == "naïve line\nnext"
    assert len(log) == len("naïve line\nnext".encode())


def test_its_end_is_kept_from_the_beginning_of_a_line() -> None:
    log = StepLog()
    for number in range(10_000):
        log.add(f"line {number:05}\n".encode())
    assert len(log) <= LONGEST_LOG
    lines = log.text.splitlines()
    assert lines[-1] == "line 09999"
    assert all(len(line) == len("line 00000") for line in lines)
    log.add(b"x" * (2 * LONGEST_LOG))
    assert log.text == "", "a line without a beginning could hide that it tells a secret"


def test_secrets_are_masked() -> None:
    log = StepLog()
    log.add(b"token=hunter2")
    log.add(b"hunter2\n")
    assert "hunter2" not in log.text


def test_what_comes_while_the_text_is_made_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    log = StepLog()
    log.add(b"one\n")

    def masked(text: str) -> str:
        if text == "one\n":
            log.add(b"two\n")
        return text

    monkeypatch.setattr(step_log, "mask_text", masked)
    assert log.text == "one\n"
    assert log.text == "one\ntwo\n"
