"""Whether the keys that the user chose can be had."""

import difflib
import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual.binding import Binding, InvalidBinding
from textual.keys import KEY_NAME_REPLACEMENTS, Keys

from screens.commands.table import COMMANDS, places_of
from screens.widgets.live_table import LiveTable
from workbench.errors import SettingsError

if TYPE_CHECKING:
    from screens.commands.command import Where

MOVES = frozenset(binding.key for binding in Binding.make_bindings(LiveTable.BINDINGS))
"""Keys that move the cursor of a table: it has them first, so no command can."""
_NAMED_KEYS = frozenset({key.value for key in Keys} | {*KEY_NAME_REPLACEMENTS.values()})


def check_keymap(keys: Mapping[str, str]) -> None:
    """Refuse a keymap that names a command or a key that does not exist, or uses a key for two things.

    Raises:
        SettingsError: naming the command and the nearest right name, or what the key does already.
    """
    known = [command.id for command in COMMANDS]
    for name, given in keys.items():
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            guess = f"; did you mean {close[0]}?" if close else ""
            raise SettingsError(f"[keys] names no command {name}{guess}", f"commands: {', '.join(known)}")
        for key in _split(name, given):
            if not _exists(key):
                raise SettingsError(
                    f"[keys] {name}: {key} is no key", 'keys are written like "o", "ctrl+o", "f6" or "slash"'
                )
            if key in MOVES:
                raise SettingsError(f"[keys] {name}: {key} moves the cursor", "choose another key")
    taken: dict[tuple[Where, str], str] = {}
    for command in COMMANDS:
        for key in _split(command.id, keys.get(command.id, command.key)):
            for place in places_of(command.where):
                other = taken.setdefault((place, key), command.id)
                if other != command.id:
                    raise SettingsError(
                        f"[keys] gives {key} to both {other} and {command.id}",
                        "choose another key for one of them",
                    )


def _split(command: str, keys: str) -> list[str]:
    try:
        return [binding.key for binding in Binding.make_bindings([Binding(keys, "")])]
    except InvalidBinding:
        raise SettingsError(
            f"[keys] {command} names no key between two commas", 'several keys are written like "r,f5"'
        ) from None


def _exists(key: str) -> bool:
    *modifiers, base = key.split("+")
    if not {*modifiers} <= {"ctrl", "shift", "alt", "super", "hyper", "meta"}:
        return False
    if len(base) == 1 or base in _NAMED_KEYS:
        return True
    try:
        return bool(unicodedata.lookup(base.replace("_", " ")))
    except KeyError:
        return False
