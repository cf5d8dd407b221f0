"""The app: modes, going back, quitting whatever hangs, the palette, the engine going and coming."""

import asyncio
import time
from threading import Event
from typing import Any

import pytest
from textual.command import CommandPalette

from screens.app import News, WorkbenchApp
from screens.commands.table import COMMANDS, places_of
from screens.help import HelpScreen
from screens.key_line import KeyLine
from screens.title_bar import TitleBar
from screens.widgets.line import Line
from tests.screens.desk import HANG_SECONDS, SELDOM, Desk, desk
from tests.screens.worlds import Hanging, PlainWorld, Told, container, image
from workbench.errors import WorkbenchError
from workbench.model.images import ImageDetail
from workbench.model.reading import Fresh, Missing
from workbench.session import Session
from workbench.settings import Settings

API = container("api", 1)
WORLD_IMAGES = (image("shop/api:1.4", 1, ("FROM debian", 10)),)


def a_world() -> PlainWorld:
    return PlainWorld((API, container("worker", 2)), WORLD_IMAGES)


# --- modes ---------------------------------------------------------------------------------------------------------


async def test_number_keys_switch_modes_and_the_title_bar_says_where_one_is() -> None:
    async with desk(a_world()) as open_desk:
        for key, mode, mark in (
            ("8", "gpu", "▸8 GPU"),
            ("3", "image", "▸3 Image"),
            ("2", "container", "▸2 Container"),
            ("1", "fleet", "▸1 Fleet"),
        ):
            await open_desk.press(key)
            assert open_desk.mode == mode
            assert mark in open_desk.lines[0]
            assert open_desk.lines[0].count("▸") == 1


async def test_a_click_on_a_tab_switches_modes() -> None:
    async with desk(a_world()) as open_desk:
        for name, mode in (("GPU", "gpu"), ("Image", "image"), ("Container", "container"), ("Fleet", "fleet")):
            tabs = open_desk.app.screen.query_one(TitleBar).query_one("#tabs", Line)
            await open_desk.click_text(tabs, name)
            assert open_desk.mode == mode


async def test_escape_walks_back_the_way_one_came() -> None:
    async with desk(a_world()) as open_desk:
        assert "esc back" not in open_desk.line("KeyLine")
        await open_desk.press("2", "3")
        assert "esc back" in open_desk.line("KeyLine")
        for mode in ("container", "fleet", "fleet"):
            await open_desk.press("escape")
            assert open_desk.mode == mode


async def test_going_back_and_forth_leaves_no_long_trail() -> None:
    async with desk(a_world()) as open_desk:
        for key in "212121213":
            await open_desk.press(key)
        for mode in ("fleet", "container", "container"):
            await open_desk.press("escape")
            assert open_desk.mode == mode or mode == "container"
        assert len(open_desk.app._came_from) <= 3


async def test_a_click_on_the_key_line_does_what_the_key_does() -> None:
    async with desk(a_world()) as open_desk:

        def line() -> KeyLine:
            return open_desk.app.screen.query_one(KeyLine)

        await open_desk.click_text(line(), "sort")
        assert "sort state" in open_desk.text
        await open_desk.click_text(line(), "filter")
        await open_desk.type("wor")
        assert open_desk.names() == ["worker"]
        await open_desk.click_text(line(), "back")
        assert len(open_desk.names()) == 2
        await open_desk.click_text(line(), "open")
        assert open_desk.mode == "container"
        await open_desk.click_text(line(), "next")
        await open_desk.click_text(line(), "back")
        assert open_desk.mode == "fleet"
        await open_desk.click_text(line(), "help")
        assert isinstance(open_desk.app.screen, HelpScreen)
        await open_desk.press("escape")
        await open_desk.pilot.click(line(), offset=(line().text.index("quit"), 0))
        assert open_desk.app.return_value == 0


async def test_key_line_names_only_what_works_here() -> None:
    async with desk(a_world()) as open_desk:
        assert "open" in open_desk.line("KeyLine")
        assert "next" not in open_desk.line("KeyLine")
        assert "demo" not in open_desk.line("KeyLine")
        await open_desk.press("2")
        for word in ("next", "sort", "setup"):
            assert word in open_desk.line("KeyLine")
        for word in ("open", "filter", "all/running"):
            assert word not in open_desk.line("KeyLine")


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
@pytest.mark.parametrize("mode", ["1", "2", "3", "8"])
async def test_the_key_line_is_whole_and_keeps_help_and_quit(size: tuple[int, int], mode: str) -> None:
    async with desk(a_world(), size=size) as open_desk:
        await open_desk.press("2", mode)
        assert "…" not in open_desk.line("KeyLine")
        assert open_desk.line("KeyLine").rstrip().endswith("? help  q quit")


async def test_the_key_line_under_a_message_tells_what_works_when_that_is_closed() -> None:
    async with desk(a_world()) as open_desk:
        before = open_desk.line("KeyLine")
        await open_desk.press("question_mark")
        open_desk.app.refresh_bindings()
        await open_desk.pilot.pause()
        assert open_desk.lines[-1].strip() == before.strip()
        assert "space" not in open_desk.lines[-1]
        await open_desk.press("escape")
        assert open_desk.line("KeyLine") == before


