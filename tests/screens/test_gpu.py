"""GPU: devices with what holds them back, slices, and processes with their containers."""

from dataclasses import replace

import pytest

from screens.widgets.braille_chart import BrailleChart
from tests.screens.desk import Desk, desk
from tests.screens.worlds import PlainWorld, container
from workbench.errors import GpuUnavailable
from workbench.model.gpu import GpuDevice, GpuProcess, GpuSnapshot, MigDevice

TRAINER, SERVER = container("trainer", 1), container("server", 2)
ELSEWHERE = "e" * 64
H100 = GpuDevice(
    0,
    "NVIDIA H100",
    "GPU-0",
    97.0,
    71_000_000_000,
    80_000_000_000,
    62.0,
    690.0,
    700.0,
    memory_utilisation_percent=44.0,
    sm_active_percent=31.0,
    slowdown_celsius=90.0,
    sm_clock_mhz=1410.0,
    sm_clock_max_mhz=1980.0,
    memory_clock_mhz=2619.0,
    performance_state=0,
    throttle_reasons=("power cap",),
    pcie_generation=4,
    pcie_generation_max=5,
    pcie_width=16,
    pcie_width_max=16,
    encoder_percent=0.0,
    decoder_percent=0.0,
    ecc_errors=0,
    persistence=True,
    mig_enabled=False,
    processes=(
        GpuProcess(4711, "python3", TRAINER.id, 60_000_000_000, 90.0, 40.0),
        GpuProcess(4712, "nginx", SERVER.id, 10_000_000_000, 5.0, 1.0, "graphics"),
        GpuProcess(4713, "Xorg", None, 500_000_000, 0.0, 0.0, "graphics"),
    ),
)
SLICED = GpuDevice(
    1,
    "NVIDIA H100",
    "GPU-1",
    mig_enabled=True,
    mig_devices=(
        MigDevice(0, "NVIDIA H100 MIG 1g.10gb", "MIG-0", 7, 0, 4_000_000_000, 10_000_000_000, 12.0),
        MigDevice(2, "NVIDIA H100 MIG 2g.20gb", "MIG-2", 9, 0, 18_000_000_000, 20_000_000_000, 80.0),
    ),
    processes=(GpuProcess(4714, "python3", ELSEWHERE, None, None, None, "compute", 2),),
)
LOST = GpuDevice(2, "NVIDIA H100", "GPU-2", problem="fallen off the bus: only a reboot may bring it back")


def a_world(*devices: GpuDevice) -> PlainWorld:
    world = PlainWorld((TRAINER, SERVER))
    world.gpu.value = GpuSnapshot("570.12", devices)
    return world


def in_words(open_desk: Desk) -> str:
    """The screen with each run of blanks one blank."""
    return " ".join(open_desk.text.split())


def look_of(open_desk: Desk, line: str, text: str) -> str:
    from screens.widgets.line import Line

    return next(part.look for part in open_desk.app.screen.query_one(line, Line)._left if text in part.text)


def focused(open_desk: Desk) -> str | None:
    widget = open_desk.app.screen.focused
    return widget.id if widget else None


# --- devices ---------------------------------------------------------------------------------------------------------


async def test_a_busy_gpu_in_a_row_and_in_detail() -> None:
    async with desk(a_world(H100)) as open_desk:
        await open_desk.press("8")
        assert open_desk.names("devices") == ["0 H100"]
        shown = in_words(open_desk)
        assert "▇▇▇▇▇ 97% 31% ▇▇▇▇▁ 71.0/80.0 G 62/90 690/700 1410/1980 4/5 ×16 power cap" in shown
        assert "busy ▇▇▇▇▇▇▇▇ 97% SMs ▇▇▁▁▁▁▁▁ 31% memory i/o ▇▇▇▇▁▁▁▁ 44%" in shown
        assert "▇▇▇▇▇▇▇▁ 89% 71.0 GB of 80.0 GB encoder 0% decoder 0%" in shown
        assert "62°C slows down at 90°C power ▇▇▇▇▇▇▇▇ 690 W limit 700 W" in shown
        assert "1410 MHz of 1980 MHz memory 2619 MHz state P0 persistence on" in shown
        assert "held by power cap ECC no errors" in shown
        assert "PCIe gen 4 ×16 of gen 5 ×16" in shown
        assert look_of(open_desk, "#detail-4", "power cap") == "watch"


