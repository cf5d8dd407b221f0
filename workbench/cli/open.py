"""`workbench open FILE`: the screens on an incident bundle or a recording; needs no engine and no network."""

import argparse
from pathlib import Path

from workbench.cli.verb import Call, Verb
from workbench.session import Session


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="incident bundle (W writes one) or recording")
    parser.add_argument("--loop", action="store_true", help="play a recording again and again")


def _run(call: Call) -> int:
    return call.open_screens(Session.replay(call.arguments.file, call.settings, loop=call.arguments.loop))


VERB = Verb("open", "Open an incident bundle or a recording; needs no engine", _add_arguments, _run)
