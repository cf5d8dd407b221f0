"""A screen that is closed as it is opened, by its user or with the app, breaks nothing."""

from collections.abc import Callable

import pytest
from textual.screen import Screen

from screens.anatomy.screen import AnatomyScreen
from screens.app import WorkbenchApp
from screens.compare.screen import CompareScreen
from screens.runs.screen import RunsScreen
from tests.screens.desk import desk
from tests.screens.test_app import a_world

SCREENS: dict[str, Callable[[], Screen[None]]] = {
    "anatomy": lambda: AnatomyScreen("sha256:1", "x"),
    "compare": CompareScreen,
    "runs": RunsScreen,
}
CLOSED: dict[str, Callable[[WorkbenchApp], object]] = {
    "by its user": lambda app: app.pop_screen(),
    "with the app": lambda app: app.exit(),
}


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("how", CLOSED)
async def test_closed_as_it_is_opened(screen: str, how: str) -> None:
    async with desk(a_world()) as open_desk:
        app = open_desk.app

        def both() -> None:
            app.push_screen(SCREENS[screen]())
            CLOSED[how](app)

        app.call_later(both)
        await open_desk.pilot.pause()
    assert not app.return_code