async def test_a_narrow_screen_names_as_many_keys_as_fit_whole() -> None:
    async with desk(a_world()) as open_desk:
        whole = open_desk.line("KeyLine").split("?")[0].strip().split("  ")
        for width in (100, 61, 33, 20):
            await open_desk.resize(width, 24)
            named, right = open_desk.line("KeyLine").split("?")
            assert right.strip() == "help  q quit"
            shown = [key for key in named.strip().split("  ") if key]
            assert shown == whole[: len(shown)]


# --- keys that come all at once ------------------------------------------------------------------------------------


async def test_what_is_typed_right_after_the_slash_goes_into_the_filter() -> None:
    async with desk(PlainWorld((container("job-1", 1), container("job-2", 2)))) as open_desk:
        await open_desk.rush("slash", "2")
        await open_desk.until(lambda: open_desk.names() == ["job-2"])
        assert open_desk.mode == "fleet"
        await open_desk.press("escape")
        await open_desk.rush("slash", "slash", "1")
        await open_desk.until(lambda: "filter /1" in open_desk.text)


@pytest.mark.parametrize("key", ["slash", "enter", "escape", "s", "y", "tab", "question_mark"])
@pytest.mark.parametrize("mode", ["2", "3"])
async def test_keys_pressed_before_a_mode_is_drawn_break_nothing(mode: str, key: str) -> None:
    async with desk(a_world()) as open_desk:
        await open_desk.rush(mode, key, key)
        assert open_desk.app.is_running


async def test_going_in_and_down_at_once_moves_inside() -> None:
    layers = image("shop/api:1.4", 1, ("FROM debian", 10), ("RUN x", 20))
    async with desk(PlainWorld((API,), (layers,))) as open_desk:
        await open_desk.press("3")
        await open_desk.until(lambda: len(open_desk.names("layers")) == 2)
        await open_desk.rush("tab", "down")
        await open_desk.until(lambda: open_desk.table("layers").current == "1")
        await open_desk.rush("escape", "escape")
        await open_desk.until(lambda: open_desk.mode == "fleet")


# --- readings ------------------------------------------------------------------------------------------------------


async def test_r_reads_everything_again_now() -> None:
    world = a_world()
    async with desk(world) as open_desk:
        sources: list[Told[Any]] = [world.fleet, world.host, world.gpu, world.images]
        reads = [source.reads for source in sources]
        await open_desk.press("r")
        await open_desk.until(lambda: all(source.reads > before for source, before in zip(sources, reads, strict=True)))


async def test_it_opens_before_anything_has_answered() -> None:
    world = a_world()
    world.fleet = slow = Hanging(world.fleet.value)
    async with desk(world, ready=False) as open_desk:
        await open_desk.until(slow.entered.is_set)
        assert "asking the engine" in open_desk.text
        assert "asking local" in open_desk.line("StatusLine")
        assert "0 containers" not in open_desk.text
        for key in "321":
            await open_desk.press(key)
        slow.let_go.set()
        await open_desk.until(lambda: "api" in open_desk.names())


async def test_a_source_that_breaks_is_told_and_does_not_break_the_rest() -> None:
    world = a_world()
    world.fleet.value = ZeroDivisionError("boom [red]")
    async with desk(world) as open_desk:
        assert "the workbench stumbled: ZeroDivisionError: boom [red]" in open_desk.text
        assert "61% of 8" in open_desk.lines[1]
        world.show(API)
        await open_desk.read_again()
        assert open_desk.names() == ["api"]


async def test_news_of_a_session_that_was_left_is_ignored() -> None:
    async with desk(a_world()) as open_desk:
        left = open_desk.app.session
        other = PlainWorld((container("other", 9),))
        open_desk.app.open_session(Session(other, Settings(interval=SELDOM), open_desk.clock))
        await open_desk.until(lambda: open_desk.names() == ["other"])
        open_desk.app.post_message(News("fleet", left))
        await open_desk.pilot.pause()
        assert open_desk.names() == ["other"]
        assert left.world.fleet.closed  # type: ignore[attr-defined]


async def test_another_session_opens_on_its_fleet() -> None:
    async with desk(a_world()) as open_desk:
        await open_desk.press("down", "enter")
        open_desk.app.open_session(Session(PlainWorld((container("other", 9),)), Settings(interval=SELDOM)))
        await open_desk.until(lambda: open_desk.mode == "fleet" and open_desk.names() == ["other"])
        await open_desk.press("2")
        await open_desk.until(lambda: "─ other ─" in open_desk.text)


async def test_notes_go_away_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("screens.app.NOTE_SECONDS", 0.05)
    async with desk(a_world()) as open_desk:
        await open_desk.press("y")
        await open_desk.until(lambda: not open_desk.app.note)
        assert "copied" not in open_desk.line("StatusLine")


