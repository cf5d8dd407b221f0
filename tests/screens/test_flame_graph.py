"""The flame graph alone: where frames stand, how the cursor and the zoom move, and what is painted again."""

from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.geometry import Region

from screens.widgets.flame_graph import FlameGraph
from workbench.measure.flame.building import TreeBuilder
from workbench.measure.flame.geometry import FlameLayout
from workbench.measure.flame.search import FrameSearch
from workbench.measure.flame.transform import left_heavy
from workbench.model.frame_tree import FrameTree, Place

STACKS = {
    "main handle list fetch": 43,
    "main handle list price": 11,
    "main handle dump": 20,
    "main handle": 7,
    "main write": 12,
    **{f"main write tiny{number}": 1 for number in range(7)},
}


def tree_of(stacks: dict[str, int]) -> FrameTree:
    builder = TreeBuilder()
    for stack, count in stacks.items():
        builder.stack([builder.intern(Place(name, "app.py", 1)) for name in stack.split(" ")], count)
    return left_heavy(builder.finish())


class FlameApp(App[None]):
    def __init__(self, tree: FrameTree) -> None:
        super().__init__()
        self.flame = FlameGraph()
        self.shown = tree
        self.told: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.flame

    def on_mount(self) -> None:
        self.flame.show(
            FlameLayout(self.shown), lambda node: "library" if self.shown.at(node).name == "dump" else "own"
        )
        self.flame.focus()

    def on_flame_graph_highlighted(self, event: FlameGraph.Highlighted) -> None:
        self.told.append(self.shown.at(event.node).name)

    @property
    def here(self) -> str:
        return self.shown.at(self.flame.cursor).name

    @property
    def rows(self) -> list[str]:
        return [self.flame.render_line(y).text.rstrip() for y in range(self.flame.size.height)]


async def test_callees_hang_below_their_caller_the_largest_first() -> None:
    app = FlameApp(tree_of(STACKS))
    async with app.run_test(size=(101, 10)) as pilot:
        await pilot.pause()
        assert app.flame.scrollable_content_region.width == 100
        rows = app.rows
        assert rows[0].startswith("▸all  100%")
        assert rows[2].index("▏handle  81%") == 0
        assert rows[2].index("▏write  19%") == 81
        assert rows[3].startswith("▏list  54%")
        assert rows[3].index("▏dump  20%") == 54
        assert rows[3][73] == "▕", "blanks behind a frame need its end"
        assert rows[3][81] == "▏", "a frame one cell wide is its edge"
        assert rows[4].index("▏price") == 43


async def test_frames_narrower_than_a_cell_are_one_run() -> None:
    app = FlameApp(tree_of(STACKS))
    async with app.run_test(size=(51, 10)) as pilot:
        await pilot.pause()
        assert "…┄┄" in app.rows[3]
        assert "tiny" not in app.rows[3]
        await pilot.press("down", "down", "right", "down")
        span = app.flame.span
        assert span is not None
        assert span.narrow
        assert span.frames == 7
        assert "▸┄┄" in app.rows[3]
        await pilot.press("enter")
        app.flame.zoom_in()
        await pilot.pause()
        assert app.shown.at(app.flame.zoomed).name == "write"
        assert app.rows[3].count("▏") == 7


async def test_the_cursor_goes_to_caller_callee_and_neighbours() -> None:
    app = FlameApp(tree_of(STACKS))
    async with app.run_test(size=(101, 10)) as pilot:
        await pilot.pause()
        await pilot.press("down", "down", "down")
        assert app.here == "list"
        await pilot.press("right")
        assert app.here == "dump"
        await pilot.press("up", "right")
        assert app.here == "write"
        await pilot.press("left", "end")
        assert app.here == "fetch"
        await pilot.press("left", "home")
        assert app.here == "all"
        assert app.told[-1] == "all"


async def test_zoom_makes_a_frame_as_wide_as_the_screen_and_back() -> None:
    app = FlameApp(tree_of(STACKS))
    async with app.run_test(size=(101, 10)) as pilot:
        await pilot.pause()
        await pilot.press("down", "down", "down")
        app.flame.zoom_in()
        await pilot.pause()
        assert [row.split("  ")[0] for row in app.rows[:4]] == ["▏all", "▏main", "▏handle", "▸list"]
        assert app.rows[4].index("▏price") == 80
        await pilot.press("down")
        app.flame.zoom_in()
        await pilot.press("backspace")
        assert app.here == "fetch"
        assert app.shown.at(app.flame.zoomed).name == "list"
        await pilot.press("up", "up", "up")
        app.flame.zoom_in()
        await pilot.pause()
        assert app.shown.at(app.flame.zoomed).name == "main", "a frame above is zoomed to as well"
        assert app.flame.zoom_out()
        assert not app.flame.zoom_out()


