"""Two curves over each other: told apart without colours, on named axes, at any size."""

import pytest
from textual.app import App, ComposeResult

from screens.widgets.braille import EMPTY, braille_curves
from screens.widgets.curve_chart import CurveChart
from workbench.measure.histogram import Histogram
from workbench.measure.percentile_axis import axes_of


def dots(cell: str) -> int:
    return (ord(cell) - 0x2800).bit_count()


def test_a_flat_line_is_dotted_before_and_solid_after() -> None:
    before, after = [0.0] * 20, [1.0] * 20
    rows = braille_curves([before, after], 4)
    assert [owner for _, owner in rows[0]] == [2] * 10
    assert [owner for _, owner in rows[3]] == [1] * 10
    assert [dots(cell) for cell, _ in rows[0]] == [2] * 10
    assert [dots(cell) for cell, _ in rows[3]] == [1] * 10
    assert all(cell == EMPTY and owner == 0 for row in rows[1:3] for cell, owner in row)


def test_a_steep_rise_is_one_line() -> None:
    rows = braille_curves([[None] * 4, [0.0, 0.0, 1.0, 1.0]], 3)
    column = [row[1][0] for row in rows]
    assert [dots(cell) for cell in column] == [5, 4, 4]
    assert rows[2][0][0] != EMPTY


def test_where_a_curve_has_ended_there_is_none_of_it() -> None:
    rows = braille_curves([[0.5] * 4 + [None] * 4, [0.5] * 8], 1)
    assert [owner for _, owner in rows[0]] == [3, 3, 2, 2]


class Shown(App[None]):
    def compose(self) -> ComposeResult:
        yield CurveChart()


def curve(scale: float) -> list[tuple[float, float]]:
    histogram = Histogram()
    for number in range(1, 1001):
        histogram.record(scale * number / 1000)
    return histogram.curve_ms()


@pytest.mark.parametrize("size", [(80, 20), (120, 30), (30, 6), (12, 3), (9, 2), (4, 1)])
async def test_axes_are_named_and_nothing_is_wider_than_the_screen(size: tuple[int, int]) -> None:
    curves = [curve(0.2), curve(0.1)]
    async with Shown().run_test(size=size) as pilot:
        chart = pilot.app.query_one(CurveChart)
        chart.show(axes_of(curves), curves)
        await pilot.pause()
        strips = [chart.render_line(y) for y in range(size[1])]
        assert all(strip.cell_length == size[0] for strip in strips)
        if size[0] >= 80:
            assert all(words in chart.text for words in ("0 ms ┤", "100 ms ┤", "200 ms ┤", "50%", "90%", "99%"))
            looks = {segment.style for strip in strips for segment in strip}
            assert len(looks) >= 3, "before, after and the axes"
        chart.show(None, ())
        assert not chart.text.strip()
