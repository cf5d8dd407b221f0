"""The build mode: the form, a build as it runs, and how it is left."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Event

import pytest

from screens.build.screen import BuildScreen
from screens.build_view.log_rows import StepLogRows
from screens.build_view.screen import BuildViewScreen
from screens.text_screen import TextScreen
from tests.screens.desk import HANG_SECONDS, SELDOM, Desk, desk
from tests.screens.recorded_builds import Tape, replayed
from tests.screens.worlds import PlainWorld
from workbench.model.build import BuildWish
from workbench.places import store_file
from workbench.settings import Settings
from workbench.store import Store

Plays = Callable[[str], Tape]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder: one with a Dockerfile of two stages."""
    made = tmp_path / "shop"
    (made / "docker").mkdir(parents=True)
    (made / "Dockerfile").write_text("FROM scratch AS base\nFROM scratch AS builder\nFROM base\n")
    (made / "docker" / "Dockerfile.dev").write_text("FROM scratch\n")
    monkeypatch.chdir(made)
    return made


@pytest.fixture
def plays(monkeypatch: pytest.MonkeyPatch) -> Plays:
    """Makes every build one that was recorded."""

    def play(name: str) -> Tape:
        tape = Tape(name)
        monkeypatch.setattr("workbench.building.Building", replayed(tape))
        return tape

    return play


def view(open_desk: Desk) -> BuildViewScreen:
    assert isinstance(open_desk.app.screen, BuildViewScreen)
    return open_desk.app.screen


async def begun(open_desk: Desk) -> None:
    """The form is left for the build that it began."""
    await open_desk.press("5")
    await open_desk.until(lambda: "No build is kept yet" in open_desk.text or open_desk.table("builds").rows)
    await open_desk.press("b")
    await open_desk.until(lambda: isinstance(open_desk.app.screen, BuildViewScreen))


def is_told(tape: Tape, number: int) -> bool:
    return tape.told >= number


def states(open_desk: Desk) -> list[str]:
    return open_desk.names_of("steps", 0)


# --- the form ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
async def test_it_says_what_it_does_and_takes_the_working_folder_that_has_a_dockerfile(
    folder: Path, size: tuple[int, int]
) -> None:
    async with desk(PlainWorld(), size=size) as open_desk:
        await open_desk.press("5")
        assert "b builds a Dockerfile and shows each step on a timeline" in open_desk.text
        assert open_desk.cell("folder", "value", "fields") == str(folder)
        await open_desk.until(lambda: "No build is kept yet" in open_desk.text)
        for key in ("⏎ change/open", "b build", "tab next pane"):
            assert key in open_desk.line("KeyLine")


async def test_without_a_dockerfile_nothing_is_chosen_and_b_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with desk(PlainWorld()) as open_desk:
        await open_desk.press("5")
        assert open_desk.cell("folder", "value", "fields") == "–"
        await open_desk.press("b")
        await open_desk.until(lambda: "no folder is chosen" in open_desk.text)
        await open_desk.press("enter")
        await open_desk.type(str(tmp_path))
        await open_desk.press("enter", "b")
        await open_desk.until(lambda: "Dockerfile is not there" in " ".join(open_desk.text.split()))


async def test_every_field_is_what_is_built(folder: Path, plays: Plays) -> None:
    tape = plays("buildx-cold")
    async with desk(PlainWorld()) as open_desk:
        await open_desk.press("5", "down", "enter")
        await open_desk.type("dock")
        await open_desk.press("tab")
        await open_desk.until(lambda: open_desk.app.screen.query_one("Input").value == "docker/")  # type: ignore[attr-defined]
        await open_desk.press("tab")
        await open_desk.until(
            lambda: open_desk.app.screen.query_one("Input").value == "docker/Dockerfile.dev"  # type: ignore[attr-defined]
        )
        await open_desk.press("enter", "down", "enter")
        await open_desk.type("builder")
        await open_desk.press("enter", "down", "enter")
        await open_desk.type("TOKEN=hunter2hunter2 'NOTE=two words'")
        await open_desk.press("enter", "n")
        assert "hunter2" not in open_desk.text
        assert "NOTE=two words" in open_desk.cell("arguments", "value", "fields")
        await open_desk.press("b")
        await open_desk.until(lambda: tape.recipes)
        [recipe] = tape.recipes
        assert (recipe.context, recipe.dockerfile) == (folder, folder / "docker/Dockerfile.dev")
        assert (recipe.target, recipe.uses_cache) == ("builder", False)
        assert recipe.arguments == (("TOKEN", "hunter2hunter2"), ("NOTE", "two words"))
        tape.play()
        await open_desk.until(lambda: not view(open_desk).shown.running)
        await open_desk.press("escape", "y")
        assert open_desk.app.clipboard == (
            f"workbench build {folder} --file docker/Dockerfile.dev --target builder --build-arg 'TOKEN=…' "
            "--build-arg 'NOTE=…' --no-cache"
        )


