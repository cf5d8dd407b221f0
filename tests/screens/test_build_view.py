"""What a build came to: the timeline, the longest chain, what failed, and a build that is opened again."""

from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from screens.build.screen import BuildScreen
from screens.build_view.log_lines import lines_of
from screens.build_view.rows import axis_of, cells, listed, state_of
from screens.build_view.screen import BuildViewScreen
from screens.build_view.shown import BuildClock, Shown, finished
from screens.build_view.words import page, told
from screens.widgets.time_bars import axis_end, scale, time_bar
from tests.screens.desk import HANG_SECONDS, SELDOM, Desk, desk
from tests.screens.recorded_builds import NAMES, Recording, Tape, replayed
from tests.screens.test_runs import record
from tests.screens.worlds import PlainWorld
from workbench.build_run import read_build
from workbench.building import BuildOutcome
from workbench.builds.recipe import Recipe
from workbench.measure.build_graph import graph_of
from workbench.model.build import Build, BuildStep
from workbench.model.opened_build import OpenedBuild
from workbench.settings import Settings

SIZES = [(80, 24), (120, 40), (200, 50)]


async def opened(open_desk: Desk, build: OpenedBuild) -> BuildViewScreen:
    await open_desk.press("5")
    screen = BuildViewScreen(build)
    open_desk.app.push_screen(screen)
    await open_desk.until(lambda: screen.is_mounted and open_desk.table("steps").rows)
    await open_desk.until(lambda: open_desk.table("steps").width_of("chart"))
    return screen


def shown_of(name: str) -> Shown:
    return finished(Shown(""), Recording(name).opened())


def keep(name: str, folder: Path) -> int:
    """Keep a recorded build as a run."""
    building = replayed(Tape(name))(Settings(interval=SELDOM))
    build = Recording(name).build()
    recipe = Recipe(folder, folder / "Dockerfile")
    return building.keep(BuildOutcome(recipe, (build,), (graph_of(build),), ""), "~/shop")


# --- what every recording shows --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", SIZES)
async def test_every_step_is_a_row_with_its_state_in_words(name: str, size: tuple[int, int]) -> None:
    recording = Recording(name)
    async with desk(PlainWorld(), size=size) as open_desk:
        screen = await opened(open_desk, recording.opened())
        own = [step for step in screen.shown.steps if not step.is_internal]
        names = open_desk.names("steps")
        assert len(names) >= len(own)
        assert ("failed" in names) == name.endswith("failed")
        assert ("cached" in names) == name.endswith("touched") or name.startswith("buildx")
        assert "done" in names
        assert "instruction" in open_desk.text
        assert "█" in open_desk.text, "the longest chain is told without colours"


@pytest.mark.parametrize("name", ["buildx-failed", "classic-failed"])
async def test_what_failed_is_told_first_and_is_under_the_cursor(name: str) -> None:
    async with desk(PlainWorld(), size=(80, 24)) as open_desk:
        screen = await opened(open_desk, Recording(name).opened())
        lines = open_desk.lines
        place = next(number for number, line in enumerate(lines) if "✘ failed after" in line)
        assert place == 3, "right below the title"
        assert "exit code 7" in lines[place]
        assert "RUN python3 -m compileall" in lines[place + 1]
        assert "it wrote last: no module named shop" in lines[place + 2]
        assert screen.chosen is not None
        assert screen.shown.steps[screen.chosen].error
        assert "no module named shop" in "\n".join(lines[place + 3 :]), "its log"


async def test_what_a_step_is_worth() -> None:
    async with desk(PlainWorld()) as open_desk:
        screen = await opened(open_desk, Recording("buildx-cold").opened())
        graph = screen.shown.graph
        assert graph is not None
        best = max(range(len(screen.shown.steps)), key=lambda place: graph.saves_seconds[place])
        assert f"making this step free saves {graph.saves_seconds[best]:.1f} s" in open_desk.text
        assert open_desk.cell(str(best), "worth", "steps") == f"saves {graph.saves_seconds[best]:.1f}"
        beside = next(
            place
            for place, step in enumerate(screen.shown.steps)
            if place not in graph.critical and step.seconds > 1 and not step.is_internal
        )
        assert open_desk.cell(str(beside), "worth", "steps").startswith("slack ")
        assert f"cached {graph.cache_hits} of {graph.cache_total} steps" in open_desk.text
        assert graph.parallelism is not None
        assert f"at once {graph.parallelism:.1f}×" in open_desk.text
        assert "possible" in open_desk.text


