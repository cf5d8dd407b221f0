"""What the screens cost a slow link: bytes per step of the world, counted on a real terminal."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.screens.ticking import MARK, swap
from tests.terminals import Terminal, plain_environment, python, screen_of
from workbench.measure.units import quantity
from workbench.settings import CALM_INTERVAL

ROOT = Path(__file__).parents[2]
STEPS = 20
A_THIRD_CHANGES = 3_000
"""Bytes per step with 12 containers of which 4 change, as in a usual fleet: half of the design's 6 kB/s. 1.9 kB were
measured, and a table that repaints all 12 rows costs more than this."""
ALL_CHANGE = 6_000
"""Bytes per step when every figure of 12 containers changes: the same budget holds; 4.9 kB were measured."""
ALL_OF_FORTY_CHANGE = 13_000
"""Bytes per step when every figure of 33 visible rows changes, each some 350 bytes: 11.8 kB were measured."""
CONTAINER = 6_000
"""Bytes per step of the container mode, all of whose figures change: 2.8 kB were measured."""
CALM_BYTES_PER_SECOND = 1_000
"""The design's budget for a slow link."""
IDLE_BYTES_PER_SECOND = 100
"""Nothing changes but the time of day."""


@contextmanager
def opened(containers: int, changing: int, *how: str, **environment: str) -> Iterator[tuple[Terminal, int]]:
    """The app in a terminal of 120 by 40, and the pipe that makes its world take steps."""
    ours, theirs = os.pipe()
    program = python(str(ROOT / "tests/screens/ticking.py"), str(containers), str(changing), str(ours), *how)
    with Terminal(
        program, environment=plain_environment(PYTHONPATH=str(ROOT), **environment), pass_fds=(ours,)
    ) as terminal:
        try:
            yield terminal, theirs
        finally:
            os.close(ours)
            os.close(theirs)


def bytes_per_step(containers: int, changing: int, *how: str, keys: bytes = b"", **environment: str) -> int:
    """The bytes of one step once the first screen has been painted, on the average.

    Args:
        containers: How many there are.
        changing: How many of them have other figures in every step.
        how: Arguments of `ticking.py`.
        keys: What is pressed first, for another mode than the fleet.
        environment: Variables for the app.
    """
    with opened(containers, changing, "still", *how, **environment) as (terminal, steps):
        shown(terminal, 0, 0)
        if keys:
            start = len(terminal.written)
            terminal.press(keys)
            terminal.wait_for(b"\x1b[?2026l", terminal.wait_for(b"--worker", start))
        start = take_steps(terminal, steps, 1, 3)
        end = take_steps(terminal, steps, 3, 3 + STEPS)
        assert b"\x1b[?2026h" in terminal.written, "frames are whole"
        return (end - start) // STEPS


def take_steps(terminal: Terminal, steps: int, first: int, last: int) -> int:
    """Step through the world, each step only when the one before is on screen; return where the bytes end."""
    place = len(terminal.written)
    for step in range(first, last):
        start = len(terminal.written)
        os.write(steps, b".")
        place = shown(terminal, step, start)
    return place


def shown(terminal: Terminal, step: int, start: int) -> int:
    """Wait until a step's containers and host are on screen and its frames are closed."""
    places = [terminal.wait_for(MARK.format(step).encode(), start)]
    if step:
        places.append(terminal.wait_for(quantity(swap(step)).encode(), start))
    return terminal.wait_for(b"\x1b[?2026l", max(places))


def test_small_repaints_add_up_to_the_whole_picture() -> None:
    """After many steps and a scrolled table the terminal shows what a full repaint shows."""
    with opened(40, 40, "still") as (terminal, steps):
        shown(terminal, 0, 0)
        take_steps(terminal, steps, 1, 8)
        pieced = screen_of(terminal.written, 120, 40)
        for columns, rows in ((121, 41), (120, 40)):
            start = len(terminal.written)
            terminal.resize(columns, rows)
            terminal.wait_for(b"quit", start)
            terminal.wait_for(b"\x1b[?2026l", start)
        while terminal.listen(2.0):
            pass
        whole = screen_of(terminal.written[start:], 120, 40)
        assert "aa-step-0007" in "".join(whole)
        assert pieced == whole


def test_a_usual_fleet() -> None:
    cost = bytes_per_step(12, 4)
    assert 100 < cost <= A_THIRD_CHANGES, f"{cost} bytes per step"


@pytest.mark.parametrize(("containers", "budget"), [(12, ALL_CHANGE), (40, ALL_OF_FORTY_CHANGE)])
def test_a_fleet_where_every_figure_changes(containers: int, budget: int) -> None:
    cost = bytes_per_step(containers, containers)
    assert 100 < cost <= budget, f"{cost} bytes per step"


def test_a_container_with_its_charts_verdict_and_processes() -> None:
    cost = bytes_per_step(12, 4, keys=b"2")
    assert 100 < cost <= CONTAINER, f"{cost} bytes per step"


def test_a_terminal_of_sixteen_colours_is_sent_no_others() -> None:
    with opened(12, 4, "still", TEXTUAL_COLOR_SYSTEM="standard") as (terminal, steps):
        shown(terminal, 0, 0)
        take_steps(terminal, steps, 1, 4)
        assert b"service-01" in terminal.written
        assert not re.search(rb"[34]8;[25];", terminal.written)


@pytest.mark.parametrize("keys", [b"", b"2"], ids=["fleet", "container"])
def test_calm_mode_suits_a_slow_link(keys: bytes) -> None:
    cost = bytes_per_step(12, 4, "calm", keys=keys, TEXTUAL_COLOR_SYSTEM="256") / CALM_INTERVAL
    assert 50 < cost <= CALM_BYTES_PER_SECOND, f"{cost:.0f} bytes per second"


def test_an_idle_world_costs_the_clock() -> None:
    time_of_day = re.compile(rb"[0-2]\d:[0-5]\d:[0-5]\d")
    with opened(12, 0) as (terminal, _):
        terminal.wait_for(b"live")
        places: list[int] = []
        start = len(terminal.written)
        while len(places) < 6:
            terminal.listen(1.0)
            places = [found.end() for found in time_of_day.finditer(terminal.written, start)]
        cost = (places[-1] - places[1]) / (len(places) - 2)
        assert cost <= IDLE_BYTES_PER_SECOND, f"{cost:.0f} bytes per second"
