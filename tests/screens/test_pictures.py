"""Pictures of the demo, accepted by a person: `make pictures` takes them again, and the README shows some of them.

One test is one picture of that name in `__snapshots__/test_pictures`.
"""

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from screens.fleet.panes.containers import ContainersPane
from tests.screens.conftest import Picture
from tests.screens.desk import Desk, desk
from tests.screens.worlds import PlainWorld
from workbench.settings import Settings
from workbench.sources.base import World
from workbench.sources.demo import DemoWorld

Show = Callable[[Desk], Coroutine[Any, Any, None]]
A_BUSY_MOMENT = 75.0
"""Seconds into the recording."""


async def fleet(open_desk: Desk) -> None:
    await open_desk.until(lambda: open_desk.names())
    if open_desk.app.session.world.recorded:
        await past_is_there(open_desk)
        open_desk.app.screen.query_one(ContainersPane)._trends.clear()  # drawn before the past was there
        await open_desk.press("S", "S")


async def past_is_there(open_desk: Desk) -> None:
    """Wait until the whole recording can be drawn."""
    session = open_desk.app.session
    assert isinstance(session.world, DemoWorld)
    readings = sum(name == "fleet" for name, _, _ in session.world.readings())
    await open_desk.until(lambda: len(session.history.moments(0.0, 1e12)) == readings)


async def container(open_desk: Desk) -> None:
    await past_is_there(open_desk)
    await open_desk.press("enter")
    await open_desk.until(lambda: "restart" in open_desk.text and open_desk.names("processes"))


async def image(open_desk: Desk) -> None:
    await open_desk.press("3")
    await open_desk.until(lambda: "sample/orders-api:1.4" in open_desk.names("images"))
    key = next(row.key for row in open_desk.table("images").rows if row.cells[0].text == "sample/orders-api:1.4")
    open_desk.table("images").go_to(key)
    await open_desk.until(lambda: "via archive" in open_desk.text)
    await open_desk.press("tab", "down")


async def apart(open_desk: Desk) -> None:
    await image(open_desk)
    await open_desk.press("escape", "enter")
    await open_desk.until(lambda: "wasted" in open_desk.text)
    await open_desk.press("tab", "space", "down")


async def findings(open_desk: Desk) -> None:
    await apart(open_desk)
    await open_desk.press("f")


async def tiles(open_desk: Desk) -> None:
    await apart(open_desk)
    await open_desk.press("m")
    await open_desk.until(lambda: "▸ app/" in open_desk.text)


async def help_page(open_desk: Desk) -> None:
    await open_desk.press("question_mark")


async def nothing(open_desk: Desk) -> None:
    await open_desk.pilot.pause()


async def take(
    picture: Picture, show: Show, columns: int, rows: int, *, world: World | None = None, theme: str = ""
) -> None:
    settings = Settings(theme=theme)
    shown = world or DemoWorld(still_at=A_BUSY_MOMENT)
    async with desk(shown, size=(columns, rows), settings=settings) as open_desk:
        await show(open_desk)
        await picture(open_desk)


def without_engine() -> PlainWorld:
    world = PlainWorld()
    world.lose_engine()
    return world


async def test_fleet_80x24(picture: Picture) -> None:
    await take(picture, fleet, 80, 24)


async def test_fleet_120x40(picture: Picture) -> None:
    await take(picture, fleet, 120, 40)


async def test_fleet_200x50(picture: Picture) -> None:
    await take(picture, fleet, 200, 50)


async def test_container_80x24(picture: Picture) -> None:
    await take(picture, container, 80, 24)


async def test_container_120x40(picture: Picture) -> None:
    await take(picture, container, 120, 40)


async def test_container_200x50(picture: Picture) -> None:
    await take(picture, container, 200, 50)


async def test_image_80x24(picture: Picture) -> None:
    await take(picture, image, 80, 24)


async def test_image_120x40(picture: Picture) -> None:
    await take(picture, image, 120, 40)


async def test_image_200x50(picture: Picture) -> None:
    await take(picture, image, 200, 50)


async def test_apart_80x24(picture: Picture) -> None:
    await take(picture, apart, 80, 24)


async def test_apart_120x40(picture: Picture) -> None:
    await take(picture, apart, 120, 40)


async def test_apart_200x50(picture: Picture) -> None:
    await take(picture, apart, 200, 50)


async def test_findings_120x40(picture: Picture) -> None:
    await take(picture, findings, 120, 40)


async def test_map_120x40(picture: Picture) -> None:
    await take(picture, tiles, 120, 40)


async def test_help_80x24(picture: Picture) -> None:
    await take(picture, help_page, 80, 24)


async def test_help_120x40(picture: Picture) -> None:
    await take(picture, help_page, 120, 40)


async def test_help_200x50(picture: Picture) -> None:
    await take(picture, help_page, 200, 50)


async def test_no_engine_80x24(picture: Picture) -> None:
    await take(picture, nothing, 80, 24, world=without_engine())


async def test_no_engine_120x40(picture: Picture) -> None:
    await take(picture, nothing, 120, 40, world=without_engine())


async def test_no_engine_200x50(picture: Picture) -> None:
    await take(picture, nothing, 200, 50, world=without_engine())


async def test_fleet_light_120x40(picture: Picture) -> None:
    await take(picture, fleet, 120, 40, theme="workbench-light")


async def test_fleet_no_colour_120x40(picture: Picture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    await take(picture, fleet, 120, 40)