async def test_the_order_is_changed_by_a_key_and_by_a_heading() -> None:
    async with desk(PlainWorld()) as open_desk:
        screen = await opened(open_desk, Recording("classic-cold").opened())
        steps = screen.shown.steps
        in_order = [row.key for row in open_desk.table("steps").rows]
        await open_desk.press("s")
        by_cost = [steps[int(row.key)].seconds for row in open_desk.table("steps").rows]
        assert by_cost == sorted(by_cost, reverse=True)
        assert "s▾" in open_desk.text
        await open_desk.press("s")
        assert screen.order == "saves"
        await open_desk.press("s")
        assert [row.key for row in open_desk.table("steps").rows] == in_order


async def test_the_filter_finds_states_and_words() -> None:
    async with desk(PlainWorld()) as open_desk:
        await opened(open_desk, Recording("classic-touched").opened())
        await open_desk.press("slash")
        await open_desk.type("cached")
        await open_desk.press("enter")
        assert set(open_desk.names("steps")) == {"cached"}
        await open_desk.press("slash")
        await open_desk.type(" nosuch")
        assert "No step contains these words" in open_desk.text
        await open_desk.press("escape")
        assert "done" in open_desk.names("steps")


async def test_the_builders_own_short_steps_are_shown_when_asked_for() -> None:
    async with desk(PlainWorld()) as open_desk:
        await opened(open_desk, Recording("buildx-cold").opened())
        assert "[internal]" not in open_desk.text
        await open_desk.press("i")
        await open_desk.until(lambda: "[internal] load build definition" in open_desk.text)


async def test_enter_tells_everything_about_a_step_and_y_copies_it() -> None:
    async with desk(PlainWorld()) as open_desk:
        screen = await opened(open_desk, Recording("buildx-cold").opened())
        await open_desk.press("y")
        assert screen.chosen is not None
        assert open_desk.app.clipboard == " ".join(screen.shown.steps[screen.chosen].instruction.split())
        await open_desk.press("enter")
        assert "on the longest chain: making it free saves" in " ".join(open_desk.text.split())
        assert "needs" in open_desk.text
        await open_desk.press("escape", "escape")
        assert not isinstance(open_desk.app.screen, BuildViewScreen), "Esc goes back to the form"


async def test_escapes_in_a_log_steer_nothing() -> None:
    recording = Recording("classic-cold")
    build = recording.build()
    bad = "\x1b]0;title\x07\x1b[2J\x1b[31mred\x1b[0m \u202e[bold]x\x9b31m\r\n10%\r100%\nlast"
    steps = (*build.steps[:-1], replace(build.steps[-1], log=bad, instruction=f"RUN {bad}", stage=f"st{bad}"))
    made = replace(build, steps=steps, error=f"boom {bad}")
    async with desk(PlainWorld(), size=(200, 50)) as open_desk:
        await opened(open_desk, OpenedBuild(f"~/{bad}", made, graph_of(made), "warm", 1, 3))
        await open_desk.press("end")
        assert "100%" in open_desk.text
        assert "10%\r" not in open_desk.text
        assert "[bold]x" in open_desk.text
        for sign in ("\x1b]0;", "\x1b[2J", "\u202e", "\x9b"):
            assert sign not in open_desk.painted


@pytest.mark.parametrize("name", ["buildx-cold", "classic-failed"])
async def test_without_colours_everything_reads_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = []
    for setting in ("", "1"):
        if setting:
            monkeypatch.setenv("NO_COLOR", setting)
        async with desk(PlainWorld()) as open_desk:
            await opened(open_desk, Recording(name).opened())
            texts.append(open_desk.text)
    assert texts[0] == texts[1]


