"""What a verb of the command line is made of."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from workbench.session import Session
from workbench.settings import Settings


class OpenScreens(Protocol):
    """Opens the screens on a session and returns the exit code. Given by the only module that knows both fronts."""

    def __call__(self, session: Session) -> int:
        """Run until the user quits."""
        ...


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a verb: what was typed, what is set, and the way to the screens."""

    arguments: argparse.Namespace
    settings: Settings
    open_screens: OpenScreens


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb: `workbench NAME …`. Its module defines one as `VERB` and imports nothing heavy at its top."""

    name: str
    help: str
    """One sentence for `--help`."""
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[Call], int]
    """Does the work and returns the exit code; raises WorkbenchError for what the user must be told."""
    takes_command: bool = False
    """Whether what follows `--` is a command line of its own, given as `arguments.command`."""