async def test_the_demo_is_offered_only_without_an_engine() -> None:
    world = a_world()
    async with desk(world) as open_desk:
        await open_desk.press("D")
        assert open_desk.app.session.world is world
        world.lose_engine()
        await open_desk.read_again()
        assert "D demo" in open_desk.line("KeyLine")


async def test_a_demo_that_cannot_be_opened_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(settings: Settings) -> Session:
        raise WorkbenchError("the recording is not there")

    monkeypatch.setattr(Session, "demo", refuse)
    world = a_world()
    world.lose_engine()
    async with desk(world) as open_desk:
        await open_desk.press("D")
        assert "the recording is not there" in open_desk.line("StatusLine")


# --- the palette ---------------------------------------------------------------------------------------------------


async def run_from_palette(open_desk: Desk, words: str) -> None:
    await open_desk.press("ctrl+p")
    await run_from_palette_open(open_desk, words)


async def run_from_palette_open(open_desk: Desk, words: str) -> None:
    assert isinstance(open_desk.app.screen, CommandPalette)
    await open_desk.type(words)
    await open_desk.until(lambda: words.casefold() in "\n".join(open_desk.lines[4:]).casefold())
    await open_desk.press("down", "enter")
    await open_desk.until(lambda: not isinstance(open_desk.app.screen, CommandPalette))


async def test_the_palette_runs_a_command_of_the_screen() -> None:
    async with desk(a_world()) as open_desk:
        await run_from_palette(open_desk, "sort")
        await open_desk.until(lambda: "sort state" in open_desk.text)


async def test_the_palette_runs_a_command_of_the_app() -> None:
    async with desk(a_world()) as open_desk:
        await run_from_palette(open_desk, "image · 3")
        await open_desk.until(lambda: open_desk.mode == "image")


async def test_the_palette_offers_every_command_that_works_here() -> None:
    async with desk(a_world()) as open_desk:
        for key, mode in (("1", "fleet"), ("2", "container"), ("3", "image")):
            await open_desk.press(key)
            offered = {entry.help for entry in open_desk.app.get_system_commands(open_desk.app.screen)}
            wanted = {
                command.help
                for command in COMMANDS
                if mode in places_of(command.where) and command.id not in ("palette", "back", "demo")
            }
            assert wanted <= offered
            elsewhere = {command.help for command in COMMANDS} - wanted
            assert not (elsewhere - wanted) & offered


async def test_the_palette_changes_the_theme() -> None:
    async with desk(a_world()) as open_desk:
        await open_desk.press("ctrl+p")
        await open_desk.type("theme")
        await open_desk.until(lambda: "Choose the colours" in open_desk.text)
        await open_desk.press("down", "enter")
        await open_desk.until(lambda: "Search for themes" in open_desk.text)
        await run_from_palette_open(open_desk, "workbench-light")
        assert open_desk.app.theme == "workbench-light"


# --- quitting ------------------------------------------------------------------------------------------------------


async def has_ended(app: WorkbenchApp) -> bool:
    """Wait for the app's end without its help."""
    deadline = time.monotonic() + HANG_SECONDS
    while app.is_running and time.monotonic() < deadline:  # noqa: ASYNC110  the app has no event to wait for
        await asyncio.sleep(0.005)
    return not app.is_running


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
async def test_quitting_does_not_wait_for_a_source_that_hangs(key: str) -> None:
    world = a_world()
    world.fleet = stuck = Hanging(world.fleet.value)
    world.images = stuck_too = Hanging(world.images.value)
    async with desk(world, ready=False) as open_desk:
        await open_desk.until(lambda: stuck.entered.is_set() and stuck_too.entered.is_set())
        await open_desk.pilot.press(key)
        assert await has_ended(open_desk.app)
        assert stuck.closed
        for feed in (open_desk.app.session.fleet, open_desk.app.session.images):
            assert feed._thread.is_alive(), "the source has not answered and the app has ended all the same"
    assert open_desk.app.return_value == 0
    stuck.let_go.set()
    stuck_too.let_go.set()


async def test_quitting_does_not_wait_for_an_inspect_that_hangs() -> None:
    class Stuck(PlainWorld):
        entered = Event()
        let_go = Event()

        def image(self, reference: str) -> ImageDetail:
            self.entered.set()
            self.let_go.wait()
            return super().image(reference)

    world = Stuck((API,), WORLD_IMAGES)
    async with desk(world) as open_desk:
        await open_desk.press("3")
        await open_desk.until(world.entered.is_set)
        await open_desk.pilot.press("q")
        assert await has_ended(open_desk.app)
    assert open_desk.app.return_value == 0
    world.let_go.set()  # its answer comes when nobody is there any more


async def test_quitting_closes_the_world() -> None:
    world = a_world()
    async with desk(world) as open_desk:
        await open_desk.pilot.press("q")
        assert await has_ended(open_desk.app)
    assert all(source.closed for source in (world.fleet, world.host, world.gpu, world.images))


async def test_readings_are_values_of_the_app() -> None:
    world = a_world()
    async with desk(world) as open_desk:
        assert isinstance(open_desk.app.fleet, Fresh)
        assert isinstance(open_desk.app.gpu, Missing)
