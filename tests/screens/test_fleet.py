"""Fleet: every container with its figures, in the order and with the filter that was asked for."""

from dataclasses import replace
from itertools import pairwise

import pytest
from rich.cells import cell_len

from screens.fleet.rows import GROUP, TREND_CELLS, TREND_SECONDS
from screens.widgets.line import Rule
from screens.widgets.live_table import LiveTable
from tests.screens.desk import desk
from tests.screens.worlds import PlainWorld, container, image, usage
from workbench.errors import EngineForbidden
from workbench.model.containers import ContainerUsage, Pressure
from workbench.settings import Settings, Thresholds

API = container(
    "api",
    1,
    cpu_limit_cores=2.0,
    usage=ContainerUsage(1.0, 98.0, 412_000_000, 512_000_000, 84_000.0, 920_000.0, 0.0, 100_000.0, 34, None),
)
WORKER = container("worker", 2, status="Up 2 hours (healthy)", usage=usage(412.0, 30_000_000_000))
WEB = container("web", 3, status="Up 5 minutes (unhealthy)", usage=None)
MIGRATE = container("migrate", 4, state="exited", status="Exited (137) 3 hours ago", usage=None, project=None)
BACKUP = container("backup", 5, state="exited", status="Exited (0) 4 hours ago", usage=None, image="tools/backup:2")
FLEET = (API, WORKER, WEB, MIGRATE, BACKUP)


async def test_every_container_is_shown_with_its_figures() -> None:
    async with desk(PlainWorld(FLEET), size=(200, 50)) as open_desk:
        assert sorted(open_desk.names()) == ["api", "backup", "migrate", "web", "worker"]
        shown = next(line for line in open_desk.lines if "api" in line and "running" in line)
        for figure in ("49%", "98.0", "412 M", "84↓ 920↑", "0r 0.1w", "34", "shop/api:1.4"):
            assert figure in shown


async def test_what_is_not_measured_is_not_zero() -> None:
    async with desk(PlainWorld(FLEET), size=(200, 50)) as open_desk:
        for column in ("cpu", "memory", "network", "block", "pids"):
            assert open_desk.cell(WEB.id, column) == "–"
            assert open_desk.cell(MIGRATE.id, column) == "–"
        assert open_desk.cell(API.id, "block").startswith("0r")


async def test_cpu_is_shown_against_the_quota_or_against_the_machine() -> None:
    async with desk(PlainWorld(FLEET)) as open_desk:
        assert open_desk.cell(API.id, "cpu").endswith("49%")  # 98 % of one core, 2 cores allowed
        assert open_desk.cell(WORKER.id, "cpu").endswith("52%")  # 412 % of one core, 8 cores there


async def test_states_are_words() -> None:
    async with desk(PlainWorld(FLEET)) as open_desk:
        states = [open_desk.cell(each.id, "state") for each in FLEET]
        assert states == ["running", "healthy", "unhealthy", "exited 137", "exited 0"]


async def test_thresholds_of_the_settings_choose_the_looks() -> None:
    strict = Settings(interval=60.0, thresholds=Thresholds(cpu_watch=10, cpu_act=45, memory_watch=80, memory_act=95))
    async with desk(PlainWorld(FLEET), settings=strict) as open_desk:
        row = next(row for row in open_desk.table().rows if row.key == API.id)
        looks = {column.key: cell.look for column, cell in zip(open_desk.table()._columns, row.cells, strict=True)}
        assert looks["cpu"] == "act"  # 49 % of its quota
        assert looks["memory"] == "watch"  # 80 % of its limit


# --- size ----------------------------------------------------------------------------------------------------------


async def test_the_needed_columns_fit_80_by_24() -> None:
    async with desk(PlainWorld(FLEET), size=(80, 24)) as open_desk:
        headings = open_desk.lines[3]
        for title in ("name", "cpu of limit", "mem of limit", "verdict"):
            assert title in headings
        shown = {name: next(line for line in open_desk.lines if f" {name} " in line) for name in open_desk.names()}
        for figure in ("49%", "412 M", "not enough data yet"):
            assert figure in shown["api"]
        for name, state in (("web", "unhealthy"), ("migrate", "Exited (137) 3 hours ago"), ("backup", "Exited (0)")):
            assert state in shown[name], "there is no column for the state"
        assert "…" not in "".join(open_desk.lines[:-2])
        assert len(open_desk.lines) == 24
        assert all(cell_len(line) <= 80 for line in open_desk.lines)


