"""What is done to containers: chosen, confirmed where something is lost, refused where it makes no sense."""

import pytest

from screens.choose import ChooseScreen, ConfirmScreen
from tests.screens.desk import SELDOM, desk
from tests.screens.worlds import PlainWorld, container
from workbench.settings import Settings

API = container("api", 1)


async def test_what_is_lost_is_confirmed_first() -> None:
    world = PlainWorld((API,))
    async with desk(world) as open_desk:
        await open_desk.press("x", "o")
        assert isinstance(open_desk.app.screen, ConfirmScreen)
        assert "Stop api?" in open_desk.text
        assert "connections are cut" in open_desk.text
        await open_desk.press("n")
        assert world.acted == []
        await open_desk.press("x", "o", "y")
        await open_desk.until(lambda: world.acted == [(API.id, "stop")])
        await open_desk.until(lambda: "stopped api" in open_desk.text)


async def test_what_loses_nothing_is_done_at_once_with_arrows_too() -> None:
    world = PlainWorld((API,))
    async with desk(world) as open_desk:
        await open_desk.press("x", "p")
        await open_desk.until(lambda: world.acted == [(API.id, "pause")])
        await open_desk.until(lambda: not open_desk.app.doing)
        await open_desk.press("x", "down", "escape")
        assert len(world.acted) == 1


async def test_what_makes_no_sense_cannot_be_chosen() -> None:
    world = PlainWorld((API,))
    async with desk(world) as open_desk:
        await open_desk.press("x", "s")
        assert isinstance(open_desk.app.screen, ChooseScreen)
        assert "it runs" in open_desk.text
        await open_desk.press("d")
        assert isinstance(open_desk.app.screen, ChooseScreen)
        assert "stop it first" in open_desk.text
        assert world.acted == []


@pytest.mark.parametrize("where", ["fleet", "container"])
async def test_a_read_only_session_refuses_everything(where: str) -> None:
    world = PlainWorld((API,))
    world.shells[API.id] = ("true",)
    settings = Settings(interval=SELDOM, read_only=True)
    async with desk(world, settings=settings) as open_desk:
        if where == "container":
            await open_desk.press("enter")
        await open_desk.press("x")
        assert open_desk.text.count("read-only session") == 7
        await open_desk.press("o", "p", "k", "escape", "e")
        await open_desk.until(lambda: "read-only" in open_desk.text)
        assert world.acted == []


async def test_a_failure_names_its_cause() -> None:
    async with desk(PlainWorld((API,))) as open_desk:
        await open_desk.press("e")
        await open_desk.until(lambda: "there is no shell in it" in open_desk.text)
