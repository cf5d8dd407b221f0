"""Pictures of profiles: two recordings of the sample project slow_api, before and after, compared; `make pictures`."""

from dataclasses import replace

import pytest

from screens.profile.screen import ProfileScreen
from screens.profile_diff.screen import ProfileDiffScreen
from tests.sample_projects.test_slow_api import PATIENT
from tests.screens.conftest import Picture
from tests.screens.desk import desk
from tests.screens.test_profile import memory, source, timed
from tests.screens.worlds import PlainWorld
from workbench.model.profile import Profile
from workbench.profile_files import read_profile

SIZES = [(80, 24), (120, 40), (200, 50)]


def recorded(side: str) -> Profile:
    found = read_profile(PATIENT / f"profiles/{side}.collapsed")
    return replace(found, target=f"slow_api {side}")


@pytest.mark.parametrize(("columns", "rows"), SIZES)
async def test_difference(picture: Picture, columns: int, rows: int) -> None:
    async with desk(PlainWorld(), size=(columns, rows)) as open_desk:
        open_desk.app.push_screen(ProfileDiffScreen(recorded("before"), recorded("after")))
        await open_desk.until(lambda: getattr(open_desk.app.screen, "diff", None) is not None)
        await open_desk.press("slash", *"pick", "enter", "n")
        await picture(open_desk)


@pytest.mark.parametrize(("columns", "rows"), SIZES)
async def test_span(picture: Picture, columns: int, rows: int) -> None:
    async with desk(PlainWorld(), size=(columns, rows)) as open_desk:
        open_desk.app.push_screen(ProfileScreen(timed(), source))
        await open_desk.until(lambda: getattr(open_desk.app.screen, "source_text", None) is not None)
        await open_desk.press("right_square_bracket", "m", "down", "down", "down", "down")
        await picture(open_desk)


@pytest.mark.parametrize(("columns", "rows"), SIZES)
async def test_memory(picture: Picture, columns: int, rows: int) -> None:
    async with desk(PlainWorld(), size=(columns, rows)) as open_desk:
        open_desk.app.push_screen(ProfileScreen(memory(), source))
        await open_desk.until(lambda: getattr(open_desk.app.screen, "source_text", None) is not None)
        await open_desk.press("down", "down")
        await picture(open_desk)