async def test_a_long_fleet_and_large_figures_fit_80_by_24() -> None:
    """The scroll bar takes a cell, and every figure is as wide as it gets."""
    busy = ContainerUsage(1.0, 79_900.0, 31_000_000_000, 32_000_000_000, 1.25e9, 9.2e8, 3.2e9, 3.2e9, 32_768, None)
    many = tuple(container(f"postgres-{number}", number, status="Exited (137)", usage=busy) for number in range(40))
    async with desk(PlainWorld(many), size=(80, 24)) as open_desk:
        for key in "sssssssss":
            await open_desk.press(key)
            verdict = open_desk.lines[3].index("verdict")
            assert "…" not in "".join(line[:verdict] for line in open_desk.lines[3:-2]), "only a verdict may be cut"
        shown = next(line for line in open_desk.lines if "postgres-21" in line)
        for figure in ("9988%", "31.0 G"):
            assert figure in shown


async def test_200_columns_are_used() -> None:
    async with desk(PlainWorld(FLEET), size=(200, 50)) as open_desk:
        headings = open_desk.lines[3]
        for title in ("name", "state", "cpu %", "limit", "net kB/s", "io MB/s", "pids", "verdict", "image"):
            assert title in headings
        assert cell_len(headings.rstrip()) > 150


async def test_resizing_while_it_ticks() -> None:
    world = PlainWorld(FLEET)
    async with desk(world, size=(80, 24)) as open_desk:
        for tick, size in enumerate(((200, 50), (80, 24), (40, 10), (200, 50))):
            world.show(replace(API, usage=usage(10.0 * tick, 1_000_000 * tick)), *FLEET[1:])
            await open_desk.resize(*size)
            await open_desk.read_again()
            assert len(open_desk.lines) == size[1]
            assert all(cell_len(line) <= size[0] for line in open_desk.lines)
            assert "api" in open_desk.text
        assert "image" in open_desk.lines[3]
        assert "30.0" in open_desk.cell(API.id, "docker_cpu")


# --- order ---------------------------------------------------------------------------------------------------------


async def test_sort_by_key_goes_through_the_columns_and_marks_the_heading() -> None:
    async with desk(PlainWorld(FLEET)) as open_desk:
        assert open_desk.names()[:3] == ["api", "web", "worker"]
        assert "name▴" in open_desk.lines[3]
        await open_desk.press("s")  # state
        await open_desk.press("s")  # cpu, largest first
        assert open_desk.names()[:3] == ["worker", "api", "web"]
        assert "cpu of limit▾" in open_desk.lines[3]
        await open_desk.press("S")
        assert open_desk.names()[:3] == ["web", "api", "worker"]
        assert "cpu of limit▴" in open_desk.lines[3]


async def test_those_that_run_come_first_whatever_the_order() -> None:
    async with desk(PlainWorld(FLEET)) as open_desk:
        for _ in range(9):
            await open_desk.press("s")
            assert set(open_desk.names()[:3]) == {"api", "web", "worker"}


async def test_a_heading_sorts_by_its_column_and_again_turns_the_order_round() -> None:
    async with desk(PlainWorld(FLEET)) as open_desk:
        place = open_desk.lines[3].index("mem of limit")
        await open_desk.click(open_desk.table(), place)
        assert open_desk.names()[:2] == ["worker", "api"]
        await open_desk.click(open_desk.table(), place)
        assert open_desk.names()[1:3] == ["api", "worker"]


async def test_the_sort_note_sorts_too() -> None:
    async with desk(PlainWorld(FLEET)) as open_desk:
        title = open_desk.app.screen.query_one("ContainersPane #title", Rule)
        await open_desk.click_text(title, "sort name")
        assert "sort state" in title.text


# --- filter --------------------------------------------------------------------------------------------------------


