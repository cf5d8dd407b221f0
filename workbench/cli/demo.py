"""`workbench demo`: the screens on a recorded session and a sample image; needs no engine."""

import argparse

from workbench.cli.verb import Call, Verb
from workbench.session import Session


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    """The demo has no options of its own."""


def _run(call: Call) -> int:
    return call.open_screens(Session.demo(call.settings))


VERB = Verb("demo", "Play a recorded session with a sample image; needs no engine", _add_arguments, _run)
