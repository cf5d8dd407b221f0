"""An image taken apart: its layers, its tree, its views, what is said while it is read."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from queue import Queue
from threading import Event, Semaphore
from typing import TYPE_CHECKING, cast

import pytest
from textual.widgets import Input

from screens.anatomy.file_screen import FileScreen
from screens.anatomy.screen import AnatomyScreen
from screens.ask import AskScreen
from screens.image.screen import ImageScreen
from screens.text_screen import TextScreen
from screens.widgets.line import Line
from screens.widgets.size_tree import SizeTree
from tests.screens.desk import SELDOM, Desk, desk
from tests.screens.layered import layered
from tests.screens.worlds import PlainWorld
from tests.workbench.measure.layer_building import file, folder, symlink, whiteout
from workbench.errors import Stopped
from workbench.measure.name_search import NameSearch
from workbench.model.acquired import AcquiredImage, AcquireProgress, LayerFigures
from workbench.model.images import ImageDetail
from workbench.model.reading import Fresh
from workbench.settings import Settings

if TYPE_CHECKING:
    from array import array

SHOP = layered(
    "shop/api:1.4",
    1,
    (
        "FROM debian:12",
        [
            folder("usr"),
            folder("usr/lib"),
            file("usr/lib/libc.so", 40_000_000, "c"),
            file("usr/lib/libm.so", 5_000_000, "m"),
            folder("etc"),
            file("etc/passwd", 900, "root"),
            symlink("lib", "usr/lib"),
        ],
    ),
    ("COPY . /app", [folder("app"), file("app/model.bin", 8_000_000, "model"), file("app/main.py", 30, "main")]),
    ("RUN fetch", [folder("tmp"), file("tmp/big.tar", 20_000_000, "big"), file("app/copy.bin", 8_000_000, "model")]),
    ("RUN rm -rf /tmp/big.tar", [whiteout("tmp/big.tar"), file("etc/passwd", 950, "root2")]),
    contents={
        (0, "usr/lib/libc.so"): b"\x7fELF\x02\x01\x01\x00" + bytes(8) + b"\x03\x00\x3e\x00" + bytes(44),
        (1, "app/main.py"): b"import this\nprint('x')\n",
        (1, "app/model.bin"): bytes(range(256)),
        (2, "app/copy.bin"): b"model",
    },
)


def world(*images: tuple[ImageDetail, AcquiredImage]) -> PlainWorld:
    chosen = images or (SHOP,)
    made = PlainWorld(images=tuple(detail for detail, _ in chosen))
    made.acquired = {acquired.index.detail.id: acquired for _, acquired in chosen}
    return made


def anatomy(open_desk: Desk) -> AnatomyScreen:
    screen = open_desk.app.screen
    assert isinstance(screen, AnatomyScreen)
    return screen


async def at_list(open_desk: Desk) -> None:
    await open_desk.press("3")
    await open_desk.until(lambda: isinstance(open_desk.app.screen, ImageScreen) and open_desk.names("images"))


async def apart(open_desk: Desk) -> None:
    await at_list(open_desk)
    await open_desk.press("enter")
    await open_desk.until(lambda: isinstance(open_desk.app.screen, AnatomyScreen) and anatomy(open_desk).found)


def tree(open_desk: Desk) -> SizeTree:
    return open_desk.app.screen.query_one(SizeTree)


def shown(open_desk: Desk) -> list[str]:
    """The names in the tree, as they are indented."""
    live = tree(open_desk)
    assert live._branches is not None
    return [
        "  " * depth + live._branches.cells(key)[1].text for key, depth in zip(live._keys, live._depths, strict=True)
    ]


# --- layers --------------------------------------------------------------------------------------------------------


async def test_layers_tell_what_they_ship_add_and_hide() -> None:
    async with desk(world(), size=(200, 50)) as open_desk:
        await apart(open_desk)
        assert open_desk.names_of("layers", 2) == ["45.0 M", "8.00 M", "28.0 M", "950"]
        assert open_desk.names_of("layers", 3) == ["+45.0 M", "+8.00 M", "+28.0 M", "−20.0 M"]
        assert open_desk.names_of("layers", 4) == ["900", "0", "20.0 M", "0"]
        assert open_desk.names_of("layers", 5) == ["7", "3", "3", "2"]
        for words in (
            "81.0 MB shipped",
            "61.0 MB final",
            "28.0 MB wasted: 20.0 M removed, 900 overwritten, 8.00 M duplicate",
            "via tar-split",
            "1 of 4 layers from the cache",
            "1.00 MB spared",
        ):
            assert words in open_desk.text


async def test_inspect_stands_while_the_layers_are_read_and_esc_stops_it() -> None:
    let_go, stopped = Event(), Event()

    class Slow(PlainWorld):
        def acquire(self, reference: str, progress: Callable[[AcquireProgress], object], stop: Event) -> AcquiredImage:
            assert reference == SHOP[0].id
            progress(
                AcquireProgress(
                    "stream",
                    "the engine sends the image",
                    layers_done=1,
                    layers_total=4,
                    bytes_done=20_000_000,
                    bytes_total=80_000_000,
                    bytes_per_second=5_000_000.0,
                )
            )
            while not stop.is_set():
                let_go.wait(0.01)
            stopped.set()
            raise Stopped("stopped")

    slow = Slow(images=(SHOP[0],))
    async with desk(slow) as open_desk:
        await at_list(open_desk)
        await open_desk.press("enter")
        told = "the engine sends the image · layer 2 of 4 · 20.0 MB of 80.0 MB · 5.00 MB/s · 12 s left · Esc stops it"
        await open_desk.until(lambda: told in open_desk.text)
        assert open_desk.names_of("layers", 2)[0] == "≈45.0 M"
        assert open_desk.names_of("layers", 3) == ["…"] * 4
        await open_desk.press("escape")
        await open_desk.until(stopped.is_set)
        assert open_desk.names_of("layers", 3) == ["–"] * 4
        assert "stopped: R reads the image again" in open_desk.text
        assert "Esc stops it" not in open_desk.text
        assert isinstance(open_desk.app.screen, AnatomyScreen)
        await open_desk.press("escape")
        assert isinstance(open_desk.app.screen, ImageScreen)


async def test_each_layer_is_shown_as_soon_as_it_was_read() -> None:
    steps: Queue[tuple[LayerFigures, ...] | None] = Queue()

    class Slow(PlainWorld):
        def acquire(self, reference: str, progress: Callable[[AcquireProgress], object], stop: Event) -> AcquiredImage:
            while (figures := steps.get()) is not None:
                progress(AcquireProgress("stream", layers_done=len(figures), layers_total=4, figures=figures))
            return super().acquire(reference, progress, stop)

    slow = Slow(images=(SHOP[0],))
    slow.acquired = {SHOP[0].id: SHOP[1]}
    async with desk(slow, size=(200, 50)) as open_desk:
        await at_list(open_desk)
        await open_desk.press("enter")
        await open_desk.until(lambda: isinstance(open_desk.app.screen, AnatomyScreen))
        told = [open_desk.names_of("layers", column) for column in (2, 3, 4, 5)]
        assert told == [["≈45.0 M", "≈8.00 M", "≈28.0 M", "≈950"], *[["…"] * 4] * 3]
        third = LayerFigures(2, 28_000_001, 3)
        steps.put((third,))
        await open_desk.until(lambda: open_desk.names_of("layers", 5) == ["…", "…", "3", "…"])
        steps.put((LayerFigures(0, 44_000_000, 7), third))
        await open_desk.until(lambda: open_desk.names_of("layers", 5) == ["7", "…", "3", "…"])
        assert open_desk.names_of("layers", 2) == ["44.0 M", "≈8.00 M", "28.0 M", "≈950"]
        assert open_desk.names_of("layers", 3) == open_desk.names_of("layers", 4) == ["…"] * 4
        assert "44.0 MB (44,000,000 bytes) shipped in 7 paths" in open_desk.text
        steps.put(None)
        await open_desk.until(lambda: anatomy(open_desk).found)
        assert open_desk.names_of("layers", 2) == ["45.0 M", "8.00 M", "28.0 M", "950"]
        assert open_desk.names_of("layers", 3) == ["+45.0 M", "+8.00 M", "+28.0 M", "−20.0 M"]


async def test_leaving_while_it_is_read_stops_it_and_says_nothing_more() -> None:
    let_go = Event()

    class Slow(PlainWorld):
        def acquire(self, reference: str, progress: Callable[[AcquireProgress], object], stop: Event) -> AcquiredImage:
            let_go.wait()
            return super().acquire(reference, progress, stop)

    slow = Slow(images=(SHOP[0],))
    slow.acquired = {SHOP[0].id: SHOP[1]}
    async with desk(slow) as open_desk:
        await at_list(open_desk)
        await open_desk.press("enter", "escape", "escape")
        let_go.set()
        await open_desk.read_again()
        assert isinstance(open_desk.app.screen, ImageScreen)
        assert open_desk.app.doing == ""
        await open_desk.press("enter")
        await open_desk.until(lambda: anatomy(open_desk).found)


async def test_what_cannot_be_read_says_why_and_the_layers_stay() -> None:
    async with desk(PlainWorld(images=(SHOP[0],))) as open_desk:
        await at_list(open_desk)
        await open_desk.press("enter")
        await open_desk.until(lambda: "no files of" in open_desk.text)
        assert open_desk.names_of("layers", 1)[1] == "COPY . /app"
        await open_desk.press("f", "p", "d", "m", "tab", "enter", "y", "s", "c", "x")
        assert open_desk.app.is_running


async def test_an_image_that_was_read_opens_again_without_reading() -> None:
    async with desk(world()) as open_desk:
        await apart(open_desk)
        await open_desk.press("escape")
        open_desk.world.acquired.clear()
        await apart(open_desk)
        assert anatomy(open_desk).found


# --- the tree ------------------------------------------------------------------------------------------------------


async def test_the_tree_is_largest_first_and_opens() -> None:
    async with desk(world()) as open_desk:
        await apart(open_desk)
        assert shown(open_desk) == ["usr", "app", "etc", "lib → usr/lib", "tmp"]
        await open_desk.press("tab", "space")
        assert shown(open_desk)[:3] == ["usr", "  lib", "app"]
        await open_desk.press("right", "right")
        assert shown(open_desk)[:4] == ["usr", "  lib", "    libc.so", "    libm.so"]
        await open_desk.press("right")
        assert "40.0 MB (40,000,000 bytes), 66% of all" in open_desk.text
        await open_desk.press("left", "left", "left")
        assert shown(open_desk)[:3] == ["usr", "  lib", "app"]
        await open_desk.press("0")
        assert shown(open_desk)[0:2] == ["usr", "app"]
        await open_desk.press("s")
        assert shown(open_desk) == ["app", "etc", "lib → usr/lib", "tmp", "usr"]
        await open_desk.press("S")
        assert shown(open_desk)[0] == "usr"


async def test_one_layers_changes_are_told_in_letters() -> None:
    async with desk(world(), size=(160, 40)) as open_desk:
        await apart(open_desk)
        await open_desk.press("end", "c")
        await open_desk.until(lambda: "Changes of layer 3" in open_desk.text)
        await open_desk.press("tab", "space")
        live = tree(open_desk)
        assert live._branches is not None
        rows = [[cell.text for cell in live._branches.cells(key)[:4]] for key in live.keys]
        assert rows == [["", "tmp", "0", "−20.0 M"], ["R", "big.tar", "0", "−20.0 M"], ["", "etc", "950", "−900"]]
        await open_desk.press("down")
        assert "written by 2, deleted by 3" in open_desk.text
        await open_desk.press("down", "space", "down")
        assert "written by 0, overwritten by 3" in open_desk.text
        await open_desk.press("escape", "up")
        await open_desk.until(lambda: "Changes of layer 2" in open_desk.text)
        await open_desk.press("ctrl+l")
        await open_desk.until(lambda: "Changes of" not in open_desk.text)


async def test_search_jumps_while_typing_and_n_goes_on() -> None:
    async with desk(world(), size=(160, 40)) as open_desk:
        await apart(open_desk)
        await open_desk.press("tab", "slash")
        await open_desk.type(".so")
        found = anatomy(open_desk).found
        assert found
        overlay = found.analysis.overlay
        assert "match 1 of 2" in open_desk.text
        assert overlay.path(tree(open_desk).current or 0) == "usr/lib/libc.so"
        await open_desk.press("enter", "n")
        assert overlay.path(tree(open_desk).current or 0) == "usr/lib/libm.so"
        await open_desk.press("N", "N")
        assert "match 2 of 2" in open_desk.text
        await open_desk.press("slash")
        await open_desk.type("zz")
        assert "no match" in open_desk.text
        await open_desk.press("escape")
        assert "/.so" not in open_desk.text
        assert open_desk.app.focused is tree(open_desk)


@pytest.mark.parametrize(
    ("words", "left"),
    [
        (">10M", ["usr", "  lib", "    libc.so"]),
        ("model", ["app", "  model.bin"]),
        ("app/ma", ["app", "  main.py"]),
        ("<1k main", ["app", "  main.py"]),
        ("@nobody", []),
        ("=added", []),
    ],
)
async def test_a_filter_leaves_what_passes_and_opens_it(words: str, left: list[str]) -> None:
    async with desk(world(), size=(160, 40)) as open_desk:
        await apart(open_desk)
        await open_desk.press("tab", "F")
        await open_desk.type(words)
        await open_desk.press("enter")
        assert shown(open_desk) == left
        if not left:
            assert "Nothing here passes the filter" in open_desk.text
        await open_desk.press("escape")
        assert shown(open_desk) == ["usr", "app", "etc", "lib → usr/lib", "tmp"]


async def test_a_filter_by_change_in_one_layer() -> None:
    async with desk(world(), size=(160, 40)) as open_desk:
        await apart(open_desk)
        await open_desk.press("end", "c", "tab", "F")
        await open_desk.type("=rem")
        assert shown(open_desk) == ["tmp", "  big.tar"]


def rows_of_change(open_desk: Desk) -> list[str]:
    """Letter and name of every row of one layer's changes."""
    live = tree(open_desk)
    assert live._branches is not None
    return [" ".join(cell.text for cell in live._branches.cells(key)[:2]).strip() for key in live.keys]


