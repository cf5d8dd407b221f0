"""One table of commands: no key twice, every action exists, and settings may rebind."""

from importlib import import_module

import pytest
from textual.actions import parse

from screens.app import WorkbenchApp
from screens.commands.command import Command
from screens.commands.keymap import check_keymap
from screens.commands.table import COMMANDS, places_of
from screens.mode import ModeScreen
from tests.screens.desk import SELDOM, desk
from tests.screens.worlds import PlainWorld, container
from workbench.errors import SettingsError
from workbench.session import Session
from workbench.settings import Settings

SCREENS: dict[str, type[ModeScreen]] = {
    mode: next(
        kind
        for kind in vars(import_module(f"screens.{mode}.screen")).values()
        if isinstance(kind, type) and issubclass(kind, ModeScreen) and kind.__module__ == f"screens.{mode}.screen"
    )
    for mode in [*WorkbenchApp.MODES, "anatomy", "image_comparison", "logs", "profile"]
}


def modes_of(command: Command) -> list[str]:
    return [place for place in places_of(command.where) if place in SCREENS]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
def test_every_command_names_an_action_that_exists_where_it_is_offered(command: Command) -> None:
    namespace, action, _ = parse(command.action)
    assert namespace in ("app", "screen"), "a click and the palette run it from elsewhere"
    for mode in modes_of(command):
        target = WorkbenchApp if namespace == "app" else SCREENS[mode]
        assert hasattr(target, f"action_{action}")


def test_ids_are_unique_and_helps_are_sentences_without_full_stops() -> None:
    assert len({command.id for command in COMMANDS}) == len(COMMANDS)
    for command in COMMANDS:
        assert command.help[0].isupper()
        assert not command.help.endswith(".")


def test_the_default_keys_do_not_collide() -> None:
    check_keymap({})


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ({"fleet.srot": "o"}, "did you mean fleet.sort?"),
        ({"zzz": "o"}, "names no command zzz"),
        ({"fleet.sort": "a"}, "gives a to both fleet.s"),
        ({"fleet.sort": "q"}, "gives q to both fleet.sort and quit"),
        ({"help": "n"}, "gives n to both"),
        ({"fleet.sort": "h", "fleet.reverse": "h"}, "gives h to both fleet.sort and fleet.reverse"),
        ({"fleet.sort": "R"}, "gives R to both fleet.sort and live.record"),
        ({"container.setup": "space"}, "gives space to both container.setup and live.now"),
        ({"live.note": "v"}, "gives v to both container.setup and live.note"),
        ({"fleet.sort": "h,5,5,3"}, "gives 3 to both"),
        ({"fleet.sort": "j"}, "j moves the cursor"),
        ({"quit": "down"}, "down moves the cursor"),
        ({"fleet.sort": "bananas"}, "bananas is no key"),
        ({"fleet.sort": "ctrl+"}, "ctrl+ is no key"),
        ({"fleet.sort": ","}, "names no key"),
    ],
)
def test_a_wrong_keymap_is_refused_with_what_is_wrong(keys: dict[str, str], reason: str) -> None:
    with pytest.raises(SettingsError) as caught:
        check_keymap(keys)
    assert reason in caught.value.reason
    assert caught.value.hint


@pytest.mark.parametrize(
    "key", ["h", "ctrl+o", "f6", "shift+f6", "O", "slash", "+", "ö", "shift+space", "ctrl+shift+left"]
)
def test_keys_that_exist_are_taken(key: str) -> None:
    check_keymap({"image.empty": key, "image.filter": "ctrl+slash", "image.archive": "f12"})


def test_the_same_key_in_two_modes_is_fine() -> None:
    check_keymap({"fleet.sort": "z", "image.sort": "z"})


def test_swapping_two_keys_is_fine() -> None:
    check_keymap({"fleet.sort": "S", "fleet.reverse": "s"})


async def test_a_rebound_key_works_and_is_told_in_the_key_line_and_in_the_help() -> None:
    rebound = Settings(interval=SELDOM, keys={"fleet.sort": "h", "quit": "ctrl+x"})
    async with desk(PlainWorld((container("api", 1),)), settings=rebound) as open_desk:
        before = open_desk.text
        await open_desk.press("s")
        assert open_desk.text == before
        await open_desk.press("h")
        assert "sort state" in open_desk.text
        assert "h sort" in open_desk.line("KeyLine")
        assert "^x quit" in open_desk.line("KeyLine")
        await open_desk.press("question_mark")
        assert any(line.strip("│ ").startswith("h ") and "Sort by the next column" in line for line in open_desk.lines)
        await open_desk.press("escape", "q")
        assert open_desk.app.is_running
        await open_desk.pilot.press("ctrl+x")
        assert open_desk.app.return_value == 0


def app_with(settings: Settings) -> WorkbenchApp:
    return WorkbenchApp(Session(PlainWorld(), settings))


def test_an_unknown_theme_is_refused_with_those_there_are() -> None:
    with pytest.raises(SettingsError) as caught:
        app_with(Settings(theme="workbench-drak")).check_settings()
    assert "there is no theme workbench-drak" in caught.value.reason
    assert "workbench-dark" in caught.value.hint


def test_wrong_settings_are_told_before_the_terminal_is_touched() -> None:
    app = app_with(Settings(keys={"fleet.srot": "o"}))
    with pytest.raises(SettingsError, match=r"did you mean fleet\.sort"):
        app.run_until_quit()
    assert app.session.world.fleet.closed  # type: ignore[attr-defined]
