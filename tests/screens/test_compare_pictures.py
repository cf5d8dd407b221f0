"""Pictures of the compare and runs modes, on the demo's recording and on a store made here."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.screens.conftest import Picture
from tests.screens.desk import Desk, desk
from tests.screens.test_pictures import A_BUSY_MOMENT, past_is_there
from tests.workbench.store.conftest import new_run
from workbench.model.reading import Fresh
from workbench.model.runs import Conditions, Environment, Metric, Sample, Target
from workbench.places import store_file
from workbench.sources.demo import DemoWorld
from workbench.store import Store

HERE = Environment("h", "Xeon", 8, memory_bytes=1 << 34, kernel="6.1", engine="docker", engine_version="28.5.2")
COMMITS = ("3f2a91c0", "9c11e4d7", "b07d5a12")
SIZES = ((80, 24), (120, 40), (200, 50))


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Times of day are the same everywhere."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty runs of a service: in the middle it got faster and its image smaller."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    draw = random.Random(7)
    with Store.open(store_file()) as store:
        for number in range(40):
            slow = number < 24
            level, size = (44.0, 471e6) if slow else (31.0, 112e6)
            p99 = [draw.gauss(level, 0.03 * level) for _ in range(10)]
            metrics = (
                Metric("latency_p50", "ms", draw.gauss(4.1, 0.05), -1),
                Metric("latency_p99", "ms", sorted(p99)[5], -1, samples=tuple(Sample(value) for value in p99)),
                Metric("memory_peak", "B", draw.gauss(212e6, 1e6), -1),
                Metric("image_size", "B", size + 1000 * number, -1),
            )
            store.record_run(
                new_run(
                    target=Target("container", ("api", "worker")[number % 5 == 4]),
                    environment=HERE,
                    kind="bench",
                    started_at=1.79e9 + 3600 * number,
                    ended_at=1.79e9 + 3600 * number + 62,
                    label="slim image" if number == 24 else "",
                    metrics=metrics,
                    artifacts=(),
                    conditions=Conditions(git_commit=COMMITS[number // 14], configuration=(("rate", "500"),)),
                    note="the new base" if number == 24 else "",
                )
            )


async def marked(open_desk: Desk) -> None:
    """A and B around the moment at which the demo's machine gets busy."""
    await past_is_there(open_desk)
    app = open_desk.app
    first, _ = app.session.history.span() or (0.0, 0.0)
    assert isinstance(app.fleet, Fresh)
    gateway = next(one for one in app.fleet.value.containers if "gateway" in one.name)
    for label, second in (("A", 40), ("B", 70)):
        app.session.history.mark(label, gateway.id, first + second, gateway.name)  # type: ignore[arg-type]  # A and B
    await open_desk.press("6")
    await open_desk.until(lambda: isinstance(getattr(app.screen, "comparison", None), Fresh))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_compare_marks(picture: Picture, size: tuple[int, int]) -> None:
    async with desk(DemoWorld(still_at=A_BUSY_MOMENT), size=size) as open_desk:
        await marked(open_desk)
        await picture(open_desk)


async def test_compare_read(picture: Picture) -> None:
    async with desk(DemoWorld(still_at=A_BUSY_MOMENT)) as open_desk:
        await marked(open_desk)
        await open_desk.press("enter")
        await picture(open_desk)


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_runs(picture: Picture, size: tuple[int, int]) -> None:
    async with desk(DemoWorld(still_at=A_BUSY_MOMENT), size=size) as open_desk:
        await open_desk.press("7")
        await open_desk.until(lambda: isinstance(getattr(open_desk.app.screen, "page", None), Fresh))
        await picture(open_desk)


@pytest.mark.usefixtures("kept")
async def test_compare_runs(picture: Picture) -> None:
    async with desk(DemoWorld(still_at=A_BUSY_MOMENT), size=(160, 40)) as open_desk:
        open_desk.app.compared = ((23,), (26,))
        await open_desk.press("6")
        await open_desk.until(lambda: isinstance(getattr(open_desk.app.screen, "comparison", None), Fresh))
        await picture(open_desk)
