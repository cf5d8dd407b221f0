"""The log on screen: followed, held, filtered, searched, and tied to its moment."""

from screens.logs.panes.lines import LinesPane
from screens.logs.screen import LogsScreen
from tests.screens.desk import Desk, desk
from tests.screens.worlds import PlainWorld, container
from workbench.model.logs import LogLine

NOW = PlainWorld().now()


def world(*texts: str) -> PlainWorld:
    api = container("api", 1)
    made = PlainWorld((api, container("db", 2)))
    made.log_lines[api.id] = [LogLine(NOW - len(texts) + index, text) for index, text in enumerate(texts)]
    return made


def pane(open_desk: Desk) -> LinesPane:
    return open_desk.app.screen.query_one(LinesPane)


async def open_log(open_desk: Desk, count: int) -> None:
    await open_desk.press("l")
    await open_desk.until(lambda: isinstance(open_desk.app.screen, LogsScreen) and pane(open_desk).book.kept == count)


def under_cursor(open_desk: Desk) -> str:
    line = pane(open_desk).current()
    assert line is not None
    return line.text


async def test_the_newest_line_is_followed_until_the_cursor_leaves_it() -> None:
    async with desk(world("one", "two", "three")) as open_desk:
        await open_log(open_desk, 3)
        assert "Log of api · 3 lines" in open_desk.text
        assert "following" in open_desk.text
        assert under_cursor(open_desk) == "three"
        await open_desk.press("up")
        pane(open_desk).add([LogLine(NOW + 1, "four")])
        await open_desk.press()
        assert under_cursor(open_desk) == "two"
        assert "held, 1 new line below" in open_desk.text
        await open_desk.press("end")
        assert under_cursor(open_desk) == "four"
        assert "following" in open_desk.text
        await open_desk.press("escape")
        assert open_desk.mode == "fleet"
        assert not isinstance(open_desk.app.screen, LogsScreen)


async def test_filter_and_find_work_together() -> None:
    async with desk(world("GET / ok", "ERROR a", "GET / ok", "ERROR b", "GET /x ok")) as open_desk:
        await open_log(open_desk, 5)
        await open_desk.press("f")
        await open_desk.type("error")
        await open_desk.press("enter")
        assert under_cursor(open_desk) == "ERROR b"
        await open_desk.press("n")
        assert under_cursor(open_desk) == "ERROR a"
        await open_desk.press("N")
        assert under_cursor(open_desk) == "ERROR b"
        await open_desk.press("slash")
        await open_desk.type("get")
        await open_desk.press("enter")
        assert "3 of 5 lines" in open_desk.text
        await open_desk.press("n")
        assert "no line contains error" in open_desk.text
        await open_desk.press("escape")
        assert "5 lines" in open_desk.text
        await open_desk.press("escape")
        assert "find error" not in open_desk.text
        assert isinstance(open_desk.app.screen, LogsScreen)


async def test_a_hostile_line_steers_nothing() -> None:
    evil = "\x1b[2Jgone\x1b]0;owned\x07 [bold]x[/bold] \u202egnp.exe"
    async with desk(world(evil)) as open_desk:
        await open_log(open_desk, 1)
        assert "\x1b[2J" not in open_desk.painted
        assert "owned" not in open_desk.text
        assert "[bold]x[/bold]" in open_desk.text
        assert "\u202e" not in open_desk.text
        await open_desk.press("enter")
        assert "[bold]x[/bold]" in open_desk.text
        assert "\u202e" not in open_desk.painted


async def test_a_line_leads_to_its_moment_and_the_log_back_to_the_line() -> None:
    made = world("early", "late")
    api = container("api", 1)
    made.log_lines[api.id] = [LogLine(NOW - 5000, "too early"), LogLine(NOW, "just now"), LogLine(NOW + 3, "later")]
    async with desk(made) as open_desk:
        open_desk.clock.now += 10
        await open_desk.read_again()
        await open_log(open_desk, 3)
        await open_desk.press("home", "t")
        assert open_desk.app.moment is None
        assert "nothing was measured before" in open_desk.text
        await open_desk.press("down", "t")
        await open_desk.until(lambda: open_desk.mode == "container")
        assert open_desk.app.moment == NOW
        await open_log(open_desk, 3)
        assert under_cursor(open_desk) == "just now"


async def test_a_log_that_cannot_be_read_says_why() -> None:
    async with desk(PlainWorld((container("api", 1),))) as open_desk:
        await open_desk.press("l")
        await open_desk.until(lambda: "no container" in open_desk.text)
