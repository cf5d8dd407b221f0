"""Container: why it is slow, its resources with their charts, its processes; now and in the past."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from screens.container.panes.resources import ResourceRow
from screens.container.screen import ContainerScreen
from screens.widgets.line import Line, Rule
from screens.widgets.wrapped import Wrapped
from tests.screens.desk import Desk, desk
from tests.screens.worlds import PlainWorld, container, detail, usage
from workbench.model.containers import Container, ContainerUsage, Pressure
from workbench.model.gpu import GpuDevice, GpuProcess, GpuSnapshot
from workbench.model.processes import FocusSnapshot, Process
from workbench.model.reading import Fresh
from workbench.model.verdicts import Verdict
from workbench.sources.demo import DemoWorld

API = container("api", 1, cpu_limit_cores=1.0)
DB = container("db", 2)
THROTTLED = replace(
    usage(98.0, 100_000_000, 200_000_000), throttled_percent=63.0, pressure=Pressure(cpu_some=41.0, memory_some=0.0)
)
CALM = replace(usage(1.0, 100_000_000, 200_000_000), throttled_percent=0.0, pressure=Pressure(0.0, 0.0, 0.0, 0.0, 0.0))


def world_of(*containers: Container) -> PlainWorld:
    world = PlainWorld(containers or (API, DB))
    world.details = {each.id: detail(each) for each in (API, DB)}
    return world


async def readings(open_desk: Desk, seconds: int, used: ContainerUsage) -> None:
    """One reading of the fleet a second, in which the first container uses this much."""
    for second in range(seconds):
        open_desk.clock.now += 1
        # each is a measurement of its own, so none equals the one before
        open_desk.world.show(replace(API, usage=replace(used, pids=100 + second)), DB)
        await open_desk.read_again()


def row(open_desk: Desk, name: str) -> ResourceRow:
    return open_desk.app.screen.query_one(f"#row-{name}", ResourceRow)


def told(open_desk: Desk) -> str:
    """What stands below the verdict's word."""
    return open_desk.app.screen.query_one("VerdictPane #told", Wrapped).text


def title(open_desk: Desk, pane: str) -> str:
    return open_desk.app.screen.query_one(f"{pane} #title", Rule).text


def here(open_desk: Desk) -> ContainerScreen:
    assert isinstance(open_desk.app.screen, ContainerScreen)
    return open_desk.app.screen


# --- verdicts ------------------------------------------------------------------------------------------------------


async def test_too_little_was_measured_and_then_the_quota_is_what_holds_it() -> None:
    async with desk(world_of()) as open_desk:
        await open_desk.press("enter")
        assert "? not enough data yet" in open_desk.line("VerdictPane #word")
        await readings(open_desk, 10, THROTTLED)
        assert "✘ own CPU quota: throttled 63% of periods" in open_desk.line("VerdictPane #word")
        assert "confidence" in open_desk.line("VerdictPane #word")
        assert "63% of the scheduler's periods" in told(open_desk)
        assert "docker update --cpus" in told(open_desk)
        assert "· throttled: 63% of periods (threshold: more than 25%)" in told(open_desk)


async def test_it_takes_as_many_rows_whatever_it_says() -> None:
    for size in ((80, 24), (120, 40), (200, 50)):
        async with desk(world_of(), size=size) as open_desk:
            await open_desk.press("enter")
            before = open_desk.app.screen.query_one("ResourcesPane").region.y
            long = Verdict("cpu-quota", "act", "high", "word", "message " * 200, ("evidence " * 90,) * 9, "step " * 90)
            for verdicts in ((long, long), (Verdict("idle", "fine", "low", "idle", "short"),), ()):
                here(open_desk).verdicts = verdicts
                await open_desk.pilot.pause()
                assert open_desk.app.screen.query_one("ResourcesPane").region.y == before
            assert "not judged yet" in open_desk.text