@pytest.mark.parametrize(
    ("changes", "line", "text", "look"),
    [
        ({"throttle_reasons": ("too hot (hardware)",)}, "#detail-4", "too hot", "act"),
        ({"throttle_reasons": ("application clocks",)}, "#detail-4", "application", "plain"),
        ({"throttle_reasons": ()}, "#detail-4", "nothing", "dim"),
        ({"ecc_errors": 2}, "#detail-4", "2 uncorrected", "act"),
        ({"temperature_celsius": 86.0}, "#detail-2", "86°C", "watch"),
        ({"temperature_celsius": 91.0}, "#detail-2", "91°C", "act"),
        ({"pcie_width": 8}, "#detail-5", "×8", "watch"),
        ({"pcie_generation": 1}, "#detail-5", "gen 1", "plain"),
        ({"persistence": False}, "#detail-3", "off: opening it takes", "plain"),
    ],
)
async def test_what_needs_a_look_has_one(changes: dict[str, object], line: str, text: str, look: str) -> None:
    async with desk(a_world(replace(H100, **changes))) as open_desk:  # type: ignore[arg-type]  # fields by name
        await open_desk.press("8")
        assert look_of(open_desk, line, text) == look


async def test_a_lost_gpu_says_so_and_leaves_the_others_alone() -> None:
    async with desk(a_world(H100, LOST)) as open_desk:
        await open_desk.press("8", "down")
        assert open_desk.names("devices") == ["0 H100", "2 H100"]
        assert open_desk.cell("2", "util", "devices") == "–"
        assert open_desk.cell("2", "held", "devices").startswith("fallen off the bus")
        assert "only a reboot may bring it back" in open_desk.line("#detail-0")
        assert open_desk.line("#detail-1").strip() == ""
        assert "97%" in open_desk.text


async def test_a_gpu_that_says_little_shows_no_zeros() -> None:
    async with desk(a_world(GpuDevice(0, "GeForce", "GPU-0"))) as open_desk:
        await open_desk.press("8")
        [row] = open_desk.table("devices").rows
        assert {cell.text for cell in row.cells[1:]} == {"–"}
        assert "0%" not in "".join(open_desk.line(f"#detail-{row}") for row in range(6))
        assert "No process uses a GPU" in open_desk.text


async def test_slices_stand_below_their_gpu_and_have_figures_of_their_own() -> None:
    async with desk(a_world(SLICED)) as open_desk:
        await open_desk.press("8", "down", "down")
        assert open_desk.names("devices") == ["1 H100", "  1:0 1g.10gb", "  1:2 2g.20gb"]
        assert open_desk.cell("1:2", "sm", "devices") == "80%"
        assert "MIG-2" in open_desk.text
        assert "GPU instance 9, compute instance 0 of GPU 1" in open_desk.text
        assert "90%   18.0 GB of 20.0 GB" in open_desk.line("#detail-1")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_however_many_there_are_the_processes_have_room(size: tuple[int, int]) -> None:
    devices = tuple(replace(H100, index=number, processes=H100.processes if not number else ()) for number in range(40))
    async with desk(a_world(*devices), size=size) as open_desk:
        await open_desk.press("8")
        assert "3 processes" in open_desk.text
        assert open_desk.table("processes").size.height >= 3
        assert open_desk.lines[-1].rstrip().endswith("q quit")
        await open_desk.press("end")
        assert "▸ 39 H100" in open_desk.text


async def test_old_figures_are_grey_and_not_zero() -> None:
    async with desk(a_world(H100), still=False) as open_desk:
        await open_desk.press("8")
        open_desk.clock.now += 1000
        tables = [open_desk.table("devices"), open_desk.table("processes")]
        await open_desk.until(lambda: {cell.look for table in tables for cell in table.cells_at(0)} == {"dim"})
        assert "97%" in open_desk.text