async def test_dives_keys_choose_the_changes_that_are_shown() -> None:
    async with desk(world(), size=(160, 40)) as open_desk:
        await apart(open_desk)
        await open_desk.press("end", "c")
        await open_desk.until(lambda: "Changes of layer 3" in open_desk.text)
        await open_desk.press("tab", "space", "end", "space")
        everything = ["tmp", "R big.tar", "etc", "M passwd"]
        assert rows_of_change(open_desk) == everything
        assert "−" not in open_desk.line("FilesPane #title")
        await open_desk.press("ctrl+r")
        assert rows_of_change(open_desk) == ["etc", "M passwd"]
        assert "−R" in open_desk.line("FilesPane #title")
        await open_desk.press("ctrl+r", "M")
        assert rows_of_change(open_desk) == ["tmp", "R big.tar"]
        await open_desk.press("ctrl+r", "ctrl+a")
        assert rows_of_change(open_desk) == []
        assert "All of it is hidden" in open_desk.text
        assert "−AMRC" in open_desk.line("FilesPane #title")
        await open_desk.press("ctrl+a", "ctrl+r", "M")
        assert rows_of_change(open_desk) == everything


async def test_what_a_layer_left_as_it_was_is_shown_as_it_then_was() -> None:
    async with desk(world(), size=(160, 40)) as open_desk:
        await apart(open_desk)
        await open_desk.press("down", "down", "c")
        await open_desk.until(lambda: "Changes of layer 2" in open_desk.text)
        assert shown(open_desk) == ["tmp", "app"]
        await open_desk.press("tab", "ctrl+u")
        assert "+unmodified" in open_desk.line("FilesPane #title")
        assert shown(open_desk) == ["tmp", "app", "etc", "lib → usr/lib", "usr"]
        await go_to(open_desk, "app/main.py")
        await open_desk.press("enter")
        await open_desk.until(lambda: isinstance(open_desk.app.screen, FileScreen))
        assert "import this" in open_desk.text
        await open_desk.press("escape")
        await go_to(open_desk, "etc/passwd")
        await open_desk.press("enter")
        await open_desk.until(lambda: isinstance(open_desk.app.screen, TextScreen))
        assert "etc/passwd  layer 0" in open_desk.text
        await open_desk.press("escape", "slash")
        await open_desk.type("libm")
        assert "match 1 of 1" in open_desk.text
        await open_desk.press("escape", "F")
        await open_desk.type("model >1M")
        assert shown(open_desk) == ["app", "  model.bin"]
        await open_desk.press("escape", "ctrl+u")
        assert "+unmodified" not in open_desk.line("FilesPane #title")