async def test_typing_filters_and_enter_keeps_it() -> None:
    async with desk(PlainWorld(FLEET)) as open_desk:
        await open_desk.press("slash")
        await open_desk.type("wo")
        assert open_desk.names() == ["worker"]
        await open_desk.press("enter")
        assert open_desk.names() == ["worker"]
        assert open_desk.app.focused is open_desk.table()
        assert "1 of 5" in open_desk.text


async def test_escape_clears_the_filter_and_stays_here() -> None:
    async with desk(PlainWorld(FLEET)) as open_desk:
        await open_desk.press("2", "1", "slash")
        await open_desk.type("wo")
        await open_desk.press("escape")
        assert len(open_desk.names()) == 5
        assert open_desk.mode == "fleet"
        assert open_desk.app.focused is open_desk.table()


async def test_escape_clears_a_kept_filter_from_the_table() -> None:
    async with desk(PlainWorld(FLEET)) as open_desk:
        await open_desk.press("slash")
        await open_desk.type("wo")
        await open_desk.press("enter", "escape")
        assert len(open_desk.names()) == 5


async def test_arrows_go_from_the_filter_to_the_table() -> None:
    async with desk(PlainWorld(FLEET)) as open_desk:
        await open_desk.press("slash")
        await open_desk.type("w")
        await open_desk.press("down")
        assert open_desk.app.focused is open_desk.table()
        assert open_desk.names() == ["web", "worker"]


async def test_keys_typed_into_the_filter_are_not_commands() -> None:
    async with desk(PlainWorld(FLEET)) as open_desk:
        await open_desk.press("slash")
        await open_desk.type("q2?sa")
        assert open_desk.mode == "fleet"
        assert open_desk.app.is_running
        assert "q2?sa" in open_desk.text


@pytest.mark.parametrize(
    ("words", "found"), [("exited", 2), ("TOOLS", 1), ("shop api", 1), ("zzz", 0), ("[", 0), ("shop/", 4)]
)
async def test_the_filter_looks_into_every_word_of_a_row(words: str, found: int) -> None:
    async with desk(PlainWorld(FLEET)) as open_desk:
        await open_desk.press("slash")
        await open_desk.type(words)
        assert len(open_desk.names()) == found
        if not found:
            assert "Nothing contains these words" in open_desk.text


async def test_a_hides_the_stopped_ones_and_shows_them_again() -> None:
    async with desk(PlainWorld(FLEET)) as open_desk:
        await open_desk.press("a")
        assert set(open_desk.names()) == {"api", "web", "worker"}
        assert "running only" in open_desk.text
        await open_desk.press("a")
        assert len(open_desk.names()) == 5


async def test_o_groups_by_project_with_sums_and_a_project_is_no_container() -> None:
    async with desk(PlainWorld(FLEET)) as open_desk:
        await open_desk.press("o", "home")
        assert open_desk.names() == ["▾ shop", "  api", "  web", "  worker", "  backup", "▾ no project", "  migrate"]
        assert "by project" in open_desk.lines[2]
        assert "5 containers" in open_desk.lines[2]
        assert open_desk.cell(f"{GROUP}shop", "cpu") == "5.10 cores"
        await open_desk.press("up", "up", "up")
        for key in "ilewxy":
            await open_desk.press(key)
            assert open_desk.mode == "fleet"
        assert "no container is chosen" in open_desk.line("StatusLine")
        await open_desk.press("o")
        assert "▾" not in "".join(open_desk.names())


async def test_the_trend_moves_only_when_a_column_of_it_is_complete() -> None:
    async with desk(PlainWorld(FLEET), size=(200, 50)) as open_desk:
        drawn: list[str] = []
        for second in range(31):
            open_desk.clock.now += 1
            open_desk.world.show(replace(API, usage=usage(6.0 * second, second + 1)), *FLEET[1:])
            await open_desk.read_again()
            drawn.append(open_desk.cell(API.id, "trend"))
        changes = sum(before != after for before, after in pairwise(drawn))
        assert 5 <= changes <= 31 / TREND_SECONDS + 1
        assert len(drawn[-1]) == TREND_CELLS
        assert drawn[-1].strip("⠀")
        assert open_desk.cell(MIGRATE.id, "trend") == ""


