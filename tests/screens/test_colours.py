"""Few colours, none, or light ones: everything is drawn, and nothing is said by colour alone."""

import re

import pytest
from rich.color import Color as RichColor
from textual.color import Color

from screens.themes import THEMES
from screens.widgets.looks import LOOKS
from tests.screens.desk import SELDOM, Desk, desk
from tests.screens.worlds import PlainWorld, container, image, usage
from workbench.settings import Settings

FLEET = (
    container("api", 1, status="Up 2 hours (healthy)"),
    container("bad", 2, status="Up 2 hours (unhealthy)", usage=usage(790.0, 33_000_000_000)),
    container("still", 3, state="paused"),
    container("gone", 4, state="exited", status="Exited (137) 3 hours ago", usage=None),
    container("loop", 5, state="restarting", usage=None),
)
WORDS = ("healthy", "unhealthy", "paused", "exited 137", "restarting")
FULL = re.compile(r"[34]8;2;(\d+);(\d+);(\d+)")


def a_world() -> PlainWorld:
    return PlainWorld(FLEET, (image("shop/api:1.4", 1, ("FROM debian", 10)),))


async def through_the_modes(open_desk: Desk) -> list[str]:
    """The screen of every mode, as it is sent to a terminal."""
    seen = [open_desk.painted]
    for key in ("2", "3", "question_mark"):
        await open_desk.press(key)
        seen.append(open_desk.painted)
    return seen


async def test_without_colours_there_is_only_grey_and_states_are_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with desk(a_world()) as open_desk:
        for word in (*WORDS, "▸ api"):
            assert word in open_desk.text
        for painted in await through_the_modes(open_desk):
            assert all(len(set(found)) == 1 for found in FULL.findall(painted))


async def test_with_colours_there_are_some() -> None:
    """The test above could not fail otherwise."""
    async with desk(a_world()) as open_desk:
        assert any(len(set(found)) > 1 for found in FULL.findall(open_desk.painted))


@pytest.mark.parametrize(
    "theme", ["workbench-dark", "workbench-light", "textual-light", "nord", "ansi-dark", "ansi-light"]
)
async def test_every_mode_is_drawn_in_every_theme(theme: str) -> None:
    async with desk(a_world(), settings=Settings(interval=SELDOM, theme=theme)) as open_desk:
        assert open_desk.app.theme == theme
        for word in WORDS:
            assert word in open_desk.text
        for painted in await through_the_modes(open_desk):
            assert painted.strip()


@pytest.mark.parametrize("theme", [theme.name for theme in THEMES])
async def test_our_own_themes_can_be_read(theme: str) -> None:
    """Text that says something stands out from its background (WCAG AA for text: 4.5; 3 for what is dim)."""
    async with desk(a_world(), settings=Settings(interval=SELDOM, theme=theme)) as open_desk:
        table = open_desk.table()
        for look in LOOKS:
            if look == "rule":
                continue
            style = table.get_component_rich_style(f"look--{look}")
            assert style.color
            assert style.bgcolor
            front, back = Color.from_rich_color(style.color), Color.from_rich_color(style.bgcolor)
            wanted = 3.0 if look in ("dim", "heading") else 4.5
            assert _contrast(front, back) >= wanted, look


@pytest.mark.parametrize("theme", ["workbench-dark", "workbench-light"])
async def test_in_sixteen_colours_text_is_still_told_from_its_background(theme: str) -> None:
    async with desk(a_world(), settings=Settings(interval=SELDOM, theme=theme)) as open_desk:
        table = open_desk.table()
        for look in LOOKS:
            if look in ("rule", "heading", "dim"):
                continue
            style = table.get_component_rich_style(f"look--{look}")
            assert style.color
            assert style.bgcolor
            assert _sixteen(style.color) != _sixteen(style.bgcolor), look


def _contrast(one: Color, other: Color) -> float:
    """WCAG 2's contrast ratio, 1 to 21."""

    def luminance(colour: Color) -> float:
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour.normalized]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _sixteen(colour: RichColor) -> int | None:
    from rich.color import ColorSystem

    return colour.downgrade(ColorSystem.STANDARD).number


async def test_states_differ_from_each_other_without_any_style() -> None:
    async with desk(a_world()) as open_desk:
        states = [open_desk.cell(each.id, "state") for each in FLEET]
        assert len(set(states)) == len(states)


async def test_the_cursor_shows_without_colours() -> None:
    async with desk(a_world()) as open_desk:
        assert sum(line.startswith("▸") for line in open_desk.lines) == 1