async def test_the_merged_system_has_no_changes_to_choose() -> None:
    async with desk(world()) as open_desk:
        await apart(open_desk)
        before = shown(open_desk)
        await open_desk.press("tab", "ctrl+a")
        await open_desk.until(lambda: "only a layer has changes" in open_desk.text)
        assert shown(open_desk) == before


async def test_the_keys_of_changes_can_be_changed() -> None:
    rebound = Settings(interval=SELDOM, keys={"anatomy.removed": "f7", "anatomy.modified": "ctrl+d"})
    async with desk(world(), size=(160, 60), settings=rebound) as open_desk:
        await apart(open_desk)
        await open_desk.press("end", "c", "tab")
        await open_desk.until(lambda: "Changes of layer 3" in open_desk.text)
        await open_desk.press("ctrl+r")
        assert "−" not in open_desk.line("FilesPane #title")
        await open_desk.press("f7", "ctrl+d")
        assert "−MRC" in open_desk.line("FilesPane #title")
        await open_desk.press("question_mark")
        assert any(line.strip("│ ").startswith("f7 ") and "removed" in line for line in open_desk.lines)


@pytest.mark.parametrize("key", ["0", "ctrl+@", "ctrl+space"])
async def test_every_directory_closes(key: str) -> None:
    async with desk(world()) as open_desk:
        await apart(open_desk)
        await open_desk.press("tab", "space", "down", "space")
        assert "  lib" in shown(open_desk)
        await open_desk.press(key)
        assert shown(open_desk) == ["usr", "app", "etc", "lib → usr/lib", "tmp"]