# --- no GPU ----------------------------------------------------------------------------------------------------------


async def test_without_a_gpu_it_says_why_and_offers_nothing_to_do_with_one() -> None:
    world = PlainWorld((TRAINER,))
    world.gpu.value = GpuUnavailable("the library and the module differ", "reboot")
    async with desk(world) as open_desk:
        await open_desk.press("8")
        assert "─ No GPU " in open_desk.text
        assert "✘ the library and the module differ" in open_desk.text
        assert "→ reboot" in open_desk.text
        for word in ("sort", "filter", "PCIe", "open", "next table"):
            assert word not in open_desk.line("KeyLine")
        await open_desk.press("enter", "s", "slash", "y", "p", "tab")
        assert open_desk.mode == "gpu"


async def test_a_gpu_that_comes_and_goes() -> None:
    world = PlainWorld((TRAINER,))
    async with desk(world) as open_desk:
        await open_desk.press("8")
        world.gpu.value = GpuSnapshot("570.12", (H100,))
        await open_desk.read_again()
        await open_desk.until(lambda: focused(open_desk) == "devices")
        assert "─ 1 GPU ─" in open_desk.text
        assert "sort" in open_desk.line("KeyLine")
        world.gpu.value = GpuUnavailable("the driver went away")
        await open_desk.read_again()
        assert "✘ the driver went away" in open_desk.text
        assert "H100" not in open_desk.text


# --- processes -------------------------------------------------------------------------------------------------------


async def test_processes_are_joined_with_their_containers() -> None:
    async with desk(a_world(H100, SLICED)) as open_desk:
        await open_desk.press("8")
        assert open_desk.names("processes") == ["trainer", "server", "–", "e" * 12]
        assert [open_desk.names_of("processes", column) for column in (1, 3)] == [
            ["python3", "nginx", "Xorg", "python3"],
            ["0", "0", "0", "1:2"],
        ]
        assert open_desk.cell("4711@0", "memory", "processes") == "▇▇▇▇▁ 60.0 G"
        assert open_desk.cell("4714@1:2", "memory", "processes") == "–"
        assert open_desk.cell("4714@1:2", "sm", "processes") == "–"
        open_desk.world.show(replace(TRAINER, name="renamed"), SERVER)
        await open_desk.read_again()
        assert open_desk.names("processes")[0] == "renamed"


async def test_enter_on_a_process_opens_its_container() -> None:
    async with desk(a_world(H100, SLICED)) as open_desk:
        await open_desk.press("8", "tab", "down", "enter")
        assert open_desk.mode == "container"
        assert open_desk.app.container_id == SERVER.id
        await open_desk.press("escape", "end", "enter")
        assert open_desk.mode == "gpu"
        assert f"{'e' * 12} is no container of this engine" in open_desk.text
        await open_desk.press("up", "enter")
        assert "process 4713 runs in no container" in open_desk.text


async def test_enter_on_a_gpu_shows_its_processes_only_and_escape_shows_all() -> None:
    async with desk(a_world(H100, SLICED)) as open_desk:
        await open_desk.press("8", "down", "enter")
        assert (open_desk.names("processes"), focused(open_desk)) == (["e" * 12], "processes")
        assert "1 of 4 processes" in open_desk.text
        assert "GPU 1 only" in open_desk.text
        await open_desk.press("escape")
        assert (len(open_desk.names("processes")), focused(open_desk)) == (4, "devices")
        await open_desk.press("down", "enter")
        assert "Nothing runs here: Esc shows the processes of every GPU" in open_desk.text
        await open_desk.press("escape", "escape")
        assert open_desk.mode == "fleet"


