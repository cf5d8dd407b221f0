"""Image: the list, the layers of the image under the cursor, the whole instruction of the layer under the other."""

from dataclasses import replace
from threading import Event

from screens.image.screen import ImageScreen
from screens.text_screen import TextScreen
from screens.widgets.line import Rule
from tests.screens.desk import Desk, desk
from tests.screens.worlds import PlainWorld, container, image, summary
from workbench.model.images import ImageDetail

LONG = "RUN " + " && ".join(f"apt-get install -y package-{number}" for number in range(30))
API = image(
    "shop/api:1.4", 1, ("FROM debian:12", 50_000_000), (LONG, 120_000_000), ("ENV MODE=x", 0), ("COPY . /app", 30_000)
)
BIG = image("ml/train:7", 2, ("FROM nvidia/cuda:12", 8_000_000_000))
BASE = image("debian:12", 3, ("ADD rootfs.tar /", 50_000_000))
IMAGES = (API, BIG, BASE)


async def at_images(open_desk: Desk) -> None:
    await open_desk.press("3")
    await open_desk.until(lambda: isinstance(open_desk.app.screen, ImageScreen) and open_desk.names("images"))


async def at_api(open_desk: Desk) -> None:
    await at_images(open_desk)
    open_desk.table("images").go_to(API.id)
    await open_desk.until(lambda: "FROM debian:12" in open_desk.names_of("layers", 1))


async def test_images_are_listed_largest_first() -> None:
    async with desk(PlainWorld(images=IMAGES), size=(200, 50)) as open_desk:
        await at_images(open_desk)
        assert open_desk.names("images") == ["ml/train:7", "shop/api:1.4", "debian:12"]
        assert open_desk.cell(BIG.id, "size", "images") == "8.00 G"
        assert "3 images, 8.22 GB before sharing" in open_desk.text


async def test_sorting_by_key_and_by_heading() -> None:
    async with desk(PlainWorld(images=IMAGES)) as open_desk:
        await at_images(open_desk)
        await open_desk.press("s")
        assert open_desk.names("images") == ["debian:12", "ml/train:7", "shop/api:1.4"]
        await open_desk.press("S")
        assert open_desk.names("images") == ["shop/api:1.4", "ml/train:7", "debian:12"]
        await open_desk.click(open_desk.table("images"), open_desk.lines[3].index("size") + 1)
        assert open_desk.names("images")[0] == "ml/train:7"


async def test_the_layers_of_the_chosen_one_are_shown_at_once() -> None:
    async with desk(PlainWorld(images=IMAGES), size=(200, 50)) as open_desk:
        await at_api(open_desk)
        assert open_desk.names_of("layers", 1) == ["FROM debian:12", LONG, "ENV MODE=x", "COPY . /app"]
        assert open_desk.names_of("layers", 2) == ["50.0 M", "120 M", "–", "30.0 k"]
        assert open_desk.names_of("layers", 3) == ["29%", "71%", "–", "<0.1%"]
        assert "3 layers" in open_desk.text
        assert "linux/amd64 via inspect" in open_desk.text


async def test_enter_goes_into_the_layers_and_then_to_the_whole_instruction() -> None:
    async with desk(PlainWorld(images=IMAGES)) as open_desk:
        await at_api(open_desk)
        await open_desk.press("enter", "down")
        assert open_desk.app.focused is open_desk.table("layers")
        assert any("RUN apt-get install -y package-0 &&" in line for line in open_desk.lines[-12:])
        await open_desk.press("enter")
        assert isinstance(open_desk.app.screen, TextScreen)
        assert "package-29" in open_desk.text
        assert "layer 1 · 120 MB (120,000,000 bytes)" in open_desk.text
        await open_desk.press("y")
        assert "package-29" in open_desk.app.clipboard
        await open_desk.press("escape")
        assert open_desk.app.focused is open_desk.table("layers")
        await open_desk.press("y")
        assert open_desk.app.clipboard == LONG
        await open_desk.press("escape")
        assert open_desk.app.focused is open_desk.table("images")
        await open_desk.press("escape")
        assert open_desk.mode == "fleet"


async def test_tab_goes_from_pane_to_pane() -> None:
    async with desk(PlainWorld(images=IMAGES)) as open_desk:
        await at_api(open_desk)
        await open_desk.press("tab")
        assert open_desk.app.focused is open_desk.table("layers")
        await open_desk.press("tab")
        assert open_desk.app.focused is open_desk.table("images")


async def test_clicks_do_what_the_keys_do() -> None:
    async with desk(PlainWorld(images=IMAGES)) as open_desk:
        await at_images(open_desk)
        await open_desk.click(open_desk.table("images"), 5, 2)
        assert open_desk.table("images").current == API.id
        await open_desk.until(lambda: "FROM debian:12" in open_desk.names_of("layers", 1))
        await open_desk.click(open_desk.table("layers"), 8, 2)
        await open_desk.click(open_desk.table("layers"), 8, 2)
        assert isinstance(open_desk.app.screen, TextScreen)


