"""Two profiles compared on the screen: what gained and lost, what that is worth, and what cannot be told."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from screens.fleet.screen import FleetScreen
from screens.profile_diff import screen as diff_screen
from screens.profile_diff.screen import ProfileDiffScreen
from screens.widgets.flame_graph import FlameGraph
from tests.screens.desk import Desk, desk
from tests.screens.test_profile import exact, memory
from tests.screens.worlds import PlainWorld
from tests.workbench.measure.compare.test_repeated_profiles import several
from workbench.model.profile import Profile
from workbench.profile_files import parse_profile

BEFORE = """\
main (/srv/app.py:3);slow (/srv/app.py:8) 600
main (/srv/app.py:3);same (/srv/app.py:9) 390
main (/srv/app.py:3);gone (/srv/app.py:10) 10
"""
AFTER = """\
main (/srv/app.py:3);slow (/srv/app.py:18) 200
main (/srv/app.py:3);same (/srv/app.py:19) 400
main (/srv/app.py:3);fresh (/srv/app.py:20) 400
"""


def sampled(text: str, name: str) -> Profile:
    return parse_profile(text.encode(), name)


@asynccontextmanager
async def compared(before: Profile, after: Profile, *, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Desk]:
    async with desk(PlainWorld(), size=size) as open_desk:
        open_desk.app.push_screen(ProfileDiffScreen((before,), (after,)))
        await open_desk.until(lambda: getattr(open_desk.app.screen, "diff", None) is not None)
        yield open_desk


def two() -> tuple[Profile, Profile]:
    return sampled(BEFORE, "old"), sampled(AFTER, "new")


def shown(open_desk: Desk) -> Any:
    return open_desk.app.screen


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
async def test_what_gained_and_lost_is_said_in_signs_and_words(size: tuple[int, int]) -> None:
    async with compared(*two(), size=size) as open_desk:
        assert "Difference  old → new · py-spy" in open_desk.text
        assert "−slow  −40%" in open_desk.text
        assert "+fresh  +40%" in open_desk.text
        assert "▏same  +1.0%" not in open_desk.text, "a point is drawn as a gain"
        await open_desk.press("down", "down")
        assert " slow  own code  /srv/app.py:18" in open_desk.text
        assert " lost −40%  before 60%  after 20%" in open_desk.text
        assert len(open_desk.lines) == size[1]
        assert all(len(line) <= size[0] for line in open_desk.lines)


async def test_frames_are_as_wide_as_the_larger_of_both() -> None:
    async with compared(*two()) as open_desk:
        flame = open_desk.app.screen.query_one(FlameGraph)
        rows = [flame.render_line(y).text for y in range(3)]
        starts = {name: rows[2].index(name) - 1 for name in ("slow", "same", "fresh")}
        width = len(rows[2])
        assert starts["slow"] == 0
        assert starts["fresh"] == pytest.approx(width * 0.6 / 1.41, abs=2) or starts["same"] == pytest.approx(
            width * 0.6 / 1.41, abs=2
        )


async def test_the_table_says_what_a_difference_is_worth() -> None:
    async with compared(*two()) as open_desk:
        await open_desk.press("t")
        assert open_desk.names("functions")[:2] in (["fresh", "slow"], ["slow", "fresh"])
        words = dict(zip(open_desk.names("functions"), open_desk.names_of("functions", 4), strict=True))
        assert words == {"slow": "lost", "fresh": "new", "gone": "gone", "same": "chance", "main": "chance"}
        row = open_desk.names("functions").index("same")
        assert open_desk.names_of("functions", 5)[row] not in ("–", "<0.001")
        assert open_desk.names_of("functions", 6)[row] == "±6.1%"
        await open_desk.press("slash")
        await open_desk.type("fres")
        assert open_desk.names("functions") == ["fresh"]
        await open_desk.press("enter", "enter")
        assert shown(open_desk).view == "flame"
        assert "▸fresh" in open_desk.text


async def test_before_and_after_change_places() -> None:
    async with compared(*two()) as open_desk:
        await open_desk.press("b")
        assert "Difference  new → old" in open_desk.text
        assert "+slow  +40%" in open_desk.text
        await open_desk.press("down", "down", "y")
        assert open_desk.app.clipboard == "slow srv/app.py:8: 20% → 60%, +40%"


async def test_counted_calls_come_first_and_times_are_shares() -> None:
    before = exact()
    functions = tuple(replace(each, calls=10 if each.place.name == "f" else each.calls) for each in before.functions)
    async with compared(before, replace(before, functions=functions)) as open_desk:
        await open_desk.press("t")
        assert open_desk.names("functions")[0] == "f"
        assert open_desk.cell("0", "calls", "functions") == "400 → 10"
        assert open_desk.cell("0", "worth", "functions") == "fewer calls"
        await open_desk.press("W")
        assert "no absolute figures: there is one run before and after" in open_desk.text


@asynccontextmanager
async def repeated(size: tuple[int, int]) -> AsyncIterator[Desk]:
    sides = several(6, 600, seed=1), several(6, 200, seed=2)
    async with desk(PlainWorld(), size=size) as open_desk:
        open_desk.app.push_screen(ProfileDiffScreen(*sides))
        await open_desk.until(lambda: getattr(open_desk.app.screen, "diff", None) is not None)
        yield open_desk


@pytest.mark.parametrize("size", [(80, 24), (160, 40)])
async def test_repeated_runs_have_times_with_verdicts(size: tuple[int, int]) -> None:
    async with repeated(size) as open_desk:
        assert "Difference  api, 6 runs → api, 6 runs · py-spy" in open_desk.text
        await open_desk.press("down", "down")
        assert "gained +26%" in open_desk.line("#figures"), "of a whole that became less"
        assert "all of same: " in open_desk.line("#figures")
        assert " ms → " in open_desk.line("#figures")
        await open_desk.press("t")
        assert "medians of 6 and 6 runs, per second of recording" in open_desk.text
        row = open_desk.table("functions").rows[0].key
        assert open_desk.cell(row, "worth", "functions") == "better"
        assert open_desk.cell(row, "before", "functions").endswith(" ms")
        await open_desk.press("y")
        assert open_desk.app.clipboard.endswith(" (better)")
        await open_desk.press("u")
        assert "medians of" not in open_desk.text
        assert open_desk.cell("0", "before", "functions").endswith("%")
        await open_desk.press("b")
        await open_desk.until(lambda: shown(open_desk).diff is not None)
        assert open_desk.cell("0", "before", "functions").endswith("%"), "shares, as was chosen"
        await open_desk.press("b")
        await open_desk.until(lambda: shown(open_desk).diff is not None)
        await open_desk.press("u", "enter")
        assert shown(open_desk).view == "flame"
        await open_desk.press("W")
        assert "Mann-Whitney" in open_desk.text
        assert "taken as independent" in " ".join(open_desk.text.split())


async def test_without_repeats_it_says_why_there_are_no_times() -> None:
    async with compared(*two()) as open_desk:
        await open_desk.press("u")
        assert "no absolute figures: there is one run before and after" in open_desk.line("StatusLine")


async def test_memory_is_compared_by_its_bytes() -> None:
    before = memory()
    doubled = tuple(replace(each, tree=twice(each.tree)) for each in before.aspects)
    async with compared(before, replace(before, aspects=doubled, tree=doubled[0].tree)) as open_desk:
        assert "40.0 MiB → 80.0 MiB" in open_desk.text
        assert "+keep  +30.0 MiB" in open_desk.text
        assert "memory peak" in open_desk.line("#legend")
        await open_desk.press("a")
        assert "+keep  +2.00 MiB" in open_desk.text
        assert "memory leaks" in open_desk.line("#legend")
        await open_desk.press("W")
        assert "there is no statistics to it" in open_desk.text


def twice(tree: Any) -> Any:
    return replace(tree, own=type(tree.own)("d", (2 * each for each in tree.own)),
                   total=type(tree.total)("d", (2 * each for each in tree.total)))  # fmt: skip


async def test_large_ones_are_compared_off_the_screens_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diff_screen, "LARGE", 1)
    async with compared(*two()) as open_desk:
        assert open_desk.app.doing == ""
        assert "−slow  −40%" in open_desk.text
        await open_desk.press("escape")
        assert isinstance(open_desk.app.screen, FleetScreen)


async def test_hostile_names_stay_text() -> None:
    before = sampled("\x1b[31mred (/srv/[bold]x[/]\x1b]0;t\x07.py:3) 5\n", "\x1b[2Ja")
    async with compared(before, sampled("\u202egnp (/etc/shadow:1) 5\n", "[red]b")) as open_desk:
        await open_desk.press("down", "t", "W")
        assert "\x1b" not in open_desk.text
        assert "\u202e" not in open_desk.text
        assert "[red]b" in open_desk.text
