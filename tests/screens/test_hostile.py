"""Names, images and errors may hold anything; on screen they are text, in their place, and steer nothing."""

import unicodedata

import pytest
from rich.cells import cell_len

from tests.screens.desk import Desk, desk
from tests.screens.worlds import PlainWorld, container, detail, image
from workbench.errors import EngineUnreachable
from workbench.model.logs import LogLine
from workbench.model.processes import FocusSnapshot, Process
from workbench.model.verdicts import Verdict

HOSTILE = {
    "markup": "[red]api[/red] [@click=app.quit]press[/]",
    "unclosed markup": "[bold",
    "escape": "\x1b[2J\x1b[31mred\x1b]0;title\x07",
    "one-byte escape": "\x9b31mred\x9d0;title\x9c",
    "right to left": "api\u202egnp.exe\u2066\u200f",
    "line ends": "two\nlines\r\nand\u2028more\x0b",
    "long": "x" * 500,
    "long and wide": "容器" * 250,
    "emoji": "🐳🐳 whale 👩\u200d💻",
    "accents": "e\u0301\u0301\u0301\u0301 zalgo",
    "blank": "",
    "zero width": "a\u200bp\ufeffi",
    "lone surrogate": "bad\udc80name",
    "tabs and bells": "a\tb\ac\x00d",
}


def inert(open_desk: Desk, size: tuple[int, int]) -> None:
    """What is on screen steers nothing and stands in its place."""
    lines = open_desk.lines
    assert len(lines) == size[1]
    for line in lines:
        assert cell_len(line) <= size[0]
        odd = {char for char in line if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
        assert not odd


@pytest.mark.parametrize("kind", HOSTILE)
async def test_hostile_text_is_inert_in_every_mode(kind: str) -> None:
    size = (80, 24)
    text = HOSTILE[kind]
    bad = container(text, 1, image=text, project=text, status=text)
    good = container("worker", 2)
    world = PlainWorld((bad, good), (image(text, 1, (text, 10), (text, 0)),))
    world.details[bad.id] = detail(
        bad,
        command=(text,),
        user=text,
        mounts=(text,),
        labels=((text, text),),
        environment=((text, text),),
        gpus=(text,),
        log_driver=text,
        cpuset=text,
    )
    world.focus.value = FocusSnapshot(
        bad.id, (Process(7, 1, text, 1, text, state=text), Process(8, 7, "child", 2, text, state="D", waits_in=text))
    )
    world.log_lines[bad.id] = [LogLine(1_790_000_000.0, f"hostile line {text}")]
    verdict = Verdict("idle", "fine", "high", text, text, (text, text), text)
    async with desk(world, size=size) as open_desk:
        inert(open_desk, size)
        rows = {row.key: place for place, row in enumerate(open_desk.table().rows)}
        drawn = [open_desk.table().render_line(1 + rows[each.id]).text for each in (bad, good)]
        assert cell_len(drawn[0]) == cell_len(drawn[1])
        column = drawn[1].index("▂")
        assert _from_cell(drawn[0], column).startswith("▂"), "the next column begins where it always does"
        open_desk.table().go_to(bad.id)
        await open_desk.press("y")
        assert open_desk.app.clipboard == text.replace("\udc80", "?")
        inert(open_desk, size)
        await open_desk.press("enter")
        await open_desk.until(lambda: open_desk.app.focus is not None)
        inert(open_desk, size)
        open_desk.app.screen.verdicts = (verdict,)  # type: ignore[attr-defined]  # it is the container's
        await open_desk.pilot.pause()
        inert(open_desk, size)
        await open_desk.press("v")
        await open_desk.until(lambda: "000000000000 " in open_desk.text)
        inert(open_desk, size)
        await open_desk.press("x")
        inert(open_desk, size)
        await open_desk.press("escape", "w")
        inert(open_desk, size)
        await open_desk.press("escape", "l")
        await open_desk.until(lambda: "hostile line" in open_desk.text)
        inert(open_desk, size)
        await open_desk.press("escape")
        await open_desk.press("3", "enter", "enter")
        inert(open_desk, size)
        await open_desk.press("escape", "escape")
        await open_desk.resize(200, 50)
        inert(open_desk, (200, 50))
        assert open_desk.app.is_running


def _from_cell(text: str, cell: int) -> str:
    place = 0
    for index, char in enumerate(text):
        if place >= cell:
            return text[index:]
        place += cell_len(char)
    return ""


@pytest.mark.parametrize("kind", HOSTILE)
async def test_hostile_errors_are_inert(kind: str) -> None:
    world = PlainWorld()
    gone = EngineUnreachable(HOSTILE[kind], HOSTILE[kind])
    world.fleet.value = world.images.value = world.host.value = world.gpu.value = gone
    async with desk(world, size=(80, 24)) as open_desk:
        inert(open_desk, (80, 24))
        await open_desk.press("3")
        inert(open_desk, (80, 24))
        await open_desk.press("2")
        inert(open_desk, (80, 24))


async def test_a_name_that_looks_like_a_command_is_not_one() -> None:
    world = PlainWorld((container("[@click=app.quit]quit[/]", 1),))
    async with desk(world, size=(240, 50)) as open_desk:
        assert "[@click=app.quit]quit[/]" in open_desk.text
        place = next(y for y, line in enumerate(open_desk.lines) if "@click" in line)
        await open_desk.pilot.click(offset=(20, place))
        assert open_desk.app.is_running


async def test_a_long_name_is_cut_with_a_mark() -> None:
    async with desk(PlainWorld((container("x" * 500, 1),)), size=(80, 24)) as open_desk:
        assert any("x…  ▂" in line for line in open_desk.lines)