class Held:
    """Holds every search until it is let go."""

    def __init__(self, names: NameSearch) -> None:
        self.names = names
        self.begun: list[str] = []
        self.let_go = Semaphore(0)

    def find(self, words: str, most: int | None = None) -> "array[int]":
        self.begun.append(words)
        self.let_go.acquire()
        return self.names.find(words, most)


async def test_a_large_tree_is_searched_beside_the_typing_and_the_latest_text_wins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("screens.anatomy.panes.files.MOST_AT_ONCE", 0)
    async with desk(world(), size=(160, 40)) as open_desk:
        await apart(open_desk)
        screen = anatomy(open_desk)
        assert isinstance(screen.anatomy, Fresh)
        held = Held(screen.anatomy.value.names)
        screen.anatomy = Fresh(replace(screen.anatomy.value, names=cast("NameSearch", held)), screen.anatomy.taken_at)
        await open_desk.press("tab", "slash")
        await open_desk.type("m.so")
        assert open_desk.app.screen.query_one("#filter", Input).value == "m.so"
        assert "match" not in open_desk.line("FilesPane #title")
        await open_desk.press("enter", "n", "N")
        held.let_go.release(2)
        await open_desk.until(lambda: "/m.so  match 1 of 1" in open_desk.text)
        assert held.begun == ["m", "m.so"]
        await open_desk.press("slash")
        await open_desk.press("escape")
        await open_desk.until(lambda: "m.so  match" not in open_desk.text)
        await open_desk.press("slash")
        await open_desk.type(".")
        await open_desk.press("enter", "n", "n")
        found = anatomy(open_desk).found
        assert found
        assert "match" not in open_desk.line("FilesPane #title")
        held.let_go.release()
        await open_desk.until(lambda: "/.  match 3 of" in open_desk.text)