async def test_the_verdict_tells_what_is_most_telling_and_the_column_sorts() -> None:
    slow = replace(API, usage=replace(API.usage or usage(), throttled_percent=63.0, pressure=Pressure(cpu_some=41.0)))
    async with desk(PlainWorld(FLEET), size=(200, 50)) as open_desk:
        for second in range(8):
            open_desk.clock.now += 1
            busy = replace(slow.usage or usage(), pids=50 + second)
            calm = replace(WORKER.usage or usage(), pids=50 + second)
            open_desk.world.show(replace(slow, usage=busy), replace(WORKER, usage=calm), *FLEET[2:])
            await open_desk.read_again()
        assert open_desk.cell(API.id, "verdict") == "✘ own CPU quota: throttled 63% of periods"
        assert open_desk.cell(MIGRATE.id, "verdict") == "Exited (137) 3 hours ago"
        assert open_desk.cell(WEB.id, "verdict").endswith("unhealthy")
        await open_desk.click(open_desk.table(), open_desk.lines[3].index("verdict"))
        assert open_desk.names()[0] == "api"


async def test_nothing_running_says_how_to_see_the_rest() -> None:
    async with desk(PlainWorld((MIGRATE,))) as open_desk:
        await open_desk.press("a")
        assert "Nothing is running: a shows the stopped ones" in open_desk.text


async def test_an_empty_engine_says_what_to_do() -> None:
    async with desk(PlainWorld()) as open_desk:
        assert "This engine has no containers yet" in open_desk.text


# --- what the cursor does ------------------------------------------------------------------------------------------


async def test_enter_opens_the_container_under_the_cursor() -> None:
    async with desk(PlainWorld(FLEET)) as open_desk:
        await open_desk.press("down", "enter")
        assert open_desk.mode == "container"
        assert open_desk.app.container_id == WEB.id


async def test_i_shows_the_image_of_the_container_under_the_cursor() -> None:
    other = image("tools/other:1", 77, ("RUN other", 900))
    mine = replace(image("shop/api:1.4", 1, ("FROM debian", 100)), id=API.image_id)
    async with desk(PlainWorld(FLEET, (other, mine))) as open_desk:
        await open_desk.press("i")
        assert open_desk.mode == "image"
        await open_desk.until(lambda: open_desk.table("images").current == API.image_id)


async def test_a_click_chooses_a_row_and_another_one_opens_it() -> None:
    async with desk(PlainWorld(FLEET)) as open_desk:
        await open_desk.click(open_desk.table(), 5, 2)
        assert open_desk.table().current == WEB.id
        assert open_desk.mode == "fleet"
        await open_desk.click(open_desk.table(), 5, 2)
        assert open_desk.mode == "container"
        assert open_desk.app.container_id == WEB.id


async def test_y_copies_the_name_and_says_so() -> None:
    async with desk(PlainWorld(FLEET)) as open_desk:
        await open_desk.press("down", "y")
        assert open_desk.app.clipboard == "web"
        assert "copied web" in open_desk.line("StatusLine")


async def test_three_hundred_containers_and_ten_ticks_keep_the_cursor_on_its_container() -> None:
    many = tuple(container(f"job-{number:03d}", number) for number in range(1, 301))
    world = PlainWorld(many)
    async with desk(world) as open_desk:
        await open_desk.press("s", "s")  # by cpu, so that every tick turns the order
        open_desk.table().go_to(many[149].id)
        for tick in range(1, 11):
            world.show(
                *(replace(each, usage=usage(float((index * 37 * tick) % 311))) for index, each in enumerate(many))
            )
            await open_desk.read_again()
            assert open_desk.table().current == many[149].id
            assert any(line.startswith("▸ job-150") for line in open_desk.lines)


async def test_the_cursor_goes_to_a_neighbour_when_its_container_is_removed() -> None:
    world = PlainWorld(FLEET)
    async with desk(world) as open_desk:
        await open_desk.press("end")
        assert open_desk.table().current == MIGRATE.id
        world.show(*(each for each in FLEET if each is not MIGRATE))
        await open_desk.read_again()
        assert open_desk.table().current == BACKUP.id
        world.show()
        await open_desk.read_again()
        assert open_desk.table().current is None
        await open_desk.press("enter", "y", "i")  # nothing to open, nothing breaks


