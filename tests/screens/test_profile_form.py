"""The form before a profile: one letter picks the profiler, Enter starts, and nothing is risked without a yes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.screens.desk import Desk, desk
from tests.screens.profiles import Profiles
from tests.screens.worlds import PlainWorld, container

API = container("api", 1)


@asynccontextmanager
async def opened(size: tuple[int, int] = (120, 40)) -> AsyncIterator[tuple[Desk, Profiles]]:
    async with desk(PlainWorld((API,)), size=size) as open_desk:
        yield open_desk, Profiles(open_desk)


@pytest.mark.parametrize(
    ("keys", "profiler"),
    [("p", "py-spy"), ("pi", "imports"), ("pd", "dump")],
)
async def test_a_letter_picks_the_profiler_and_enter_starts_it_however_fast_they_come(keys: str, profiler: str) -> None:
    async with opened() as (open_desk, profiles):
        await open_desk.rush(*keys, "enter")
        await open_desk.until(lambda: profiles.recorded)
        assert profiles.recorded[0][0] == profiler
        assert profiles.recorded[0][1].seconds == 10
