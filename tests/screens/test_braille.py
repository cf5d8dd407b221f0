"""Charts of braille dots: what is drawn, and what is sent again."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.geometry import Region

from screens.widgets.braille import EMPTY, braille_rows, ruled, sparkline
from screens.widgets.braille_chart import BrailleChart

NAN = math.nan
FIGURES = st.lists(st.floats(0, 1e12) | st.just(NAN), max_size=60)


@pytest.mark.parametrize(
    ("values", "drawn"),
    [
        ([NAN, NAN], "⠀"),
        ([0, 0], "⣀"),
        ([1, 100], "⣸"),
        ([50, 75], "⣴"),
        ([100, 200], "⣿"),
        ([NAN, 25], "⢀"),
    ],
)
def test_one_cell(values: list[float], drawn: str) -> None:
    assert braille_rows(values, 1, 100) == [drawn]


def test_a_tall_chart_fills_from_the_bottom() -> None:
    assert braille_rows([100, 100, 50, 50, 0, 0], 2, 100) == ["⣿⠀⠀", "⣿⣿⣀"]


def test_the_newest_figure_is_at_the_right_end() -> None:
    assert sparkline([0, 0, 100, 100], 4, 100) == "⠀⠀⣀⣿"
    assert sparkline([100] * 50 + [0, 0], 2, 100) == "⣿⣀"


@given(FIGURES, st.integers(1, 5), st.floats(-1, 1e12))
def test_any_figures_fill_exactly_their_cells(values: list[float], height: int, top: float) -> None:
    rows = braille_rows(values, height, top)
    assert len(rows) == height
    assert {len(row) for row in rows} == {(len(values) + 1) // 2}
    assert all(0x2800 <= ord(cell) <= 0x28FF for row in rows for cell in row)


@given(st.lists(st.floats(0, 100), min_size=2, max_size=2), st.integers(1, 5))
def test_more_is_never_drawn_lower(values: list[float], height: int) -> None:
    low, high = sorted(values)

    def dots(value: float) -> int:
        return sum((ord(row) - 0x2800).bit_count() for row in braille_rows([value], height, 100))

    assert 1 <= dots(low) <= dots(high) <= 4 * height


class Watched(BrailleChart):
    """Writes down what it is asked to repaint."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[Region, ...]] = []

    def refresh(self, *regions: Region, **more: Any) -> "Watched":
        if hasattr(self, "asked"):
            self.asked.append(regions)
        super().refresh(*regions, **more)
        return self


class ChartApp(App[None]):
    CSS = "BrailleChart { width: 10; height: 2; }"

    def __init__(self) -> None:
        super().__init__()
        self.chart = Watched()
        self.picked: list[int] = []

    def compose(self) -> ComposeResult:
        yield self.chart

    def on_braille_chart_picked(self, event: BrailleChart.Picked) -> None:
        self.picked.append(event.column)


async def test_only_rows_that_changed_are_sent_again() -> None:
    app = ChartApp()
    async with app.run_test() as pilot:
        await pilot.pause()
        assert app.chart.columns == 20
        app.chart.show([10] * 20, 100)
        app.chart.asked.clear()
        app.chart.show([10] * 20, 100)
        assert app.chart.asked == []
        app.chart.show([10] * 18 + [40, 40], 100)
        assert app.chart.asked == [(Region(0, 1, 10, 1),)]
        app.chart.show([10] * 18 + [90, 90], 100)
        assert {region for regions in app.chart.asked for region in regions} == {
            Region(0, 0, 10, 1),
            Region(0, 1, 10, 1),
        }


async def test_marks_stand_over_their_moment_and_a_click_names_it() -> None:
    app = ChartApp()
    async with app.run_test() as pilot:
        app.chart.show([10] * 20, 100, marks={0: "▲", 19: "A", 400: "x"})
        await pilot.pause()
        assert app.chart.text.splitlines()[1] == "A" + "⣀" * 8 + "▲"
        await pilot.click(app.chart, offset=(9, 0))
        await pilot.click(app.chart, offset=(0, 1))
        assert app.picked == [1, 19]


async def test_a_chart_without_figures_is_blank_and_never_fails() -> None:
    app = ChartApp()
    async with app.run_test() as pilot:
        app.chart.show([], 0)
        await pilot.pause()
        assert app.chart.render_line(0).text == EMPTY * 10
        assert app.chart.render_line(5).text == EMPTY * 10
        app.chart.show([NAN, 5.0], 0)
        assert app.chart.text.splitlines() == [EMPTY * 9 + "⢸", EMPTY * 9 + "⢸"]


def test_a_threshold_is_a_dotted_line_where_the_chart_is_high_enough() -> None:
    rows = braille_rows([0, 0, 100, 100, 50, 50], 2, 100)
    assert rows == ["⠀⣿⠀", "⣀⣿⣿"]
    assert ruled(rows, 0.9) == ["⠂⣿⠂", "⣀⣿⣿"]
    assert ruled(rows, 0.0) == ["⠀⣿⠀", "⣀⣿⣿"], "the lowest dots are drawn already"
    assert ruled(rows, 1.0) == ["⠁⣿⠁", "⣀⣿⣿"]
    assert ruled(rows[:1], 0.9) == rows[:1]
