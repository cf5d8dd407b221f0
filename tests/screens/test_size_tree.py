"""The tree alone: rows are made when they are asked for, and only those that are seen are drawn."""

from collections.abc import Sequence

from textual.app import App, ComposeResult

from screens.widgets.live_table import Cell, Column
from screens.widgets.size_tree import SizeTree

COLUMNS = (Column("name", "name", 10, grow=1), Column("size", "size", 6, "right"))


class Counting:
    """Folder `n` holds `10 n` … `10 n + 9`, to three levels; writes down what it is asked."""

    def __init__(self) -> None:
        self.listed: list[int] = []
        self.drawn: list[int] = []

    @property
    def top(self) -> Sequence[int]:
        return range(1, 10)

    def children(self, key: int) -> Sequence[int]:
        self.listed.append(key)
        return range(key * 10, key * 10 + 10)

    def is_folder(self, key: int) -> bool:
        return key < 100

    def parent(self, key: int) -> int | None:
        return key // 10 if key >= 10 else None

    def cells(self, key: int) -> Sequence[Cell]:
        self.drawn.append(key)
        return (Cell(f"n{key}"), Cell(str(key)))


class TreeApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.shown = SizeTree(COLUMNS, empty="nothing yet")
        self.numbers = Counting()
        self.told: list[int | None] = []
        self.opened: list[int] = []

    def compose(self) -> ComposeResult:
        yield self.shown

    def on_size_tree_highlighted(self, event: SizeTree.Highlighted) -> None:
        self.told.append(event.key)

    def on_size_tree_opened(self, event: SizeTree.Opened) -> None:
        self.opened.append(event.key)


def drawn(tree: SizeTree) -> list[str]:
    return [tree.render_line(y).text.rstrip() for y in range(tree.size.height)]


async def test_children_are_asked_for_when_their_folder_is_opened() -> None:
    app = TreeApp()
    async with app.run_test(size=(40, 12)) as pilot:
        app.shown.show(app.numbers)
        await pilot.pause()
        assert app.numbers.listed == []
        app.shown.toggle()
        assert app.numbers.listed == [1]
        assert list(app.shown.keys)[:3] == [1, 10, 11]
        assert set(app.numbers.drawn) <= set(range(1, 10))


async def test_only_rows_that_are_seen_are_drawn() -> None:
    app = TreeApp()
    async with app.run_test(size=(40, 6)) as pilot:
        app.shown.show(app.numbers)
        for _ in range(9):
            app.shown.toggle()
            app.shown.action_edge(1)
        app.numbers.drawn.clear()
        app.shown.action_edge(-1)
        await pilot.pause()
        app.numbers.drawn.clear()
        drawn(app.shown)
        assert len(app.numbers.drawn) == 5


async def test_what_was_open_stays_open_and_the_cursor_on_its_row() -> None:
    app = TreeApp()
    async with app.run_test(size=(40, 20)) as pilot:
        app.shown.show(app.numbers)
        assert app.shown.reveal(205)
        assert app.shown.current == 205
        assert list(app.shown.keys)[:6] == [1, 2, 20, 200, 201, 202]
        app.shown.show(app.numbers)
        assert app.shown.current == 205
        app.shown.fold()
        assert app.shown.current == 20
        app.shown.fold()
        assert list(app.shown.keys)[:4] == [1, 2, 20, 21]
        app.shown.unfold()
        app.shown.unfold()
        assert app.shown.current == 200
        app.shown.fold_all()
        assert list(app.shown.keys) == list(range(1, 10))
        assert app.shown.current == 2
        await pilot.pause()
        assert app.told[-1] == 2


async def test_reveal_of_what_is_not_there_moves_nothing() -> None:
    app = TreeApp()
    async with app.run_test(size=(40, 20)):
        app.shown.show(app.numbers)
        app.shown.action_move(3)
        assert not app.shown.reveal(0)
        assert app.shown.current == 4


async def test_rows_are_indented_and_cut_to_their_columns() -> None:
    app = TreeApp()
    async with app.run_test(size=(30, 8)) as pilot:
        app.shown.show(app.numbers)
        app.shown.toggle()
        await pilot.pause()
        lines = drawn(app.shown)
        assert lines[0].split() == ["name", "size"]
        assert lines[1].startswith("▸ ▾ n1")
        assert lines[2].startswith("    ▸ n10")
        assert {len(app.shown.render_line(y).text) for y in range(8)} == {29}


async def test_a_click_takes_the_cursor_and_a_second_one_opens() -> None:
    app = TreeApp()
    async with app.run_test(size=(40, 12)) as pilot:
        app.shown.show(app.numbers)
        app.shown.focus()
        await pilot.pause()
        await pilot.click(app.shown, offset=(5, 3))
        assert app.shown.current == 3
        await pilot.click(app.shown, offset=(5, 3))
        await pilot.pause()
        assert app.opened == [3]


async def test_nothing_to_show_says_so() -> None:
    app = TreeApp()
    async with app.run_test(size=(40, 12)) as pilot:
        app.shown.show(None)
        await pilot.pause()
        assert "nothing yet" in drawn(app.shown)[1]
        for key in ("down", "end", "pageup", "home"):
            await pilot.press(key)
        assert app.shown.current is None