# --- no engine -----------------------------------------------------------------------------------------------------


async def test_no_engine_gives_the_reason_the_cure_and_the_demo() -> None:
    world = PlainWorld(FLEET)
    world.lose_engine()
    async with desk(world, size=(80, 24)) as open_desk:
        assert "nothing answers at unix:///var/run/docker.sock" in open_desk.text
        assert "sudo systemctl start docker" in open_desk.text
        assert "D plays the demo" in open_desk.text
        assert "tries again by itself" in open_desk.text
        assert "D demo" in open_desk.line("KeyLine")


async def test_no_permission_gives_every_line_of_the_cure() -> None:
    world = PlainWorld()
    world.fleet.value = EngineForbidden(
        "the engine refuses this user", "sudo usermod -aG docker $USER\nthen log in again"
    )
    async with desk(world, size=(80, 24)) as open_desk:
        assert "→ sudo usermod -aG docker $USER" in open_desk.text
        assert "→ then log in again" in open_desk.text


async def test_the_engine_comes_back_by_itself() -> None:
    world = PlainWorld(FLEET, (image("shop/api:1.4", 1, ("FROM debian", 100)),))
    back, images = world.fleet.value, world.images.value
    world.lose_engine()
    quick = Settings(interval=0.2)
    async with desk(world, settings=quick) as open_desk:
        world.fleet.value, world.images.value = back, images
        await open_desk.until(lambda: "api" in open_desk.names())
        assert "nothing answers" not in open_desk.text
        assert "D demo" not in open_desk.line("KeyLine")
        await open_desk.press("3")
        await open_desk.until(lambda: open_desk.names("images") == ["shop/api:1.4"])


async def test_an_engine_lost_on_the_way_is_not_a_fleet_of_zeroes() -> None:
    world = PlainWorld(FLEET)
    async with desk(world) as open_desk:
        await open_desk.press("down")
        world.lose_engine()
        await open_desk.read_again()
        assert "No engine" in open_desk.text
        assert "nothing answers" in open_desk.line("StatusLine")
        assert "0 containers" not in open_desk.text
        assert not open_desk.app.screen.query_one(LiveTable).display
        world.show(*FLEET)
        await open_desk.read_again()
        assert open_desk.table().current == WEB.id  # the cursor is where it was


async def test_old_figures_are_grey_and_say_their_age() -> None:
    world = PlainWorld(FLEET)
    async with desk(world, still=False) as open_desk:
        assert "live · 1 s ago from" in open_desk.line("StatusLine")
        fresh = open_desk.painted
        open_desk.clock.now += 400
        await open_desk.until(lambda: "no new sample for 6 min 40 s" in open_desk.line("StatusLine"))
        await open_desk.until(lambda: open_desk.table()._stale)
        assert "figures are old" in open_desk.line("StatusLine")
        api = next(line for line in open_desk.painted.splitlines() if "api" in line)
        assert api not in fresh.splitlines()
        # one colour for the whole row but its mark: the cells have lost their own
        assert len(_colours(api.split("api", 1)[1])) <= 1
        await open_desk.read_again()
        await open_desk.until(lambda: "live · 1 s ago from" in open_desk.line("StatusLine"))
        assert "live · 1 s ago from" in open_desk.line("StatusLine")
        assert not open_desk.table()._stale


def _colours(painted: str) -> set[str]:
    """The foregrounds in a painted line."""
    codes = {run.split("m")[0] for run in painted.split("\x1b[")[1:]} - {"0"}
    return {code.split(";48;")[0] for code in codes if code.startswith("38;")}


async def test_the_cursor_is_on_the_container_that_the_container_mode_showed_last() -> None:
    async with desk(PlainWorld((container("api", 1), container("db", 2), container("web", 3)))) as open_desk:
        assert open_desk.table().current == container("api", 1).id
        await open_desk.press("enter", "n", "n", "1")
        await open_desk.until(lambda: open_desk.mode == "fleet")
        assert open_desk.table().current == container("web", 3).id
