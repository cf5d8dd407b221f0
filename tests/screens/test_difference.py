"""How far from the left a row differs, and that what lies behind is not sent."""

import pytest

from screens.widgets.difference import reach
from screens.widgets.line import Line, Part
from tests.screens.desk import desk
from tests.screens.worlds import PlainWorld


@pytest.mark.parametrize(
    ("before", "after", "cells"),
    [
        ([], [], 0),
        ([("same", "dim")], [("same", "dim")], 0),
        ([("a1c", "dim")], [("a2c", "dim")], 2),
        ([("same", "dim")], [("same", "act")], 4),
        ([("sa", "dim"), ("me", "dim")], [("same", "dim")], 0),
        ([("long text", "dim")], [("long", "dim")], 9),
        ([("", "dim"), ("a", "act")], [("ab", "act")], 2),
        ([("容a", "dim")], [("容b", "dim")], 20),
    ],
)
def test_up_to_the_last_cell_that_differs(
    before: list[tuple[str, str]], after: list[tuple[str, str]], cells: int
) -> None:
    assert reach(before, after, 20) == cells


async def test_a_line_that_changes_in_part_shows_all_of_it() -> None:
    async with desk(PlainWorld()) as open_desk:
        line = open_desk.app.screen.query_one("Gauges", Line)
        for left, right in (("cpu 10%", "a"), ("cpu 9%", "a"), ("cpu 9% and more", "b"), ("容 9%", "c"), ("c", "c")):
            line.show([Part(left)], [Part(right)])
            await open_desk.pilot.pause()
            shown = open_desk.lines[1]
            assert shown.startswith(left)
            assert shown.rstrip().endswith(right)
            assert shown.replace(" ", "") == f"{left}{right}".replace(" ", "")
