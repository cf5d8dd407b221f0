"""Variables of a Dockerfile: what ARG and ENV set, and texts with their values put in."""

import re
from collections.abc import Iterator, Mapping

_VARIABLE = re.compile(r"(?<!\\)\$(?:(?P<plain>\w+)|\{(?P<name>\w+)(?::?(?P<how>[-+])(?P<word>[^}]*))?\})")
_PLAIN_VARIABLE = re.compile(r"(?<!\\)\$(?P<plain>\w+)(?P<name>)(?P<how>)(?P<word>)")
_ASSIGNMENT = re.compile(r"""(?<![\w.])(?P<name>[\w.]+)=(?P<value>"(?:[^"\\]|\\.)*"|'[^']*'|(?:[^\s\\]|\\.)*)""")
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

    parts: list[str] = []
    at = length = 0
    for match in _variables(text):
        parts += [text[at : match.start()], value(match)]
        length += len(parts[-2]) + len(parts[-1])
        at = match.end()
        if length >= _LONGEST:
            break
    return "".join([*parts, text[at : at + _LONGEST]])[:_LONGEST]


def variables_in(text: str) -> frozenset[str]:
    """The names that a text uses."""
    return frozenset(match["plain"] or match["name"] for match in _variables(text))


def _variables(text: str) -> Iterator[re.Match[str]]:
    """Every use of a variable. Behind the last brace no word in braces can end, and none is looked for."""
    last = text.rfind("}") + 1
    yield from _VARIABLE.finditer(text, 0, last)
    yield from _PLAIN_VARIABLE.finditer(text, last)


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
