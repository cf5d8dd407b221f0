"""The compare mode: the marks A and B become a table of verdicts, which says what it rests on."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.screens.desk import Desk, desk
from tests.screens.worlds import PlainWorld, container, usage
from tests.workbench.store.conftest import new_run
from workbench.model.containers import Container, Pressure
from workbench.model.reading import Fresh, Missing
from workbench.model.runs import Metric, Sample
from workbench.places import store_file
from workbench.store import Store


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


def api(cpu: float, throttled: float, limit: float, memory: int = 200_000_000) -> Container:
    used = replace(usage(cpu, memory), throttled_percent=throttled, pressure=Pressure(cpu_some=throttled / 2))
    return container("api", 1, cpu_limit_cores=limit, usage=used)


async def seconds(open_desk: Desk, count: int, *containers: Container) -> None:
    """Readings by the second; a little noise, as there always is."""
    history = open_desk.app.session.history
    for second in range(count):
        open_desk.clock.now += 1
        noisy = [
            replace(one, usage=replace(one.usage, cpu_percent=(one.usage.cpu_percent or 0) + second * 7 % 5 / 10))
            for one in containers
            if one.usage
        ]
        open_desk.world.show(*noisy)
        history.add("fleet", history.now(), open_desk.world.fleet.value)
    await open_desk.read_again()


async def both_marks(open_desk: Desk) -> None:
    """A minute of before, the fix, a minute of after, with the marks where a user sets them."""
    await seconds(open_desk, 60, api(50, 60, 0.5))
    await open_desk.press("A")
    assert "marked A" in open_desk.line("StatusLine")
    assert "B marks after" in open_desk.line("StatusLine")
    await seconds(open_desk, 10, api(5, 0, 2.0))
    await open_desk.press("B")
    assert "6 compares before A with after B" in open_desk.line("StatusLine")
    await seconds(open_desk, 60, api(90, 0, 2.0))


async def compared(open_desk: Desk) -> None:
    await open_desk.press("6")
    await open_desk.until(lambda: isinstance(getattr(open_desk.app.screen, "comparison", None), Fresh))


async def test_two_marks_become_verdicts_with_causes() -> None:
    async with desk(PlainWorld((api(50, 60, 0.5),)), size=(160, 40)) as open_desk:
        await both_marks(open_desk)
        await compared(open_desk)
        assert "Compare  api   1 min 00 s up to A" in open_desk.text
        assert "CPU limit 0.5 → 2 cores" in open_desk.cell("throttled", "verdict", "figures")
        assert open_desk.cell("throttled", "verdict", "figures").startswith("better")
        assert open_desk.cell("throttled", "before", "figures") == "60%"
        assert open_desk.cell("throttled", "change", "figures") == "−60 pts"
        assert open_desk.cell("cpu", "verdict", "figures").startswith("worse")
        assert open_desk.cell("memory", "verdict", "figures") == "the same"
        assert "●" in open_desk.cell("cpu", "drawn", "figures")
        assert "before 0.50 cores" in open_desk.text, "the readings of the figure under the cursor"
        await open_desk.press("enter")
        for words in ("95% interval of the change", "adjusted for all rows", "three quarters", "◂ median", "Whitney"):
            assert words in open_desk.text
        await open_desk.press("escape", "y")
        assert open_desk.app.clipboard.startswith("CPU: 0.50 cores → 0.90 cores, +")
        await open_desk.press("m")
        assert open_desk.app.clipboard.startswith("### `api` → `api`")


async def test_order_filter_and_longer_spans() -> None:
    async with desk(PlainWorld((api(50, 60, 0.5),))) as open_desk:
        await both_marks(open_desk)
        await compared(open_desk)
        assert open_desk.names("figures")[0] == "CPU"
        await open_desk.press("s")
        assert open_desk.cell(open_desk.table("figures").rows[0].key, "verdict", "figures").startswith("worse")
        await open_desk.press("slash")
        await open_desk.type("throttled")
        assert open_desk.names("figures") == ["throttled"]
        await open_desk.press("escape", "z")
        await open_desk.until(lambda: "up to A" in open_desk.text)
        assert "2 min 00 s on either side" in open_desk.line("StatusLine")


async def test_without_marks_it_says_what_to_do() -> None:
    async with desk(PlainWorld((api(50, 60, 0.5),))) as open_desk:
        await open_desk.press("6")
        await open_desk.until(lambda: isinstance(getattr(open_desk.app.screen, "comparison", None), Missing))
        assert "there is no mark A" in open_desk.text
        assert "A on a container marks before" in open_desk.text
        assert "read" not in open_desk.line("KeyLine")
        await open_desk.press("enter", "m", "y", "s")
        assert open_desk.app.clipboard == ""


async def test_a_mark_that_was_moved_is_compared_anew() -> None:
    async with desk(PlainWorld((api(50, 60, 0.5),))) as open_desk:
        await both_marks(open_desk)
        await compared(open_desk)
        await open_desk.press("1", "B")
        await seconds(open_desk, 60, api(50, 60, 0.5))
        await open_desk.press("6")
        await open_desk.until(lambda: open_desk.cell("throttled", "after", "figures") == "60%")
        assert open_desk.cell("throttled", "verdict", "figures") == "the same"


def keep(*levels: float) -> None:
    """A run for each level of latency, under a label of that level."""
    with Store.open(store_file()) as store:
        for level in levels:
            samples = tuple(Sample(level + place / 10) for place in range(6))
            metrics = (Metric("latency_p99", "ms", level, -1, samples=samples),)
            store.record_run(new_run(metrics=metrics, label=f"{level:.0f}", started_at=1.79e9 + level))


async def test_one_run_on_each_side_has_figures_and_no_verdict() -> None:
    keep(44.0, 31.0)
    async with desk(PlainWorld((api(50, 60, 0.5),))) as open_desk:
        open_desk.app.compared = ((1,), (2,))
        await compared(open_desk)
        assert open_desk.cell("latency_p99", "change", "figures") == "−29%"
        assert open_desk.cell("latency_p99", "interval", "figures").startswith("(−")
        assert open_desk.cell("latency_p99", "verdict", "figures") == "inconclusive: one run on each side"
        assert "the machine may have changed; repeat, interleaved" in open_desk.text


async def test_two_runs_are_compared_with_their_repeats_swapped_and_left() -> None:
    keep(44.0, 31.0, 44.1, 31.1, 44.2, 31.2, 44.3, 31.3)
    async with desk(PlainWorld((api(50, 60, 0.5),))) as open_desk:
        open_desk.app.compared = ((1,), (2,))
        await compared(open_desk)
        assert open_desk.cell("latency_p99", "verdict", "figures") == "better"
        assert "longer" not in open_desk.line("KeyLine")
        await open_desk.press("x")
        await open_desk.until(lambda: open_desk.cell("latency_p99", "verdict", "figures") == "worse")
        await open_desk.press("c")
        await open_desk.until(lambda: "there is no mark A" in open_desk.text)


async def test_it_fits_a_small_screen() -> None:
    async with desk(PlainWorld((api(50, 60, 0.5),)), size=(80, 24)) as open_desk:
        await both_marks(open_desk)
        await compared(open_desk)
        table = open_desk.table("figures")
        assert all(table.has_room_for(column) for column in ("metric", "before", "after", "change", "verdict"))
        assert not table.has_room_for("drawn")
        assert "CPU limit" not in open_desk.text or "better" in open_desk.text


async def test_hostile_names_steer_nothing() -> None:
    bad = "\x1b[31m\u202e[bold]x"
    world = PlainWorld((replace(api(50, 60, 0.5), name=bad),))
    async with desk(world) as open_desk:
        await seconds(open_desk, 30, replace(api(50, 60, 0.5), name=bad))
        await open_desk.press("A", "B")
        await seconds(open_desk, 30, replace(api(50, 60, 0.5), name=bad, image=bad, image_id="sha256:other"))
        await compared(open_desk)
        assert "\x1b[31m\u202e" not in open_desk.painted
