"""Pictures of profiles: two recordings of the sample project slow_api, before and after, compared; `make pictures`."""

from dataclasses import replace

from screens.profile.screen import ProfileScreen
from screens.profile_diff.screen import ProfileDiffScreen
from tests.sample_projects.test_slow_api import PATIENT
from tests.screens.conftest import Picture, settled
from tests.screens.desk import desk
from tests.screens.test_profile import memory, source, timed
from tests.screens.worlds import PlainWorld
from workbench.model.profile import Profile
from workbench.profile_files import read_profile


def recorded(side: str) -> Profile:
    found = read_profile(PATIENT / f"profiles/{side}.collapsed")
    return replace(found, target=f"slow_api {side}")


async def difference(picture: Picture, columns: int, rows: int) -> None:
    async with desk(PlainWorld(), size=(columns, rows)) as open_desk:
        open_desk.app.push_screen(ProfileDiffScreen((recorded("before"),), (recorded("after"),)))
        await open_desk.until(lambda: getattr(open_desk.app.screen, "diff", None) is not None)
        await open_desk.press("end")
        await picture(open_desk)


async def profile(picture: Picture, shown: Profile, columns: int, rows: int, *keys: str) -> None:
    async with desk(PlainWorld(), size=(columns, rows)) as open_desk:
        open_desk.app.push_screen(ProfileScreen(shown, source))
        await open_desk.until(lambda: getattr(open_desk.app.screen, "source_text", None) is not None)
        for key in keys:
            await open_desk.press(key)
            await settled(open_desk)  # what a key asks for is worked out on a thread, and the next key is for that
        await picture(open_desk)


async def test_difference_80x24(picture: Picture) -> None:
    await difference(picture, 80, 24)


async def test_difference_120x40(picture: Picture) -> None:
    await difference(picture, 120, 40)


async def test_difference_200x50(picture: Picture) -> None:
    await difference(picture, 200, 50)


SPAN = ("right_square_bracket", "m", "down", "down", "down", "down")


async def test_span_80x24(picture: Picture) -> None:
    await profile(picture, timed(), 80, 24, *SPAN)


async def test_span_120x40(picture: Picture) -> None:
    await profile(picture, timed(), 120, 40, *SPAN)


async def test_memory_80x24(picture: Picture) -> None:
    await profile(picture, memory(), 80, 24, "down", "down")


async def test_memory_120x40(picture: Picture) -> None:
    await profile(picture, memory(), 120, 40, "down", "down")
