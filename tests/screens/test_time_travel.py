"""Time travel: every pane shows the moment that is looked at, says so, and comes back to now."""

from dataclasses import replace
from pathlib import Path

import pytest

from screens.past import time_at
from tests.screens.desk import Desk, desk
from tests.screens.worlds import HOST, PlainWorld, container, detail, usage
from workbench.model.events import EngineEvent
from workbench.model.gpu import GpuDevice, GpuSnapshot
from workbench.sources.demo import DemoWorld

READINGS = 90


def at_second(world: PlainWorld, second: int) -> None:
    """A world in which everything tells the second."""
    world.show(container("api", 1, usage=usage(float(second), 1_000_000 * (second + 1))), container("db", 2))
    world.host.value = replace(HOST, cpu_percent=float(second))
    world.gpu.value = GpuSnapshot("570", (GpuDevice(0, "H200", "GPU-0", float(second)),))


async def ninety_seconds(open_desk: Desk) -> None:
    """Readings by the second, each at its moment; the newest is on screen."""
    history = open_desk.app.session.history
    world = open_desk.world
    for second in range(READINGS):
        open_desk.clock.now += 1
        at_second(world, second)
        for name, source in (("fleet", world.fleet), ("host", world.host), ("gpu", world.gpu)):
            history.add(name, history.now(), source.value)
    await open_desk.read_again()


async def test_every_pane_follows_the_moment_and_space_returns() -> None:
    world = PlainWorld()
    at_second(world, 0)
    async with desk(world) as open_desk:
        await ninety_seconds(open_desk)
        history = open_desk.app.session.history
        assert "89%" in open_desk.line("Gauges")
        assert "space" not in open_desk.line("KeyLine")
        await open_desk.press("left_square_bracket")
        moment = open_desk.app.moment
        assert moment is not None
        assert open_desk.cell("0" * 63 + "1", "docker_cpu") == "79.0"
        assert open_desk.line("Gauges").count("79%") == 2, "the host and its GPU"
        assert f"{time_at(moment)} · 10 s ago · space returns to now" in open_desk.line("StatusLine")
        assert open_desk.line("#clock").strip() == time_at(moment)[-8:]
        assert "space now" in open_desk.line("KeyLine")

        await open_desk.press("left_curly_bracket")
        assert open_desk.cell("0" * 63 + "1", "docker_cpu") == "19.0"
        open_desk.clock.now += 100
        at_second(world, 7)
        reads = world.fleet.reads
        for feed in open_desk.app.session.feeds.values():
            feed.refresh()
        await open_desk.until(lambda: world.fleet.reads > reads and history.now() == (history.span() or (0, 0))[1])
        assert open_desk.cell("0" * 63 + "1", "docker_cpu") == "19.0", "what comes meanwhile is not shown"
        await open_desk.press("2")
        assert "0.19 of 8 cores" in open_desk.line("#row-cpu .words")
        await open_desk.press("right_square_bracket")
        assert "0.29 of 8 cores" in open_desk.line("#row-cpu .words")
        await open_desk.press("space")
        assert open_desk.app.moment is None
        assert "0.07 of 8 cores" in open_desk.line("#row-cpu .words")
        assert "ago from" in open_desk.line("StatusLine")
        assert open_desk.line("#clock").strip() == "14:03:22"


async def test_one_goes_no_further_than_what_is_kept() -> None:
    world = PlainWorld()
    at_second(world, 0)
    async with desk(world) as open_desk:
        await ninety_seconds(open_desk)
        span = open_desk.app.session.history.span()
        assert span is not None
        await open_desk.press("right_square_bracket")
        assert open_desk.app.moment is None
        assert "nothing newer" in open_desk.line("StatusLine")
        await open_desk.press(*["left_curly_bracket"] * 2)
        assert open_desk.app.moment == span[0]
        assert open_desk.cell("0" * 63 + "1", "docker_cpu") in ("0.0", "–")
        await open_desk.press("left_square_bracket")
        assert "nothing older is kept" in open_desk.line("StatusLine")
        await open_desk.press("right_curly_bracket", "right_curly_bracket")
        assert open_desk.app.moment is None