async def test_several_are_counted_and_w_shows_all_of_them() -> None:
    async with desk(world_of()) as open_desk:
        await open_desk.press("enter")
        first = Verdict("cpu-quota", "act", "high", "own quota", "a long sentence", ("41 %",), "raise it")
        here(open_desk).verdicts = (first, replace(first, rule="shm-full"), replace(first, rule="idle"))
        await open_desk.pilot.pause()
        assert "2 more · w why" in open_desk.line("VerdictPane #word")
        await readings(open_desk, 10, THROTTLED)
        await open_desk.press("w")
        for words in ("Why api is as it is", "cpu-quota, confidence", "CPU pressure: 41% of the time", "next: give it"):
            assert words in open_desk.text


async def test_the_past_is_judged_by_what_was_measured_then() -> None:
    async with desk(world_of()) as open_desk:
        await open_desk.press("enter")
        await readings(open_desk, 20, THROTTLED)
        await readings(open_desk, 40, CALM)
        assert "own CPU quota" not in open_desk.line("VerdictPane #word")
        await open_desk.press("left_square_bracket")
        await open_desk.until(lambda: open_desk.app.past_judge)
        assert "own CPU quota" not in open_desk.line("VerdictPane #word"), "the half minute before was calm too"
        await open_desk.press("left_square_bracket", "left_square_bracket", "left_square_bracket")
        await open_desk.until(lambda: "own CPU quota" in open_desk.line("VerdictPane #word"))
        assert "0.98 of 1 quota" in row(open_desk, "cpu").words.text
        assert "63%" in row(open_desk, "cpu").words.text
        await open_desk.press("w")
        assert "63% of the scheduler's periods" in open_desk.text
        await open_desk.press("escape", "space")
        assert "own CPU quota" not in open_desk.line("VerdictPane #word")
        assert "0.01 of 1 quota" in row(open_desk, "cpu").words.text


# --- resources -----------------------------------------------------------------------------------------------------


async def test_saturation_and_errors_stand_beside_what_is_used_and_the_host_beside_them() -> None:
    world = world_of()
    async with desk(world) as open_desk:
        await open_desk.press("enter")
        await readings(open_desk, 1, replace(THROTTLED, oom_kills=2, network_dropped_per_second=3.0))
        assert "throttled 63%  waits 41%" in row(open_desk, "cpu").words.text
        assert "2 OOM" in row(open_desk, "mem").words.text
        assert "drops 3/s" in row(open_desk, "net").words.text
        await open_desk.until(lambda: "0 restarts" in row(open_desk, "pids").words.text)
        assert row(open_desk, "cpu").host.text.strip() == "61%"
        assert row(open_desk, "mem").host.text.strip() == "36%"
        assert not row(open_desk, "gpu").display


async def test_what_does_not_fit_is_left_out_whole() -> None:
    usages = replace(THROTTLED, throttled_percent=100.0, run_delay_seconds_per_second=3.25)
    for size, queue in (((80, 24), False), ((120, 40), False), ((200, 50), True)):
        async with desk(world_of(), size=size) as open_desk:
            await open_desk.press("enter")
            await readings(open_desk, 1, usages)
            assert "throttled 100%  waits 41%" in row(open_desk, "cpu").words.text
            assert ("run queue 3.25 s/s" in row(open_desk, "cpu").words.text) == queue
            for name in ("cpu", "mem", "disk", "net", "pids"):
                assert "…" not in row(open_desk, name).words.text
                assert row(open_desk, name).chart.columns >= 22
                assert row(open_desk, name).words.text.endswith(" ")


