"""Two images side by side: marked in the list, compared by layer, package and directory."""

from collections.abc import Callable
from threading import Event

from screens.anatomy.screen import AnatomyScreen
from screens.image.screen import ImageScreen
from screens.image_comparison.screen import ImageComparisonScreen
from screens.text_screen import TextScreen
from tests.screens.desk import Desk, desk
from tests.screens.layered import layered
from tests.screens.worlds import PlainWorld
from tests.workbench.measure.layer_building import file, folder
from workbench.errors import Stopped
from workbench.model.acquired import AcquiredImage, AcquireProgress

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