async def test_a_container_that_is_gone_is_there_again_in_the_past() -> None:
    world = PlainWorld()
    at_second(world, 0)
    async with desk(world) as open_desk:
        await ninety_seconds(open_desk)
        world.show(container("db", 2))
        open_desk.clock.now += 1
        await open_desk.read_again()
        assert open_desk.names() == ["db"]
        await open_desk.press("left_square_bracket")
        assert open_desk.names() == ["api", "db"]
        await open_desk.press("space")
        assert open_desk.names() == ["db"]


async def test_where_space_means_something_else_the_way_back_is_told() -> None:
    world = PlainWorld()
    at_second(world, 0)
    async with desk(world) as open_desk:
        await ninety_seconds(open_desk)
        await open_desk.press("left_square_bracket", "3")
        assert "1 and space return to now" in open_desk.line("StatusLine")
        await open_desk.press("1", "space")
        assert open_desk.app.moment is None


async def test_marks_and_notes_are_put_at_the_moment_that_is_shown() -> None:
    world = PlainWorld()
    at_second(world, 0)
    async with desk(world) as open_desk:
        await ninety_seconds(open_desk)
        history = open_desk.app.session.history
        await open_desk.press("A")
        assert "marked A at" in open_desk.line("StatusLine")
        assert "api" in open_desk.line("StatusLine")
        await open_desk.press("left_square_bracket", "B", "M")
        await open_desk.type("rolled")
        await open_desk.press("space")
        await open_desk.type("out")
        await open_desk.press("enter")
        moment = open_desk.app.moment
        assert moment is not None
        marks = history.marks()
        assert marks["B"] == EngineEvent(moment, "mark", container("api", 1).id, "api", "B")
        assert marks["A"].at > moment
        [note] = [event for event in history.events(0, 1e12) if event.kind == "note"]
        assert (note.at, note.detail) == (moment, "rolled out")
        await open_desk.press("M", "escape")
        assert len(history.events(0, 1e12)) == 3


async def test_a_recording_is_sought_in_as_a_whole() -> None:
    async with desk(DemoWorld(still_at=30.0)) as open_desk:
        span = open_desk.app.session.history.span()
        assert span is not None
        then = open_desk.app.session.history.fleet_at(span[0] + 80)
        assert then is not None
        for _ in range(5):
            await open_desk.press("right_square_bracket")
        moment = open_desk.app.moment
        assert moment is not None
        assert moment - span[0] == pytest.approx(80, abs=1)
        assert "1 min" in open_desk.line("StatusLine")
        assert "of the recording" in open_desk.line("StatusLine")
        assert len(open_desk.names()) == len(then.containers)
        await open_desk.press("R")
        assert open_desk.app.session.recording is None, "a recording is not recorded again"
        await open_desk.press("space")
        assert open_desk.app.moment is None


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path / "workbench"


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*")) if folder.exists() else []


async def test_r_records_and_keeps_a_run(data: Path) -> None:
    world = PlainWorld()
    at_second(world, 0)
    async with desk(world, still=False) as open_desk:
        await open_desk.press("R")
        await open_desk.until(lambda: "recording, " in open_desk.line("StatusLine"))
        at_second(world, 5)
        await open_desk.read_again()
        await open_desk.press("R")
        await open_desk.until(lambda: "run 1" in open_desk.line("StatusLine"))
        await open_desk.until(lambda: "recording, " not in open_desk.line("StatusLine"))
    [path] = files(data / "recordings")
    assert path.stat().st_mode & 0o777 == 0o600


async def test_w_writes_a_bundle_of_the_container_under_the_cursor(data: Path) -> None:
    world = PlainWorld()
    at_second(world, 0)
    world.details[container("db", 2).id] = detail(container("db", 2))
    async with desk(world) as open_desk:
        await ninety_seconds(open_desk)
        await open_desk.press("down", "W")
        await open_desk.until(lambda: "workbench open" in open_desk.line("StatusLine"))
    [path] = files(data / "bundles")
    assert path.name.startswith("incident-db-")
    assert path.stat().st_mode & 0o777 == 0o600


async def test_without_a_container_there_is_no_bundle(data: Path) -> None:
    async with desk(PlainWorld()) as open_desk:
        await open_desk.press("W")
        assert "nothing to bundle" in open_desk.line("StatusLine")
    assert files(data / "bundles") == []