async def test_tab_offers_what_there_is(folder: Path) -> None:
    for name in ("apples", "apricots", ".hidden"):
        (folder / name).mkdir()
    async with desk(PlainWorld()) as open_desk:
        await open_desk.press("5", "enter")
        await open_desk.press("end", *("backspace",) * len(str(folder)))
        await open_desk.type("a")
        await open_desk.press("tab")
        await open_desk.until(lambda: "apples/  apricots/" in open_desk.text)
        assert open_desk.app.screen.query_one("Input").value == "ap"  # type: ignore[attr-defined]
        await open_desk.type("x")
        await open_desk.press("tab")
        await open_desk.until(lambda: "nothing begins with this" in open_desk.text)
        await open_desk.press("escape")
        assert open_desk.cell("folder", "value", "fields") == str(folder), "Esc changes nothing"
        await open_desk.press("down", "down", "enter", "tab")
        await open_desk.until(lambda: "base  builder" in open_desk.text)


async def test_what_is_found_after_the_question_was_left_is_dropped(folder: Path) -> None:
    asked, may_answer = Event(), Event()

    def slow(typed: str) -> tuple[str, ...]:
        asked.set()
        may_answer.wait(HANG_SECONDS)
        return (f"{typed}/",)

    async with desk(PlainWorld()) as open_desk:
        await open_desk.press("5")
        open_desk.app.session.builds.folders = slow  # type: ignore[method-assign]
        await open_desk.press("enter", "tab")
        await open_desk.until(asked.is_set)
        question = open_desk.app.screen
        await open_desk.press("escape")
        await open_desk.until(lambda: not question.is_attached)
        may_answer.set()
        done = Event()
        open_desk.app.session.work_out(lambda: None, lambda _: open_desk.app.deliver(done.set))
        await open_desk.until(done.is_set)
        await open_desk.until(lambda: not question._asked._running)  # type: ignore[attr-defined]
        assert open_desk.cell("folder", "value", "fields") == str(folder)


async def test_what_is_no_argument_is_refused_without_telling_its_value(folder: Path) -> None:
    async with desk(PlainWorld()) as open_desk:
        await open_desk.press("5", "down", "down", "down", "enter")
        await open_desk.type("hunter2hunter2")
        await open_desk.press("enter")
        assert "a build argument is written NAME=VALUE" in open_desk.text
        assert "hunter2" not in open_desk.text


async def test_a_read_only_session_builds_nothing(folder: Path, plays: Plays) -> None:
    tape = plays("buildx-cold")
    async with desk(PlainWorld(), settings=Settings(interval=SELDOM, read_only=True)) as open_desk:
        await open_desk.press("5")
        assert "read-only" in open_desk.text
        await open_desk.press("b")
        await open_desk.until(lambda: "read-only" in open_desk.text)
        assert open_desk.mode == "build"
        assert not tape.recipes


# --- while it runs -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["buildx-cold", "classic-cold"])
async def test_every_state_is_told_in_words_as_it_comes(folder: Path, plays: Plays, name: str) -> None:
    tape = plays(name)
    seen: set[str] = set()
    async with desk(PlainWorld()) as open_desk:
        await begun(open_desk)
        for number in range(1, len(tape.recording.pieces) + 1):
            tape.play(1)
            await open_desk.until(partial(is_told, tape, number))
            if view(open_desk).shown.steps:
                seen |= set(states(open_desk))
        assert {"running", "done"} <= seen
        assert "waiting" in seen or name.startswith("classic")
        assert "so far · no earlier build of the same says how long it takes" in open_desk.text
        tape.play(1)
        await open_desk.until(lambda: not view(open_desk).shown.running)
        assert "✔ built in" in open_desk.text