# --- files ---------------------------------------------------------------------------------------------------------


async def go_to(open_desk: Desk, path: str) -> None:
    found = anatomy(open_desk).found
    assert found
    node = found.analysis.overlay.find(path)
    assert node is not None
    tree(open_desk).focus()
    assert tree(open_desk).reveal(node)
    await open_desk.pilot.pause()


async def test_enter_reads_a_file_as_text_or_bytes() -> None:
    async with desk(world()) as open_desk:
        await apart(open_desk)
        await go_to(open_desk, "app/main.py")
        await open_desk.press("enter")
        await open_desk.until(lambda: isinstance(open_desk.app.screen, FileScreen))
        assert "import this" in open_desk.text
        await open_desk.press("down", "y")
        assert open_desk.app.clipboard == "print('x')"
        await open_desk.press("h")
        assert "69 6d 70 6f 72 74" in open_desk.text
        await open_desk.press("escape")
        await go_to(open_desk, "usr/lib/libc.so")
        await open_desk.press("enter")
        await open_desk.until(lambda: isinstance(open_desk.app.screen, FileScreen))
        assert "ELF 64-bit, little endian" in open_desk.text
        assert "shared object or position-independent program for x86-64" in open_desk.text
        assert "the first 64 B of it" in open_desk.text


async def test_a_file_that_cannot_be_read_and_a_link_say_what_they_are() -> None:
    async with desk(world()) as open_desk:
        await apart(open_desk)
        await go_to(open_desk, "etc/passwd")
        await open_desk.press("enter")
        await open_desk.until(lambda: isinstance(open_desk.app.screen, TextScreen))
        assert "etc/passwd cannot be read: it is not here" in open_desk.text
        await open_desk.press("escape")
        await go_to(open_desk, "lib")
        await open_desk.press("enter")
        assert "→ usr/lib" in open_desk.text


