"""The form before a profile: one letter picks the profiler, Enter starts, and nothing is risked without a yes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from screens.choose import ConfirmScreen
from screens.profile.form import ProfileForm
from screens.profile.kept import KeptScreen
from screens.profile.recording import RecordingScreen
from screens.profile.screen import ProfileScreen
from screens.profile.stacks import StacksScreen
from tests.screens.desk import SELDOM, Desk, desk
from tests.screens.profiles import FRESH, GDB, GUNICORN, SIDECAR, WAYS, Profiles, kept_run
from tests.screens.worlds import PlainWorld, container
from workbench.model.processes import FocusSnapshot, Process
from workbench.model.reading import Fresh, Missing
from workbench.settings import Settings

API = container("api", 1)


@asynccontextmanager
async def opened(*keys: str, size: tuple[int, int] = (120, 40)) -> AsyncIterator[tuple[Desk, Profiles]]:
    """The workbench, some keys pressed, and the ways in known where the form is open."""
    async with desk(PlainWorld((API,)), size=size) as open_desk:
        profiles = Profiles(open_desk)
        await open_desk.press(*keys)
        form = open_desk.app.screen
        await open_desk.until(lambda: not isinstance(form, ProfileForm) or form._ways is not None)
        yield open_desk, profiles


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
async def test_everything_is_on_screen_at_every_size(size: tuple[int, int]) -> None:
    async with opened("p", size=size) as (open_desk, _):
        for letter in "pcmlid":
            await open_desk.press(letter)
            text = open_desk.text
            assert "Profile api" in text
            assert "Enter starts" in text
            assert "Esc leaves" in text
            assert all(title in text for title in ("py-spy", "cProfile", "memray", "lines", "imports", "dump"))
            chosen = WAYS[open_desk.app.screen._draft.profiler]  # type: ignore[attr-defined]
            assert f"way in     {next(way.name for way in chosen if way.is_open)}" in text
            assert all(len(line) <= size[0] for line in open_desk.lines)


@pytest.mark.parametrize(("keys", "profiler"), [("p", "py-spy"), ("pi", "imports"), ("pd", "dump")])
async def test_a_letter_picks_the_profiler_and_enter_starts_it_however_fast_they_come(keys: str, profiler: str) -> None:
    async with opened() as (open_desk, profiles):
        await open_desk.rush(*keys, "enter")
        await open_desk.until(lambda: profiles.recorded)
        assert profiles.recorded[0][0] == profiler
        assert profiles.recorded[0][1].seconds == 10


async def test_what_may_go_wrong_is_shown_and_asked_for_before_it_starts() -> None:
    async with opened("c") as (open_desk, profiles):
        assert "it may go wrong: a debugger may end the process" in open_desk.text
        await open_desk.press("enter")
        assert isinstance(open_desk.app.screen, ConfirmScreen)
        assert "a debugger may end the process" in open_desk.text
        await open_desk.press("n")
        assert isinstance(open_desk.app.screen, ProfileForm)
        assert profiles.recorded == []
        await open_desk.press("enter", "y")
        await open_desk.until(lambda: profiles.recorded)
        name, wish = profiles.recorded[0]
        assert (name, wish.route, wish.accepts_risk) == ("cprofile", "gdb", True)


async def test_a_yes_is_good_for_one_start_only() -> None:
    async with opened("c", "enter", "y") as (open_desk, profiles):
        await open_desk.until(lambda: profiles.recorded)
        await open_desk.press("escape")
        await open_desk.until(lambda: shown(open_desk, ProfileScreen))
        await open_desk.press("escape", "c")
        await open_desk.until(lambda: "it may go wrong" in open_desk.text)
        await open_desk.press("enter")
        assert isinstance(open_desk.app.screen, ConfirmScreen)


async def test_r_makes_it_a_fresh_run_and_the_process_that_runs_is_not_touched() -> None:
    async with opened("p", "r") as (open_desk, profiles):
        assert "c[cProfile]" in open_desk.text
        assert "the same container once more" in open_desk.text
        await open_desk.press("enter")
        await open_desk.until(lambda: profiles.recorded)
        assert (profiles.recorded[0][0], profiles.recorded[0][1].route) == ("cprofile", "fresh")
        assert not profiles.recorded[0][1].accepts_risk


async def test_a_closed_way_tells_why_and_the_next_that_is_open_is_taken() -> None:
    async with opened("m") as (open_desk, _):
        assert "closed: gdb · its libc is too old" in open_desk.text
        assert "way in     fresh" in open_desk.text


async def test_nothing_open_tells_what_does_work() -> None:
    async with opened() as (open_desk, profiles):
        profiles.ways = {**WAYS, "py-spy": (replace(SIDECAR, closed="it is paused"),), "imports": (FRESH,)}
        await open_desk.press("p")
        await open_desk.until(lambda: "it is paused" in open_desk.text)
        assert "what works: c cProfile, m memray as a fresh run" in open_desk.text
        await open_desk.press("enter")
        assert profiles.recorded == []
        assert isinstance(open_desk.app.screen, ProfileForm)


async def test_the_options_are_what_is_recorded() -> None:
    async with opened("p", "v", "n", "t", "b", "4", "5") as (open_desk, profiles):
        assert "45 s" in open_desk.text
        await open_desk.press("h", "enter")
        await open_desk.until(lambda: profiles.recorded)
        wish = profiles.recorded[0][1]
        assert (wish.idle, wish.native, wish.gil, wish.subprocesses) == (True, True, True, False)
        assert (wish.seconds, wish.rate) == (45, 200)


async def test_arrows_do_what_the_letters_do() -> None:
    async with opened("p", "down", "right", "down", "left") as (open_desk, _):
        wish = open_desk.app.screen._draft.wish  # type: ignore[attr-defined]
        assert (wish.seconds, wish.rate) == (30, 50)
        await open_desk.press("up", "up", "right")
        assert "c[cProfile]" in open_desk.text


async def test_figures_are_bounded_and_can_be_taken_back() -> None:
    async with opened("p", "9", "9", "9", "9") as (open_desk, _):
        form = open_desk.app.screen
        assert form._draft.wish.seconds == 999  # type: ignore[attr-defined]
        await open_desk.press("backspace", "backspace", "0")
        assert form._draft.wish.seconds == 90  # type: ignore[attr-defined]


async def test_a_process_is_chosen_among_the_pythons() -> None:
    async with opened("c", "o", "o") as (open_desk, profiles):
        assert "8 python3 worker" in open_desk.text
        await open_desk.press("enter", "y")
        await open_desk.until(lambda: profiles.recorded)
        assert profiles.recorded[0][1].pid == 8


async def test_lines_ask_for_functions_first() -> None:
    async with opened("p", "l") as (open_desk, profiles):
        assert "choose the functions first: f" in open_desk.text
        await open_desk.press("enter")
        assert profiles.recorded == []
        await open_desk.press("f", "down", "space", "t", *"shop.cart:total", "enter", "enter")
        assert "shop.orders:load, shop.cart:total" in open_desk.text
        await open_desk.press("enter", "y")
        await open_desk.until(lambda: profiles.recorded)
        assert profiles.recorded[0][1].functions == ("shop.orders:load", "shop.cart:total")


async def test_another_command_goes_with_a_fresh_run() -> None:
    async with opened("p", "i", "k", *"python3 -c 'import json'", "enter") as (open_desk, profiles):
        assert "python3 -c 'import json'" in open_desk.text
        await open_desk.press("enter")
        await open_desk.until(lambda: profiles.recorded)
        assert profiles.recorded[0][1].command == ("python3", "-c", "import json")


async def test_enter_before_the_probe_has_answered_is_not_lost() -> None:
    async with opened() as (open_desk, profiles):
        profiles.looks.clear()
        await open_desk.press("p", "enter")
        assert "it starts as soon as the container has been looked at" in open_desk.text
        assert profiles.recorded == []
        profiles.looks.set()
        await open_desk.until(lambda: profiles.recorded)


async def test_an_answer_that_comes_after_esc_is_dropped() -> None:
    async with opened() as (open_desk, profiles):
        profiles.looks.clear()
        await open_desk.press("p")
        form = open_desk.app.screen
        await open_desk.press("escape")
        await open_desk.until(lambda: not form.is_attached)
        profiles.looks.set()
        form._probed(profiles.facts)  # type: ignore[attr-defined]
        form._kept_came(Fresh((), 0.0))  # type: ignore[attr-defined]
        assert open_desk.mode == "fleet"


async def test_a_container_that_cannot_be_looked_at_says_why() -> None:
    async with opened() as (open_desk, profiles):
        profiles.facts = Missing("there is no container api", "look at the fleet")
        await open_desk.press("p")
        await open_desk.until(lambda: "there is no container api · look at the fleet" in open_desk.text)
        await open_desk.press("enter")
        assert profiles.recorded == []


async def test_what_was_chosen_is_offered_again_but_no_process_of_another_container() -> None:
    world = PlainWorld((API, container("worker", 2)))
    async with desk(world) as open_desk:
        profiles = Profiles(open_desk)
        await open_desk.press("p", "3", "v", "enter")
        await open_desk.until(lambda: profiles.recorded)
        await open_desk.press("escape")
        await open_desk.until(lambda: shown(open_desk, ProfileScreen))
        await open_desk.press("escape", "down", "p")
        wish = open_desk.app.screen._draft.wish  # type: ignore[attr-defined]
        assert (wish.seconds, wish.idle, wish.pid, wish.route) == (3, True, None, None)


async def test_the_result_opens_in_place_and_says_where_it_is_kept() -> None:
    async with opened("p", "enter") as (open_desk, profiles):
        await open_desk.until(lambda: profiles.recorded)
        assert isinstance(open_desk.app.screen, RecordingScreen)
        await open_desk.until(lambda: "handle" in open_desk.text)
        assert "9 s left" in open_desk.text
        await open_desk.press("escape")
        await open_desk.until(lambda: shown(open_desk, ProfileScreen))
        await open_desk.until(lambda: "kept as run 12" in open_desk.text)


async def test_esc_once_more_does_not_wait_for_an_engine_that_hangs() -> None:
    async with opened("d") as (open_desk, profiles):
        profiles.hangs = True
        await open_desk.until(lambda: profiles.recorded)
        await open_desk.press("escape")
        assert "Esc once more does not wait for it" in open_desk.text
        await open_desk.press("escape")
        assert not shown(open_desk, RecordingScreen)
        assert "ends by itself" in open_desk.text
        profiles.lets_go.set()


async def test_d_looks_at_once_and_its_text_can_be_searched() -> None:
    async with opened("d") as (open_desk, profiles):
        await open_desk.until(lambda: profiles.recorded)
        assert profiles.recorded[0][0] == "dump"
        await open_desk.press("escape")
        await open_desk.until(lambda: shown(open_desk, StacksScreen))
        assert "All stacks of api" in open_desk.text
        await open_desk.press("slash", *"threading")
        assert "1 line with threading" in open_desk.text
        await open_desk.press("enter")
        assert "▸     wait" in open_desk.text
        await open_desk.press("t")
        assert "▸ process 7 thread 7 Main" in open_desk.text
        await open_desk.press("escape", "escape")
        assert not shown(open_desk, StacksScreen)


async def test_an_earlier_profile_opens_again() -> None:
    async with opened() as (open_desk, profiles):
        profiles.kept_ones = (kept_run(13, "cprofile"), kept_run(12))
        await open_desk.press("p")
        assert "e 2 earlier" in open_desk.text
        await open_desk.press("e")
        assert isinstance(open_desk.app.screen, KeptScreen)
        assert open_desk.names("kept") == ["13", "12"]
        await open_desk.press("down", "enter")
        await open_desk.until(lambda: shown(open_desk, ProfileScreen))
        assert "Profile  api" in open_desk.text
        await open_desk.press("escape", "p", "e", "enter")
        await open_desk.until(lambda: "there is no run 13" in open_desk.text)


async def test_in_a_container_the_process_under_the_cursor_is_meant() -> None:
    world = PlainWorld((API,))
    processes = tuple(
        Process(100 + one.pid, 100 + one.parent_pid, one.name, inner_pid=one.pid, command=one.command)
        for one in GUNICORN
    )
    world.focus.value = FocusSnapshot(API.id, processes)
    async with desk(world) as open_desk:
        profiles = Profiles(open_desk)
        await open_desk.press("enter")
        open_desk.app.session.focus.refresh()
        await open_desk.until(lambda: open_desk.table("processes").rows)
        await open_desk.press("d")
        await open_desk.until(lambda: profiles.recorded)
        assert profiles.recorded[-1][1].pid is None, "the first process is the whole container"
        await open_desk.press("escape", "escape", "down", "down", "p")
        await open_desk.until(lambda: "8 python3 worker" in open_desk.text)
        await open_desk.press("enter")
        await open_desk.until(lambda: len(profiles.recorded) == 2)
        assert profiles.recorded[-1][1].pid == 8
        await open_desk.press("escape")
        await open_desk.until(lambda: shown(open_desk, ProfileScreen))
        await open_desk.press("escape", "down", "p")
        await open_desk.until(lambda: "process 9, sleep 60, is no Python" in open_desk.text)
        await open_desk.press("enter")
        assert len(profiles.recorded) == 2


async def test_a_recorded_session_has_nothing_to_record_but_what_was_kept() -> None:
    world = PlainWorld((API,))
    world.recorded = True
    async with desk(world) as open_desk:
        profiles = Profiles(open_desk)
        profiles.kept_ones = (kept_run(12),)
        await open_desk.press("p")
        assert "a recording cannot be profiled: open the engine that it was recorded on" in open_desk.text
        await open_desk.press("enter", "e", "enter")
        await open_desk.until(lambda: shown(open_desk, ProfileScreen))
        await open_desk.press("escape", "d")
        assert profiles.recorded == []


async def test_a_read_only_session_tells_what_it_would_have_to_make() -> None:
    from workbench.profiling import READ_ONLY

    async with desk(PlainWorld((API,)), settings=Settings(interval=SELDOM, read_only=True)) as open_desk:
        profiles = Profiles(open_desk)
        profiles.ways = {name: tuple(replace(way, closed=READ_ONLY) for way in ways) for name, ways in WAYS.items()}
        await open_desk.press("p")
        await open_desk.until(lambda: READ_ONLY in " ".join(open_desk.text.replace("│", " ").split()))
        await open_desk.press("enter", "c", "enter", "i", "enter")
        assert profiles.recorded == []


async def test_hostile_names_are_shown_as_text() -> None:
    evil = "\x1b[31m[bold]api"
    async with desk(PlainWorld((container(evil, 1),))) as open_desk:
        profiles = Profiles(open_desk)
        profiles.ways = {**WAYS, "cprofile": (replace(GDB, risk="\x1b[2J[red]"),)}
        await open_desk.press("c")
        await open_desk.until(lambda: "it may go wrong" in open_desk.text)
        assert "[bold]api" in open_desk.text
        await open_desk.press("enter")
        assert "[red]" in open_desk.text
        assert "\x1b" not in open_desk.text


def shown(open_desk: Desk, kind: type[object]) -> bool:
    return any(isinstance(screen, kind) for screen in open_desk.app.screen_stack)
