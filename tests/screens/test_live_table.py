"""The live table alone: what it repaints, where its cursor is, which columns it leaves out."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.pilot import Pilot

from screens.widgets.columns import GAP, MARK, Cell, Column, fit, fitted
from screens.widgets.live_table import LiveTable, Row

COLUMNS = (Column("name", "name", 10, grow=1), Column("load", "load", 6, "right"))


class Watched(LiveTable):
    """Writes down what it is asked to repaint."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.asked: list[tuple[Region, ...]] = []

    def refresh(self, *regions: Region, **more: Any) -> "Watched":
        self.asked.append(regions)
        super().refresh(*regions, **more)
        return self

    @contextmanager
    def watching(self) -> Iterator[list[tuple[Region, ...]]]:
        self.asked.clear()
        yield self.asked


class TableApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.table = Watched(COLUMNS, empty="nothing yet")
        self.told: list[str | None] = []

    def compose(self) -> ComposeResult:
        yield self.table

    def on_live_table_highlighted(self, event: LiveTable.Highlighted) -> None:
        self.told.append(event.key)


def rows(*loads: int, first: int = 0) -> list[Row]:
    return [
        Row(f"key-{number}", (Cell(f"row {number}"), Cell(str(load)))) for number, load in enumerate(loads, start=first)
    ]


def drawn(table: LiveTable) -> list[str]:
    return [table.render_line(y).text for y in range(table.size.height)]


@pytest.fixture
def app() -> TableApp:
    return TableApp()


async def settled(pilot: Pilot[None]) -> None:
    await pilot.pause()


# --- what is repainted ---------------------------------------------------------------------------------------------


async def test_only_rows_that_changed_are_repainted(app: TableApp) -> None:
    async with app.run_test(size=(40, 12)) as pilot:
        app.table.show(rows(1, 2, 3, 4, 5))
        await settled(pilot)
        with app.table.watching() as asked:
            app.table.show(rows(1, 9, 3, 4, 8))
        assert asked == [(Region(0, 2, 40, 1),), (Region(0, 5, 40, 1),)]


async def test_what_lies_right_of_the_last_change_is_not_repainted() -> None:
    app = TableApp()
    app.table = Watched((Column("a", "a", 4), Column("b", "b", 4), Column("c", "c", 4)))
    async with app.run_test(size=(40, 12)) as pilot:
        app.table.show([Row("x", (Cell("1"), Cell("2"), Cell("3")))])
        await settled(pilot)
        with app.table.watching() as asked:
            app.table.show([Row("x", (Cell("1"), Cell("9"), Cell("3")))])
            app.table.show([Row("x", (Cell("1"), Cell("9", "act"), Cell("3")))])
        reach = len(MARK) + 4 + GAP + 4 + GAP
        assert asked == [(Region(0, 1, reach, 1),)] * 2


async def test_the_same_rows_repaint_nothing(app: TableApp) -> None:
    async with app.run_test(size=(40, 12)) as pilot:
        app.table.show(rows(1, 2, 3))
        await settled(pilot)
        with app.table.watching() as asked:
            app.table.show(rows(1, 2, 3))
            app.table.mark_sorted("", False)
            app.table.say_empty("nothing yet")
        assert asked == []


async def test_no_rows_after_no_rows_repaint_nothing(app: TableApp) -> None:
    async with app.run_test(size=(40, 12)) as pilot:
        app.table.show([])
        await settled(pilot)
        with app.table.watching() as asked:
            app.table.show([])
            app.table.show([], stale=True)
        assert asked == []
        with app.table.watching() as asked:
            app.table.show(rows(1), stale=True)
        assert () in asked
        with app.table.watching() as asked:
            app.table.show([], stale=True)
        assert () in asked, "the sentence stands where the row was"


async def test_rows_out_of_sight_repaint_nothing(app: TableApp) -> None:
    async with app.run_test(size=(40, 5)) as pilot:
        app.table.show(rows(*range(100)))
        await settled(pilot)
        with app.table.watching() as asked:
            changed = rows(*range(100))
            changed[50] = Row("key-50", (Cell("row 50"), Cell("999")))
            app.table.show(changed)
        assert asked == []