async def test_the_mouse_takes_a_frame_and_zooms_the_second_time() -> None:
    app = FlameApp(tree_of(STACKS))
    async with app.run_test(size=(101, 10)) as pilot:
        await pilot.pause()
        await pilot.click(app.flame, offset=(60, 3))
        assert app.here == "dump"
        await pilot.click(app.flame, offset=(77, 3))
        assert app.here == "dump", "nothing is there"
        await pilot.click(app.flame, offset=(60, 3))
        assert app.shown.at(app.flame.zoomed).name == "dump"


async def test_a_search_shows_without_colours_and_goes_to_the_largest_first() -> None:
    app = FlameApp(tree_of(STACKS))
    async with app.run_test(size=(51, 10)) as pilot:
        await pilot.pause()
        found = FrameSearch(app.shown).find("i")
        app.flame.mark(found.nodes, found.outermost)
        assert app.rows[1].startswith("•main")
        found = FrameSearch(app.shown).find("tiny3")
        app.flame.mark(found.nodes, found.outermost)
        assert "•┄" in app.rows[3], "one of several narrow ones"
        assert app.flame.next_match(1)
        await pilot.pause()
        assert app.here == "tiny3"
        assert any("▸tiny3" in row or "▸ti" in row for row in app.rows)
        app.flame.mark(b"", ())
        assert not app.flame.next_match(1)
        assert not any("•" in row for row in app.rows)


async def test_only_the_rows_that_change_are_painted_again() -> None:
    app = FlameApp(tree_of(STACKS))
    async with app.run_test(size=(101, 10)) as pilot:
        await pilot.pause()
        painted: list[tuple[Region, ...]] = []
        refresh = app.flame.refresh

        def counted(*regions: Region, **how: bool) -> FlameGraph:
            painted.append(regions)
            refresh(*regions, **how)
            return app.flame

        app.flame.refresh = counted  # type: ignore[method-assign]  # looks on, and does the same
        await pilot.press("down", "down", "right")
        assert painted
        assert all(region.height == 1 for regions in painted for region in regions)
        assert all(regions for regions in painted), "no repaint of the whole"


async def test_neighbours_in_one_look_are_one_run() -> None:
    app = FlameApp(tree_of({f"main f{number}": 1 for number in range(20)}))
    async with app.run_test(size=(101, 10)) as pilot:
        await pilot.pause()
        assert len(list(app.flame.render_line(2))) <= 2


async def test_hostile_names_are_inert_and_as_wide_as_their_cells() -> None:
    app = FlameApp(
        tree_of({"main \x1b[31mred 日本語日本語日本語日本語": 3, "main [bold]x[/] \u202egnp": 2, "main \n 名": 2})
    )
    async with app.run_test(size=(41, 10)) as pilot:
        await pilot.pause()
        for y in range(10):
            strip = app.flame.render_line(y)
            assert cell_len(strip.text) == strip.cell_length
            assert "\x1b" not in strip.text
            assert "\u202e" not in strip.text
        assert any("[bold]x" in row for row in app.rows)


async def test_the_deepest_stack_scrolls() -> None:
    app = FlameApp(tree_of({" ".join(f"f{depth}" for depth in range(300)): 3}))
    async with app.run_test(size=(41, 10)) as pilot:
        await pilot.pause()
        await pilot.press("end")
        await pilot.pause()
        assert app.here == "f299"
        assert any(row.startswith("▸f299") for row in app.rows)
        await pilot.press("home")
        await pilot.pause()
        assert app.rows[0].startswith("▸all")


async def test_an_empty_tree_says_so() -> None:
    app = FlameApp(tree_of({}))
    async with app.run_test(size=(41, 10)) as pilot:
        app.flame.show(FlameLayout(app.shown), str, empty="no stack is left")
        await pilot.pause()
        assert "no stack is left" in app.rows[1]
        await pilot.press("down", "up", "left", "right", "home", "end", "backspace")
        app.flame.zoom_in()
        app.flame.show(None, str, empty="nothing")
        await pilot.pause()
        assert "nothing" in app.rows[1]
