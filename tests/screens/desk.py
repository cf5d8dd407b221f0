"""An open workbench for tests: hands on its keys and eyes on its screen, in a world that moves only when told."""

import io
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from rich.console import Console
from textual import events
from textual.pilot import Pilot
from textual.widget import Widget

from screens.app import WorkbenchApp
from screens.widgets.line import Line
from screens.widgets.live_table import LiveTable
from tests.screens.worlds import PlainWorld, Told
from workbench.model.reading import Fresh
from workbench.session import Session
from workbench.settings import Settings
from workbench.sources.base import World

HANG_SECONDS = 60.0
"""A fact that has not come true after this long never will; no test passes or fails by being faster or slower."""
SELDOM = 60.0
"""Seconds between two readings of a feed: in a test they are read when the test says so."""


class Clock:
    """A session's clock that a test turns by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Desk:
    """One open app."""

    def __init__(self, app: WorkbenchApp, pilot: Pilot[Any], world: World, clock: Clock) -> None:
        self.app = app
        self.pilot = pilot
        self._world = world
        self.clock = clock

    @property
    def world(self) -> PlainWorld:
        assert isinstance(self._world, PlainWorld)
        return self._world

    # --- hands -----------------------------------------------------------------------------------------------------

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def rush(self, *keys: str) -> None:
        """Press keys all at once, as a slow link delivers them: none waits for what the one before has done."""
        driver = self.app._driver
        assert driver is not None
        for key in keys:
            character = "/" if key == "slash" else key
            driver.send_message(events.Key(key, character if len(character) == 1 else None))
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        await self.press(*text)

    async def click(self, widget: Widget, x: int, y: int = 0) -> None:
        assert await self.pilot.click(widget, offset=(x, y))
        await self.pilot.pause()

    async def click_text(self, line: Line, text: str) -> None:
        """Click the first cell of some text on a one-row widget."""
        await self.click(line, line.text.index(text))

    async def resize(self, width: int, height: int) -> None:
        await self.pilot.resize_terminal(width, height)
        await self.until(lambda: tuple(self.app.size) == (width, height))
        await self.pilot.pause()

    async def until(self, fact: Callable[[], object]) -> None:
        """Wait for a fact, and show the screen when it never comes."""
        started = time.monotonic()
        while not fact():
            assert time.monotonic() - started < HANG_SECONDS, f"this never came:\n{self.text}"
            await self.pilot.pause(0.005)
        await self.pilot.pause()

    async def read_again(self) -> None:
        """Let every feed read the world once more, and wait until the app has what it says now."""
        world = self.world
        told: dict[str, Told[Any]] = {
            "fleet": world.fleet,
            "host": world.host,
            "gpu": world.gpu,
            "images": world.images,
        }
        before = {name: source.reads for name, source in told.items()}
        for feed in self.app.session.feeds.values():
            feed.refresh()
        await self.until(
            lambda: all(
                source.reads > before[name] and has_come(getattr(self.app, name), source)
                for name, source in told.items()
            )
        )

    # --- eyes ------------------------------------------------------------------------------------------------------

    @property
    def lines(self) -> list[str]:
        """The screen's rows, without looks."""
        return self._drawn().export_text(clear=False).splitlines()

    @property
    def text(self) -> str:
        """The screen, without looks."""
        return "\n".join(self.lines)

    @property
    def painted(self) -> str:
        """The screen as it is sent to a terminal: text with escape sequences, whatever the colours allowed."""
        return self._drawn().export_text(clear=False, styles=True)

    def _drawn(self) -> Console:
        # The same steps as `App.export_screenshot`, to text instead of SVG.
        width, height = self.app.size
        console = Console(
            width=width,
            height=height,
            file=io.StringIO(),
            force_terminal=True,
            color_system="truecolor",
            record=True,
            legacy_windows=False,
            safe_box=False,
        )
        stack = self.app._background_screens
        console.print(self.app.screen._compositor.render_update(full=True, screen_stack=stack))
        return console

    @property
    def mode(self) -> str:
        return self.app.current_mode

    def table(self, name: str = "containers") -> LiveTable:
        return self.app.screen.query_one(f"#{name}", LiveTable)

    def names(self, table: str = "containers") -> list[str]:
        """The first cells of a table's rows."""
        return self.names_of(table, 0)

    def names_of(self, table: str, column: int) -> list[str]:
        """The cells of one column, by its place."""
        return [row.cells[column].text for row in self.table(table).rows]

    def cell(self, key: str, column: str, table: str = "containers") -> str:
        """The text of one cell of a table, by its row's key and its column's key."""
        live = self.table(table)
        place = [each.key for each in live._columns].index(column)
        return next(row.cells[place].text for row in live.rows if row.key == key)

    def line(self, selector: str) -> str:
        """The text of a one-row widget."""
        return self.app.screen.query_one(selector, Line).text


def has_come(reading: object, source: "Told[Any]") -> bool:
    """Whether a reading of the app is what its source says now."""
    if isinstance(source.value, Exception):
        return getattr(reading, "reason", None) == getattr(source.value, "reason", None)
    return isinstance(reading, Fresh) and reading.value == source.value


@asynccontextmanager
async def desk(
    world: World,
    *,
    size: tuple[int, int] = (120, 40),
    settings: Settings | None = None,
    still: bool = True,
    ready: bool = True,
) -> AsyncIterator[Desk]:
    """Open the workbench on a world.

    Args:
        world: What it looks at.
        size: Columns and rows.
        settings: With an interval of its own, unless a test gives another one.
        still: No clock and no ageing.
        ready: Wait for the first readings.
    """
    clock = Clock()
    session = Session(world, settings or Settings(interval=SELDOM), clock)
    app = WorkbenchApp(session, still=still)
    app.check_settings()
    async with app.run_test(size=size) as pilot:
        opened = Desk(app, pilot, world, clock)
        if ready:
            feeds: Sequence[str] = ("fleet", "host", "gpu", "images")
            await opened.until(lambda: all(getattr(app, name) is not None for name in feeds))
        yield opened
