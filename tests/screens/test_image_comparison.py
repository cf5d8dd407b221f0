"""Two images side by side: marked in the list, compared by layer, package, directory,
setting and step."""

from collections.abc import Callable
from dataclasses import replace
from threading import Event

import pytest

from screens.anatomy.screen import AnatomyScreen
from screens.image.screen import ImageScreen
from screens.image_comparison.screen import ImageComparisonScreen
from screens.text_screen import TextScreen
from screens.widgets.line import Line
from tests.screens.desk import Desk, desk
from tests.screens.layered import layered
from tests.screens.test_hostile import HOSTILE, inert
from tests.screens.worlds import PlainWorld
from tests.workbench.measure.layer_building import file, folder
from workbench.errors import Stopped
from workbench.model.acquired import AcquiredImage, AcquireProgress
from workbench.model.images import ImageDetail

BASE = ("FROM debian:12", [folder("usr"), file("usr/libc.so", 40_000_000, "c")])
OLD = layered("api:1", 1, BASE, ("COPY . /app", [folder("app"), file("app/main.py", 30, "main")]))
NEW = layered(
    "api:2",
    2,
    BASE,
    ("COPY . /app", [folder("app"), file("app/main.py", 35, "other")]),
    ("RUN fetch", [file("opt/model.bin", 20_000_000, "model")]),
)


def world() -> PlainWorld:
    made = PlainWorld(images=(OLD[0], NEW[0]))
    made.acquired = {detail.id: acquired for detail, acquired in (OLD, NEW)}
    return made


async def at_list(open_desk: Desk) -> None:
    await open_desk.press("3")
    await open_desk.until(lambda: isinstance(open_desk.app.screen, ImageScreen) and open_desk.names("images"))


async def compared(open_desk: Desk) -> None:
    await at_list(open_desk)
    open_desk.table("images").go_to(OLD[0].id)
    await open_desk.press("c")
    open_desk.table("images").go_to(NEW[0].id)
    await open_desk.press("c")
    await open_desk.until(lambda: isinstance(open_desk.app.screen, ImageComparisonScreen))
    await open_desk.until(lambda: open_desk.names("layers"))


async def test_layers_are_aligned_and_the_fattest_is_marked() -> None:
    async with desk(world(), size=(200, 50)) as open_desk:
        await compared(open_desk)
        assert open_desk.names("layers") == ["same", "rebuilt", "added"]
        assert open_desk.names_of("layers", 3)[2] == "◀ fattest  RUN fetch"
        assert open_desk.names_of("layers", 6) == ["0", "+5", "+20.0 M"]
        assert "Compare  api:1 → api:2" in open_desk.text
        assert "shipped 40.0 M → 60.0 MB  +20.0 M, 50%" in open_desk.text
        assert "/opt" in open_desk.names_of("directories", 1)
        assert "Both images have the same packages" in open_desk.text


async def test_rows_open_sort_filter_and_are_copied() -> None:
    async with desk(world(), size=(120, 40)) as open_desk:
        await compared(open_desk)
        await open_desk.press("s")
        assert open_desk.names("layers")[0] == "added"
        await open_desk.press("s", "slash")
        await open_desk.type("fetch")
        assert open_desk.names("layers") == ["added"]
        await open_desk.press("escape", "end", "enter")
        assert isinstance(open_desk.app.screen, TextScreen)
        assert "after, layer 2: RUN fetch" in open_desk.text
        await open_desk.press("escape", "y")
        assert "after, layer 2: RUN fetch" in open_desk.app.clipboard
        await open_desk.press("tab", "tab", "enter")
        assert "/opt/model.bin" in open_desk.text
        await open_desk.press("escape", "escape")
        assert isinstance(open_desk.app.screen, ImageScreen)