def files_below(folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]


async def test_extract_copies_below_a_directory_and_asks_before_it_replaces(tmp_path: Path) -> None:
    async with desk(world()) as open_desk:
        await apart(open_desk)
        await go_to(open_desk, "app/main.py")
        goal = tmp_path / "out"

        async def answer(text: str) -> None:
            await open_desk.until(lambda: isinstance(open_desk.app.screen, AskScreen))
            await open_desk.press("ctrl+a", "ctrl+k")
            await open_desk.type(text)
            await open_desk.press("enter")

        await open_desk.press("x")
        await answer(str(goal))
        await open_desk.until(lambda: "copied 1 file, 23 B below" in open_desk.text)
        assert (goal / "main.py").read_text() == "import this\nprint('x')\n"
        (goal / "main.py").write_text("mine")
        await open_desk.press("x")
        await answer(str(goal))
        await open_desk.until(lambda: "replace? Type yes" in open_desk.text)
        await open_desk.press("escape")
        assert (goal / "main.py").read_text() == "mine"
        await open_desk.press("x")
        await answer(str(goal))
        await open_desk.until(lambda: "replace? Type yes" in open_desk.text)
        await answer("yes")
        await open_desk.until(lambda: (goal / "main.py").read_text() != "mine")
        assert files_below(goal) == ["main.py"]


async def test_extract_follows_no_link_out_of_the_directory(tmp_path: Path) -> None:
    outside, goal = tmp_path / "outside", tmp_path / "out"
    outside.mkdir()
    goal.mkdir()
    (goal / "app").symlink_to(outside)
    async with desk(world()) as open_desk:
        await apart(open_desk)
        await go_to(open_desk, "app")
        await open_desk.press("x", "ctrl+a", "ctrl+k")
        await open_desk.type(str(goal))
        await open_desk.press("enter")
        await open_desk.until(lambda: "cannot be written" in open_desk.text)
        assert not list(outside.iterdir())


# --- views ---------------------------------------------------------------------------------------------------------


async def test_every_view_by_key_by_v_and_by_click() -> None:
    async with desk(world()) as open_desk:
        await apart(open_desk)
        seen = []
        for _ in range(5):
            await open_desk.press("v")
            seen.append(anatomy(open_desk).view)
        assert seen == ["findings", "packages", "duplicates", "map", "files"]
        for key, view in zip("fpdml", ("findings", "packages", "duplicates", "map", "files"), strict=True):
            await open_desk.press(key)
            assert anatomy(open_desk).view == view
        await open_desk.click_text(open_desk.app.screen.query_one("#views", Line), "Duplicates")
        assert anatomy(open_desk).view == "duplicates"
        await open_desk.press("escape")
        assert anatomy(open_desk).view == "files"