async def test_a_scrolled_row_is_repainted_where_it_stands(app: TableApp) -> None:
    async with app.run_test(size=(40, 5)) as pilot:
        app.table.show(rows(*range(100)))
        app.table.go_to("key-52")
        await settled(pilot)
        top = round(app.table.scroll_offset.y)
        with app.table.watching() as asked:
            changed = rows(*range(100))
            changed[50] = Row("key-50", (Cell("row 50"), Cell("999")))
            app.table.show(changed)
        assert asked == [(Region(0, 50 - top + 1, 40, 1),)]
        assert "999" in drawn(app.table)[50 - top + 1]


async def test_moving_the_cursor_repaints_two_rows(app: TableApp) -> None:
    async with app.run_test(size=(40, 12)) as pilot:
        app.table.show(rows(1, 2, 3))
        await settled(pilot)
        with app.table.watching() as asked:
            app.table.action_move(1)
        assert asked == [(Region(0, 1, 40, 1),), (Region(0, 2, 40, 1),)]


async def test_a_shorter_list_leaves_no_ghosts(app: TableApp) -> None:
    async with app.run_test(size=(40, 12)) as pilot:
        app.table.show(rows(1, 2, 3, 4, 5))
        await settled(pilot)
        with app.table.watching() as asked:
            app.table.show(rows(1, 2))
        repainted = {region.y for regions in asked for region in regions}
        assert () in asked or repainted >= {3, 4, 5}
        await settled(pilot)
        assert "row 3" not in "\n".join(drawn(app.table))


async def test_old_figures_are_all_repainted_once(app: TableApp) -> None:
    async with app.run_test(size=(40, 12)) as pilot:
        app.table.show(rows(1, 2))
        await settled(pilot)
        with app.table.watching() as asked:
            app.table.show(rows(1, 2), stale=True)
            app.table.show(rows(1, 2), stale=True)
        assert asked == [()]


# --- the cursor ----------------------------------------------------------------------------------------------------


async def test_the_cursor_stays_on_its_key_when_the_order_changes(app: TableApp) -> None:
    async with app.run_test(size=(40, 12)) as pilot:
        app.table.show(rows(1, 2, 3, 4))
        app.table.go_to("key-1")
        await settled(pilot)
        app.told.clear()
        app.table.show(list(reversed(rows(1, 2, 3, 4))))
        await settled(pilot)
        assert app.table.current == "key-1"
        assert drawn(app.table)[3].startswith(f"{MARK}row 1")
        assert sum(line.startswith(MARK) for line in drawn(app.table)) == 1
        assert app.told == []  # it is on the same thing: nobody need look again


async def test_the_cursor_stays_on_screen_when_its_row_moves_far(app: TableApp) -> None:
    async with app.run_test(size=(40, 6)) as pilot:
        many = rows(*range(100))
        app.table.show(many)
        await settled(pilot)
        app.table.show([*many[1:], many[0]])
        await settled(pilot)
        assert app.table.current == "key-0"
        assert any(line.startswith(f"{MARK}row 0") for line in drawn(app.table))


async def test_keys_move_the_cursor(app: TableApp) -> None:
    async with app.run_test(size=(40, 6)) as pilot:
        app.table.show(rows(*range(20)))
        await settled(pilot)
        for key, expected in (
            ("up", 0),
            ("down", 1),
            ("j", 2),
            ("k", 1),
            ("end", 19),
            ("down", 19),
            ("home", 0),
            ("G", 19),
            ("g", 0),
            ("pagedown", 4),
            ("pagedown", 8),
            ("pageup", 4),
            ("ctrl+f", 8),
            ("ctrl+b", 4),
        ):
            await pilot.press(key)
            assert app.table.current == f"key-{expected}", key
            assert any(line.startswith(f"{MARK}row {expected} ") for line in drawn(app.table)), key