async def test_sorting_by_key_and_by_heading() -> None:
    async with desk(a_world(H100)) as open_desk:
        await open_desk.press("8")
        orders = {}
        for _ in range(6):
            title = next(line for line in open_desk.lines if "sort " in line and "processes" in line)
            orders[title.partition("sort ")[2].split()[0]] = open_desk.names_of("processes", 2)
            await open_desk.press("s")
        assert orders == {
            "memory": ["4711", "4712", "4713"],
            "sm": ["4711", "4712", "4713"],
            "container": ["4712", "4711", "4713"],
            "process": ["4712", "4711", "4713"],
            "pid": ["4711", "4712", "4713"],
            "gpu": ["4711", "4712", "4713"],
        }
        await open_desk.press("S")
        assert open_desk.names_of("processes", 2) == ["4713", "4712", "4711"]
        table = open_desk.table("processes")
        await open_desk.click(table, 2)
        assert "sort container" in open_desk.text


async def test_the_filter_is_of_processes() -> None:
    async with desk(a_world(H100, SLICED)) as open_desk:
        await open_desk.press("8", "slash")
        await open_desk.type("python")
        assert open_desk.names("processes") == ["trainer", "e" * 12]
        await open_desk.type(" trainer")
        await open_desk.press("enter")
        assert (open_desk.names("processes"), focused(open_desk)) == (["trainer"], "processes")
        assert "1 of 4 processes" in open_desk.text
        await open_desk.press("escape")
        assert len(open_desk.names("processes")) == 4


async def test_copying() -> None:
    async with desk(a_world(H100, SLICED)) as open_desk:
        await open_desk.press("8", "y")
        assert open_desk.app.clipboard == "GPU-0"
        await open_desk.press("end", "y")
        assert open_desk.app.clipboard == "MIG-2"
        await open_desk.press("tab", "y")
        assert open_desk.app.clipboard == "4711"


async def test_hostile_names_steer_nothing() -> None:
    bad = "\x1b[31m\u202e[bold]x"
    process = replace(H100.processes[0], name=bad, container_id=None)
    async with desk(a_world(replace(H100, name=bad, processes=(process,)))) as open_desk:
        await open_desk.press("8")
        assert "␛[31m�[bold]x" in open_desk.text
        assert "\x1b[31m\u202e" not in open_desk.painted


# --- PCIe ------------------------------------------------------------------------------------------------------------


async def test_pcie_is_measured_while_it_is_wanted_and_somebody_looks() -> None:
    world = a_world(H100)
    world.gpu.measure_pcie = False  # type: ignore[attr-defined]  # a live source has it, a plain one none

    def measured() -> bool:
        return bool(world.gpu.measure_pcie)  # type: ignore[attr-defined]  # as above

    async with desk(world) as open_desk:
        await open_desk.press("8")
        assert not measured()
        await open_desk.press("p")
        assert measured()
        traffic = {"pcie_received_bytes_per_second": 2e9, "pcie_sent_bytes_per_second": 5e8}
        world.gpu.value = GpuSnapshot("570.12", (replace(H100, **traffic),))  # type: ignore[arg-type]  # fields by name
        await open_desk.read_again()
        assert "2.00 GB/s↓ 500 MB/s↑" in open_desk.line("#detail-5")
        await open_desk.press("1")
        assert not measured()
        await open_desk.press("8")
        assert measured()
        await open_desk.press("p")
        assert not measured()


async def test_charts_show_the_last_minutes_where_there_is_room() -> None:
    world = PlainWorld((TRAINER,))
    world.gpu.value = GpuSnapshot("570", (replace(H100, sm_active_percent=None, utilisation_percent=100.0),))
    async with desk(world) as open_desk:
        for _ in range(30):
            open_desk.clock.now += 1
            await open_desk.read_again()
        await open_desk.press("8")
        charts = list(open_desk.app.screen.query(BrailleChart))
        assert len(charts) == 3
        assert all(chart.region.height == 2 for chart in charts)
        assert charts[0].text.splitlines()[0].rstrip("\u2800").endswith("⣿")
        assert "690 W" in open_desk.text
        await open_desk.resize(80, 24)
        assert not charts[0].region.height
