"""Gauges: the host and every GPU on fixed scales; what is missing is said in a word."""

from dataclasses import replace

import pytest

from screens.gauges import Gauges
from tests.screens.desk import Desk, desk
from tests.screens.worlds import HOST, PlainWorld
from workbench.errors import GpuUnavailable, WorkbenchError
from workbench.model.gpu import GpuDevice, GpuSnapshot

H100 = GpuDevice(0, "NVIDIA H100", "GPU-0", 61.0, 40_000_000_000, 80_000_000_000, 54.0, 310.0, 700.0)
LOST = GpuDevice(1, "NVIDIA H100", "GPU-1", problem="GPU is lost")


def gauges(open_desk: Desk) -> str:
    return open_desk.line("Gauges")


async def test_host() -> None:
    async with desk(PlainWorld()) as open_desk:
        assert "cpu ▇▇▇▇▇▁▁▁  61% of 8" in gauges(open_desk)
        assert "mem ▇▇▇▁▁▁▁▁ 11.2 G/31.3 G" in gauges(open_desk)
        assert "swap" not in gauges(open_desk)


async def test_swap_is_named_when_there_is_some_in_use() -> None:
    world = PlainWorld()
    world.host.value = replace(HOST, swap_used_bytes=2_000_000_000, swap_total_bytes=4_000_000_000)
    async with desk(world) as open_desk:
        assert "swap 2.00 G" in gauges(open_desk)


async def test_the_first_reading_has_no_cpu_yet_and_does_not_show_zero() -> None:
    world = PlainWorld()
    world.host.value = replace(HOST, cpu_percent=None)
    async with desk(world) as open_desk:
        assert "– of 8" in gauges(open_desk)
        assert "0%" not in gauges(open_desk)


async def test_no_gpu_is_a_value() -> None:
    async with desk(PlainWorld()) as open_desk:
        assert "gpu none" in gauges(open_desk)


async def test_two_gpus_one_of_them_lost() -> None:
    world = PlainWorld()
    world.gpu.value = GpuSnapshot("550.54", (H100, LOST))
    async with desk(world) as open_desk:
        assert "gpu0 ▇▇▇▇▇▁▁▁ 61%  40.0 G/80.0 G  54°C" in gauges(open_desk)
        assert "gpu1 GPU is lost" in gauges(open_desk)
        world.gpu.value = GpuUnavailable("the driver went away")
        await open_desk.read_again()
        assert "gpu none" in gauges(open_desk)


@pytest.mark.parametrize(
    ("reasons", "word", "look"),
    [
        (("power cap",), "power-capped", "watch"),
        (("too hot (hardware)", "power cap"), "too hot", "act"),
        (("application clocks", "power brake"), "power brake", "act"),
        (("sync boost",), "", ""),
        ((), "", ""),
    ],
)
async def test_a_throttled_gpu_says_why_in_a_word(reasons: tuple[str, ...], word: str, look: str) -> None:
    world = PlainWorld()
    world.gpu.value = GpuSnapshot("550.54", (replace(H100, throttle_reasons=reasons),))
    async with desk(world) as open_desk:
        assert gauges(open_desk).rstrip().endswith(f"54°C {word}".rstrip())
        last = open_desk.app.screen.query_one(Gauges)._left[-1]
        assert not word or last.look == look


@pytest.mark.parametrize(
    ("columns", "count", "shown"),
    [
        (200, 2, "gpu0 ▇▇▇▇▇▁▁▁ 61%  40.0 G/80.0 G  54°C power-capped   gpu1 ▇▇▇▇▇▁▁▁ 61%  40.0 G/80.0 G"),
        (140, 2, "gpu0 ▇▇▇▇▇▁▁▁ 61% power-capped   gpu1 ▇▇▇▇▇▁▁▁ 61% power-capped"),
        (110, 2, "gpu0 61% power-capped  gpu1 61% power-capped"),
        (110, 8, "8 gpus 61% 8 throttled"),
        (80, 2, "2 gpus 2 throttled"),
        (80, 1, "gpu0 power-capped"),
    ],
)
async def test_each_gpu_is_told_as_fully_as_there_is_room_for(columns: int, count: int, shown: str) -> None:
    world = PlainWorld()
    capped = replace(H100, throttle_reasons=("power cap",))
    world.gpu.value = GpuSnapshot("550.54", tuple(replace(capped, index=number) for number in range(count)))
    async with desk(world, size=(200, 24)) as open_desk:
        await open_desk.resize(columns, 24)
        assert shown in gauges(open_desk)
        assert "…" not in gauges(open_desk)


async def test_where_room_is_short_trouble_comes_first() -> None:
    world = PlainWorld()
    devices = [replace(H100, index=number, throttle_reasons=("power cap",)) for number in range(8)]
    devices[3] = replace(LOST, problem="fallen off the bus: only a reboot may bring it back")
    world.gpu.value = GpuSnapshot("550.54", tuple(devices))
    async with desk(world, size=(80, 24)) as open_desk:
        assert gauges(open_desk).rstrip().endswith("8 gpus 1 lost")
        await open_desk.resize(120, 24)
        assert gauges(open_desk).rstrip().endswith("8 gpus 61% 1 lost 7 throttled")
        world.gpu.value = GpuSnapshot("550.54", (replace(LOST, problem="this user may not read it"), H100, H100))
        await open_desk.read_again()
        assert "gpu1 unreadable" in gauges(open_desk)


async def test_a_gpu_that_gives_few_figures() -> None:
    world = PlainWorld()
    world.gpu.value = GpuSnapshot("550.54", (GpuDevice(0, "GeForce", "GPU-0"),))
    async with desk(world) as open_desk:
        assert "gpu0" in gauges(open_desk)
        assert "–" in gauges(open_desk)
        assert "0%" not in gauges(open_desk).split("gpu0")[1]


async def test_a_host_that_cannot_be_read_says_why() -> None:
    world = PlainWorld()
    world.host.value = WorkbenchError("/proc cannot be read")
    async with desk(world) as open_desk:
        assert "/proc cannot be read" in gauges(open_desk)


@pytest.mark.parametrize(("cpu", "look"), [(10.0, "plain"), (70.0, "watch"), (95.0, "act")])
async def test_thresholds_choose_the_look_of_a_bar(cpu: float, look: str) -> None:
    world = PlainWorld()
    world.host.value = replace(HOST, cpu_percent=cpu)
    async with desk(world) as open_desk:
        bars = [part for part in open_desk.app.screen.query_one(Gauges)._left if "▁" in part.text or "▇" in part.text]
        assert bars[0].look == look


async def test_gauges_stay_one_row_at_80_columns() -> None:
    world = PlainWorld()
    world.gpu.value = GpuSnapshot("550.54", tuple(replace(H100, index=number) for number in range(8)))
    async with desk(world, size=(80, 24)) as open_desk:
        assert len(open_desk.lines[1]) == 80
        assert "cpu ▇▇▇▇▇▁▁▁  61% of 8" in open_desk.lines[1]