# --- kept ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
async def test_a_build_that_is_kept_looks_the_same_when_it_is_opened_again(name: str, tmp_path: Path) -> None:
    number = keep(name, tmp_path)
    async with desk(PlainWorld()) as open_desk:
        await opened(open_desk, replace(Recording(name).opened(), run=number, problem=""))
        at_first = [line for line in open_desk.lines[2:] if "Build" not in line]
        await open_desk.press("escape", "7")
        await open_desk.until(lambda: open_desk.table("runs").rows)
        await open_desk.press("enter")
        await open_desk.until(lambda: isinstance(open_desk.app.screen, BuildViewScreen))
        await open_desk.until(lambda: open_desk.table("steps").width_of("chart"))
        assert "▸7 Runs" in open_desk.text
        again = [line for line in open_desk.lines[2:] if "Build" not in line]
        assert again == at_first
        await open_desk.press("escape")
        assert open_desk.mode == "runs"
        await open_desk.press("5", "tab")
        await open_desk.until(lambda: open_desk.table("builds").rows)
        await open_desk.press("enter")
        await open_desk.until(lambda: isinstance(open_desk.app.screen, BuildViewScreen))


async def test_enter_twice_opens_an_earlier_build_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep("buildx-cold", tmp_path)
    read, may_read, pending = read_build, Event(), []

    def slow(run: int) -> OpenedBuild:
        pending.append(run)
        may_read.wait(HANG_SECONDS)
        return read(run)

    monkeypatch.setattr("workbench.build_run.read_build", slow)
    async with desk(PlainWorld()) as open_desk:
        await open_desk.press("5", "tab")
        await open_desk.until(lambda: open_desk.table("builds").rows)
        await open_desk.press("enter", "enter")
        await open_desk.until(lambda: len(pending) == 2)
        may_read.set()
        await open_desk.until(lambda: isinstance(open_desk.app.screen, BuildViewScreen))
        all_read = Event()
        open_desk.app.session.work_out(lambda: None, lambda _: open_desk.app.deliver(all_read.set))
        await open_desk.until(all_read.is_set)
        await open_desk.press("escape")
        assert isinstance(open_desk.app.screen, BuildScreen)


async def test_two_builds_that_are_marked_among_the_runs_compare(tmp_path: Path) -> None:
    keep("buildx-cold", tmp_path)
    keep("buildx-touched", tmp_path)
    async with desk(PlainWorld()) as open_desk:
        await open_desk.press("7")
        await open_desk.until(lambda: len(open_desk.table("runs").rows) == 2)
        await open_desk.press("space", "space", "c")
        await open_desk.until(lambda: open_desk.mode == "compare")
        await open_desk.until(lambda: "critical path" in open_desk.text)


async def test_a_run_whose_steps_were_not_kept_shows_its_figures(tmp_path: Path) -> None:
    record("build", "old", 9.0, 0)
    async with desk(PlainWorld()) as open_desk:
        await open_desk.press("7")
        await open_desk.until(lambda: getattr(open_desk.app.screen, "page", None) is not None)
        await open_desk.press("enter")
        await open_desk.until(lambda: "latency_p99" in open_desk.text)
        await open_desk.press("escape", "5", "tab")
        await open_desk.until(lambda: open_desk.table("builds").rows)
        await open_desk.press("enter")
        await open_desk.until(lambda: "were not kept" in open_desk.line("StatusLine"))


# --- large -----------------------------------------------------------------------------------------------------------


def large(count: int) -> Build:
    """A build of many steps in stages of ten, each with a log."""
    steps = tuple(
        BuildStep(
            f"stage-{place // 10}",
            place % 10 + 1,
            f"RUN make part-{place}",
            place + 1,
            place * 0.5,
            place * 0.5 + 1,
            cached=place % 7 == 0,
            error="",
            inputs=(place - 1,) if place % 10 else (),
            log="".join(f"line {number}\n" for number in range(200)),
        )
        for place in range(count)
    )
    return Build("buildx", "", steps, 1.79e9, count * 0.5 + 1, "", "", None)