async def test_the_mark_shows_and_goes() -> None:
    async with desk(world(), size=(200, 50)) as open_desk:
        await at_list(open_desk)
        open_desk.table("images").go_to(OLD[0].id)
        await open_desk.press("c")
        assert "marked api:1" in open_desk.text
        await open_desk.press("c")
        assert open_desk.app.marked_image is None
        await open_desk.press("enter")
        await open_desk.until(lambda: isinstance(open_desk.app.screen, AnatomyScreen))
        await open_desk.press("A", "escape", "escape")
        assert open_desk.app.marked_image == (OLD[0].id, "api:1")


async def test_esc_stops_the_reading() -> None:
    class Slow(PlainWorld):
        def acquire(self, reference: str, progress: Callable[[AcquireProgress], object], stop: Event) -> AcquiredImage:
            progress(AcquireProgress("stream", f"reading {reference[-1]}"))
            stop.wait()
            raise Stopped("stopped")

    async with desk(Slow(images=(OLD[0], NEW[0]))) as open_desk:
        await at_list(open_desk)
        open_desk.table("images").go_to(OLD[0].id)
        await open_desk.press("c")
        open_desk.table("images").go_to(NEW[0].id)
        await open_desk.press("c")
        await open_desk.until(lambda: "reading 1 · Esc stops it" in open_desk.text)
        await open_desk.press("escape")
        await open_desk.until(lambda: "Esc stops it" not in open_desk.text)
        assert "stopped" in open_desk.text
        await open_desk.press("escape")
        assert isinstance(open_desk.app.screen, ImageScreen)


async def test_what_cannot_be_read_says_why() -> None:
    async with desk(PlainWorld(images=(OLD[0], NEW[0])), size=(80, 24)) as open_desk:
        await at_list(open_desk)
        await open_desk.press("c", "down", "c")
        await open_desk.until(lambda: "no files of" in open_desk.text)
        assert len(open_desk.lines) == 24


LONG = ":".join(f"/opt/tool-{number}/bin" for number in range(30))
SECRET = "hunter2hunter2"


def reconfigured(
    told: tuple[ImageDetail, AcquiredImage],
    labels: tuple[tuple[str, str], ...] = (),
    environment: tuple[tuple[str, str], ...] = (),
    user: str = "",
) -> tuple[ImageDetail, AcquiredImage]:
    detail = replace(told[0], environment=environment, user=user)
    return detail, replace(told[1], index=replace(told[1].index, detail=detail, labels=labels))


def configured() -> PlainWorld:
    made = (
        reconfigured(OLD, (("version", "1"),), environment=(("GONE", "yes"), ("PATH", LONG)), user="root"),
        reconfigured(
            NEW, (("api_token", SECRET), ("version", "2")), environment=(("EMPTY", ""), ("PATH", f"{LONG}:/new"))
        ),
    )
    world = PlainWorld(images=(made[0][0], made[1][0]))
    world.acquired = {detail.id: acquired for detail, acquired in made}
    return world


def focused(open_desk: Desk) -> str | None:
    here = open_desk.app.screen.focused
    return here.id if here is not None else None


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_settings_and_history_both_sides_in_words(size: tuple[int, int]) -> None:
    async with desk(configured(), size=size) as open_desk:
        await compared(open_desk)
        assert "6 settings, 2 steps" in open_desk.text
        assert "c config" in open_desk.line("KeyLine")
        assert "l layers" not in open_desk.line("KeyLine")
        await open_desk.press("c")
        assert "l layers" in open_desk.line("KeyLine")
        assert "q quit" in open_desk.line("KeyLine")
        told = {row.cells[1].text: [cell.text for cell in row.cells] for row in open_desk.table("settings").rows}
        assert told["user"] == ["removed", "user", "root", "not set"]
        assert told["environment EMPTY"] == ["added", "environment EMPTY", "not set", "empty"]
        assert told["label version"] == ["changed", "label version", "1", "2"]
        assert told["label api_token"][2:] == ["not set", "••••••"]
        assert told["environment PATH"][2:] == ["…29/bin", "…29/bin:/new"]
        assert open_desk.names("history") == ["rebuilt", "added"]
        assert open_desk.names_of("history", 5) == ["+5", "+20.0 M"]
        assert "History: 1 of 3 steps the same" in open_desk.text
        assert "RUN fetch" in open_desk.text
        assert "removed" in open_desk.text
        assert SECRET not in open_desk.text
        assert len(open_desk.lines) == size[1]
        await open_desk.press("question_mark")
        assert "What differs in the configuration and in the" in open_desk.text


