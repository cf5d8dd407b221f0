"""Variables of a Dockerfile: what ARG and ENV set, and texts with their values put in."""

import re
from collections.abc import Mapping

_VARIABLE = re.compile(r"(?<!\\)\$(?:(?P<plain>\w+)|\{(?P<name>\w+)(?::?(?P<how>[-+])(?P<word>[^}]*))?\})")
_ASSIGNMENT = re.compile(r"""(?P<name>[\w.]+)=(?P<value>"(?:[^"\\]|\\.)*"|'[^']*'|(?:[^\s\\]|\\.)*)""")
_LONGEST = 65536
_LONGEST_VALUE = 4096


def with_values(text: str, variables: Mapping[str, str]) -> str:
    """A text with the values of variables that are known; the others stay as they are."""

    def value(match: re.Match[str]) -> str:
        name = match["plain"] or match["name"]
        known = variables.get(name)
        if match["how"] == "-":
            return known or match["word"]
        if match["how"] == "+":
            return match["word"] if known else ""
        return match[0] if known is None else known

    return _VARIABLE.sub(value, text)[:_LONGEST]


def variables_in(text: str) -> frozenset[str]:
    """The names that a text uses."""
    return frozenset(match["plain"] or match["name"] for match in _VARIABLE.finditer(text))


def assignments(word: str, text: str) -> dict[str, str | None]:
    """The names that an ARG, ENV or LABEL sets; `None` for an ARG without a default.

    Args:
        word: The instruction.
        text: What follows it.
    """
    found: dict[str, str | None] = {
        match["name"]: match["value"].strip("\"'")[:_LONGEST_VALUE] for match in _ASSIGNMENT.finditer(text)
    }
    if word == "ARG":
        rest = _ASSIGNMENT.sub(" ", text)
        return found | {name: None for name in rest.split() if name.isidentifier() and name not in found}
    if text.split(maxsplit=1)[:1] and "=" not in text.split(maxsplit=1)[0]:
        name, _, value = text.partition(" ")
        return {name: value.strip()[:_LONGEST_VALUE]}
    return found
