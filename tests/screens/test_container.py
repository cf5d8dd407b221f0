"""Container: one container, what it uses now and how it was started."""

from dataclasses import replace
from threading import Event

import pytest

from screens.widgets.line import Line, Rule
from tests.screens.desk import Desk, desk
from tests.screens.worlds import PlainWorld, container, detail, image, usage
from workbench.model.containers import ContainerDetail, ContainerUsage

API = container(
    "api",
    1,
    cpu_limit_cores=2.0,
    usage=ContainerUsage(1.0, 98.0, 412_000_000, 512_000_000, 84_000.0, 920_000.0, 0.0, 100_000.0, 34, 100),
)
WORKER = container("worker", 2)
DEAD = container("migrate", 3, state="exited", status="Exited (137) 3 hours ago", usage=None)


def world_of() -> PlainWorld:
    world = PlainWorld((API, WORKER, DEAD))
    world.details = {each.id: detail(each) for each in (API, WORKER)}
    world.details[DEAD.id] = detail(
        DEAD, finished="2026-01-02T05:00:00Z", exit_code=137, out_of_memory_killed=True, memory_limit_bytes=64_000_000
    )
    return world


def title(open_desk: Desk) -> str:
    return open_desk.app.screen.query_one("ResourcesPane #title", Rule).text


def words(open_desk: Desk, name: str) -> str:
    """The words of one row of the resources, each run of blanks one blank."""
    return " ".join(open_desk.app.screen.query_one(f"#row-{name} .words", Line).text.split())


async def opened(open_desk: Desk, *keys: str) -> None:
    await open_desk.press(*keys)
    await open_desk.until(lambda: open_desk.app.screen.query("FactsPane"))


async def setup(open_desk: Desk, *keys: str) -> None:
    """Open a container and show how it was started."""
    await opened(open_desk, *keys)
    await open_desk.press("v")
    await open_desk.until(lambda: "command" in open_desk.text)


async def test_it_shows_each_figure_against_its_limit() -> None:
    async with desk(world_of()) as open_desk:
        await opened(open_desk, "enter")
        assert "0.98 of 2 quota" in words(open_desk, "cpu")
        assert "412 M of 512 M" in words(open_desk, "mem")
        assert "▇▇▇▇▇▇▁▁" in words(open_desk, "mem"), "80 % of it"
        assert "r 0 w 100 k/s" in words(open_desk, "disk")
        assert "↓ 84.0 k ↑ 920 k/s" in words(open_desk, "net")
        assert "34 of 100" in words(open_desk, "pids")


async def test_without_a_quota_the_machine_is_the_limit() -> None:
    async with desk(world_of()) as open_desk:
        await opened(open_desk, "down", "enter")
        assert "of 8 cores" in words(open_desk, "cpu")
        assert words(open_desk, "pids").startswith("pids 12")


async def test_figures_follow_the_fleet() -> None:
    world = world_of()
    async with desk(world) as open_desk:
        await opened(open_desk, "down", "enter")
        world.show(API, replace(WORKER, usage=usage(800.0, 1_000_000)), DEAD)
        await open_desk.read_again()
        assert "8.00 of 8 cores" in words(open_desk, "cpu")


async def test_a_stopped_container_has_no_figures_and_says_how_it_ended() -> None:
    async with desk(world_of()) as open_desk:
        await setup(open_desk, "end", "enter")
        assert "Exited (137) 3 hours ago" in title(open_desk)
        for name in ("cpu", "mem", "disk", "net", "pids"):
            assert "–" in words(open_desk, name)
            assert "0" not in words(open_desk, name).split("of")[0].replace("0 restarts", "")
        assert "2026-01-02 05:00:00 with exit code 137, killed: out of memory" in open_desk.text
        await open_desk.press("v")
        assert "It does not run: Exited (137) 3 hours ago" in open_desk.text


async def test_its_configuration_is_shown() -> None:
    async with desk(world_of()) as open_desk:
        await setup(open_desk, "enter")
        for fact in ("python app.py", "root", "/app", "127.0.0.1:8080 → 80/tcp", "MODE=production", "bridge"):
            assert fact in open_desk.text
        assert "API_TOKEN=********" in open_desk.text