async def test_a_long_setting_is_read_in_full_and_copied() -> None:
    async with desk(configured(), size=(80, 24)) as open_desk:
        await compared(open_desk)
        await open_desk.press("c", "slash")
        await open_desk.type("path")
        await open_desk.press("enter")
        assert open_desk.names_of("settings", 1) == ["environment PATH"]
        await open_desk.press("enter")
        assert isinstance(open_desk.app.screen, TextScreen)
        assert "/opt/tool-14/bin" in open_desk.text
        await open_desk.press("pagedown", "pagedown")
        assert "only after: /new" in open_desk.text
        await open_desk.press("escape", "y")
        assert f"after: {LONG}:/new" in open_desk.app.clipboard
        await open_desk.press("escape", "tab", "end", "y")
        assert open_desk.app.clipboard == "added · ships 0 → 20,000,000 bytes, +20,000,000\nafter, step 2: RUN fetch"
        await open_desk.press("s")
        assert open_desk.names("history") == ["added", "rebuilt"]


async def test_views_are_reached_by_key_by_click_and_left_by_esc() -> None:
    async with desk(configured(), size=(120, 40)) as open_desk:
        await compared(open_desk)
        await open_desk.click_text(open_desk.app.screen.query_one("#title", Line), "6 settings")
        assert focused(open_desk) == "settings"
        assert "before: root" in open_desk.text
        await open_desk.press("escape")
        assert focused(open_desk) == "layers"
        assert "Settings:" not in open_desk.text
        await open_desk.press("v")
        assert focused(open_desk) == "settings"
        await open_desk.press("tab")
        assert focused(open_desk) == "history"
        await open_desk.press("tab")
        assert focused(open_desk) == "settings"
        await open_desk.press("l")
        assert focused(open_desk) == "layers"
        await open_desk.press("escape")
        assert isinstance(open_desk.app.screen, ImageScreen)


async def test_equal_images_say_so() -> None:
    same = reconfigured(OLD)
    world = PlainWorld(images=(same[0], replace(same[0], id="sha256:" + "9" * 64, references=("api:2",))))
    world.acquired = dict.fromkeys((same[0].id, "sha256:" + "9" * 64), same[1])
    async with desk(world) as open_desk:
        await at_list(open_desk)
        await open_desk.press("c", "down", "c")
        await open_desk.until(lambda: isinstance(open_desk.app.screen, ImageComparisonScreen))
        await open_desk.until(lambda: open_desk.names("layers"))
        await open_desk.press("c")
        assert "Both images have the same settings" in open_desk.text
        assert "Both images have the same history" in open_desk.text


@pytest.mark.parametrize("kind", HOSTILE)
async def test_hostile_settings_are_inert(kind: str) -> None:
    text = HOSTILE[kind]
    old = reconfigured(OLD, ((text or "label", "1"),), environment=(("A", text),))
    new = reconfigured(layered("api:2", 2, BASE, (f"COPY {text} /app", [])), user=text)
    world = PlainWorld(images=(old[0], new[0]))
    world.acquired = {detail.id: acquired for detail, acquired in (old, new)}
    size = (100, 30)
    async with desk(world, size=size) as open_desk:
        await compared(open_desk)
        await open_desk.press("c")
        assert open_desk.names("settings")
        for keys in (("end",), ("enter",), ("escape", "tab", "end"), ("enter",), ("escape", "y")):
            await open_desk.press(*keys)
            inert(open_desk, size)
