"""Foreign text of bounded length and without secrets; in a command line a name and its value may be two arguments."""

import shlex
from collections.abc import Sequence

from workbench.measure.secrets import MASK, is_secret_name, mask_text, mask_value
from workbench.measure.text import shorten

LONGEST = 8192
"""Characters of one text that are shown. The images people build have instructions of 3000 and more."""

_READ = 4 * LONGEST
"""Characters that are searched for secrets, well beyond the cut, so that it cuts no secret in two."""


def masked_text(text: str) -> str:
    """Running text without secrets."""
    return shorten(mask_text(text[:_READ]), LONGEST)


def masked_value(name: str, value: str) -> str:
    """The value of a variable or a label without secrets: nothing of it when its name is a secret's."""
    return shorten(mask_value(name, value[:_READ]), LONGEST)


def masked_arguments(arguments: Sequence[str]) -> tuple[str, ...]:
    """A command line without secrets: `--token=x`, `--token x` and `sh -c 'TOKEN=x run'` lose the `x`."""
    shown: list[str] = []
    value_follows = False
    for argument in arguments:
        is_option = argument.startswith("-")
        is_value = value_follows and argument and not is_option
        shown.append(MASK if is_value else masked_text(argument))
        value_follows = is_option and "=" not in argument and is_secret_name(argument[:LONGEST].lstrip("-"))
    return tuple(shown)


def command_line(arguments: Sequence[str]) -> str:
    """Arguments as one line, quoted where two could look like one; a mask needs no quotes."""
    return " ".join(
        argument if argument and shlex.quote(plain) == plain else shlex.quote(argument)
        for argument in arguments
        for plain in (argument.replace(MASK, "x"),)
    )