async def test_n_steps_through_all_containers_and_round() -> None:
    async with desk(world_of()) as open_desk:
        await opened(open_desk, "2")
        for name in ("api", "worker", "migrate", "api"):
            await open_desk.until(lambda name=name: f"─ {name} ─" in title(open_desk))  # type: ignore[misc]
            await open_desk.press("n")
        await open_desk.press("N", "N")
        await open_desk.until(lambda: "─ migrate ─" in title(open_desk))


async def test_escape_goes_back_to_where_one_came_from() -> None:
    world = PlainWorld((API,), (replace(image("shop/api:1.4", 1, ("FROM debian", 10)), id=API.image_id),))
    async with desk(world) as open_desk:
        await open_desk.press("3", "1", "enter")
        assert open_desk.mode == "container"
        await open_desk.press("i")
        assert open_desk.mode == "image"
        await open_desk.press("escape")
        assert open_desk.mode == "container"
        await open_desk.press("escape")
        assert open_desk.mode == "fleet"


async def test_y_copies_its_name() -> None:
    async with desk(world_of()) as open_desk:
        await opened(open_desk, "enter")
        await open_desk.press("y")
        assert open_desk.app.clipboard == "api"


async def test_a_long_configuration_scrolls_with_the_keys() -> None:
    world = world_of()
    world.details[API.id] = detail(API, environment=tuple((f"NAME_{number}", "x") for number in range(200)))
    async with desk(world, size=(80, 24)) as open_desk:
        await setup(open_desk, "enter")
        assert "NAME_199=" not in open_desk.text
        await open_desk.press("end")
        await open_desk.until(lambda: "NAME_199=" in open_desk.text)


async def test_the_first_container_is_shown_when_none_was_opened() -> None:
    async with desk(world_of()) as open_desk:
        await opened(open_desk, "2")
        assert "─ api ─" in title(open_desk)


async def test_no_container_at_all_says_so() -> None:
    async with desk(PlainWorld()) as open_desk:
        await open_desk.press("2")
        assert "No container" in title(open_desk)
        await open_desk.press("n", "i", "y")  # nothing to do it to, nothing breaks


@pytest.mark.parametrize("others", [(), (WORKER,)])
async def test_a_container_that_was_removed_is_not_shown_as_running(others: tuple[object, ...]) -> None:
    world = world_of()
    async with desk(world) as open_desk:
        await opened(open_desk, "enter")
        world.show(*others)  # type: ignore[arg-type]
        await open_desk.read_again()
        assert "No such container" in title(open_desk)
        assert "0.98" not in open_desk.text
        assert "412 M" not in open_desk.text
        assert "not judged yet" not in open_desk.text


async def test_figures_of_a_lost_engine_say_that_they_are_past() -> None:
    world = world_of()
    async with desk(world) as open_desk:
        await opened(open_desk, "enter")
        assert "as last seen" not in title(open_desk)
        world.lose_engine()
        await open_desk.read_again()
        assert "as last seen" in title(open_desk)
        assert "0.98 of 2 quota" in words(open_desk, "cpu")
        assert "nothing answers" in open_desk.line("StatusLine")
        world.show(API)
        await open_desk.read_again()
        assert "as last seen" not in title(open_desk)


async def test_a_configuration_that_could_not_be_read_is_read_again_when_the_engine_is_back() -> None:
    world = world_of()
    kept = world.details.pop(API.id)
    async with desk(world) as open_desk:
        await open_desk.press("enter", "v")
        await open_desk.until(lambda: "no container" in open_desk.text)
        world.lose_engine()
        await open_desk.read_again()
        world.details[API.id] = kept
        world.show(API)
        await open_desk.read_again()
        await open_desk.until(lambda: "python app.py" in open_desk.text)


async def test_a_late_answer_for_another_container_is_not_shown() -> None:
    class Slow(PlainWorld):
        answer_api = Event()

        def container(self, container_id: str) -> ContainerDetail:
            if container_id == API.id:
                self.answer_api.wait()
            return super().container(container_id)

    world = Slow((API, WORKER))
    world.details = {API.id: detail(API, user="late"), WORKER.id: detail(WORKER, user="prompt")}
    async with desk(world) as open_desk:
        await open_desk.press("enter", "v")
        assert "reading the configuration" in open_desk.text
        await open_desk.press("n")
        await open_desk.until(lambda: "prompt" in open_desk.text)
        world.answer_api.set()
        await open_desk.read_again()
        assert "prompt" in open_desk.text
        assert "late" not in open_desk.text
