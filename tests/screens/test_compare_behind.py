"""From a figure of a comparison to what is behind it, and back: curves, steps, layers and files; and every way in."""

import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Event

import pytest

from screens.build_steps.screen import BuildStepsScreen
from screens.compare.screen import CompareScreen
from screens.compare.subject import ImagePair
from screens.image_comparison.screen import ImageComparisonScreen
from screens.latency_curves.screen import LatencyCurvesScreen
from screens.text_screen import TextScreen
from screens.widgets.curve_chart import CurveChart
from tests.screens.desk import HANG_SECONDS, Desk, desk
from tests.screens.test_image_comparison import NEW, OLD, world
from tests.screens.worlds import PlainWorld
from tests.workbench.store.conftest import new_run
from workbench.build_run import artifact_of
from workbench.errors import NotFound
from workbench.measure.histogram import Histogram
from workbench.model.acquired import AcquiredImage
from workbench.model.build import Build, BuildStep
from workbench.model.reading import Fresh
from workbench.model.runs import Conditions, Metric, NewArtifact, Target
from workbench.places import store_file
from workbench.store import Store

HOSTILE = "RUN \x1b[31mecho\u202e [bold]x[/]"


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


def keep(
    kind: str, metrics: tuple[Metric, ...], artifact: tuple[str, bytes | Path] | None = None, image: str = ""
) -> None:
    made = (NewArtifact(artifact[0], "application/json", artifact[1]),) if artifact else ()
    conditions = Conditions(image_id=image or None)
    with Store.open(store_file()) as store:
        number = len(store.runs(100))
        store.record_run(
            new_run(kind=kind, target=Target("container", "api"), metrics=metrics, artifacts=made, label=str(number),
                    conditions=conditions, started_at=1.79e9 + number)
        )  # fmt: skip


def bench(scale: float, count: int = 500) -> None:
    dice, histogram = random.Random(3), Histogram()
    for _ in range(count):
        histogram.record(scale * dice.expovariate(1))
    told = json.dumps({"schema": 1, "latency": histogram.pairs()}).encode()
    keep("bench", (Metric("latency_p99", "ms", 1000 * scale, -1),), ("latency_histograms", told))


def build(*steps: tuple[str, float]) -> None:
    told = tuple(BuildStep("s", 1, words, None, 0.0, took, False, "", ()) for words, took in steps)
    wall = sum(took for _, took in steps)
    kept = artifact_of(Build("buildx", "", told, 1.0, wall, "", "", None))
    keep("build", (Metric("build_cold", "s", wall, -1), Metric("memory", "B", 5.0)), (kept.kind, kept.content))


async def compared(open_desk: Desk) -> None:
    open_desk.app.compared = ((1,), (2,))
    await open_desk.press("6")
    await open_desk.until(lambda: isinstance(getattr(open_desk.app.screen, "comparison", None), Fresh))


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_latency_opens_curves_over_each_other_and_esc_goes_back(size: tuple[int, int]) -> None:
    bench(0.05)
    bench(0.02)
    async with desk(PlainWorld(), size=size) as open_desk:
        await compared(open_desk)
        if size[1] > 30:
            assert "Enter: percentile curves" in open_desk.text
        await open_desk.press("enter")
        await open_desk.until(lambda: isinstance(open_desk.app.screen, LatencyCurvesScreen))
        await open_desk.until(lambda: open_desk.names("percentiles"))
        assert "Latency  api → api" in open_desk.text
        assert "before 500 requests" in open_desk.text
        assert "time linear" in open_desk.text
        drawn = open_desk.app.screen.query_one(CurveChart).text
        assert " ms ┤" in drawn
        assert "99%" in drawn
        assert open_desk.cell("p50", "change", "percentiles") == "−60%"
        await open_desk.press("s", "y")
        assert "time logarithmic" in open_desk.text
        assert open_desk.app.clipboard.startswith("p50: ")
        assert all(len(line) <= size[0] for line in open_desk.lines)
        await open_desk.press("escape")
        assert isinstance(open_desk.app.screen, CompareScreen)