async def test_of_500_steps_only_those_in_sight_are_made() -> None:
    build = large(500)
    async with desk(PlainWorld()) as open_desk:
        await opened(open_desk, OpenedBuild("~/large", build, graph_of(build), "cold", 1, 1))
        await open_desk.press("home")
        made = sum(row._cells is not None for row in open_desk.table("steps").rows)  # type: ignore[union-attr]
        assert made < 100
        await open_desk.press("end")
        assert "stage-49 10" in open_desk.text
        assert "Log of stage-49 10" in open_desk.text


# --- pure ------------------------------------------------------------------------------------------------------------


def test_bars_share_an_axis() -> None:
    assert time_bar(0, 5, 10, 10, "x") == "xxxxx     "
    assert time_bar(9.99, 10, 10, 10, "x") == "         x"
    assert time_bar(3, 3, 10, 10, "x") == "   x      ", "never less than a cell"
    assert time_bar(20, 30, 10, 4, "x") == "   x", "nor beyond the end"
    assert time_bar(1, 2, 0, 4, "x") == ""
    assert time_bar(1, 2, 3, 0, "x") == ""
    assert scale(15, 30, "s") == "0              7.5        15 s"
    assert scale(15, 3, "s") == ""
    assert len(scale(7200, 14, "s")) == 14
    assert [axis_end(seconds) for seconds in (0, 30, 30.1, 3601, 9000)] == [30, 30, 60, 7200, 14400]


def test_a_builder_whose_clock_is_wrong_is_timed_right() -> None:
    clock = BuildClock()
    assert clock.elapsed(5.0) == 0.0
    step = large(1).steps[0]
    clock.hear([replace(step, began=0.0, ended=None)], at=100.3)
    assert clock.elapsed(101.3) == 1.0
    clock.hear([replace(step, began=0.0, ended=2.0)], at=102.1)
    assert clock.elapsed(102.1) == pytest.approx(2.0), "told sooner after it happened than before"


def test_stages_stand_together_in_the_order_of_the_dockerfile() -> None:
    shown = shown_of("buildx-cold")
    stages = [shown.steps[place].stage for place in listed(shown, "stage", "", internal=False)]
    own = [stage for stage in stages if stage]
    assert list(dict.fromkeys(own)) == ["dependencies", "assets", "stage-2"]
    assert [stage for stage, before in zip(own, ["", *own], strict=False) if stage != before] == list(
        dict.fromkeys(own)
    )


def test_every_cell_of_a_chart_is_as_wide_as_it_is_said() -> None:
    for name in NAMES:
        shown = shown_of(name)
        for place in range(len(shown.steps)):
            bars = cells(shown, place, axis_of(shown), 23, with_stage=False)[3].text
            assert len(bars) in (0, 23)


def test_a_build_that_was_cancelled_says_so_and_promises_nothing() -> None:
    opened_build = Recording("buildx-cold").opened()
    stopped = replace(opened_build, build=replace(opened_build.build, was_stopped=True))
    words = " ".join(paragraph.text for paragraph in told(finished(Shown(""), stopped)))
    assert "▲ cancelled after" in words
    assert "making this step free" not in words


def test_a_step_that_was_not_run_is_told_apart_from_one_that_waits() -> None:
    step = replace(large(1).steps[0], began=None, ended=None, cached=False)
    assert state_of(step, Shown("", (step,))) == "waiting"
    assert state_of(step, Shown("", (step,), running=False)) == "not run"
    assert "not run" in page(Shown("", (step,), running=False), 0)


def test_lines_written_over_themselves_are_as_they_stood_last() -> None:
    assert lines_of("10%\r50%\r100%\r\ndone\n\x1b[0m\n") == ["100%", "done"]
    assert lines_of("") == []