async def test_the_row_after_a_removed_one_takes_the_cursor(app: TableApp) -> None:
    async with app.run_test(size=(40, 12)) as pilot:
        app.table.show(rows(1, 2, 3))
        app.table.go_to("key-1")
        left = rows(1, 2, 3)
        del left[1]
        app.table.show(left)
        await settled(pilot)
        assert app.table.current == "key-2"
        assert app.told[-1] == "key-2"
        app.table.show([])
        await settled(pilot)
        assert app.table.current is None
        assert app.told[-1] is None
        assert "nothing yet" in drawn(app.table)[1]


async def test_a_key_that_is_not_there_moves_nothing(app: TableApp) -> None:
    async with app.run_test(size=(40, 12)) as pilot:
        app.table.show(rows(1, 2))
        app.table.go_to("no such key")
        await settled(pilot)
        assert app.table.current == "key-0"


async def test_clicks_below_the_rows_and_on_blank_headings_do_nothing(app: TableApp) -> None:
    async with app.run_test(size=(40, 12)) as pilot:
        app.table.show(rows(1, 2))
        await pilot.click(app.table, offset=(5, 9))
        await pilot.click(app.table, offset=(0, 0))
        assert app.table.current == "key-0"


async def test_the_sorted_heading_keeps_its_arrow_when_its_title_is_cut() -> None:
    app = TableApp()
    app.table = Watched((Column("long", "a long title", 6), Column("right", "right", 5, "right")))
    async with app.run_test(size=(20, 5)) as pilot:
        app.table.show([Row("a", (Cell("x"), Cell("1")))])
        app.table.mark_sorted("long", descending=True)
        await settled(pilot)
        assert "a lo…▾" in drawn(app.table)[0]
        app.table.mark_sorted("right", descending=False)
        assert drawn(app.table)[0].rstrip().endswith("rig…▴")


# --- columns -------------------------------------------------------------------------------------------------------

columns = st.lists(
    st.builds(
        lambda width, importance, grow, extra: (width, importance, grow, width + extra),
        st.integers(1, 30),
        st.integers(0, 5),
        st.integers(0, 3),
        st.integers(0, 40),
    ),
    min_size=1,
    max_size=12,
)


@given(columns, st.integers(0, 250))
def test_columns_fit_or_only_the_needed_ones_are_left(parts: list[tuple[int, int, int, int]], width: int) -> None:
    table = [
        Column(f"c{place}", "t", least, importance=importance, grow=grow, most=most)
        for place, (least, importance, grow, most) in enumerate(parts)
    ]
    chosen = fit(table, width)
    places = [place for place, _ in chosen]
    needed = [place for place, column in enumerate(table) if column.importance == 0]
    taken = sum(cells for _, cells in chosen) + GAP * (len(chosen) - 1)

    assert places == sorted(set(places)), "display order"
    assert chosen, "something is always shown"
    assert set(needed) <= set(places), "a needed column is never left out"
    assert taken <= width or places == needed or len(places) == 1
    for place, cells in chosen:
        assert table[place].width <= cells <= table[place].most
    for left_out in set(range(len(table))) - set(places):
        assert all(table[left_out].importance >= table[place].importance for place in places)
    if taken < width:
        assert all(cells == table[place].most for place, cells in chosen if table[place].grow), "no room is wasted"


@given(
    st.lists(st.text(max_size=60), min_size=2, max_size=2),
    st.integers(14, 60),
)
def test_a_row_is_exactly_as_wide_as_the_table(texts: list[str], width: int) -> None:
    """Whatever the text: the next row and the scroll bar are where they must be."""
    from workbench.measure.text import printable

    for text in texts:
        for align in ("left", "right"):
            assert cell_len(fitted(printable(text), width, align)) == width


async def test_the_cursor_is_in_sight_when_it_was_placed_before_the_first_paint() -> None:
    app = TableApp()
    app.table.show(rows(*range(100)))
    app.table.go_to("key-90")
    async with app.run_test(size=(40, 6)) as pilot:
        await settled(pilot)
        assert any(line.startswith(f"{MARK}row 90") for line in drawn(app.table))