async def test_the_log_of_the_step_that_runs_is_followed_until_it_is_scrolled(folder: Path, plays: Plays) -> None:
    tape = plays("classic-cold")
    async with desk(PlainWorld()) as open_desk:
        await begun(open_desk)
        while "Collecting pandas" not in open_desk.text:
            tape.play(1)
            await open_desk.pilot.pause(0.02)
        assert "Log of dependencies 4" in open_desk.text
        assert "following" in open_desk.text
        await open_desk.press("tab", "up")
        assert "held: f follows" in open_desk.text
        tape.play(1)
        await open_desk.until(lambda: "held, more below: f follows" in open_desk.text)
        assert "Collecting torch" not in open_desk.text
        await open_desk.press("end")
        await open_desk.until(lambda: "Collecting torch" in open_desk.text)
        assert "following" in open_desk.text
        tape.play()
        await open_desk.until(lambda: not view(open_desk).shown.running)


async def test_a_line_of_the_log_that_is_clicked_is_held(folder: Path, plays: Plays) -> None:
    tape = plays("classic-cold")
    async with desk(PlainWorld()) as open_desk:
        await begun(open_desk)
        while "Collecting pandas" not in open_desk.text:
            tape.play(1)
            await open_desk.pilot.pause(0.02)
        rows = view(open_desk).query_one(StepLogRows)
        count, line = rows.line_count, rows.cells_at(0)[0].text
        await open_desk.click(rows, 4, 1)
        assert "held: f follows" in open_desk.text
        assert rows.line_count == count
        assert line == rows.cells_at(rows.cursor)[0].text
        await open_desk.click(rows, 4, 1)
        assert isinstance(open_desk.app.screen, TextScreen), "as Enter"
        await open_desk.press("escape")
        await open_desk.click(rows, 4, min(count, rows.size.height - 1))
        assert "following" in open_desk.text
        tape.play()
        await open_desk.until(lambda: not view(open_desk).shown.running)


async def test_a_log_without_lines_cannot_be_opened(folder: Path, plays: Plays) -> None:
    plays("classic-cold")
    async with desk(PlainWorld()) as open_desk:
        await begun(open_desk)
        rows = view(open_desk).query_one(StepLogRows)
        rows.focus()
        await open_desk.press("enter", "up", "y")
        await open_desk.click(rows, 4, 1)
        await open_desk.click(rows, 4, 1)
        assert isinstance(open_desk.app.screen, BuildViewScreen)
        assert open_desk.app.clipboard == ""


async def test_expected_and_remaining_time_come_from_earlier_builds_of_the_same(folder: Path, plays: Plays) -> None:
    for _ in range(2):
        tape = plays("buildx-cold")
        async with desk(PlainWorld()) as open_desk:
            await begun(open_desk)
            tape.play()
            await open_desk.until(lambda: not view(open_desk).shown.running)
    tape = plays("buildx-cold")
    async with desk(PlainWorld()) as open_desk:
        await begun(open_desk)
        while "running" not in (states(open_desk) if view(open_desk).shown.steps else []):
            tape.play(1)
            await open_desk.pilot.pause(0.02)
        await open_desk.until(lambda: "left · expected" in open_desk.text)
        assert "from 2 earlier builds" in open_desk.text
        tape.play()
        await open_desk.until(lambda: not view(open_desk).shown.running)
        assert "(2 earlier builds)" in open_desk.text


@pytest.mark.parametrize("key", ["escape", "q", "ctrl+c"])
async def test_leaving_a_build_that_runs_asks_and_cancels_it(folder: Path, plays: Plays, key: str) -> None:
    tape = plays("buildx-cold")
    async with desk(PlainWorld()) as open_desk:
        await begun(open_desk)
        tape.play(9)
        await open_desk.until(lambda: view(open_desk).shown.steps)
        await open_desk.press(key)
        assert "Enter or y: cancel" in open_desk.text
        await open_desk.press("escape")
        assert view(open_desk).shown.running, "Esc leaves it"
        assert not tape.stopped.is_set()
        await open_desk.press(key, "y")
        await open_desk.until(tape.stopped.is_set)
        if key == "escape":
            await open_desk.until(lambda: "cancelled after" in open_desk.text)
            await open_desk.press("escape")
            await open_desk.until(lambda: open_desk.cell("1", "status", "builds") == "cancelled")
        else:
            await open_desk.until(lambda: open_desk.app.return_value == 0)
    with Store.open(store_file()) as store:
        assert [run.status for run in store.runs()] == ["interrupted"]