async def test_a_gpu_has_a_row_as_soon_as_there_is_one() -> None:
    world = world_of()
    async with desk(world) as open_desk:
        await open_desk.press("enter")
        process = GpuProcess(77, "train.py", API.id, memory_bytes=30_000_000_000, sm_percent=31.0)
        world.gpu.value = GpuSnapshot(
            "570", (GpuDevice(0, "H200", "u", 97.0, memory_total_bytes=80_000_000_000, processes=(process,)),)
        )
        world.focus.value = FocusSnapshot(API.id, (Process(77, 1, "python3", 1, "train.py", state="R"),))
        await open_desk.read_again()
        assert row(open_desk, "gpu").display
        assert "31% on 0" in row(open_desk, "gpu").words.text
        assert row(open_desk, "gpu").host.text.strip() == "97%"
        await open_desk.until(lambda: open_desk.names("processes") == ["1"])
        assert open_desk.cell("77", "gpu", "processes") == "30.0 G"
        await open_desk.press("escape")
        assert open_desk.cell(API.id, "gpu") == "0: 31% 30.0 G"
        assert open_desk.cell(DB.id, "gpu") == "–"
        world.gpu.value = GpuSnapshot("570", ())
        await open_desk.read_again()
        assert "gpu" not in [column.key for column in open_desk.table()._columns]


def drawn(open_desk: Desk) -> str:
    return row(open_desk, "cpu").chart.text


async def test_a_chart_moves_only_when_a_column_of_it_is_complete() -> None:
    async with desk(world_of()) as open_desk:
        await open_desk.press("enter", "z", "z", "z")  # one minute
        await open_desk.press("z")  # five
        assert here(open_desk).window == 300.0
        step = 300 / row(open_desk, "cpu").chart.columns
        pictures: list[str] = []
        for second in range(40):
            await readings(open_desk, 1, usage(10.0 + 2 * second, 1))
            pictures.append(drawn(open_desk))
        changes = sum(before != after for before, after in pairwise(pictures))
        assert 40 / step - 2 <= changes <= 40 / step + 1


async def test_a_gap_in_what_was_measured_is_a_gap_in_the_chart_and_no_zero() -> None:
    async with desk(world_of()) as open_desk:
        await open_desk.press("enter", "z", "z", "z")
        assert here(open_desk).window == 60.0
        await readings(open_desk, 10, usage(0.0, 1))
        open_desk.world.show(replace(API, usage=None), DB)
        for _ in range(20):
            open_desk.clock.now += 1
            await open_desk.read_again()
        await readings(open_desk, 10, usage(0.0, 1))
        newest = drawn(open_desk).splitlines()[-1][-22:]
        measured = "".join("_" if cell != "⠀" else " " for cell in newest)
        assert "_" in measured
        assert measured.strip("_ ") == ""
        assert " " * 8 in measured.strip(), "twenty seconds of nothing between zeroes"


async def test_z_goes_through_the_windows_and_the_heading_tells() -> None:
    async with desk(world_of()) as open_desk:
        await open_desk.press("enter")
        window = here(open_desk).query_one("HeadingsRow .window", Line)
        for words in ("last 5 min", "last 15 min", "last 60 min", "last 1 min", "last 5 min"):
            assert words in window.text
            await open_desk.press("z")
        await open_desk.click_text(window, "last")
        assert "last 60 min" in window.text