async def test_duplicates_tell_their_paths_and_y_copies_them() -> None:
    async with desk(world()) as open_desk:
        await apart(open_desk)
        await open_desk.press("d")
        assert open_desk.names_of("duplicates", 3) == ["app/copy.bin  =  app/model.bin"]
        assert "1 group of equal files · 8.00 MB wasted" in open_desk.text
        await open_desk.press("y")
        assert open_desk.app.clipboard == "/app/copy.bin\n/app/model.bin"
        await open_desk.press("slash")
        await open_desk.type("nothing")
        assert not open_desk.names("duplicates")
        await open_desk.press("escape")
        assert open_desk.names("duplicates")


async def test_findings_open_whole_and_y_copies_the_fix() -> None:
    async with desk(world()) as open_desk:
        await apart(open_desk)
        await open_desk.press("f")
        found = anatomy(open_desk).found
        assert found
        assert found.findings
        place = int(open_desk.table("findings").current or 0)
        await open_desk.press("y")
        assert open_desk.app.clipboard == found.findings[place].fix
        await open_desk.press("enter")
        assert isinstance(open_desk.app.screen, TextScreen)
        assert f"check {found.findings[place].check}" in open_desk.text
        await open_desk.press("escape", "s")
        assert "sort bytes" in open_desk.text
        sizes = [found.findings[int(row.key)].reclaimable_bytes for row in open_desk.table("findings").rows]
        assert sizes == sorted(sizes, reverse=True)


async def test_the_map_goes_into_directories_and_back() -> None:
    async with desk(world()) as open_desk:
        await apart(open_desk)
        await open_desk.press("m")
        assert "▸ usr/" in open_desk.text
        await open_desk.press("enter")
        await open_desk.until(lambda: "/usr  45.0 MB" in open_desk.text)
        await open_desk.press("enter")
        await open_desk.until(lambda: "libm.so" in open_desk.text)
        await open_desk.press("escape")
        await open_desk.until(lambda: "▸ lib/" in open_desk.text)
        await open_desk.press("escape", "b", "b")
        await open_desk.until(lambda: "by layer" in open_desk.text)
        assert "0 FROM debian:12" in open_desk.text
        await open_desk.press("escape")
        assert anatomy(open_desk).view == "files"


async def test_help_tells_the_keys_of_this_screen() -> None:
    async with desk(world(), size=(120, 60)) as open_desk:
        await apart(open_desk)
        await open_desk.press("question_mark")
        assert "In anatomy" in open_desk.text
        assert "anatomy.extract" in open_desk.text
        assert "image.open" not in open_desk.text


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
async def test_it_fits(size: tuple[int, int]) -> None:
    async with desk(world(), size=size) as open_desk:
        await apart(open_desk)
        for words in ("81.0 MB shipped", "COPY . /app", "45.0 M", "usr", "Layer 0"):
            assert words in open_desk.text
        for key in "fpdm":
            await open_desk.press(key)
            assert len(open_desk.lines) == size[1]
        await open_desk.press("l", "tab")
        assert "made by 0" in open_desk.text


async def test_another_mode_and_back_shows_the_same_image_and_the_list_pops_it() -> None:
    async with desk(world()) as open_desk:
        await apart(open_desk)
        await open_desk.press("1", "3")
        assert isinstance(open_desk.app.screen, AnatomyScreen)
        open_desk.app.open_image(SHOP[0].id)
        await open_desk.until(lambda: isinstance(open_desk.app.screen, ImageScreen))
        assert open_desk.table("images").current == SHOP[0].id


async def test_quitting_stops_what_is_being_read() -> None:
    entered, stopped = Event(), Event()

    class Slow(PlainWorld):
        def acquire(self, reference: str, progress: Callable[[AcquireProgress], object], stop: Event) -> AcquiredImage:
            del reference, progress
            entered.set()
            stop.wait()
            stopped.set()
            raise Stopped("stopped")

    async with desk(Slow(images=(SHOP[0],))) as open_desk:
        await at_list(open_desk)
        await open_desk.press("enter")
        await open_desk.until(entered.is_set)
        open_desk.app.session.close()
        assert stopped.is_set()