@pytest.mark.parametrize("impatient", [False, True])
async def test_quitting_waits_for_a_cancelled_build_that_removes_what_it_made(
    folder: Path, plays: Plays, impatient: bool
) -> None:
    tape = plays("buildx-cold")
    tape.may_end.clear()
    async with desk(PlainWorld()) as open_desk:
        await begun(open_desk)
        tape.play(9)
        await open_desk.until(lambda: view(open_desk).shown.steps)
        await open_desk.press("escape", "y")
        await open_desk.until(tape.stopped.is_set)
        await open_desk.press("q")
        assert open_desk.app.return_value is None
        assert "q leaves at once" in open_desk.line("StatusLine")
        if impatient:
            await open_desk.press("q")
        else:
            tape.may_end.set()
        await open_desk.until(lambda: open_desk.app.return_value == 0)
    tape.may_end.set()


async def test_a_build_goes_on_behind_another_mode_and_says_when_it_has_ended(folder: Path, plays: Plays) -> None:
    tape = plays("buildx-cold")
    async with desk(PlainWorld()) as open_desk:
        await begun(open_desk)
        await open_desk.press("1")
        assert open_desk.mode == "fleet"
        tape.play()
        await open_desk.until(lambda: "has ended: 5 shows it" in open_desk.line("StatusLine"))
        await open_desk.press("5")
        assert "✔ built in" in open_desk.text


async def test_a_cancelled_build_that_was_left_comes_to_the_earlier_builds_when_it_is_kept(
    folder: Path, plays: Plays
) -> None:
    tape = plays("buildx-cold")
    tape.may_end.clear()
    async with desk(PlainWorld()) as open_desk:
        await begun(open_desk)
        tape.play(9)
        await open_desk.until(lambda: view(open_desk).shown.steps)
        await open_desk.press("escape", "y", "escape")
        await open_desk.until(tape.stopped.is_set)
        assert isinstance(open_desk.app.screen, BuildScreen)
        assert not open_desk.table("builds").rows
        tape.may_end.set()
        await open_desk.until(lambda: open_desk.names_of("builds", 5) == ["cancelled"])


async def test_nothing_is_drawn_of_a_build_that_nobody_looks_at(folder: Path, plays: Plays) -> None:
    tape = plays("buildx-cold")
    async with desk(PlainWorld()) as open_desk:
        await begun(open_desk)
        tape.play(9)
        await open_desk.until(lambda: view(open_desk).shown.steps)
        screen = view(open_desk)
        await open_desk.until(partial(is_told, tape, 9))
        await open_desk.press("1")
        before = screen.shown
        tape.play(9)
        await open_desk.until(partial(is_told, tape, 18))
        await open_desk.read_again()
        assert screen.shown is before
        await open_desk.press("5")
        assert screen.shown.steps != before.steps


async def test_the_clock_of_a_build_stands_still_when_it_has_ended(folder: Path, plays: Plays) -> None:
    tape = plays("buildx-cold")
    async with desk(PlainWorld(), still=False) as open_desk:
        await begun(open_desk)
        ticking = view(open_desk)._ticking
        assert ticking is not None
        assert ticking._task is not None
        tape.play()
        await open_desk.until(lambda: not view(open_desk).shown.running)
        assert ticking._task is None


async def test_what_the_engine_refuses_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tape = Tape("buildx-cold")
    broken = replayed(tape)

    def run(*_: object) -> None:
        from workbench.errors import EngineUnreachable

        raise EngineUnreachable("nothing answers at unix:///var/run/docker.sock", "sudo systemctl start docker")

    monkeypatch.setattr(broken, "run", run)
    monkeypatch.setattr("workbench.building.Building", broken)
    async with desk(PlainWorld()) as open_desk:
        await begun(open_desk)
        await open_desk.until(lambda: "✘ nothing was built: nothing answers" in open_desk.text)
        assert "sudo systemctl start docker" in open_desk.text
        await open_desk.press("escape")
        assert open_desk.cell("folder", "value", "fields") == str(folder)


async def test_it_is_offered_again_what_was_built_last(folder: Path) -> None:
    async with desk(PlainWorld()) as open_desk:
        open_desk.app.session.builds.wish = BuildWish("/srv/other", target="tests")
        await open_desk.press("5")
        assert open_desk.cell("folder", "value", "fields") == "/srv/other"
        assert open_desk.cell("target", "value", "fields") == "tests"
