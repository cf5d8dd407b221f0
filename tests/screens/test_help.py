"""Help: exactly the commands that work here, with the keys that they have now."""

import pytest

from screens.commands.command import Command
from screens.commands.table import COMMANDS, places_of
from screens.help import HelpScreen
from tests.screens.desk import Desk, desk
from tests.screens.worlds import PlainWorld, container

TALL = (120, 100)


async def help_of(open_desk: Desk, mode: str) -> str:
    """The help page of one mode, as it is drawn, each run of blanks one blank."""
    if open_desk.mode != mode:
        await open_desk.press({"fleet": "1", "container": "2", "image": "3", "gpu": "8"}[mode])
    await open_desk.press("question_mark")
    assert isinstance(open_desk.app.screen, HelpScreen)
    inside = [line.split("│")[1] for line in open_desk.lines if line.count("│") >= 2]
    return " ".join(" ".join(inside).split())


def listed(page: str) -> set[str]:
    """The ids of the commands on a page."""
    return {command.id for command in COMMANDS if f"{command.help} {command.id} " in f"{page} "}


@pytest.mark.parametrize("mode", ["fleet", "container", "image", "gpu"])
async def test_it_lists_exactly_what_works_in_the_mode(mode: str) -> None:
    async with desk(PlainWorld((container("api", 1),)), size=TALL) as open_desk:
        page = await help_of(open_desk, mode)
        works = {command.id for command in COMMANDS if mode in places_of(command.where)} - {"demo"}
        assert listed(page) == works


async def test_the_demo_is_listed_where_it_is_offered() -> None:
    world = PlainWorld()
    world.lose_engine()
    async with desk(world, size=TALL) as open_desk:
        assert "demo" in listed(await help_of(open_desk, "fleet"))


@pytest.mark.parametrize("mode", ["fleet", "container", "image", "gpu"])
async def test_what_it_lists_is_bound(mode: str) -> None:
    async with desk(PlainWorld((container("api", 1),)), size=TALL) as open_desk:
        named = listed(await help_of(open_desk, mode))
        await open_desk.press("escape")
        chain = open_desk.app.screen._modal_binding_chain
        bound = {binding.id for _, bindings in chain for _, binding in bindings}
        assert named <= bound


@pytest.mark.parametrize("key", ["escape", "q", "question_mark", "enter"])
async def test_it_closes_and_nothing_else_happens(key: str) -> None:
    async with desk(PlainWorld((container("api", 1),))) as open_desk:
        await help_of(open_desk, "fleet")
        await open_desk.press(key)
        assert open_desk.mode == "fleet"
        assert not isinstance(open_desk.app.screen, HelpScreen)
        assert open_desk.app.is_running


async def test_keys_of_the_mode_behind_it_do_nothing() -> None:
    async with desk(PlainWorld((container("api", 1),))) as open_desk:
        await help_of(open_desk, "fleet")
        await open_desk.press("2", "s", "a")
        assert isinstance(open_desk.app.screen, HelpScreen)
        await open_desk.press("escape")
        assert "sort name" in open_desk.text


async def test_at_80_by_24_the_end_can_be_reached() -> None:
    async with desk(PlainWorld((container("api", 1),)), size=(80, 24)) as open_desk:
        await help_of(open_desk, "fleet")
        assert "Esc closes" not in open_desk.text
        await open_desk.press("end")
        await open_desk.until(lambda: "Esc closes" in open_desk.text)


def test_a_command_knows_its_help() -> None:
    assert all(isinstance(command, Command) and command.help and command.title for command in COMMANDS)
