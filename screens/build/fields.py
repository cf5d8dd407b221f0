"""The fields of a build that is to be: as rows of a table, and read from what was typed. Pure, no widgets."""

import re
import shlex
from dataclasses import replace
from typing import Literal, get_args

from screens.widgets.live_table import Cell, Column, Row
from workbench.measure.secrets import mask_value
from workbench.model.build import BuildWish

Field = Literal["folder", "dockerfile", "target", "arguments", "cache"]
FIELDS: tuple[Field, ...] = get_args(Field)
COLUMNS = (
    Column("name", "what", 11),
    Column("value", "value", 24, grow=2),
    Column("note", "", 30, importance=1, grow=1),
)
QUESTIONS: dict[Field, str] = {
    "folder": "Build which folder? Everything in it is sent to the engine, but what .dockerignore names",
    "dockerfile": "Which Dockerfile? A path in the folder; empty is the folder's own",
    "target": "Which stage? Empty is the last",
    "arguments": "Build arguments, NAME=VALUE with blanks between; quotes as in a shell",
}
_ARGUMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def field_rows(wish: BuildWish) -> list[Row]:
    """A row for each field."""
    arguments = " ".join(f"{name}={mask_value(name, value)}" for name, value in wish.arguments)
    told: dict[Field, tuple[str, str, str]] = {
        "folder": ("folder", wish.folder, "the context" if wish.folder else "Enter chooses it, tab completes"),
        "dockerfile": ("Dockerfile", wish.dockerfile, "" if wish.dockerfile else "the folder's own"),
        "target": ("target", wish.target, "" if wish.target else "the last stage"),
        "arguments": ("build args", arguments, "" if arguments else "none"),
        "cache": (
            "cache",
            "used" if wish.uses_cache else "not used: every step runs",
            "n changes it",
        ),
    }
    return [_row(field, *told[field]) for field in FIELDS]


def _row(field: Field, name: str, value: str, note: str) -> Row:
    return Row(field, (Cell(name, "dim"), Cell(value or "–", "plain" if value else "dim"), Cell(note, "dim")))


def typed_of(wish: BuildWish, field: Field) -> str:
    """What stands on the line when a field is changed."""
    if field == "arguments":
        return shlex.join(f"{name}={value}" for name, value in wish.arguments)
    return {"folder": wish.folder, "dockerfile": wish.dockerfile, "target": wish.target}.get(field, "")


def changed(wish: BuildWish, field: Field, typed: str) -> BuildWish:
    """The wish with what was typed for a field.

    Raises:
        ValueError: with the reason, when that is none.
    """
    match field:
        case "folder":
            return replace(wish, folder=typed.strip())
        case "dockerfile":
            return replace(wish, dockerfile=typed.strip())
        case "target":
            return replace(wish, target=typed.strip())
        case "arguments":
            return replace(wish, arguments=_arguments(typed))
        case "cache":
            return replace(wish, uses_cache=not wish.uses_cache)


def _arguments(typed: str) -> tuple[tuple[str, str], ...]:
    try:
        words = shlex.split(typed)
    except ValueError as error:
        raise ValueError(f"no build arguments: {error}") from None
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not _ARGUMENT.fullmatch(name):
            raise ValueError("a build argument is written NAME=VALUE")  # its value may be a secret
        found[name] = value
    return tuple(found.items())
