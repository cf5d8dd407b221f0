"""Archives opened from the list of images: what may be typed, what comes, what is said when nothing does."""

from pathlib import Path

import pytest

from screens.anatomy.screen import AnatomyScreen
from screens.ask import AskScreen
from screens.image.archive_naming import archive_named
from screens.image.screen import ImageScreen
from screens.image_comparison.screen import ImageComparisonScreen
from screens.text_screen import TextScreen
from tests.screens.desk import Desk, desk
from tests.screens.worlds import PlainWorld
from tests.workbench.sources.image.tars import BASE, CODE, LAYERS, saved
from workbench.errors import UsageError
from workbench.model.images import ImageArchive
from workbench.model.reading import Missing


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Layers are kept where the test looks, and nowhere else."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


async def open_archive(open_desk: Desk, text: str) -> None:
    await open_desk.press("3")
    await open_desk.until(lambda: isinstance(open_desk.app.screen, ImageScreen))
    await open_desk.press("o")
    await open_desk.until(lambda: isinstance(open_desk.app.screen, AskScreen))
    await open_desk.press("end", "ctrl+u")
    await open_desk.type(text)
    await open_desk.press("enter")


def anatomy(open_desk: Desk) -> AnatomyScreen:
    screen = open_desk.app.screen
    assert isinstance(screen, AnatomyScreen)
    return screen


@pytest.mark.parametrize("engine", [True, False])
async def test_an_archive_is_taken_apart_with_or_without_an_engine(tmp_path: Path, engine: bool) -> None:
    path = tmp_path / "image of the shop.tar"
    path.write_bytes(saved(("shop/api:1.4", LAYERS)))
    world = PlainWorld()
    if not engine:
        world.lose_engine()
    async with desk(world, size=(160, 40)) as open_desk:
        await open_archive(open_desk, f"'{path}'")
        await open_desk.until(lambda: isinstance(open_desk.app.screen, AnatomyScreen) and anatomy(open_desk).found)
        for words in ("image of the shop.tar", "via archive", "COPY 0 /", "COPY 1 /", "main.py"):
            if words == "main.py":
                await open_desk.press("tab", "slash")
                await open_desk.type(words)
            assert words in open_desk.text
        assert world.asked == []
        await open_desk.press("escape", "R")
        await open_desk.until(lambda: anatomy(open_desk).found and "via cache" in open_desk.text)


async def test_one_of_several_images_is_named_after_the_path(tmp_path: Path) -> None:
    path = tmp_path / "two.tar"
    path.write_bytes(saved(("shop/api:1.4", LAYERS), ("shop/web:2", (BASE,))))
    async with desk(PlainWorld()) as open_desk:
        await open_archive(open_desk, str(path))
        await open_desk.until(lambda: isinstance(anatomy(open_desk).anatomy, Missing))
        assert "it holds 2 images" in open_desk.text
        assert "choose with --reference: shop/api:1.4, shop/web:2" in open_desk.text
        await open_desk.press("escape", "o")
        await open_desk.until(lambda: isinstance(open_desk.app.screen, AskScreen))
        await open_desk.press("end")
        await open_desk.type(" --reference shop/web:2")
        await open_desk.press("enter")
        await open_desk.until(lambda: anatomy(open_desk).found)
        assert "two.tar shop/web:2" in open_desk.text
        assert len(open_desk.names("layers")) == 1


@pytest.mark.parametrize("content", [None, b"", b"no archive at all", saved(("a:1", LAYERS))[:5000]])
async def test_what_is_no_archive_is_told_on_its_screen(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "broken.tar"
    if content is not None:
        path.write_bytes(content)
    async with desk(PlainWorld()) as open_desk:
        await open_archive(open_desk, str(path))
        await open_desk.until(lambda: isinstance(anatomy(open_desk).anatomy, Missing))
        missing = anatomy(open_desk).anatomy
        assert isinstance(missing, Missing)
        title, text = anatomy(open_desk).about
        assert title == "Image"
        assert text == f"{missing.reason}\n{missing.hint}"
        assert open_desk.app.doing == ""
        await open_desk.press("escape")
        assert isinstance(open_desk.app.screen, ImageScreen)


async def test_esc_and_an_empty_line_open_nothing_and_a_wrong_option_is_named() -> None:
    async with desk(PlainWorld()) as open_desk:
        await open_archive(open_desk, "")
        assert isinstance(open_desk.app.screen, ImageScreen)
        await open_desk.press("o", "escape")
        assert isinstance(open_desk.app.screen, ImageScreen)
        await open_archive(open_desk, "a.tar --bogus")
        assert isinstance(open_desk.app.screen, TextScreen)
        assert "there is no option --bogus" in open_desk.text


async def test_two_archives_are_compared_by_mark(tmp_path: Path) -> None:
    for name, layers in (("old.tar", (BASE,)), ("new.tar", (BASE, CODE))):
        (tmp_path / name).write_bytes(saved((f"{name}:1", layers)))
    old, new = (ImageArchive(tmp_path / name) for name in ("old.tar", "new.tar"))
    async with desk(PlainWorld()) as open_desk:
        await open_archive(open_desk, str(old.path))
        await open_desk.until(lambda: anatomy(open_desk).found)
        await open_desk.press("A")
        assert open_desk.app.marked_image == (old, "old.tar")
        screen = ImageComparisonScreen((old, "old.tar"), (new, "new.tar"))
        open_desk.app.push_screen(screen)
        await open_desk.until(lambda: screen.comparison is not None and "COPY 1 /" in open_desk.text)


def test_what_may_be_typed() -> None:
    named = ImageArchive(Path("a b.tar"), "shop/api:1.4", "linux/arm64")
    assert archive_named("'a b.tar' --reference shop/api:1.4 --platform=linux/arm64") == named
    assert archive_named("oci:layout") == ImageArchive(Path("layout"))
    assert archive_named("~/x.tar").path == Path.home() / "x.tar"
    assert archive_named("$HOME/`id`.tar").path == Path("$HOME/`id`.tar")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("'a.tar", "not closed"),
        ("a.tar b.tar", "one path"),
        ("--reference x", "one path"),
        ("a.tar --reference", "names nothing"),
        ("a.tar --nope=1", "no option --nope"),
    ],
)
def test_what_may_not(text: str, reason: str) -> None:
    with pytest.raises(UsageError) as caught:
        archive_named(text)
    assert reason in caught.value.reason
    assert caught.value.hint