async def test_a_bench_without_histograms_says_so_and_has_details() -> None:
    keep("bench", (Metric("latency_p99", "ms", 3.0, -1),))
    keep("bench", (Metric("latency_p99", "ms", 4.0, -1),))
    async with desk(PlainWorld()) as open_desk:
        await compared(open_desk)
        await open_desk.press("enter")
        await open_desk.until(lambda: "keeps a histogram of its latency" in open_desk.text)
        await open_desk.press("escape", "d")
        assert isinstance(open_desk.app.screen, TextScreen)
        assert "3.00 ms → 4.00 ms" in open_desk.text or "3 ms → 4 ms" in open_desk.text


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_builds_open_their_steps_beside_each_other(size: tuple[int, int]) -> None:
    build(("FROM a", 0.1), ("RUN pip install torch", 40.0), (HOSTILE, 1.0))
    build(("FROM a", 0.1), ("RUN pip install torch", 10.0), ("CMD x", 0.0))
    async with desk(PlainWorld(), size=size) as open_desk:
        await compared(open_desk)
        await open_desk.press("enter")
        await open_desk.until(lambda: isinstance(open_desk.app.screen, BuildStepsScreen))
        await open_desk.until(lambda: open_desk.names("steps"))
        assert open_desk.cell("1", "before", "steps") == "40.0 s"
        assert open_desk.cell("1", "after", "steps") == "10.0 s"
        assert open_desk.cell("1", "change", "steps") == "−30.0 s"
        assert "work 41.1 s → 10.1 s  −31.0 s" in open_desk.text
        await open_desk.press("s")
        assert open_desk.table("steps").rows[0].key == "1"
        await open_desk.press("slash")
        await open_desk.type("echo")
        assert open_desk.cell(open_desk.table("steps").rows[0].key, "after", "steps") == "–"
        await open_desk.press("enter", "enter")
        assert isinstance(open_desk.app.screen, TextScreen)
        assert "there is no such step" in open_desk.text
        assert "\x1b[31m" not in open_desk.painted
        assert "\u202e" not in open_desk.painted
        await open_desk.press("escape", "escape", "escape")
        assert isinstance(open_desk.app.screen, CompareScreen)


async def test_what_has_nothing_behind_it_tells_its_details() -> None:
    build(("FROM a", 0.1))
    build(("FROM a", 0.2))
    async with desk(PlainWorld()) as open_desk:
        await compared(open_desk)
        open_desk.table("figures").go_to("memory")
        await open_desk.press("enter")
        assert isinstance(open_desk.app.screen, TextScreen)


async def test_two_images_have_a_table_and_behind_it_their_layers() -> None:
    async with desk(world(), size=(120, 40)) as open_desk:
        await open_desk.press("3")
        await open_desk.until(lambda: open_desk.names("images"))
        for detail in (OLD[0], NEW[0]):
            open_desk.table("images").go_to(detail.id)
            await open_desk.press("c")
        await open_desk.until(lambda: isinstance(open_desk.app.screen, ImageComparisonScreen))
        await open_desk.until(lambda: open_desk.names("layers"))
        await open_desk.press("6")
        await open_desk.until(lambda: isinstance(getattr(open_desk.app.screen, "comparison", None), Fresh))
        assert "Compare  api:1 → api:2" in open_desk.text
        assert open_desk.cell("size", "change", "figures") == "+50%"
        assert open_desk.cell("size", "verdict", "figures").startswith("worse")
        assert "Enter: layers and files" in open_desk.text
        await open_desk.press("enter")
        await open_desk.until(lambda: isinstance(open_desk.app.screen, ImageComparisonScreen))
        await open_desk.until(lambda: open_desk.names("layers"))
        assert "▸6 Compare" in open_desk.text
        await open_desk.press("escape", "x")
        await open_desk.until(lambda: "Compare  api:2 → api:1" in open_desk.text)
        await open_desk.press("c")
        await open_desk.until(lambda: "there is no mark A" in open_desk.text)


