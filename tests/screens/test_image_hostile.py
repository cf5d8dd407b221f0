"""Whatever an image's files are called or hold, it is text in its place."""

import pytest

from screens.anatomy.screen import AnatomyScreen
from screens.widgets.size_tree import SizeTree
from tests.screens.desk import desk
from tests.screens.layered import layered
from tests.screens.test_hostile import HOSTILE, inert
from tests.screens.worlds import PlainWorld
from tests.workbench.measure.layer_building import file, symlink, whiteout


@pytest.mark.parametrize("kind", HOSTILE)
async def test_hostile_names_are_inert_in_every_view(kind: str) -> None:
    name = HOSTILE[kind].replace("\x00", "").replace("/", "") or "plain"
    path = f"app/{name}"
    detail, acquired = layered(
        "api:1",
        1,
        (f"COPY {name} /app", [file(path, 5_000_000, "x"), file(f"b/{name}", 5_000_000, "x"), symlink("l", name)]),
        (f"RUN rm {name}", [whiteout(path)]),
        contents={(0, f"b/{name}"): (HOSTILE[kind] + "\x1b]0;title\x07").encode("utf-8", "surrogateescape")},
    )
    world = PlainWorld(images=(detail,))
    world.acquired = {detail.id: acquired}
    size = (100, 30)
    async with desk(world, size=size) as open_desk:
        await open_desk.press("3", "enter")
        await open_desk.until(
            lambda: isinstance(open_desk.app.screen, AnatomyScreen) and open_desk.app.screen.found is not None
        )
        await open_desk.press("tab", "space", "down")
        inert(open_desk, size)
        for key in ("f", "p", "d", "m", "b", "b", "l", "end", "c", "tab", "space", "down"):
            await open_desk.press(key)
            inert(open_desk, size)
        screen = open_desk.app.screen
        assert isinstance(screen, AnatomyScreen)
        assert screen.found is not None
        await open_desk.press("c")
        node = screen.found.analysis.overlay.find(f"b/{name}")
        assert node is not None
        screen.query_one(SizeTree).focus()
        assert screen.query_one(SizeTree).reveal(node)
        await open_desk.press("enter")
        await open_desk.until(lambda: open_desk.app.screen is not screen)
        inert(open_desk, size)
        await open_desk.press("escape", "y", "x")
        inert(open_desk, size)
        assert open_desk.app.is_running


async def test_a_very_deep_tree_opens_and_closes() -> None:
    detail, acquired = layered("deep:1", 1, ("COPY", [file("/".join(["d"] * 400) + "/f", 9, "x")]))
    world = PlainWorld(images=(detail,))
    world.acquired = {detail.id: acquired}
    async with desk(world, size=(100, 30)) as open_desk:
        await open_desk.press("3", "enter")
        await open_desk.until(
            lambda: isinstance(open_desk.app.screen, AnatomyScreen) and open_desk.app.screen.found is not None
        )
        await open_desk.press("tab", "F")
        await open_desk.type("f")
        assert len(open_desk.app.screen.query_one(SizeTree).keys) == 401
        await open_desk.press("enter", "end")
        inert(open_desk, (100, 30))
        await open_desk.press("0")
        assert len(open_desk.app.screen.query_one(SizeTree).keys) == 1
