"""What a build that runs costs a slow link: bytes per second of the build, counted on a real terminal."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.screens.long_build import MARK
from tests.terminals import Terminal, plain_environment, python, screen_of
from workbench.settings import CALM_INTERVAL

ROOT = Path(__file__).parents[2]
BYTES_PER_SECOND = 2_000
"""With three steps at a time and five lines of log a second, none like another: 790 (80x24) and 1,790 (120x40) were
measured, most of them the log's."""
CALM_BYTES_PER_SECOND = 1_000
"""The design's budget for a slow link: 380 and 920 were measured."""
FRAME_END = b"\x1b[?2026l"


@contextmanager
def building(
    columns: int, rows: int, *how: str, pace: int = 1, environment: dict[str, str] | None = None
) -> Iterator[tuple[Terminal, int]]:
    """The app with a build that runs, and the pipe that makes it go on."""
    ours, theirs = os.pipe()
    program = python(str(ROOT / "tests/screens/long_build.py"), "30", str(ours), str(pace), *how)
    plain = plain_environment(PYTHONPATH=str(ROOT), **(environment or {}))
    with Terminal(program, columns=columns, rows=rows, environment=plain, pass_fds=(ours,)) as terminal:
        try:
            shown(terminal, 0, 0)
            yield terminal, theirs
        finally:
            os.close(ours)
            os.close(theirs)


def shown(terminal: Terminal, seconds: int, start: int) -> int:
    """Wait until that second of the build is on screen and its frame is closed."""
    return terminal.wait_for(FRAME_END, terminal.wait_for(MARK.format(seconds).encode(), start))


def go_on(terminal: Terminal, pipe: int, first: int, last: int, pace: int = 1) -> int:
    """Let the build go on, each time only when the time before is on screen; return where the bytes end."""
    place = len(terminal.written)
    for number in range(first, last):
        start = len(terminal.written)
        os.write(pipe, b".")
        place = shown(terminal, number * pace, start)
    return place


def bytes_per_second(
    columns: int, rows: int, *how: str, pace: int = 1, environment: dict[str, str] | None = None
) -> float:
    """On the average over a minute of the build, in which steps end and begin."""
    with building(columns, rows, *how, pace=pace, environment=environment) as (terminal, pipe):
        many = 60 // pace
        start = go_on(terminal, pipe, 1, 3, pace)
        end = go_on(terminal, pipe, 3, 3 + many, pace)
        assert b"running" in terminal.written
        return (end - start) / (many * pace)


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 40)])
def test_a_build_that_runs(columns: int, rows: int) -> None:
    cost = bytes_per_second(columns, rows)
    assert 50 < cost <= BYTES_PER_SECOND, f"{cost:.0f} bytes per second"


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 40)])
def test_calm_mode_suits_a_slow_link(columns: int, rows: int) -> None:
    pace = round(CALM_INTERVAL)
    cost = bytes_per_second(columns, rows, "calm", pace=pace, environment={"TEXTUAL_COLOR_SYSTEM": "256"})
    assert 10 < cost <= CALM_BYTES_PER_SECOND, f"{cost:.0f} bytes per second"


def test_small_repaints_add_up_to_the_whole_picture() -> None:
    """After a minute of a build the terminal shows what a full repaint shows."""
    with building(120, 40) as (terminal, pipe):
        go_on(terminal, pipe, 1, 60)
        pieced = screen_of(terminal.written, 120, 40)
        for columns, rows in ((121, 41), (120, 40)):
            start = len(terminal.written)
            terminal.resize(columns, rows)
            terminal.wait_for(b"quit", start)
            terminal.wait_for(FRAME_END, start)
        while terminal.listen(2.0):
            pass
        whole = screen_of(terminal.written[start:], 120, 40)
        assert MARK.format(59) in "".join(whole)
        assert pieced == whole
