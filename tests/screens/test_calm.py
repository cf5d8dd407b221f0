"""What the workbench itself costs is told, and a terminal that is slow is sent less."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from screens.own_cost import EVERY_LOOKS, OwnCost
from screens.terminal import Written
from tests.screens.desk import Desk, desk
from tests.screens.worlds import PlainWorld, container
from workbench.model.reading import Fresh
from workbench.settings import CALM_INTERVAL, Settings


class Times:
    """Wall time and CPU time that a test turns by hand."""

    def __init__(self) -> None:
        self.wall = 100.0
        self.cpu = 1.0


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Times:
    """The clocks that the cost is measured with."""
    turned = Times()
    clocks = SimpleNamespace(monotonic=lambda: turned.wall, process_time=lambda: turned.cpu)
    monkeypatch.setattr("screens.own_cost.time", clocks)
    monkeypatch.setattr("screens.app.time", clocks)
    return turned


def test_cost_is_told_now_and_then_and_over_the_time_between(hands: Times) -> None:
    cost = OwnCost()
    told: list[str | None] = []
    for second in range(3 * EVERY_LOOKS):
        hands.wall += 1
        hands.cpu += 0.012
        told.append(cost.look(Written(second * 2_100, 0.0)))
    assert [text for text in told if text] == ["own 1.2% cpu, 2.10 kB/s"] * 2, "there is nothing to tell at first"
    assert told[EVERY_LOOKS * 2 - 1]
    assert told[EVERY_LOOKS * 3 - 1]


async def seconds(open_desk: Desk, hands: Times, count: int, *, blocked: float) -> None:
    """A terminal that keeps us waiting for this share of the time."""
    app = open_desk.app
    for _ in range(count):
        hands.wall += 1
        so_far: Written = getattr(app._driver, "written", Written(0, 0.0))
        written = Written(so_far.bytes + 900, so_far.blocked_seconds + blocked)
        setattr(app._driver, "written", written)  # noqa: B010  a headless driver has no meter
        app._each_second()
    await open_desk.pilot.pause()


async def test_a_slow_terminal_brings_calm_by_itself_and_says_so(hands: Times) -> None:
    async with desk(PlainWorld((container("api", 1),)), settings=Settings(interval=1.0)) as open_desk:
        app = open_desk.app
        await seconds(open_desk, hands, 10, blocked=0.0)
        assert not app.calm
        assert "calm" not in open_desk.line("StatusLine")
        assert "own 0% cpu, 900 B/s" in open_desk.line("StatusLine")
        fleet = app.fleet
        assert isinstance(fleet, Fresh)
        assert "engine" not in open_desk.line("StatusLine"), "of this one it is not known"
        app.fleet = replace(fleet, value=replace(fleet.value, engine_cost_percent=0.24))
        assert "· engine 0.2%" in open_desk.line("StatusLine")
        await seconds(open_desk, hands, 10, blocked=0.6)
        assert app.calm
        assert "the terminal is slow: calm mode" in open_desk.line("StatusLine")
        assert app.animation_level == "none"
        assert app.session.interval == CALM_INTERVAL
        app.note = ""
        await open_desk.pilot.pause()
        assert f"every {CALM_INTERVAL:g} s, calm" in open_desk.line("StatusLine")


async def test_a_terminal_that_stays_slow_is_sent_still_less_and_one_that_recovers_the_usual(hands: Times) -> None:
    async with desk(PlainWorld((container("api", 1),)), settings=Settings(interval=1.0)) as open_desk:
        app = open_desk.app
        await seconds(open_desk, hands, 25, blocked=0.9)
        assert app.pace.interval > CALM_INTERVAL
        assert app.session.interval == CALM_INTERVAL, "the history misses nothing"
        while app.calm:
            await seconds(open_desk, hands, 10, blocked=0.0)
        assert app.session.interval == 1.0
        assert app.animation_level == "full"
        assert "calm" not in open_desk.line("StatusLine").replace("calm mode", "")


async def test_calm_can_be_set() -> None:
    async with desk(PlainWorld((container("api", 1),)), settings=Settings(interval=1.0, calm=True)) as open_desk:
        assert open_desk.app.session.interval == CALM_INTERVAL
        assert open_desk.app.animation_level == "none"
        assert "calm" in open_desk.line("StatusLine")