async def test_a_hides_the_steps_that_add_no_layer() -> None:
    async with desk(PlainWorld(images=IMAGES)) as open_desk:
        await at_api(open_desk)
        await open_desk.press("a")
        assert open_desk.names_of("layers", 1) == ["FROM debian:12", LONG, "COPY . /app"]
        await open_desk.press("enter", "end")
        assert "layer 2 · 30.0 kB" in open_desk.text
        await open_desk.press("a")
        assert len(open_desk.names("layers")) == 4


async def test_filtering_images() -> None:
    async with desk(PlainWorld(images=IMAGES)) as open_desk:
        await at_images(open_desk)
        await open_desk.press("slash")
        await open_desk.type("shop")
        assert open_desk.names("images") == ["shop/api:1.4"]
        await open_desk.type("zz")
        assert "Nothing contains these words" in open_desk.text
        await open_desk.press("escape")
        assert len(open_desk.names("images")) == 3


async def test_a_fast_scroller_asks_the_engine_once() -> None:
    many = tuple(image(f"app:{number}", number + 1, (f"FROM base:{number}", 1000 - number)) for number in range(50))
    world = PlainWorld(images=many)
    async with desk(world) as open_desk:
        await at_images(open_desk)
        await open_desk.until(lambda: len(world.asked) == 1)
        table = open_desk.table("images")
        for _ in range(49):
            table.action_move(1)
        await open_desk.until(lambda: len(world.asked) > 1)
        assert world.asked == [many[0].id, many[-1].id]
        table.action_edge(-1)
        await open_desk.press("home")
        table.action_edge(1)  # both are still at hand
        await open_desk.until(lambda: isinstance(open_desk.app.screen, ImageScreen) and open_desk.app.screen.detail)
        assert len(world.asked) == 2


async def test_an_answer_that_comes_late_is_not_shown_for_another_image() -> None:
    class Slow(PlainWorld):
        answer_big = Event()

        def image(self, reference: str) -> ImageDetail:
            if reference == BIG.id:
                self.answer_big.wait()
            return super().image(reference)

    world = Slow(images=IMAGES)
    async with desk(world) as open_desk:
        await at_images(open_desk)
        await open_desk.until(lambda: open_desk.table("images").current == BIG.id)
        await open_desk.press("down")
        await open_desk.until(lambda: "FROM debian:12" in open_desk.names_of("layers", 1))
        world.answer_big.set()
        await open_desk.read_again()
        assert "FROM debian:12" in open_desk.names_of("layers", 1)
        assert "cuda" not in " ".join(open_desk.names_of("layers", 1))


async def test_an_image_that_cannot_be_read_says_why() -> None:
    world = PlainWorld(images=(API,))
    world._images.clear()
    async with desk(world) as open_desk:
        await at_images(open_desk)
        await open_desk.until(lambda: f"no image {API.id}"[:30] in open_desk.text)


async def test_the_image_of_a_container_is_found_also_when_a_filter_hid_it() -> None:
    run = container("api", 1, image_id=API.id)
    async with desk(PlainWorld((run,), IMAGES)) as open_desk:
        await at_images(open_desk)
        await open_desk.press("slash")
        await open_desk.type("ml")
        await open_desk.press("enter", "1", "i")
        await open_desk.until(lambda: open_desk.table("images").current == API.id)


async def test_nameless_and_many_named_images() -> None:
    dangling = replace(BASE, id="sha256:" + "9" * 64, references=())
    named = replace(API, references=("shop/api:1.4", "shop/api:latest"))
    async with desk(PlainWorld(images=(dangling, named))) as open_desk:
        await at_images(open_desk)
        assert "<none> 999999999999" in open_desk.names("images")
        assert "shop/api:1.4  +1" in open_desk.names("images")


async def test_no_images_and_no_engine_are_not_the_same() -> None:
    world = PlainWorld()
    async with desk(world) as open_desk:
        await open_desk.press("3")
        assert "This engine has no images yet" in open_desk.text
        world.lose_engine()
        await open_desk.read_again()
        assert "0 images" not in open_desk.text
        assert "nothing answers at unix:///var/run/docker.sock" in open_desk.text
        assert "sudo systemctl start docker" in open_desk.text
        assert "reading" not in open_desk.app.screen.query_one("LayersPane #title", Rule).text


async def test_a_new_image_appears_and_the_cursor_stays() -> None:
    world = PlainWorld(images=IMAGES)
    async with desk(world) as open_desk:
        await at_api(open_desk)
        new = image("huge:1", 9, ("FROM x", 10_000_000_000))
        world.images.value = tuple(summary(each) for each in (*IMAGES, new))
        await open_desk.read_again()
        assert open_desk.names("images")[0] == "huge:1"
        assert open_desk.table("images").current == API.id


async def test_it_fits_80_by_24_and_uses_200_by_50() -> None:
    async with desk(PlainWorld(images=IMAGES), size=(80, 24)) as open_desk:
        await at_api(open_desk)
        for word in ("shop/api:1.4", "170 M", "FROM debian:12", "50.0 M", "29%", "Instruction"):
            assert word in open_desk.text
        await open_desk.resize(200, 50)
        row = next(line for line in open_desk.lines if "ml/train:7" in line)
        assert "─" in row or "instruction" in row or "FROM" in row  # the layers stand beside the images
