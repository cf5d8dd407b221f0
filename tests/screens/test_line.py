"""One row of text: what fits, what is left out, what a click runs, what is repainted."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.geometry import Region

from screens.widgets.line import Line, Part, Rule


class Watched(Line):
    """Counts what it is asked to repaint."""

    asked = 0

    def refresh(self, *regions: Region, **more: Any) -> "Watched":
        self.asked += 1
        super().refresh(*regions, **more)
        return self


class LineApp(App[None]):
    def __init__(self, *line: Line) -> None:
        super().__init__()
        self.line = line[0] if line else Watched()
        self.ran: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.line

    def action_note(self, what: str) -> None:
        self.ran.append(what)


async def test_left_and_right_stand_at_the_ends() -> None:
    app = LineApp()
    async with app.run_test(size=(20, 2)):
        app.line.show([Part("left")], [Part("right")])
        assert app.line.text == "left           right"


async def test_the_same_parts_repaint_nothing() -> None:
    line = Watched()
    async with LineApp(line).run_test(size=(20, 2)):
        line.show([Part("same")], [Part("too")])
        before = line.asked
        line.show([Part("same")], [Part("too")])
        assert line.asked == before
        line.show([Part("other")], [Part("too")])
        assert line.asked == before + 1


async def test_what_does_not_fit_goes_from_the_right_side_first() -> None:
    app = LineApp()
    async with app.run_test(size=(12, 2)):
        app.line.show([Part("0123456")], [Part("less "), Part("most")])
        assert app.line.text == "0123456 most"
        app.line.show([Part("0123456789abcdef")], [Part("right")])
        assert app.line.text == "0123456789a…"


async def test_a_click_runs_the_action_under_the_pointer_and_no_other() -> None:
    app = LineApp()
    async with app.run_test(size=(30, 2)) as pilot:
        app.line.show(
            [Part("one ", action="app.note('one')"), Part("two ", action="app.note('two')")],
            [Part("three", action="app.note('three')")],
        )
        for x in (0, 5, 15, 29):
            await pilot.click(app.line, offset=(x, 0))
        assert app.ran == ["one", "two", "three"]


async def test_clicks_find_their_part_behind_wide_characters() -> None:
    app = LineApp()
    async with app.run_test(size=(30, 2)) as pilot:
        app.line.show([Part("容器", action="app.note('wide')"), Part("next", action="app.note('next')")])
        for x in (3, 4):
            await pilot.click(app.line, offset=(x, 0))
        assert app.ran == ["wide", "next"]


async def test_a_rule_fills_between_its_title_and_its_notes() -> None:
    rule = Rule()
    async with LineApp(rule).run_test(size=(30, 2)):
        rule.title("Layers", Part("3"), Part("sorted"))
        assert rule.text == "─ Layers ────────── 3 ─ sorted ─"[:9] + rule.text[9:]
        assert rule.text.endswith(" 3 ─ sorted ─")
        assert set(rule.text[9:-13]) == {"─"}
        assert len(rule.text) == 30


class Sized(Line):
    """A line with a width and no screen."""

    FILLER = " "

    def measured(self, left: list[str], right: list[str], width: int) -> str:
        self._left = tuple(Part(text) for text in left)
        self._right = tuple(Part(text) for text in right)
        return "".join(part.text for part in self._fit(width))


@given(st.lists(st.text(max_size=20), max_size=4), st.lists(st.text(max_size=20), max_size=3), st.integers(0, 60))
def test_a_line_is_exactly_as_wide_as_its_place(left: list[str], right: list[str], width: int) -> None:
    assert cell_len(Sized().measured(left, right, width)) == width