class SlowWorld(PlainWorld):
    """Its images are read until that is stopped."""

    def __init__(self) -> None:
        super().__init__(images=(OLD[0], NEW[0]))
        self.reading: list[Event] = []

    def acquire(self, reference: str, progress: object, stop: Event) -> AcquiredImage:
        del progress
        self.reading.append(stop)
        stop.wait(HANG_SECONDS)
        raise NotFound(f"no files of {reference}")


@asynccontextmanager
async def reading() -> AsyncIterator[tuple[Desk, SlowWorld]]:
    """The comparison of two images that are being read."""
    slow = SlowWorld()
    async with desk(slow) as open_desk:
        open_desk.app.compared = ImagePair((OLD[0].id, "api:1"), (NEW[0].id, "api:2"))
        await open_desk.press("6")
        await open_desk.until(lambda: slow.reading)
        assert "reading both images" in open_desk.line("StatusLine")
        yield open_desk, slow


async def test_esc_stops_reading_images() -> None:
    async with reading() as (open_desk, slow):
        await open_desk.press("escape")
        assert slow.reading[0].is_set()
        assert open_desk.mode == "compare"
        assert "reading" not in open_desk.line("StatusLine")
        assert "✘ stopped" in open_desk.text
        await open_desk.press("escape")
        assert open_desk.mode == "fleet"


async def test_choosing_something_else_stops_reading_images() -> None:
    async with reading() as (open_desk, slow):
        await open_desk.press("c")
        await open_desk.until(lambda: "there is no mark A" in open_desk.text)
        assert slow.reading[0].is_set()
        assert "reading" not in open_desk.line("StatusLine")


async def test_images_are_read_on_behind_another_mode() -> None:
    async with reading() as (open_desk, slow):
        await open_desk.press("1")
        assert "reading" not in open_desk.line("StatusLine")
        await open_desk.press("6")
        assert "reading both images" in open_desk.line("StatusLine")
        assert not slow.reading[0].is_set()


async def test_images_of_two_runs_are_behind_their_sizes() -> None:
    for detail, size in ((OLD[0], 40e6), (NEW[0], 60e6)):
        keep("image", (Metric("size", "B", size, -1),), image=detail.id)
    async with desk(world(), size=(120, 40)) as open_desk:
        await compared(open_desk)
        await open_desk.press("enter")
        await open_desk.until(lambda: isinstance(open_desk.app.screen, ImageComparisonScreen))
        await open_desk.until(lambda: open_desk.names("layers") == ["same", "rebuilt", "added"])


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_with_nothing_to_compare_every_way_in_is_named(size: tuple[int, int]) -> None:
    async with desk(PlainWorld(), size=size) as open_desk:
        await open_desk.press("6")
        await open_desk.until(lambda: "there is no mark A" in open_desk.text)
        ways = "(1, 2)", "two images (3)", "two stored runs (7)", "d in a profile", "workbench compare BEFORE AFTER"
        assert all(way in open_desk.text for way in ways)


async def test_the_same_two_images_are_read_anew_when_they_are_chosen_again() -> None:
    async with reading() as (open_desk, slow):
        await open_desk.press("escape")
        open_desk.app.compared = ImagePair((OLD[0].id, "api:1"), (NEW[0].id, "api:2"))
        await open_desk.until(lambda: len(slow.reading) == 2)
        assert "reading both images" in open_desk.line("StatusLine")


async def test_images_that_are_left_as_they_are_read_are_told_of_no_more() -> None:
    async with reading() as (open_desk, slow):
        screen = ImageComparisonScreen((OLD[0].id, "api:1"), (NEW[0].id, "api:2"), "compare")
        open_desk.app.push_screen(screen)
        await open_desk.until(lambda: len(slow.reading) == 2)
        await open_desk.press("7")
        assert "Esc stops it" not in open_desk.line("StatusLine")
        open_desk.app.mode_itself("compare")
        await open_desk.until(slow.reading[1].is_set)
        await open_desk.until(lambda: not screen.is_attached)
        await open_desk.until(lambda: "reading both images" in open_desk.line("StatusLine"))
        assert not slow.reading[0].is_set()