async def test_a_click_on_a_chart_goes_to_that_moment() -> None:
    async with desk(world_of()) as open_desk:
        await open_desk.press("enter", "z", "z", "z")
        await readings(open_desk, 30, usage(50.0, 1))
        await readings(open_desk, 20, usage(5.0, 1))
        chart = row(open_desk, "cpu").chart
        now = open_desk.app.session.history.now()
        await open_desk.click(chart, chart.size.width - 1 - chart.columns * 30 // 60 // 2)
        moment = open_desk.app.moment
        assert moment is not None
        assert 27 <= now - moment <= 33
        assert "0.50 of 1 quota" in row(open_desk, "cpu").words.text


# --- processes -----------------------------------------------------------------------------------------------------

PROCESSES = (
    Process(100, 1, "sh", 1, "sh -c app", state="S", cpu_percent=1.0, memory_bytes=1_000_000),
    Process(101, 100, "python3", 7, "python3 app.py", state="R", cpu_percent=40.0, memory_bytes=90_000_000),
    Process(102, 101, "python3", 8, "worker", state="D", cpu_percent=80.0, memory_bytes=50_000_000, waits_in="nvme"),
)


async def looked_at(open_desk: Desk, processes: Sequence[Process], **changes: object) -> None:
    open_desk.world.focus.value = replace(FocusSnapshot(API.id, tuple(processes)), **changes)  # type: ignore[arg-type]
    await open_desk.press("enter")
    await open_desk.until(lambda: isinstance(open_desk.app.focus, Fresh))


async def test_processes_are_a_tree_and_s_sorts_them_by_each_figure() -> None:
    async with desk(world_of()) as open_desk:
        await looked_at(open_desk, PROCESSES)
        commands = [each.key for each in open_desk.table("processes")._columns].index("command")
        assert open_desk.names_of("processes", commands) == ["sh -c app", "  python3 app.py", "    worker"]
        assert "3 processes" in title(open_desk, "ProcessesPane")
        assert open_desk.cell("102", "state", "processes") == "nvme"
        for sort, order in (("cpu", "871"), ("memory", "781"), ("delay", "178"), ("tree", "178")):
            await open_desk.press("s")
            assert f"sort {sort}" in title(open_desk, "ProcessesPane")
            assert "".join(open_desk.names("processes")) == order
        await open_desk.click_text(here(open_desk).query_one("ProcessesPane #title", Rule), "sort")
        assert "sort cpu" in title(open_desk, "ProcessesPane")


async def test_full_shared_memory_and_processes_left_out_are_told() -> None:
    async with desk(world_of()) as open_desk:
        await looked_at(open_desk, PROCESSES[:1], left_out=700, shm_used_bytes=66_000_000, shm_size_bytes=67_108_864)
        for words in ("1 process ", "700 more not read", "shm 66.0 M of 67.1 M"):
            assert words in title(open_desk, "ProcessesPane")


async def test_processes_of_another_container_are_not_shown() -> None:
    async with desk(world_of()) as open_desk:
        await looked_at(open_desk, PROCESSES)
        await open_desk.press("n")
        assert open_desk.names("processes") == []
        assert "reading the processes" in open_desk.text


async def test_processes_that_cannot_be_read_say_why() -> None:
    async with desk(world_of()) as open_desk:
        await open_desk.press("enter")
        await open_desk.until(lambda: "no container is looked at" in open_desk.text)


async def test_a_moment_at_which_nobody_looked_has_no_processes_and_says_so() -> None:
    async with desk(world_of()) as open_desk:
        history = open_desk.app.session.history
        await readings(open_desk, 30, CALM)
        await looked_at(open_desk, PROCESSES)
        history.add("focus", history.now(), FocusSnapshot(API.id, PROCESSES))
        await open_desk.press("left_square_bracket", "left_square_bracket")
        assert open_desk.names("processes") == []
        assert "Its processes were not read then" in open_desk.text
        assert title(open_desk, "ProcessesPane").startswith("─ Processes ─"), "none is another number than not read"
        await open_desk.press("space")
        assert len(open_desk.names("processes")) == 3


async def test_a_recording_without_its_processes_says_so() -> None:
    async with desk(DemoWorld(still_at=30.0)) as open_desk:
        await open_desk.press("end", "enter", "N")
        await open_desk.until(lambda: "the processes of this container were not recorded" in open_desk.text)


async def test_only_what_is_on_screen_is_looked_at() -> None:
    world = world_of()
    async with desk(world) as open_desk:
        assert [each for each in world.looked_at if each] == []
        await open_desk.press("enter")
        assert world.looked_at[-1] == API.id
        await open_desk.press("n")
        assert world.looked_at[-1] == DB.id
        world.log_lines[DB.id] = []
        await open_desk.press("l")
        await open_desk.read_again()
        assert world.looked_at[-1] == DB.id, "a log over it does not end it"
        await open_desk.press("escape", "1")
        assert world.looked_at[-1] is None
        await open_desk.press("2")
        assert world.looked_at[-1] == DB.id
        world.show(API)
        await open_desk.read_again()
        assert world.looked_at[-1] is None, "it was removed"
