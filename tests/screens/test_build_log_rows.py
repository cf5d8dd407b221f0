"""The lines of a build step's log alone: what is painted again when others come."""

from typing import Any

from textual.app import App, ComposeResult
from textual.geometry import Region

from screens.build_view.log_rows import StepLogRows

WIDTH = 40


class Watched(StepLogRows):
    """Writes down what it is asked to repaint."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[Region, ...]] = []

    def refresh(self, *regions: Region, **more: Any) -> "Watched":
        self.asked.append(regions)
        super().refresh(*regions, **more)
        return self

    def shown(self, *lines: str) -> list[tuple[Region, ...]]:
        """What is asked for when these lines come, without the row of the cursor."""
        self.asked.clear()
        self.show(lines, follow=True)
        return [regions for regions in self.asked if regions != (Region(0, len(lines), WIDTH, 1),)]


class LogApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.log_rows = Watched()

    def compose(self) -> ComposeResult:
        yield self.log_rows


async def test_a_line_is_painted_as_far_as_it_differs() -> None:
    app = LogApp()
    async with app.run_test(size=(WIDTH, 10)) as pilot:
        app.log_rows.shown("step 1 of 9, fine", "end")
        await pilot.pause()
        assert app.log_rows.shown("step 2 of 9, fine", "end") == [(Region(0, 1, len("  step 2"), 1),)]


async def test_a_line_that_looks_otherwise_is_painted_to_its_end() -> None:
    app = LogApp()
    async with app.run_test(size=(WIDTH, 10)) as pilot:
        app.log_rows.shown("xxxxx: no space is left", "end")
        await pilot.pause()
        whole = len("  error: no space is left")
        assert app.log_rows.shown("error: no space is left", "end") == [(Region(0, 1, whole, 1),)]
        assert app.log_rows.shown("\x1b[31merror:\x1b[0m no space is left", "end") == [], "it looks the same"


async def test_no_lines_after_no_lines_repaint_nothing() -> None:
    app = LogApp()
    async with app.run_test(size=(WIDTH, 10)) as pilot:
        app.log_rows.shown()
        await pilot.pause()
        assert app.log_rows.shown() == []
        assert () in app.log_rows.shown("first"), "the sentence stands where the line comes"
